"""Commands that show how Inyong is set up and whether all is well."""

from dataclasses import fields

import typer

from service.cli.options import AsJson, Embedding, Home, Llm, read_settings
from service.cli.output import say, say_json, say_table


def config(home: Home = None, embedding: Embedding = None, llm: Llm = None, as_json: AsJson = False) -> None:
    """Print every setting, its value, and where the value came from."""
    from service.settings import Settings
    from service.wiring import models_dir

    loaded = read_settings(home, embedding, llm)
    rows = [
        (
            spec.name,
            _shown(getattr(loaded.settings, spec.name), secret=spec.metadata["secret"]),
            loaded.origins[spec.name],
            spec.metadata["help"],
        )
        for spec in fields(Settings)
    ]
    rows = [
        (name, str(models_dir(loaded.settings)) if name == "models" else value, origin, meaning)
        for name, value, origin, meaning in rows
    ]
    if as_json:
        say_json({name: {"value": value, "from": origin} for name, value, origin, _ in rows})
        return
    say_table(("setting", "value", "from", "meaning"), rows)


def _shown(value: object, *, secret: bool) -> str:
    return "********" if secret and value is not None else str(value)


def doctor(home: Home = None, embedding: Embedding = None, llm: Llm = None) -> None:
    """Check versions, processor, models, store, disk and memory; exits 1 when something needs doing."""
    from service.doctor import examine

    bad = 0
    for check in examine(read_settings(home, embedding, llm).settings):
        say(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.finding}")
        if not check.ok:
            bad += 1
            say(f"     do: {check.advice}")
    if bad:
        raise typer.Exit(1)
