"""Print the figures of one run as a table and write them as JSON, with the machine they come from."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "tantivy", "kiwipiepy", "llama-cpp-python")


def machine() -> dict[str, Any]:
    """Return a description of this machine and its packages."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of the values lie, by nearest rank; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def peak_memory_mb() -> float:
    """Return the peak memory of this process so far, in megabytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux


def print_table(title: str, rows: Mapping[str, object]) -> None:
    """Print one figure per line."""
    print(f"\n{title}")
    width = max(len(name) for name in rows)
    for name, value in rows.items():
        print(f"  {name:<{width}}  {f'{value:,.3f}' if isinstance(value, float) else value}")


def write_json(folder: Path, name: str, figures: Mapping[str, object]) -> Path:
    """Write the figures and the machine to `folder/name.json` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    text = json.dumps({"machine": machine()} | dict(figures), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    return path
