"""Read the settings once at start: defaults, then inyong.toml, then INYONG_* variables, then flags.

The origin of each value is recorded, for `inyong config` and error messages.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.errors import BadSetting
from service.language_models.weights.catalogue import DEFAULT_EMBEDDING, DEFAULT_LLM

CONFIG_FILE = "inyong.toml"
BUNDLED_READER = "inyong"
NO_READER = "none"
_PREFIX = "INYONG_"
_OTHER_VARIABLES = {"INYONG_SLACK_API_URL"}  # read elsewhere


def _setting(
    default: object,
    help_text: str,
    *,
    least: float | None = None,
    most: float | None = None,
    secret: bool = False,
) -> Any:
    """Declare a setting. secret: never shown in `inyong config`, in errors or in the repr."""
    metadata = {"help": help_text, "least": least, "most": most, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """Configuration of Inyong. Each field is a key of inyong.toml and a variable INYONG_<FIELD>."""

    home: Path = _setting(Path(".inyong"), "folder of the store")
    models: Path | None = _setting(None, "folder of model weights; unset: the user's cache folder")
    embedding: str = _setting(
        DEFAULT_EMBEDDING, "embedding model: catalogue name, sentence-transformers folder, or hub name"
    )
    reader: str = _setting(
        BUNDLED_READER,
        "reader model: inyong, a sentence-transformers cross-encoder (folder or hub name), or none",
    )
    llm: str = _setting(
        DEFAULT_LLM,
        "language model: catalogue name, GGUF file, hf:OWNER/REPO/FILE.gguf, or a server: openai:http://HOST:PORT/v1#MODEL",
    )
    llm_key: str | None = _setting(None, "API key of the language model's server", secret=True)
    contexts: int = _setting(1, "answers generated concurrently; they share the threads", least=1, most=16)
    phrasing: bool = _setting(True, "let the language model phrase answers; false: quotes are the answer")
    k: int = _setting(10, "passages read for an answer", least=1, most=50)
    dense_weight: float = _setting(
        0.2, "weight of dense against lexical scores in the ranking of passages", least=0, most=1
    )
    answer_tokens: int = _setting(120, "maximum length of a generated answer, in tokens", least=16, most=2000)
    context_tokens: int = _setting(
        4096, "context size of the language model, in tokens", least=1024, most=131072
    )
    threads: int = _setting(0, "processor threads of the language model; 0: one per core", least=0, most=256)
    gpu_layers: int = _setting(-1, "layers offloaded to a GPU, if present; -1: all", least=-1, most=1000)
    max_file_mb: int = _setting(32, "maximum size of an indexed file, in megabytes", least=1, most=2000)
    log_questions: bool = _setting(False, "log the text of questions")
    answer_days: int = _setting(
        90, "days for which answers and feedback are stored; 0: not stored", least=0, most=36500
    )
    answers_mb: int = _setting(
        1000,
        "maximum size of stored answers in megabytes; the oldest are deleted first",
        least=1,
        most=1_000_000,
    )
    requests_per_minute: int = _setting(
        300, "maximum requests per minute and API key; 0: unlimited", least=0, most=1_000_000
    )
    passage_least: int = _setting(
        200, "minimum length of a passage, in Korean characters", least=20, most=2000
    )
    passage_most: int = _setting(
        450, "maximum length of a passage, in Korean characters", least=50, most=4000
    )
    host: str = _setting("127.0.0.1", "address that `inyong serve` listens on")
    port: int = _setting(8080, "port of `inyong serve`; 0: any free port", least=0, most=65535)
    base_url: str | None = _setting(
        None, "public URL of the web page, for links to quotes in Slack; unset: no links"
    )
    queue_length: int = _setting(
        32, "maximum number of questions waiting for the language model; half per caller", least=1, most=256
    )
    answer_seconds: int = _setting(
        300, "time limit for an answer in seconds, including waiting", least=5, most=3600
    )


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """The settings and the origin of each field's value: default, the file, a variable or a flag."""

    settings: Settings
    origins: Mapping[str, str]


def load_settings(
    flags: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> LoadedSettings:
    """Read the settings from every source. flags: by field name; None counts as not given.

    Raises BadSetting, naming the setting, its value, the origin and what would be valid.
    """
    environment = os.environ if environment is None else environment
    path = (folder or Path.cwd()) / CONFIG_FILE
    values: dict[str, object] = {}
    origins = {spec.name: "default" for spec in fields(Settings)}
    for name, value in _read_file(path).items():
        _require_known(name, str(path), origins)
        values[name], origins[name] = value, str(path)
    _require_known_variables(environment, origins)
    for name in origins:
        variable = _PREFIX + name.upper()
        if environment.get(variable, "").strip():
            values[name], origins[name] = environment[variable].strip(), variable
    for name, value in (flags or {}).items():
        _require_known(name, "arguments", origins)
        if value is not None:
            values[name], origins[name] = value, f"--{name.replace('_', '-')}"
    converted = {
        spec.name: _convert(spec.name, values[spec.name], origins[spec.name], spec.metadata, spec.default)
        for spec in fields(Settings)
        if spec.name in values
    }
    settings = Settings(**converted)
    if settings.passage_least > settings.passage_most:
        raise BadSetting(
            f"passage_least ({settings.passage_least}, from {origins['passage_least']}) is more than "
            f"passage_most ({settings.passage_most}, from {origins['passage_most']})"
        )
    return LoadedSettings(settings, origins)


def _require_known(name: str, where: str, known: Mapping[str, str]) -> None:
    if name not in known:
        raise BadSetting(f"{where}: unknown setting {name!r}; known: {', '.join(known)}")


def _require_known_variables(environment: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Raise BadSetting for an unknown INYONG_ variable, since a typo would be ignored silently."""
    variables = {_PREFIX + name.upper() for name in known} | _OTHER_VARIABLES
    for variable in sorted(environment):
        if variable.startswith(_PREFIX) and variable not in variables:
            like = difflib.get_close_matches(variable, variables, n=1)
            hint = f"did you mean {like[0]}?" if like else "see: inyong config"
            raise BadSetting(f"{variable}: no setting has this name; {hint}")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows editors may write a BOM
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{path}: not valid TOML ({error})") from error
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror})") from error


def _convert(name: str, value: object, origin: str, limits: Mapping[str, Any], default: object) -> Any:
    if limits["secret"]:
        return _secret(name, value, origin)
    if isinstance(default, bool):
        return _switch(name, value, origin)
    if name == "base_url":
        return _address(name, value, origin)
    is_folder = name in ("home", "models")
    if is_folder or isinstance(default, str):
        if not isinstance(value, str | Path) or not str(value).strip():
            wanted = "a folder" if is_folder else "an address" if name == "host" else "a model"
            raise BadSetting(f"{name} is {value!r} (from {origin}); it must name {wanted}")
        return _folder(name, str(value), origin) if is_folder else str(value)
    kind, wanted = (float, "a number") if isinstance(default, float) else (int, "a whole number")
    try:
        number = kind(str(value))
    except ValueError:
        raise BadSetting(f"{name} is {value!r} (from {origin}); it must be {wanted}") from None
    least, most = limits["least"], limits["most"]
    if not least <= number <= most:
        raise BadSetting(f"{name} is {value} (from {origin}); it must be from {least} to {most}")
    return number


def _address(name: str, value: object, origin: str) -> str:
    """Return the address without trailing slashes, so that paths can be appended."""
    try:
        parts = urlsplit(str(value))
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if (
        not good
        or not re.fullmatch(r"[\x21-\x7e]{1,2000}", str(value))
        or re.search(r"[?#@<>|\"]", str(value))
    ):
        raise BadSetting(
            f"{name} is {value!r} (from {origin}); it must be an address such as https://inyong.example.com"
        )
    return str(value).rstrip("/")


_SWITCH = {"true": True, "yes": True, "on": True, "1": True}
_SWITCH |= {"false": False, "no": False, "off": False, "0": False}


def _switch(name: str, value: object, origin: str) -> bool:
    switched = _SWITCH.get(str(value).strip().lower())
    if switched is None:
        raise BadSetting(f"{name} is {value!r} (from {origin}); it must be true or false")
    return switched


def _secret(name: str, value: object, origin: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[\x21-\x7e]{1,4096}", value):
        raise BadSetting(f"{name} (from {origin}) must be one word of ASCII letters, digits and signs")
    return value


def _folder(name: str, value: str, origin: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise BadSetting(f"{name} is {value!r} (from {origin}); no user of that name has a home") from error
