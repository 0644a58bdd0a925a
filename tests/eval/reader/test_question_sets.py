import json
from pathlib import Path

import pytest

from eval.errors import EvaluationError
from eval.reader.question_sets import load_korquad, store_questions
from index.types import Span
from tests.eval.conftest import BUDGET, DATE, MAYOR
from tests.eval.reader.samples import make_hit
from tests.service.conftest import World, world

__all__ = ["world"]

PARAGRAPH = "솔숲역은 1974년에 문을 열었다. 역장은 한도윤이다."


def write_korquad(path: Path, *titles: str) -> Path:
    """Write articles of one paragraph and two questions; the second one's answer begins nowhere."""
    answers = [{"text": "1974년", "answer_start": 5}], [{"text": "없다", "answer_start": 900}]
    qas = [{"id": f"q{n}", "question": "언제 열었나?", "answers": a} for n, a in enumerate(answers)]
    paragraphs = [{"context": PARAGRAPH, "qas": qas}]
    data = {"data": [{"title": title, "paragraphs": paragraphs} for title in titles]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_korquad_answer_becomes_a_span_of_its_sentence(tmp_path: Path) -> None:
    (document,) = load_korquad(write_korquad(tmp_path / "dev.json", "솔숲역"))
    assert document.sentences == ("솔숲역은 1974년에 문을 열었다.", "역장은 한도윤이다.")
    (question,) = document.questions
    (part,) = question.parts
    assert document.sentences[part.sentence][part.start : part.end] == "1974년"


def test_korquad_articles_can_be_left_out_by_title(tmp_path: Path) -> None:
    path = write_korquad(tmp_path / "dev.json", "솔숲역", "달빛역")
    assert [d.title for d in load_korquad(path, ["솔숲역"])] == ["달빛역"]


def test_another_file_than_korquad_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"other\.json"):
        load_korquad(path)


def write_set(path: Path, *questions: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(q) + "\n" for q in questions), encoding="utf-8")
    return path


def test_evidence_is_what_overlaps_the_gold_span(tmp_path: Path, world: World) -> None:
    with world.open() as inyong:
        (question,) = store_questions(write_set(tmp_path / "set.jsonl", BUDGET), inyong, 5)
    sentences = [(hit, span) for hit in question.hits for span in hit.sentences]
    evidence = [hit.text[s.start - hit.span.start : s.end - hit.span.start]
                for hit, s in sentences if question.is_evidence(hit, s)]  # fmt: skip
    assert evidence == ["예산은 350억 원이 들었다."]
    assert (question.language, question.answerable) == ("ko", True)


def test_without_gold_spans_evidence_says_an_expected_part(tmp_path: Path, world: World) -> None:
    plain = {name: value for name, value in DATE.items() if name != "gold"}
    with world.open() as inyong:
        (question,) = store_questions(write_set(tmp_path / "set.jsonl", plain), inyong, 5)
    hit = make_hit("d", "축제는 5월3일이다.", "참가비는 무료다.")
    other, right = reversed(hit.sentences)
    assert not question.is_evidence(hit, Span(right.start, right.end))  # of another document
    assert not question.is_evidence(hit, other)


def test_questions_are_chosen_by_tag(tmp_path: Path, world: World) -> None:
    path = write_set(tmp_path / "set.jsonl", BUDGET, DATE, MAYOR)
    with world.open() as inyong:
        assert [q.text for q in store_questions(path, inyong, 5, "date")] == [DATE["question"]]
        with pytest.raises(EvaluationError, match="'hard'"):
            store_questions(path, inyong, 5, "hard")
