"""`inyong models`: list, pull, verify and locate the models of the catalogue."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import read_settings
from service.cli.output import note, progress_bar, say, say_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bar

    from service.language_models.weights.catalogue import ModelEntry
    from service.language_models.weights.fetch import PullProgress
    from service.settings import Settings

app = typer.Typer(
    name="models", help="Fetch and check model weights.", no_args_is_help=True, rich_markup_mode=None
)

Names = Annotated[
    list[str] | None, typer.Argument(help="Names from `inyong models list`; none: the two that are set.")
]


@app.command("list")
def list_models() -> None:
    """List the models that can be pulled, and which are present."""
    from service.language_models.weights.catalogue import entries
    from service.language_models.weights.verify import state

    settings, folder = _settings_and_folder()
    say_table(
        ("name", "kind", "size", "state", "licence", "what it is"),
        [
            (
                entry.name + (" *" if entry.name in (settings.embedding, settings.llm) else ""),
                entry.kind.value,
                f"{entry.disk_bytes / 1e6:,.0f} MB",
                state(entry, folder).status.value,
                entry.license,
                entry.description,
            )
            for entry in entries()
        ],
        right=("size",),
    )
    say("* set now")


@app.command()
def pull(names: Names = None) -> None:
    """Download models; those already present are skipped, and interrupted downloads are resumed."""
    from service.language_models.weights.fetch import pull as pull_model
    from service.language_models.weights.locate import fetch_from_hub, is_hub_name

    settings, folder = _settings_and_folder()
    on_hub = [name for name in names or [settings.llm] if is_hub_name(name)]
    for name in on_hub:
        say(f"{name}: {fetch_from_hub(name)}")
    in_catalogue = [name for name in names or [] if name not in on_hub]
    if names and not in_catalogue:
        return
    for entry in _wanted(in_catalogue):
        with progress_bar() as bar:
            path = pull_model(entry, folder, progress=_follow(bar, entry.name))
        say(f"{entry.name}: {path}")


@app.command()
def recommend() -> None:
    """Say which language model fits this machine."""
    import psutil

    from service.language_models.weights.catalogue import RECOMMENDED, Machine, fits
    from service.language_models.weights.catalogue import recommend as choose

    cores = psutil.cpu_count(logical=False) or 1
    machine = Machine(psutil.virtual_memory().total, cores, has_gpu=_has_gpu())
    best = choose(machine)
    say_table(
        ("", "language model", "size", "licence", "what it is"),
        [
            (
                "->" if model is best else "" if fits(model, machine) else "too large or slow",
                model.name,
                f"{model.size_gb:.1f} GB",
                model.licence,
                model.note,
            )
            for model in RECOMMENDED
        ],
        right=("size",),
    )
    say(f'use it with: inyong ask --llm {best.name}   (or llm = "{best.name}" in inyong.toml)')


def _has_gpu() -> bool:
    """Return whether llama.cpp was built for a GPU."""
    import llama_cpp

    return bool(llama_cpp.llama_supports_gpu_offload())


@app.command()
def verify(names: Names = None) -> None:
    """Verify models by hashing every byte again; exits 1 if one is missing or damaged."""
    from service.language_models.weights.verify import ModelStatus
    from service.language_models.weights.verify import verify as verify_model

    _, folder = _settings_and_folder()
    bad = 0
    for entry in _wanted(names):
        with progress_bar() as bar:
            task = bar.add_task(f"Verifying {entry.name}", total=entry.disk_bytes)
            found = verify_model(entry, folder, partial(bar.advance, task))
        say(f"{entry.name}: {found.status.value}{f' ({found.reason})' if found.reason else ''}")
        if found.status is not ModelStatus.PRESENT:
            bad += 1
            say(f"  fetch it with: inyong models pull {entry.name}")
    if bad:
        raise typer.Exit(1)


@app.command()
def path(name: Annotated[str, typer.Argument(help="A name from `inyong models list`.")]) -> None:
    """Print the path of a model, as a library would load it."""
    from service.language_models.weights.catalogue import ModelKind, find_entry
    from service.language_models.weights.locate import resolve_embedding, resolve_llm

    _, folder = _settings_and_folder()
    entry = find_entry(name)
    resolve = resolve_embedding if entry.kind is ModelKind.EMBEDDING else resolve_llm
    say(str(resolve(name, folder)))


def _follow(bar: "Bar", name: str) -> "Callable[[PullProgress], None]":
    """Return a function that shows the progress of a download."""
    task = bar.add_task(name, total=None)

    def show(progress: "PullProgress") -> None:
        words = f"{name}: {progress.stage.value}"
        total = progress.total_bytes or None
        bar.update(task, completed=progress.done_bytes, total=total, description=words)

    return show


def _settings_and_folder() -> tuple["Settings", Path]:
    from service.wiring import models_dir

    settings = read_settings().settings
    return settings, models_dir(settings)


def _wanted(names: list[str] | None) -> list["ModelEntry"]:
    """Return the named entries, or without names the configured ones that the catalogue has."""
    from service.language_models.weights.catalogue import entries, find_entry

    if names:
        return [find_entry(name) for name in names]
    settings = read_settings().settings
    found = [entry for entry in entries() if entry.name in (settings.embedding, settings.llm)]
    if not found:
        note(f"neither {settings.llm} nor {settings.embedding} is of the catalogue; see: inyong models list")
    return found
