"""Train the question side of the embedding model: `python -m eval.reader.train_adapter`.

Each question is drawn towards the passages and sentences that answer it, against all other passages and
sentences of the training documents at once (softmax over the whole collection, as its vectors do not change).
"""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from eval.errors import EvaluationError
from eval.reader.examples import ExampleDocument, Split, data_digest, load_examples, select_split
from eval.reader.question_vectors import embed_questions
from eval.reader.scores import document_passages
from index.embedding.embedder import PassageText, SentenceTransformerEmbedder
from index.embedding.question_adapter import BUNDLED, QuestionAdapter
from index.errors import IndexingError
from index.types import Span
from service.errors import ModelUnavailable
from service.language_models.weights.catalogue import DEFAULT_EMBEDDING
from service.language_models.weights.locate import default_models_dir, resolve_embedding


@dataclass(frozen=True, slots=True)
class AdapterOptions:
    """What a run learns. temperature: of the softmax over cosines. sentences: weight of their loss."""

    epochs: int = 2
    rank: int = 16
    batch: int = 48
    learning_rate: float = 1e-3
    temperature: float = 0.03
    sentences: float = 0.5
    seed: int = 0


# Text, language, rows of answering passages, rows of answering sentences.
TrainingQuestion = tuple[str, str, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Collection:
    """All passages and sentences of some documents with their vectors, and the questions over them."""

    passages: NDArray[np.float32]
    sentences: NDArray[np.float32]
    questions: tuple[TrainingQuestion, ...]


def embed_collection(
    documents: Sequence[ExampleDocument], embedder: SentenceTransformerEmbedder
) -> Collection:
    """Embed documents as indexing does and collect their answerable questions."""
    texts: list[PassageText] = []
    questions: list[TrainingQuestion] = []
    n_sentences = 0
    for document in documents:
        passages = document_passages(document)
        passage_of = [len(texts) + i for i, p in enumerate(passages) for _ in p.sentences]
        for question in document.questions:
            if question.answerable:
                rows = tuple(sorted({passage_of[s] for s in question.needed}))
                sentences = tuple(n_sentences + s for s in sorted(question.needed))
                questions.append((question.with_previous, question.language, rows, sentences))
        n_sentences += len(document.sentences)
        for passage in passages:
            spans = tuple(Span(s.start - passage.start, s.end - passage.start) for s in passage.sentences)
            texts.append(PassageText(passage.title, passage.text, spans))
    vectors = embedder.embed_passages(texts)
    return Collection(
        np.stack([v.passage for v in vectors]),
        np.concatenate([v.sentences for v in vectors]),
        tuple(questions),
    )


def train_adapter(
    collection: Collection, embedder: SentenceTransformerEmbedder, options: AdapterOptions, console: Console
) -> QuestionAdapter:
    """Return the trained adapter."""
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    device = embedder.transformer.device
    adapter = QuestionAdapter.for_transformer(embedder.transformer, options.rank).to(device)
    embedder.transformer.requires_grad_(False)
    optimizer = torch.optim.AdamW(adapter.parameters(), lr=options.learning_rate, weight_decay=0.01)
    passages = torch.from_numpy(collection.passages).to(device)
    sentences = torch.from_numpy(collection.sentences).to(device)
    batches = _draw_batches(collection.questions, options, rng)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / 30) * max(0.02, 1 - step / len(batches))
    )
    recent: list[float] = []
    began = time.monotonic()
    progress = track(batches, "training", console=console, disable=not console.is_terminal)
    for step, batch in enumerate(progress, 1):
        vectors = embed_questions([text for text, *_ in batch], embedder, adapter)
        loss = _loss(vectors @ passages.T, [rows for _, _, rows, _ in batch], options)
        loss = loss + options.sentences * _loss(vectors @ sentences.T, [rows for *_, rows in batch], options)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(adapter.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        recent.append(float(loss.detach()))
        if step % 20 == 0:
            seconds = time.monotonic() - began
            print(f"step {step}/{len(batches)} loss {np.mean(recent):.3f} {seconds:.0f} s", flush=True)
            recent = []
    return adapter


def _draw_batches(
    questions: Sequence[TrainingQuestion], options: AdapterOptions, rng: random.Random
) -> list[list[TrainingQuestion]]:
    """Every question once an epoch, in batches of like length."""
    batches = []
    for _ in range(options.epochs):
        order = rng.sample(questions, len(questions))
        block = options.batch * 20
        for at in range(0, len(order), block):
            chunk = sorted(order[at : at + block], key=lambda question: len(question[0]))
            parts = [chunk[i : i + options.batch] for i in range(0, len(chunk), options.batch)]
            batches += rng.sample(parts, len(parts))
    return batches


def _loss(cosines: torch.Tensor, answers: Sequence[tuple[int, ...]], options: AdapterOptions) -> torch.Tensor:
    """Mean negative log-likelihood that any answering row is chosen."""
    chances = torch.log_softmax(cosines / options.temperature, dim=-1)
    return -torch.stack([torch.logsumexp(chances[i, list(rows)], 0) for i, rows in enumerate(answers)]).mean()


def measure(
    collection: Collection, embedder: SentenceTransformerEmbedder, adapter: QuestionAdapter | None
) -> dict[str, float]:
    """Return recall of passages at 1 and 10 and of sentences at 1 by language, dense search alone."""
    found: dict[str, list[float]] = {}
    for start in range(0, len(collection.questions), 64):
        batch = collection.questions[start : start + 64]
        with torch.inference_mode():
            vectors = embed_questions([text for text, *_ in batch], embedder, adapter).cpu().numpy()
        for vector, (_, language, passages, sentences) in zip(vectors, batch, strict=True):
            order = np.argsort(-(collection.passages @ vector))
            best = int(np.argmax(collection.sentences @ vector))
            found.setdefault(f"{language} first", []).append(float(order[0] in passages))
            found.setdefault(f"{language} ten", []).append(float(bool(set(order[:10]) & set(passages))))
            found.setdefault(f"{language} sentence", []).append(float(best in sentences))
    return {name: float(np.mean(values)) for name, values in sorted(found.items())}


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="Where the weights go.")] = BUNDLED,
    epochs: Annotated[int, typer.Option(min=1)] = AdapterOptions().epochs,
    rank: Annotated[int, typer.Option(min=1)] = AdapterOptions().rank,
    learning_rate: Annotated[float, typer.Option(min=0.0)] = AdapterOptions().learning_rate,
    temperature: Annotated[float, typer.Option(min=0.001)] = AdapterOptions().temperature,
    sentences: Annotated[float, typer.Option(min=0.0)] = AdapterOptions().sentences,
) -> None:
    """Train the question adapter on the training documents and report on the validation documents."""
    console = Console(stderr=True)
    options = AdapterOptions(
        epochs=epochs, rank=rank, learning_rate=learning_rate, temperature=temperature, sentences=sentences
    )
    try:
        documents = load_examples()
        model: Any = resolve_embedding(DEFAULT_EMBEDDING, default_models_dir())
        embedder = SentenceTransformerEmbedder(model, name=DEFAULT_EMBEDDING, full_precision=True)
    except (EvaluationError, IndexingError, ModelUnavailable) as error:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
    validation = embed_collection(select_split(documents, Split.VALIDATION), embedder)
    console.print("before", measure(validation, embedder, None))
    adapter = train_adapter(
        embed_collection(select_split(documents, Split.TRAIN), embedder), embedder, options, console
    )
    after = measure(validation, embedder, adapter)
    console.print("after", after)
    metadata = {"options": json.dumps(asdict(options)), "data_digest": data_digest(documents)}
    adapter.save(out, base=embedder.fingerprint, metadata={**metadata, "validation": json.dumps(after)})


if __name__ == "__main__":
    app()
