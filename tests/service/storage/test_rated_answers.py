"""Rated answers as a question set, read back by the evaluation itself."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.datasets.check import Severity, check_questions
from eval.datasets.questions import load_questions
from service.answering.types import Citation, Turn
from service.storage.answers import Archive, KeptAnswer, Rating
from service.storage.permissions import EVERYONE
from service.storage.rated_answers import as_corrections, as_questions
from tests.service.storage.test_answers import ANSWER

TEXT = "도서관의 예산은 350억 원이다. 분관은 3곳이다."
QUOTE = "예산은 350억 원이다."
CITATION = Citation(1, "d1", "도서관", "library.md", 7, 5, 5 + len(QUOTE), QUOTE, None)
CITED = replace(ANSWER, citations=(CITATION,), answer="예산은 350억 원입니다 [1]. 모두 그렇습니다 [1][2].")
ABSTAINED = replace(
    ANSWER,
    id="a2",
    question="누가 지었나요?",
    answer="없습니다.",
    abstained=True,
    abstain_reason="no_evidence",
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path, keep_days=30)


def rate(archive: Archive, *rated: tuple[object, Rating], history: tuple[Turn, ...] = ()) -> list[KeptAnswer]:
    for answer, rating in rated:
        assert isinstance(answer, type(ANSWER))
        archive.keep(answer, EVERYONE, history=history)
        archive.add_feedback(answer.id, EVERYONE, rating, "정답은 다르다")
    kept = list(archive.rated())
    archive.close()
    return kept


def test_the_set_is_read_by_the_evaluation_and_has_no_error(archive: Archive, tmp_path: Path) -> None:
    history = (Turn("user", "도서관은요?"), Turn("assistant", "있습니다."))
    kept = rate(archive, (CITED, Rating.UP), (ABSTAINED, Rating.UP), history=history)
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(q, ensure_ascii=False) + "\n" for q in as_questions(kept)), "utf-8")
    answerable, unanswerable = load_questions(path)
    assert (answerable.id, answerable.answerable, answerable.lang) == ("a1", True, "ko")
    assert answerable.answers == ("예산은 350억 원입니다. 모두 그렇습니다.",)
    assert answerable.documents == ("library.md",)
    assert answerable.gold[0][0].quote == QUOTE
    assert answerable.history == (("user", "도서관은요?"), ("assistant", "있습니다."))
    assert (unanswerable.answerable, unanswerable.answers, unanswerable.gold) == (False, (), ())
    found = check_questions([answerable, unanswerable], {"library.md": TEXT})
    assert [finding for finding in found if finding.severity is Severity.ERROR] == []


def test_an_answer_rated_down_is_no_reference(archive: Archive) -> None:
    kept = rate(archive, (CITED, Rating.DOWN))
    assert as_questions(kept) == []
    (correction,) = as_corrections(kept)
    assert (correction["given_answer"], correction["comment"]) == (CITED.answer, "정답은 다르다")


def test_a_question_asked_again_counts_once_with_its_newest_rating(archive: Archive) -> None:
    kept = rate(archive, (CITED, Rating.UP), (replace(CITED, id="a9"), Rating.DOWN))
    assert as_questions(kept) == []
    assert [found["id"] for found in as_corrections(kept)] == ["a9"]
