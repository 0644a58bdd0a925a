"""Readers from disk: the project's own weights over a base model, or another cross-encoder."""

import json
from pathlib import Path

from index.embedding.embedder import SentenceTransformerEmbedder
from index.errors import WeightsUnusable
from index.reader.base import BaseModel
from index.reader.calibration import Calibration
from index.reader.encoding import TextEncoder
from index.reader.trained import TorchEngine, TrainedReader
from index.reader.weights import BUNDLED, calibration_of, load_reader_weights, restore_parameters

_NOT_TRAINED = ("encoder.embeddings.", "encoder.pooler.")  # shared with the base; unused
ENGINES = ("float32", "bfloat16")


def choose_engine(base: BaseModel) -> str:
    """Return the fastest number type for this processor."""
    return "bfloat16" if base.fast_bfloat16 or base.encoder.device.type != "cpu" else "float32"


def load_trained_reader(
    embedder: SentenceTransformerEmbedder, weights: Path = BUNDLED, *, engine: str | None = None
) -> TrainedReader:
    """Load reader weights over the embedder's own model, sharing its embedding matrix.

    engine: one of ENGINES; None: the fastest here. Raises WeightsUnusable when the weights are missing,
    damaged, newer than this release or made for another base.
    """
    base = BaseModel.from_embedder(embedder)
    file = load_reader_weights(weights, base=base.fingerprint)
    from index.reader.network import ReaderNetwork

    network = ReaderNetwork(base.copy_encoder(), int(file.metadata["joint_layers"]))
    parameters = restore_parameters(file, base.encoder)
    missing, unexpected = network.load_state_dict(parameters, strict=False)
    lost = [name for name in missing if not name.startswith(_NOT_TRAINED)]
    if lost:
        raise WeightsUnusable(f"{weights}: lacks the weights {lost[0]}; fetch the file again")
    if unexpected:
        raise WeightsUnusable(f"{weights}: has weights that this release does not know: {unexpected[0]}")
    network.requires_grad_(False).to(base.encoder.device)
    engine = engine or choose_engine(base)
    if engine == "bfloat16":
        network.to_bfloat16()
    return TrainedReader(
        TorchEngine(network.eval(), engine),
        TextEncoder(base.tokenizer),
        name=f"inyong-reader {file.metadata['digest'][:8]}",
        calibration=calibration_of(file),
    )


def read_calibration(path: Path, reader: str) -> Calibration | None:
    """Return the reader's calibration in a JSON file, None where there is none or it is another reader's.

    Raises WeightsUnusable if the file is damaged.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Calibration.from_dict(values) if values["reader"] == reader else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsUnusable(
            f"{path}: is no calibration of a reader; make it again with: "
            f"python -m eval.reader.calibrate --reader {reader} --out {path}"
        ) from error


def write_calibration(path: Path, reader: str, calibration: Calibration) -> None:
    """Write a reader's calibration for `read_calibration`."""
    values = {"reader": reader, **calibration.as_dict()}
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False), encoding="utf-8")
