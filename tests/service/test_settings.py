from dataclasses import fields
from pathlib import Path

import pytest

from service.errors import BadSetting
from service.settings import CONFIG_FILE, LoadedSettings, Settings, load_settings
from tests.service.settings_table import render_settings_table

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"


def load(
    folder: Path,
    toml: str | None = None,
    environment: dict[str, str] | None = None,
    flags: dict[str, object] | None = None,
) -> LoadedSettings:
    if toml is not None:
        (folder / CONFIG_FILE).write_text(toml, encoding="utf-8")
    return load_settings(flags, environment=environment or {}, folder=folder)


def test_without_any_source_every_value_is_the_default(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.settings == Settings()
    assert set(loaded.origins) == {spec.name for spec in fields(Settings)}
    assert set(loaded.origins.values()) == {"default"}


def test_flags_go_before_variables_and_variables_before_the_file(tmp_path: Path) -> None:
    toml = "k = 1\nthreads = 1\nanswer_tokens = 100\n"
    loaded = load(tmp_path, toml, {"INYONG_K": "2", "INYONG_THREADS": "2"}, {"k": 3})
    settings = loaded.settings
    assert (settings.k, settings.threads, settings.answer_tokens, settings.contexts) == (3, 2, 100, 1)
    assert [loaded.origins[name] for name in ("k", "threads", "answer_tokens", "contexts")] == [
        "--k",
        "INYONG_THREADS",
        str(tmp_path / CONFIG_FILE),
        "default",
    ]


def test_a_flag_that_is_none_was_not_given(tmp_path: Path) -> None:
    loaded = load(tmp_path, None, {"INYONG_HOME": "there"}, {"home": None, "llm": None})
    assert loaded.settings.home == Path("there")
    assert loaded.origins["home"] == "INYONG_HOME"


@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_was_not_given(tmp_path: Path, empty: str) -> None:
    loaded = load(tmp_path, "home = 'a'", {"INYONG_HOME": empty, "INYONG_K": empty})
    assert loaded.settings.home == Path("a")
    assert loaded.origins["k"] == "default"


def test_the_environment_and_the_working_folder_are_read_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / CONFIG_FILE).write_text("k = 9\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INYONG_THREADS", "7")
    settings = load_settings().settings
    assert (settings.k, settings.threads) == (9, 7)


def test_a_tilde_is_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load(tmp_path, "models = '~/m'", {"INYONG_HOME": "~/store"}).settings
    assert (settings.home, settings.models) == (tmp_path / "store", tmp_path / "m")


def test_a_tilde_of_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"home is '~nobody-at-all/x' \(from --home\)"):
        load(tmp_path, flags={"home": Path("~nobody-at-all/x")})


NUMBERS = [spec for spec in fields(Settings) if spec.metadata["least"] is not None]


@pytest.mark.parametrize("spec", NUMBERS, ids=[spec.name for spec in NUMBERS])
def test_a_number_out_of_range_names_the_setting_value_origin_and_range(
    tmp_path: Path, spec: "type[object]"
) -> None:
    name, metadata = spec.name, spec.metadata  # type: ignore[attr-defined]
    variable = f"INYONG_{name.upper()}"
    for value in (metadata["least"] - 1, metadata["most"] + 1):
        with pytest.raises(BadSetting) as caught:
            load(tmp_path, environment={variable: str(value)})
        assert str(caught.value) == (
            f"{name} is {value} (from {variable}); it must be from {metadata['least']} to {metadata['most']}"
        )


@pytest.mark.parametrize("spec", NUMBERS, ids=[spec.name for spec in NUMBERS])
def test_the_ends_of_a_range_are_inside_it(tmp_path: Path, spec: "type[object]") -> None:
    name, metadata = spec.name, spec.metadata  # type: ignore[attr-defined]
    for value in (metadata["least"], metadata["most"]):
        other = {"passage_least": {"passage_most": 4000}, "passage_most": {"passage_least": 20}}.get(name, {})
        assert getattr(load(tmp_path, flags={name: value, **other}).settings, name) == value


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("k = 'many'", r"k is 'many' \(from .*inyong\.toml\); it must be a whole number"),
        ("k = 2.5", r"k is 2\.5 .* a whole number"),
        ("k = true", r"k is True .* a whole number"),
        ("[k]\nx = 1", r"k is \{'x': 1\} .* a whole number"),
        ("dense_weight = 'nan'", r"dense_weight is nan .* from 0 to 1"),
        ("dense_weight = 'half'", r"dense_weight is 'half' .* a number"),
        ("llm = ''", r"llm is '' \(from .*\); it must name a model"),
        ("embedding = 5", r"embedding is 5 .* it must name a model"),
        ("home = ''", r"home is '' .* it must name a folder"),
        ("home = ['a']", r"home is \['a'\] .* it must name a folder"),
        ("hom = 'x'", r"inyong\.toml: unknown setting 'hom'; known: home, models, embedding, "),
        ("k 5", r"inyong\.toml: not valid TOML \(.*line 1"),
        ("k = 1\nk = 2", r"inyong\.toml: not valid TOML"),
        (
            "passage_least = 500\npassage_most = 400",
            r"passage_least \(500, from .*\) is more than passage_most \(400, from ",
        ),
    ],
)
def test_a_mistake_in_the_file_is_told_with_what_would_do(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        load(tmp_path, toml)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).write_bytes(b"\xff\xfe\x00k")
    with pytest.raises(BadSetting, match=r"inyong\.toml: not valid TOML"):
        load(tmp_path)


def test_a_folder_in_the_files_place_is_told(tmp_path: Path) -> None:
    (tmp_path / CONFIG_FILE).mkdir()
    with pytest.raises(BadSetting, match=r"inyong\.toml: cannot be read \("):
        load(tmp_path)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeffk = 4").settings.k == 4


def test_an_unknown_argument_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="arguments: unknown setting 'kk'"):
        load(tmp_path, flags={"kk": 3})


def test_every_setting_says_what_it_means() -> None:
    assert all(spec.metadata["help"] for spec in fields(Settings))


def test_the_table_has_a_row_for_every_setting() -> None:
    rows = render_settings_table().splitlines()
    assert len(rows) == 2 + len(fields(Settings))
    assert "| `k` | `INYONG_K` | `10` | 1–50 | passages read for an answer |" in rows


def test_the_documented_table_is_the_settings() -> None:
    documented = TABLE.read_text(encoding="utf-8")
    assert render_settings_table() in documented, "print it: python -m tests.service.settings_table"


@pytest.mark.parametrize(
    ("value", "switched"), [("true", True), ("Yes", True), ("0", False), (" off", False)]
)
def test_a_switch_is_read_from_words(tmp_path: Path, value: str, switched: bool) -> None:
    loaded = load(tmp_path, environment={"INYONG_LOG_QUESTIONS": value})
    assert loaded.settings.log_questions is switched


def test_a_switch_of_another_word_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        BadSetting, match=r"log_questions is 'maybe' \(from INYONG_.*\); it must be true or false"
    ):
        load(tmp_path, environment={"INYONG_LOG_QUESTIONS": "maybe"})


def test_a_secret_is_not_in_the_repr_of_settings(tmp_path: Path) -> None:
    settings = load(tmp_path, "llm_key = 'open-sesame'").settings
    assert settings.llm_key == "open-sesame"
    assert "open-sesame" not in repr(settings)


@pytest.mark.parametrize("value", ["열려라-참깨", "open sesame", "open\nsesame"])
def test_a_secret_that_cannot_be_one_is_refused_without_repeating_it(tmp_path: Path, value: str) -> None:
    with pytest.raises(BadSetting, match=r"llm_key \(from INYONG_LLM_KEY\) must be one word") as caught:
        load(tmp_path, environment={"INYONG_LLM_KEY": value})
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://inyong.example.com/", "https://inyong.example.com"),
        ("http://10.0.0.5:8080/team//", "http://10.0.0.5:8080/team"),
    ],
)
def test_the_address_of_the_page_is_kept_without_a_slash_at_its_end(
    tmp_path: Path, value: str, address: str
) -> None:
    assert load(tmp_path, environment={"INYONG_BASE_URL": value}).settings.base_url == address


@pytest.mark.parametrize(
    "value",
    [
        "inyong.example.com",
        "ftp://inyong.example.com",
        "https://",
        "https://a.example/?x=1",
        "https://a.example/#x",
        "https://user@a.example",
        "https://a.example/ b",
        "https://a.example:port",
        "https://a.example|label",
        "https://인용.example",
    ],
)
def test_what_is_no_address_of_a_page_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(
        BadSetting, match=r"base_url is .* \(from INYONG_BASE_URL\); it must be an address such"
    ):
        load(tmp_path, environment={"INYONG_BASE_URL": value})


def test_mistyped_variable_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"INYONG_ANSWER_TOKEN: .* did you mean INYONG_ANSWER_TOKENS"):
        load(tmp_path, environment={"INYONG_ANSWER_TOKEN": "100"})
    with pytest.raises(BadSetting, match=r"INYONG_Q+: .* see: inyong config"):
        load(tmp_path, environment={"INYONG_QQQQQQQQQQQQQQQQQQQQ": "1"})


def test_variables_of_slack_and_of_others_are_none_of_its_business(tmp_path: Path) -> None:
    load(tmp_path, environment={"INYONG_SLACK_API_URL": "http://127.0.0.1:1", "LANG": "ko_KR.UTF-8"})
