"""Train the reader: `python -m eval.reader.train --run runs/reader`.

A run is a folder that holds its settings, a log of losses and validation scores, a plot of both, a
checkpoint to go on from after a kill, and the best weights. Same settings, data and machine: same weights.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eval.errors import EvaluationError
from eval.reader.batches import LossWeights, make_batch, reader_loss, to_device
from eval.reader.curves import draw_training_curve
from eval.reader.examples import DATA, ExampleDocument, Split, data_digest, load_examples, select_split
from eval.reader.negatives import find_foreign_questions
from eval.reader.sampling import SamplingOptions, draw_epoch
from eval.reader.scores import DocumentScores, score_documents
from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import IndexingError
from index.reader.base import BaseModel
from index.reader.encoding import TextEncoder
from index.reader.network import ReaderNetwork
from index.reader.trained import TorchEngine, TrainedReader
from index.reader.weights import load_reader_weights, restore_parameters, save_reader, trained_state
from service.errors import ModelUnavailable
from service.language_models.weights.catalogue import DEFAULT_EMBEDDING
from service.language_models.weights.locate import default_models_dir, resolve_embedding


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Everything that decides what a run learns."""

    steps: int = 1200
    learning_rate: float = 1e-4
    head_learning_rate: float = 4e-4
    warm_up: int = 60
    decay: float = 0.8  # share of the steps over which the rate falls, at the end
    final_learning_rate: float = 0.02  # share of the first, reached at the last step
    weight_decay: float = 0.01
    clip: float = 1.0
    average: float = 0.995  # of the exponential moving average whose weights are the ones saved
    joint_layers: int = 6  # that read question and passage together
    validate_every: int = 150
    validation_documents: int = 12  # about; spread over the split, for reading all takes as long as training
    patience: int = 6  # validations without a better score before it stops
    seed: int = 0
    loss: LossWeights = field(default_factory=LossWeights)
    sampling: SamplingOptions = field(default_factory=SamplingOptions)


class Training:
    """One run: the network, its optimiser, its average and where it is; saved and restored as a whole."""

    def __init__(
        self,
        run: Path,
        options: TrainingOptions,
        documents: Sequence[ExampleDocument],
        embedder: SentenceTransformerEmbedder,
    ) -> None:
        self.run, self.options, self.embedder = run, options, embedder
        self.base = base = BaseModel.from_embedder(embedder)
        self.train = select_split(documents, Split.TRAIN)
        validation = select_split(documents, Split.VALIDATION)
        self.validation = validation[:: max(1, len(validation) // options.validation_documents)]
        self.digest = data_digest(documents)
        self.encoder = TextEncoder(base.tokenizer)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        torch.manual_seed(options.seed)
        self.network = ReaderNetwork(base.trainable_encoder(), options.joint_layers).to(self.device)
        heads: list[torch.nn.Parameter] = []
        body: list[torch.nn.Parameter] = []
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                (body if name.startswith("encoder.") else heads).append(parameter)
        self.optimizer = torch.optim.AdamW(
            [
                {"params": body, "lr": options.learning_rate},
                {"params": heads, "lr": options.head_learning_rate},
            ],
            weight_decay=options.weight_decay,
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)
        self.average = {k: v.clone() for k, v in self._state().items()}
        self.step, self.epoch, self.batch = 0, 0, 0
        self.best, self.waited = -1.0, 0
        self.log: list[dict[str, Any]] = []

    def start_from(self, weights: Path) -> None:
        """Begin at saved weights instead of the bare embedding model."""
        file = load_reader_weights(weights, base=self.base.fingerprint)
        state = restore_parameters(file, self.base.encoder)
        self.network.load_state_dict(state, strict=False)
        self.average = {k: v.clone() for k, v in self._state().items()}

    def _rate(self, step: int) -> float:
        falling = (1 - step / self.options.steps) / self.options.decay
        return min(1.0, (step + 1) / self.options.warm_up) * max(
            self.options.final_learning_rate, min(1.0, falling)
        )

    def _state(self) -> dict[str, torch.Tensor]:
        return {n: p.detach() for n, p in self.network.named_parameters() if p.requires_grad}

    def save(self) -> None:
        """Write the checkpoint; a kill meanwhile leaves the one before."""
        state = {
            "options": asdict(self.options),
            "digest": self.digest,
            "network": self._state(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "progress": (self.step, self.epoch, self.batch, self.best, self.waited),
            "log": self.log,
        }
        target = self.run / "checkpoint.pt"
        torch.save(state, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)

    def restore(self) -> bool:
        """Go on from the run's checkpoint; False where there is none.

        Raises EvaluationError when it was made with other options or other examples.
        """
        path = self.run / "checkpoint.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        if state["options"] != asdict(self.options) or state["digest"] != self.digest:
            raise EvaluationError(
                f"{path}: this run began with other options or examples; give --run another folder, "
                f"or go on from its weights with: --start {self.run / 'reader.safetensors'}"
            )
        self.network.load_state_dict(state["network"], strict=False)
        self.average = state["average"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.step, self.epoch, self.batch, self.best, self.waited = state["progress"]
        self.log = state["log"]
        return True

    def advance(self, windows: Sequence[Any]) -> float:
        """Make one step; the loss before it."""
        batch = to_device(make_batch(windows, self.encoder), self.device)
        with self._precision():
            logits = self.network(batch.inputs)
        loss = reader_loss(logits, batch, self.options.loss)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(
            [p for p in self.network.parameters() if p.requires_grad], self.options.clip
        )
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        if self.step % 4 == 0:
            kept = min(self.options.average**4, (1 + self.step) / (10 + self.step))
            for name, value in self._state().items():
                self.average[name].lerp_(value, 1 - kept)
        return float(loss.detach())

    def _precision(self) -> torch.autocast:
        """Bfloat16 for the large products where the machine multiplies it in hardware."""
        fast = self.base.fast_bfloat16 or self.device.type == "cuda"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=fast)

    def validate(self) -> DocumentScores:
        """Score the averaged weights on the validation documents, and keep them where they are the best."""
        own = {k: v.clone() for k, v in self._state().items()}
        self.network.load_state_dict(self.average, strict=False)
        reader = TrainedReader(TorchEngine(self.network), self.encoder, name="training")
        with self._precision():
            scores = score_documents(reader, self.validation)
        if scores.selection > self.best:
            self.best, self.waited = scores.selection, 0
            metadata = {
                "step": str(self.step),
                "seed": str(self.options.seed),
                "data_digest": self.digest,
                "joint_layers": str(self.options.joint_layers),
                "options": json.dumps(asdict(self.options)),
                "torch": torch.__version__,
            }
            state = trained_state(self.network, self.base.encoder)
            save_reader(self.run / "reader.safetensors", state, base=self.base.fingerprint, metadata=metadata)
        else:
            self.waited += 1
        self.network.load_state_dict(own, strict=False)
        return scores


def run_training(training: Training, console: Console, minutes: float | None) -> None:
    """Train until the steps are done, nothing gets better, or the time is over; what is done stays."""
    options = training.options
    foreign = find_foreign_questions(training.train, training.embedder, training.run)
    began, recent, n_tokens = time.monotonic(), [], 0
    columns = (
        TextColumn("training"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=options.steps, completed=training.step)
        while training.step < options.steps and training.waited < options.patience:
            batches = draw_epoch(training.train, options.sampling, options.seed, training.epoch, foreign)
            while training.batch < len(batches) and training.step < options.steps:
                windows = batches[training.batch]
                recent.append(training.advance(windows))
                training.batch += 1
                n_tokens += sum(w.size for w in windows)
                progress.update(task, advance=1, description=f"loss {sum(recent) / len(recent):.3f}")
                over = minutes is not None and time.monotonic() - began > 60 * minutes
                if training.step % 50 == 0:
                    rate = n_tokens / (time.monotonic() - began)
                    training.log.append({"step": training.step, "loss": sum(recent) / len(recent)})
                    print(
                        f"step {training.step} loss {training.log[-1]['loss']:.3f} {rate:.0f} chars/s",
                        flush=True,
                    )
                    recent = []
                if training.step % options.validate_every == 0 or training.step == options.steps or over:
                    scores = training.validate()
                    training.log.append({"step": training.step, "validation": scores.as_dict()})
                    _write_log(training)
                    training.save()
                    print(scores.line(), flush=True)
                    if training.waited >= options.patience:
                        break
                elif training.step % 200 == 0:
                    training.save()
                if over:
                    return
            else:
                training.epoch, training.batch = training.epoch + 1, 0


def _write_log(training: Training) -> None:
    lines = "".join(json.dumps(entry) + "\n" for entry in training.log)
    (training.run / "log.jsonl").write_text(lines, encoding="utf-8")
    draw_training_curve(training.log, training.run / "curve.png")


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def train(
    run: Annotated[Path, typer.Option(help="Folder of this run; an interrupted run goes on from it.")] = Path(
        "runs/reader"
    ),
    add: Annotated[
        list[Path] | None, typer.Option(help="Further examples, a file or folder, beside the project's own.")
    ] = None,
    start: Annotated[Path | None, typer.Option(help="Weights to begin with.")] = None,
    embedding: Annotated[str, typer.Option(help="The base: an embedding model.")] = DEFAULT_EMBEDDING,
    steps: Annotated[int, typer.Option(min=1)] = TrainingOptions().steps,
    learning_rate: Annotated[float, typer.Option(min=0.0)] = TrainingOptions().learning_rate,
    joint_layers: Annotated[int, typer.Option(min=1)] = TrainingOptions().joint_layers,
    validate_every: Annotated[int, typer.Option(min=1)] = TrainingOptions().validate_every,
    seed: int = 0,
    minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes, to go on later.")] = None,
) -> None:
    """Train the reader on the examples in eval/reader/data."""
    options = TrainingOptions(
        steps=steps,
        learning_rate=learning_rate,
        joint_layers=joint_layers,
        validate_every=validate_every,
        seed=seed,
    )
    console = Console(stderr=True)
    try:
        documents = load_examples([DATA, *(add or [])])
        model = resolve_embedding(embedding, default_models_dir())
        run.mkdir(parents=True, exist_ok=True)
        training = Training(
            run, options, documents, SentenceTransformerEmbedder(model, name=embedding, full_precision=True)
        )
        if not training.restore() and start:
            training.start_from(start)
        run_training(training, console, minutes)
    except (EvaluationError, IndexingError, ModelUnavailable, OSError) as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    app()
