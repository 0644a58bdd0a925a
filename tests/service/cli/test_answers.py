import json
from dataclasses import replace
from pathlib import Path

import pytest

from service.errors import GenerationFailed
from tests.fakes import HashEmbedder, WordReader
from tests.service.cli.conftest import Run
from tests.service.conftest import World

QUESTION = "푸른숲 도서관 분관의 예산은 얼마인가요?"
ANSWER_KEYS = {
    "": "id question answer language abstained abstain_reason confidence uncertain citations passages"
    " grounding usage timings_ms models",
    "citations": "marker document_id title source passage_id start end quote page",
    "passages": "passage_id document_id title source text start end page score dense_score lexical_score",
    "grounding": "sentences supported_sentences unsupported_numbers repaired quoted mismatches"
    " unsupported_names",
    "usage": "prompt_tokens cached_prompt_tokens completion_tokens tokens_per_second",
    "timings_ms": "rewrite search select wait generate ground total first_quote first_token",
    "models": "llm embedding reader prompt",
}


def test_an_answer_is_printed_with_its_quotations(run: Run, answering: World) -> None:
    result = run("ask", QUESTION)
    assert (result.code, result.err) == (0, "")
    answer, _, evidence = result.out.partition("\n\n")
    assert answer == "예산은 350억 원이 들었다 [1]."
    assert "[1] 푸른숲 도서관 (library.md)" in evidence
    assert "350억 원" in evidence.partition("“")[2].partition("”")[0]


def test_a_refusal_exits_3_and_shows_the_nearest_passages(run: Run, world: World) -> None:
    result = run("ask", "회장은 누구입니까?")
    assert result.code == 3
    assert result.out.startswith("문서에서 확인되지 않습니다.")
    assert "가장 가까운 대목" in result.out
    assert "(library.md)" in result.out


def test_a_number_that_no_quote_has_is_not_shown(run: Run, world: World) -> None:
    world.script("예산은 999억 원이 들었다.")
    result = run("ask", QUESTION)
    assert result.code == 0
    assert "999" not in result.out
    assert result.out.startswith("“예산은 350억 원이 들었다.” [1]")


def test_a_refusal_as_json_exits_3_too(run: Run, world: World) -> None:
    result = run("ask", "What is the fee?", "--json")
    assert result.code == 3
    shown = json.loads(result.out)
    assert (shown["abstained"], shown["abstain_reason"]) == (True, "no_evidence")


def test_json_has_the_keys_of_the_design(run: Run, answering: World) -> None:
    shown = json.loads(run("ask", QUESTION, "--json").out)
    for name, keys in ANSWER_KEYS.items():
        part = shown[name] if name else shown
        assert list(part[0] if isinstance(part, list) else part) == keys.split()
    (citation,) = shown["citations"]
    text = json.loads(run("show", citation["document_id"], "--json").out)["text"]
    assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_an_uncertain_answer_says_so_above_its_quotations(
    run: Run, answering: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    uncertain = "(이 답은 확실하지 않습니다. 인용을 확인해 주세요.)"
    assert uncertain not in run("ask", QUESTION).out
    monkeypatch.setattr(WordReader, "calibration", replace(WordReader.calibration, check=0.99))
    printed = run("ask", QUESTION).out
    assert printed.index(uncertain) < printed.index("[1] ")


def test_the_language_of_the_answer_can_be_set(run: Run, answering: World) -> None:
    shown = json.loads(run("ask", QUESTION, "--lang", "en", "--json").out)
    assert shown["language"] == "en"


def test_search_prints_passages_best_first(run: Run, world: World) -> None:
    result = run("search", "두레 축제 참가비", "-k", "2")
    assert result.code == 0
    assert result.out.startswith("1. 두레 축제 (festival.md)  score ")
    assert "\n2. " in result.out


def test_search_as_json_has_the_keys_of_the_design(run: Run, world: World) -> None:
    shown = json.loads(run("search", "두레 축제 참가비", "--json").out)
    assert list(shown) == ["hits"]
    assert list(shown["hits"][0]) == ANSWER_KEYS["passages"].split()
    scores = [hit["score"] for hit in shown["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_collections_and_filters_narrow_a_search(run: Run, world: World) -> None:
    shown = json.loads(run("search", "예산", "--filter", "source=festival.md", "--json").out)
    assert {hit["source"] for hit in shown["hits"]} == {"festival.md"}
    result = run("search", "예산", "--collection", "nowhere")
    assert (result.code, result.out) == (0, "")
    assert "no passage matches" in result.err


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is empty"),
        ("  ", "the question is empty"),
        ("?!…", "has no letter or digit"),
        ("가" * 20_000, "has 20,000 characters"),
    ],
)
def test_a_question_that_cannot_be_asked_is_a_usage_error(
    run: Run, world: World, command: str, question: str, message: str
) -> None:
    result = run(command, question)
    assert result.code == 2
    assert message in result.complaint()


@pytest.mark.parametrize("filters", ["a", "=b", "a=", " = "])
def test_a_filter_that_is_no_pair_is_a_usage_error(run: Run, world: World, filters: str) -> None:
    result = run("ask", QUESTION, "--filter", filters)
    assert result.code == 2
    assert "is not KEY=VALUE, such as" in result.err


@pytest.mark.parametrize("arguments", [("ask", QUESTION), ("search", "예산"), ("ask", "-i")])
def test_no_store_says_how_to_make_one(run_process: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = run_process(*arguments)
    assert result.code == 1
    assert result.complaint() == f"{tmp_path / 'home'}: no store here yet; make one with: inyong index PATH"
    assert not (tmp_path / "home").exists()


def test_an_empty_store_says_how_to_fill_it(run: Run, world: World) -> None:
    assert run("remove", "library.md", "festival.md").code == 0
    result = run("ask", QUESTION)
    assert result.code == 1
    assert result.complaint().endswith("nothing is indexed yet; start with: inyong index PATH")


def test_a_model_that_is_not_pulled_says_how_to_pull_it(run_process: Run, world: World) -> None:
    result = run_process("ask", QUESTION, home=world.settings.home)
    assert result.code == 1
    assert "run: inyong models pull " in result.complaint()


@pytest.mark.parametrize("flag", ["--llm", "--embedding"])
def test_an_unknown_model_lists_those_there_are(run_process: Run, world: World, flag: str) -> None:
    result = run_process("ask", QUESTION, flag, "no-such-model", home=world.settings.home)
    assert result.code == 1
    complaint = result.complaint()
    assert "models pull" in complaint or "'no-such-model' is not found" in complaint


def test_a_store_of_another_embedding_model_is_refused_with_the_way_out(run: Run, world: World) -> None:
    world.embedder = HashEmbedder(dimension=32, name="hash-32", fingerprint="another")
    result = run("ask", QUESTION)
    assert result.code == 1
    assert "made with the embedding model hash-64" in result.complaint()
    assert "inyong reembed --embedding hash-32" in result.complaint()


def test_where_the_model_fails_the_quotes_are_the_answer(
    run: Run, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.script(GenerationFailed("the prompt has 9000 tokens; raise context_tokens"))
    result = run("ask", QUESTION)
    assert result.code == 0
    assert result.out.startswith("“예산은 350억 원이 들었다.” [1]")
    assert "the prompt has 9000 tokens; raise context_tokens" in caplog.text


# Going on asking


def test_questions_are_read_until_an_empty_line(run: Run, answering: World) -> None:
    result = run("ask", "-i", stdin=f"{QUESTION}\n{QUESTION}\n\n{QUESTION}\n")
    assert result.code == 0
    assert result.out.count("예산은 350억 원이 들었다 [1].") == 2


def test_questions_are_read_until_the_end_of_the_input(run: Run, answering: World) -> None:
    result = run("ask", QUESTION, "-i", stdin=QUESTION)
    assert result.code == 0
    assert len(answering.generator.prompts) == 2


def test_a_bad_question_or_a_failure_of_the_model_does_not_end_the_conversation(
    run: Run, world: World
) -> None:
    world.script(GenerationFailed("the model stumbled"), "예산은 350억 원이 들었다.")
    result = run("ask", "-i", stdin=f"???\n{QUESTION}\n{QUESTION}\n")
    assert result.code == 0
    assert "has no letter or digit" in result.err
    assert "“예산은 350억 원이 들었다.” [1]" in result.out
    assert "예산은 350억 원이 들었다 [1]." in result.out


def test_a_follow_up_is_asked_as_the_model_completes_it(run: Run, world: World) -> None:
    complete = "푸른숲 도서관 개관식에 주민은 몇 명이 왔나요?"
    world.script("예산은 350억 원이 들었다.", complete, "주민 40여 명이 왔습니다.")
    run("ask", "-i", stdin=f"{QUESTION}\n그럼 주민은?\n")
    assert f"질문: {complete}" in world.generator.prompts[2][-1].content


# What documents hold is text


def test_markup_and_terminal_commands_in_documents_are_shown_as_text(run: Run, world: World) -> None:
    world.documents.joinpath("red.md").write_text(
        "# [red]제목[/red] :smile:\n\n[bold]두루미[/bold]는 \x1b[31m빨간\x1b[0m 새다 [link=http://x].\n"
    )
    assert run("index", str(world.documents)).code == 0
    world.script("[bold]두루미[/bold]는 \x1b[31m빨간 새다 [1].")
    for result in (run("list"), run("search", "두루미"), run("ask", "두루미는?"), run("show", "red.md")):
        assert "\x1b" not in result.out
        assert "[red]제목[/red] :smile:" in result.out
    assert "[bold]두루미[/bold]" in run("show", "red.md").out
