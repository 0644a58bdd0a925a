"""Commands that show the configuration and check the installation."""

from dataclasses import fields

from service.cli.options import AsJson, Embedding, Home, Llm, read_settings
from service.cli.output import say_checks, say_json, say_table


def config(home: Home = None, embedding: Embedding = None, llm: Llm = None, as_json: AsJson = False) -> None:
    """Print every setting, its value, and where the value came from."""
    from service.settings import Settings
    from service.wiring import models_dir

    loaded = read_settings(home, embedding, llm)
    values = {spec.name: getattr(loaded.settings, spec.name) for spec in fields(Settings)}
    values["models"] = models_dir(loaded.settings)
    rows = [
        (
            spec.name,
            _shown(values[spec.name], secret=spec.metadata["secret"]),
            loaded.origins[spec.name],
            spec.metadata["help"],
        )
        for spec in fields(Settings)
    ]
    if as_json:
        say_json({name: {"value": value, "from": origin} for name, value, origin, _ in rows})
        return
    say_table(("setting", "value", "from", "meaning"), rows)


def _shown(value: object, *, secret: bool) -> str:
    return "********" if secret and value is not None else str(value)


def doctor(home: Home = None, embedding: Embedding = None, llm: Llm = None) -> None:
    """Check versions, processor, models, store, disk and memory; exits 1 if a check fails."""
    from service.cli.doctor import examine

    say_checks(examine(read_settings(home, embedding, llm).settings))
