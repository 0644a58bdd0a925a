"""The manifest of a run: everything needed to repeat it, or to explain why another run differs.

A manifest is a JSON object. What determines the answers (IDENTITY) must agree before a run is resumed; the
rest records where and when it was made. Machine-specific paths are left out.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.runs.files import PREDICTION_SCHEMA

if TYPE_CHECKING:
    from index.store import StoredDocument
    from service.inyong import Inyong
    from service.settings import Settings

IDENTITY = (
    "schema",
    "retrieval_only",
    "timeout_s",
    "set_sha256",
    "asked",
    "documents_sha256",
    "collections",
    "settings",
    "store",
    "models",
    "prompts",
    "seed",
)
_SEED = 0  # passed to the generator; decoding is greedy
_PACKAGES = (
    "inyong",
    "faiss-cpu",
    "kiwipiepy",
    "kiwipiepy_model",
    "llama-cpp-python",
    "numpy",
    "sentence-transformers",
    "snowballstemmer",
    "tantivy",
    "tokenizers",
    "torch",
    "transformers",
)
_MACHINE_SETTINGS = ("home", "models")  # folders, which do not affect answers
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of a run and how they are asked. set_name, set_sha256: of the question file."""

    set_name: str
    set_sha256: str
    ids: Sequence[str]
    collections: Sequence[str] = ()
    limit: int | None = None
    tags: Sequence[str] = ()
    retrieval_only: bool = False
    timeout_s: float | None = None


def describe_run(inyong: "Inyong", asked: Asked, documents: Sequence["StoredDocument"]) -> dict[str, Any]:
    """Return the manifest of a run that starts now. documents: those that its searches may see."""
    settings = inyong.settings
    spec = inyong.catalog().spec()
    return {
        "schema": PREDICTION_SCHEMA,
        "set": asked.set_name,
        "set_sha256": asked.set_sha256,
        "asked": {
            "questions": len(asked.ids),
            "ids_sha256": digest_of(asked.ids),
            "limit": asked.limit,
            "tags": list(asked.tags),
        },
        "documents": len(documents),
        "documents_sha256": digest_of(sorted(f"{d.source}\0{d.sha256}" for d in documents)),
        "collections": list(asked.collections),
        "retrieval_only": asked.retrieval_only,
        "timeout_s": asked.timeout_s,
        "settings": {
            name: value for name, value in asdict(settings).items() if name not in _MACHINE_SETTINGS
        },
        "store": asdict(spec) if spec else None,
        "models": _models(settings, retrieval_only=asked.retrieval_only),
        "prompts": {} if asked.retrieval_only else _prompts(),
        "seed": _SEED,
        "threads": settings.threads or _physical_cores(),
        "machine": _machine(),
        "packages": _versions(_PACKAGES),
        "git": _git_state(Path(__file__).parent),
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def differing_identity(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the IDENTITY values that differ, ours and theirs, by dotted key; None for a missing key."""
    from eval.report.comparison import manifest_differences

    # Passed through JSON, where tuples become lists.
    mine, other = (
        json.loads(json.dumps({key: manifest.get(key) for key in IDENTITY})) for manifest in (ours, theirs)
    )
    return manifest_differences(mine, other)


def digest_of(parts: Iterable[str]) -> str:
    """Return one sha256 over the texts, in order."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    return whole.hexdigest()


def _models(settings: "Settings", *, retrieval_only: bool) -> dict[str, Any]:
    """Return the name and files of each model that the run uses."""
    from service.errors import ModelUnavailable
    from service.language_models.weights.locate import resolve_embedding, resolve_llm
    from service.wiring import models_dir

    folder = models_dir(settings)
    resolvers: dict[str, tuple[str, Any]] = {"embedding": (settings.embedding, resolve_embedding)}
    if not retrieval_only:
        resolvers["llm"] = (settings.llm, resolve_llm)
    models = {}
    for kind, (name, resolve) in resolvers.items():
        try:
            location = resolve(name, folder)
        except ModelUnavailable:
            location = None  # loaded by other means; only its name is known
        path = location if isinstance(location, Path) else None
        models[kind] = {"name": Path(name).name, "files": _files(path, folder) if path else {}}
    return models


def _files(path: Path, models_folder: Path) -> dict[str, Any]:
    """Return size in bytes and sha256 of a model's file, or of every file in its folder, by name."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    root = path.parent if path.is_file() else path
    digests = _Digests(models_folder)
    found = {
        file.relative_to(root).as_posix(): {"bytes": file.stat().st_size, "sha256": digests.of(file)}
        for file in files
        if not file.name.startswith(".") and file.name != _marker_name()
    }
    digests.save()
    return found


def _marker_name() -> str:
    from service.language_models.weights.verify import MARKER

    return MARKER


class _Digests:
    """Cache of sha256 digests of model files, valid while size and modification time are unchanged.

    Digests that `inyong models` recorded on verification are reused; those of other files are stored
    beside the models.
    """

    _CACHE = "digests.json"

    def __init__(self, folder: Path) -> None:
        self._path = folder / self._CACHE
        self._known: dict[str, dict[str, Any]] = _read_json(self._path)
        self._added = False

    def of(self, file: Path) -> str:
        found = file.stat()
        for parent in file.parents:
            marker = _read_json(parent / _marker_name()).get("files", {})
            facts = marker.get(file.relative_to(parent).as_posix()) if marker else None
            if marker:
                if facts and (facts["size"], facts["mtime"]) == (found.st_size, int(found.st_mtime)):
                    return str(facts["sha256"])
                break
        key, facts = str(file.resolve()), self._known.get(str(file.resolve()), {})
        if (facts.get("size"), facts.get("mtime_ns")) == (found.st_size, found.st_mtime_ns):
            return str(facts["sha256"])
        digest = hash_file(file)
        self._known[key] = {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "sha256": digest}
        self._added = True
        return digest

    def save(self) -> None:
        if not self._added:
            return
        partial = self._path.with_name(f"{self._CACHE}.{os.getpid()}.partial")
        try:
            partial.write_text(json.dumps(self._known), encoding="utf-8")
            partial.replace(self._path)
        except OSError:
            return  # the cache only saves time


def hash_file(path: Path) -> str:
    """Return the sha256 of the file's bytes."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            whole.update(chunk)
    return whole.hexdigest()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _prompts() -> dict[str, str]:
    """Return name, version and digest of the answer template in each language."""
    from prompts.render import LANGUAGES, load_template

    return {language: load_template("phrase", language).label for language in LANGUAGES}


def _physical_cores() -> int:
    import psutil

    return psutil.cpu_count(logical=False) or 1


def _machine() -> dict[str, Any]:
    import psutil

    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu_name(),
        "cores": _physical_cores(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
    }


def _cpu_name() -> str:
    """Return the processor's model name, which Linux gives only in /proc/cpuinfo."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _versions(names: Iterable[str]) -> dict[str, str | None]:
    from importlib.metadata import PackageNotFoundError, version

    versions: dict[str, str | None] = {}
    for name in names:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    return versions


def _git_state(folder: Path) -> dict[str, Any] | None:
    """Return the commit of this code's working copy and whether it has changes; None without one."""
    try:
        _git(folder, "ls-files", "--error-unmatch", Path(__file__).name)  # fails in any other repository
        commit = _git(folder, "rev-parse", "HEAD")
        changed = bool(_git(folder, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None
    return {"commit": commit, "changed": changed}


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  constants only
        ["git", "-C", str(folder), *arguments],  # noqa: S607  whichever git the user has
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return done.stdout.strip()
