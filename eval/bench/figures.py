"""Figures of one run as a table on the terminal and as JSON on disk, with the machine they come from."""

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "tantivy", "kiwipiepy", "llama-cpp-python")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": psutil.cpu_count(logical=False) or psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie, by the nearest rank; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def peak_memory_mb() -> float:
    """The most memory this process has held so far, in megabytes."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kilobytes on Linux


def print_table(title: str, rows: Mapping[str, object]) -> None:
    """One figure a line."""
    print(f"\n{title}")
    width = max(len(name) for name in rows)
    for name, value in rows.items():
        print(f"  {name:<{width}}  {f'{value:,.3f}' if isinstance(value, float) else value}")


def write_json(folder: Path, name: str, figures: Mapping[str, object]) -> Path:
    """The figures and the machine in `folder/name.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    text = json.dumps({"machine": machine()} | dict(figures), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")
    return path
