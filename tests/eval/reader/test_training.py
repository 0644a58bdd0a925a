import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from eval.errors import EvaluationError
from eval.reader.examples import ExampleDocument, Split
from eval.reader.sampling import SamplingOptions
from eval.reader.train import Training, TrainingOptions, run_training
from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import WeightsUnusable
from index.reader.loading import load_trained_reader
from index.reader.weights import load_reader_weights, restore_parameters, save_reader
from tests.eval.reader.samples import find_ids, make_asked_document, make_passage

OPTIONS = TrainingOptions(
    steps=10,
    warm_up=2,
    joint_layers=2,
    validate_every=4,
    patience=99,
    sampling=SamplingOptions(windows=1, questions=3),
)
DOCUMENTS = [
    *map(make_asked_document, find_ids(Split.TRAIN, 2)),
    make_asked_document(*find_ids(Split.VALIDATION, 1)),
]
WEIGHTS = "reader.safetensors"


class Killed(Training):
    """A run that is interrupted at its seventh step, three steps behind its checkpoint."""

    def advance(self, windows: Sequence[Any]) -> float:
        if self.step == 6:
            raise KeyboardInterrupt
        return super().advance(windows)


@pytest.fixture(autouse=True)
def on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def through(tmp_path_factory: pytest.TempPathFactory, tiny_embedder: SentenceTransformerEmbedder) -> Training:
    """A run that went through at one go."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cuda, "is_available", lambda: False)
        training = Training(tmp_path_factory.mktemp("through"), OPTIONS, DOCUMENTS, tiny_embedder)
        train(training)
    return training


def train(training: Training, *, minutes: float | None = None) -> None:
    run_training(training, Console(quiet=True), minutes)


def resume(
    run: Path,
    embedder: SentenceTransformerEmbedder,
    options: TrainingOptions = OPTIONS,
    documents: Sequence[ExampleDocument] = DOCUMENTS,
) -> Training:
    training = Training(run, options, documents, embedder)
    assert training.restore()
    return training


def weights(training: Training) -> dict[str, torch.Tensor]:
    return {n: p.detach().clone() for n, p in training.network.named_parameters() if p.requires_grad}


def are_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def digest(run: Path) -> str:
    return load_reader_weights(run / WEIGHTS).metadata["digest"]


# Going on


def test_a_run_that_was_killed_goes_on_to_the_weights_of_one_that_ran_through(
    run: Path, tiny_embedder: SentenceTransformerEmbedder, through: Training
) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(Killed(run, OPTIONS, DOCUMENTS, tiny_embedder))
    training = resume(run, tiny_embedder)
    assert training.step == 4
    train(training)
    assert are_equal(weights(training), weights(through))
    assert are_equal(training.average, through.average)
    assert digest(run) == digest(through.run)
    assert training.log == through.log


def test_a_run_whose_time_was_over_goes_on_to_the_weights_of_one_that_ran_through(
    run: Path, tiny_embedder: SentenceTransformerEmbedder, through: Training
) -> None:
    train(Training(run, OPTIONS, DOCUMENTS, tiny_embedder), minutes=0)
    for step in (1, 2):
        training = resume(run, tiny_embedder)
        assert training.step == step
        train(training, minutes=0)
    training = resume(run, tiny_embedder)
    train(training)
    assert are_equal(weights(training), weights(through))
    assert are_equal(training.average, through.average)


def test_a_run_that_is_over_changes_nothing_more(
    run: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    options = replace(OPTIONS, steps=2)
    train(Training(run, options, DOCUMENTS, tiny_embedder))
    before = (run / WEIGHTS).read_bytes()
    training = resume(run, tiny_embedder, options)
    train(training)
    assert (training.step, (run / WEIGHTS).read_bytes()) == (2, before)


def test_a_new_run_has_nothing_to_go_on_from(run: Path, tiny_embedder: SentenceTransformerEmbedder) -> None:
    assert not Training(run, OPTIONS, DOCUMENTS, tiny_embedder).restore()


@pytest.mark.parametrize(
    ("options", "documents"),
    [
        (replace(OPTIONS, learning_rate=1e-3), DOCUMENTS),
        (replace(OPTIONS, seed=1), DOCUMENTS),
        (replace(OPTIONS, sampling=replace(OPTIONS.sampling, swap=0.5)), DOCUMENTS),
        (OPTIONS, DOCUMENTS[1:]),
    ],
    ids=["learning rate", "seed", "sampling", "examples"],
)
def test_a_run_with_other_options_or_examples_in_the_same_folder_is_refused(
    tiny_embedder: SentenceTransformerEmbedder,
    through: Training,
    options: TrainingOptions,
    documents: list[ExampleDocument],
) -> None:
    training = Training(through.run, options, documents, tiny_embedder)
    with pytest.raises(EvaluationError) as caught:
        training.restore()
    assert str(caught.value) == (
        f"{through.run / 'checkpoint.pt'}: this run began with other options or examples; give --run another "
        f"folder, or go on from its weights with: --start {through.run / WEIGHTS}"
    )


def test_an_interrupted_save_leaves_the_checkpoint_before(
    run: Path, tiny_embedder: SentenceTransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = Training(run, OPTIONS, DOCUMENTS, tiny_embedder)
    training.save()
    training.step = 5

    def fail_half_way(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", fail_half_way)
    with pytest.raises(OSError, match="no space left"):
        training.save()
    monkeypatch.undo()
    assert resume(run, tiny_embedder).step == 0


# Beginning


def test_the_same_seed_begins_and_ends_at_the_same_weights(
    run: Path, tiny_embedder: SentenceTransformerEmbedder, through: Training
) -> None:
    again = Training(run, OPTIONS, DOCUMENTS, tiny_embedder)
    train(again)
    assert are_equal(weights(again), weights(through))


def test_another_seed_begins_at_other_heads(run: Path, tiny_embedder: SentenceTransformerEmbedder) -> None:
    one, other = (
        weights(Training(run, replace(OPTIONS, seed=seed), DOCUMENTS, tiny_embedder)) for seed in (0, 1)
    )
    assert not torch.equal(one["passage_head.weight"], other["passage_head.weight"])


def test_a_run_can_start_from_saved_weights(
    run: Path, tiny_embedder: SentenceTransformerEmbedder, through: Training
) -> None:
    training = Training(run, replace(OPTIONS, seed=7), DOCUMENTS, tiny_embedder)
    training.start_from(through.run / WEIGHTS)
    saved = restore_parameters(load_reader_weights(through.run / WEIGHTS), tiny_embedder.transformer)
    assert are_equal(weights(training), saved)
    assert are_equal(training.average, saved)


def test_a_run_cannot_start_from_the_weights_of_another_base(
    run: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    save_reader(run / "other", {}, base="another", metadata={})
    with pytest.raises(WeightsUnusable, match="was trained on the base model another"):
        Training(run, OPTIONS, DOCUMENTS, tiny_embedder).start_from(run / "other")


# What a run does


def test_training_changes_the_network_but_not_the_embedding_model(
    run: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    question = tiny_embedder.embed_question("예산은?")
    training = Training(run, OPTIONS, DOCUMENTS, tiny_embedder)
    before = weights(training)
    train(training)
    after = weights(training)
    assert all(not torch.equal(before[name], after[name]) for name in before if name.endswith("weight"))
    assert (tiny_embedder.embed_question("예산은?") == question).all()


def test_the_loss_falls(run: Path, tiny_embedder: SentenceTransformerEmbedder) -> None:
    options = replace(OPTIONS, steps=100, learning_rate=1e-3, validate_every=100)
    training = Training(run, options, DOCUMENTS, tiny_embedder)
    train(training)
    losses = [entry["loss"] for entry in training.log if "loss" in entry]
    assert len(losses) == 2
    assert losses[1] < losses[0]


def test_only_training_documents_train_and_only_validation_documents_validate(
    run: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    others = [make_asked_document(*find_ids(split, 1)) for split in (Split.TEST, Split.CALIBRATION)]
    training = Training(run, OPTIONS, [*DOCUMENTS, *others], tiny_embedder)
    assert (training.train, training.validation) == (DOCUMENTS[:2], DOCUMENTS[2:])


def test_a_run_stops_when_nothing_gets_better(run: Path, tiny_embedder: SentenceTransformerEmbedder) -> None:
    still = replace(OPTIONS, learning_rate=0.0, head_learning_rate=0.0, validate_every=1, patience=2)
    training = Training(run, still, DOCUMENTS, tiny_embedder)
    train(training)
    assert training.step == 3
    assert load_reader_weights(run / WEIGHTS).metadata["step"] == "1"


def test_validating_leaves_the_weights_in_training_as_they_are(
    run: Path, tiny_embedder: SentenceTransformerEmbedder
) -> None:
    training = Training(run, replace(OPTIONS, steps=5), DOCUMENTS, tiny_embedder)
    train(training)
    before = weights(training)
    training.validate()
    assert are_equal(weights(training), before)


def test_the_weights_of_a_run_can_be_loaded_as_a_reader(
    tiny_embedder: SentenceTransformerEmbedder, through: Training
) -> None:
    reader = load_trained_reader(tiny_embedder, through.run / WEIGHTS, engine="float32")
    (reading,) = reader.read("예산은?", [make_passage("예산은 350억 원이다.", "늘었다.")])
    assert len(reading.sentences) == 2
    assert not reader.calibrated


def test_weights_say_what_they_were_trained_with(through: Training) -> None:
    metadata = load_reader_weights(through.run / WEIGHTS).metadata
    assert metadata["data_digest"] == through.digest
    assert (metadata["joint_layers"], metadata["seed"]) == ("2", "0")
    assert json.loads(metadata["options"])["sampling"]["windows"] == 1


def test_a_run_has_a_log_of_its_validations_and_a_plot(through: Training) -> None:
    lines = (through.run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [4, 8, 10]
    assert (through.run / "curve.png").read_bytes().startswith(b"\x89PNG")
