"""Checks of this machine and this store, each with advice for when it fails."""

import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from index.errors import IndexingError
from index.search.derived_indexes import inspect_derived
from index.store import Access
from service import wiring
from service.errors import BadSetting, ModelUnavailable
from service.language_models.server_address import is_server, parse_server
from service.language_models.weights.catalogue import entries
from service.language_models.weights.locate import resolve_embedding, resolve_llm
from service.language_models.weights.trial import COMPILED_FOR_ANOTHER, why_it_cannot_run
from service.language_models.weights.verify import ModelStatus, state
from service.settings import Settings

_PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "tantivy", "kiwipiepy", "llama-cpp-python")
_LLM = "language model"
_COMPILE_AGAIN = "compile it again: .venv/bin/pip cache remove llama_cpp_python; make clean setup"
_MIN_FREE_DISK_BYTES = 2_000_000_000
_MIN_FREE_MEMORY_BYTES = 3_000_000_000  # both default models and a small store


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check. advice: what to do if it failed."""

    name: str
    ok: bool
    finding: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Check]:
    """Run every check, in the order a person would look, and yield the results."""
    yield Check("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield from _packages()
    yield _processor()
    yield _memory()
    yield from _models(settings)
    yield from _store(settings)
    yield _disk(settings)


def _packages() -> Iterator[Check]:
    for name in _PACKAGES:
        try:
            yield Check(name, True, version(name))
        except PackageNotFoundError:
            yield Check(name, False, "not installed", "install the project again: make setup")
    yield Check("SQLite", True, sqlite3.sqlite_version)


def _processor() -> Check:
    import torch

    features = [torch.backends.cpu.get_cpu_capability()]
    if torch.cpu._is_avx512_bf16_supported():
        features.append("bfloat16")
    if torch.cuda.is_available():
        features.append(f"GPU {torch.cuda.get_device_name()}")
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return Check("processor", True, f"{cores} cores, {', '.join(features)}")


def _memory() -> Check:
    free = psutil.virtual_memory().available
    return Check(
        "memory",
        free >= _MIN_FREE_MEMORY_BYTES,
        f"{free / 1e9:.1f} GB free",
        "close other programs, or use --llm qwen2.5-coder-0.5b-instruct",
    )


def _models(settings: Settings) -> Iterator[Check]:
    models_dir = wiring.models_dir(settings)
    yield _model("embedding model", settings.embedding, resolve_embedding, models_dir)
    if is_server(settings.llm):
        yield _server(settings)
        return
    llm = _model(_LLM, settings.llm, partial(resolve_llm, cached_only=True), models_dir)
    yield llm
    if llm.ok:
        yield _trial(settings)


def _model(kind: str, name: str, resolve: Callable[[str, Path], object], models_dir: Path) -> Check:
    entry = next((entry for entry in entries() if entry.name == name), None)
    if entry is None:
        try:
            resolve(name, models_dir)
        except ModelUnavailable as error:
            return Check(kind, False, str(error), "set another, or see: inyong models list")
        return Check(kind, True, f"{name} (not of the catalogue, not verified)")
    found = state(entry, models_dir)
    if found.status is ModelStatus.PRESENT:
        return Check(kind, True, f"{name}: here and complete")
    reason = f" ({found.reason})" if found.reason else ""
    return Check(kind, False, f"{name}: {found.status.value}{reason}", f"inyong models pull {name}")


def _trial(settings: Settings) -> Check:
    problem = why_it_cannot_run(resolve_llm(settings.llm, wiring.models_dir(settings), cached_only=True))
    if not problem:
        return Check("llama.cpp", True, "reads with this language model on this processor")
    is_other = problem == COMPILED_FOR_ANOTHER
    return Check("llama.cpp", False, problem, _COMPILE_AGAIN if is_other else "set another llm")


def _server(settings: Settings) -> Check:
    try:
        server = parse_server(settings.llm)
    except BadSetting as error:
        return Check(_LLM, False, str(error), "set llm to such an address")
    from service.language_models.openai_server import why_unreachable

    problem = why_unreachable(server, settings.llm_key)
    return Check(
        _LLM,
        not problem,
        f"{server.url}: {problem or 'answers'}",
        "start that server, or set another llm; llm_key is its key",
    )


def _store(settings: Settings) -> Iterator[Check]:
    path = wiring.store_path(settings)
    if settings.home.exists() and not settings.home.is_dir():
        yield Check("store", False, f"{settings.home} is a file, not a folder", "choose another --home")
        return
    if not path.exists():
        yield Check("store", True, f"{settings.home}: none yet; inyong index PATH makes one")
        return
    try:
        with wiring.open_catalog(settings, Access.READ) as catalog:
            n_documents, n_passages = catalog.counts()
            problem = catalog.check()
            yield Check(
                "store",
                not problem,
                problem or f"{settings.home}: {n_documents} documents, {n_passages} passages, whole",
                "move the store away and index the documents again",
            )
            spec = catalog.spec()
            if spec is None:
                return
            for name, lag in inspect_derived(catalog, spec.dimension):
                # Not a failure: the next search catches up or rebuilds the file by itself.
                yield Check(name, True, f"{lag}; the next search repairs it" if lag else "in step")
    except IndexingError as error:
        yield Check("store", False, str(error), "see the message")


def _disk(settings: Settings) -> Check:
    folder = settings.home.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Check(
        "disk",
        free >= _MIN_FREE_DISK_BYTES,
        f"{free / 1e9:.1f} GB free at {folder}",
        "free some space, or set --home elsewhere",
    )
