"""Kept answers: whose they are, how long they stay, what was thought of them."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.answering.types import Answer, Models, Turn
from service.schemas import answer_as_json
from service.storage import answers as archive_module
from service.storage.answers import ARCHIVE_FILE, Archive, Rating, UnknownAnswer
from service.storage.permissions import EVERYONE, Caller, Scope
from tests.service.made import make_hit

ANN = Caller("ann", frozenset({"default"}), frozenset({Scope.ASK}), "k1")
BEN = Caller("ben", frozenset({"default"}), frozenset({Scope.ASK}), "k2")
ANSWER = Answer(
    id="a1",
    question="예산은 얼마인가요?",
    answer="예산은 350억 원입니다 [1].",
    language="ko",
    abstained=False,
    abstain_reason=None,
    citations=(),
    passages=(make_hit("예산은 350억 원이다."),),
    models=Models("llm-1", "embedding-1", "reader", "phrase/ko@3"),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path, keep_days=30)
    yield made
    made.close()


def test_an_answer_comes_back_as_it_was_given(archive: Archive) -> None:
    archive.keep(ANSWER, ANN, history=[Turn("user", "앞")], index={"index": "i1"})
    found = archive.find("a1", ANN)
    assert found.body == answer_as_json(ANSWER)
    assert (found.caller, found.history, found.feedback) == ("ann", (Turn("user", "앞"),), None)
    assert found.versions == {
        "index": "i1",
        "llm": "llm-1",
        "embedding": "embedding-1",
        "reader": "reader",
        "prompt": "phrase/ko@3",
    }


@pytest.mark.parametrize(
    "other",
    [
        BEN,
        EVERYONE,
        replace(ANN, id="k3"),  # a new key under the old name
        replace(ANN, collections=frozenset({"another"})),
        replace(ANN, collections=frozenset()),
    ],
)
def test_nobody_else_reads_or_rates_an_answer(archive: Archive, other: Caller) -> None:
    archive.keep(ANSWER, ANN)
    with pytest.raises(UnknownAnswer) as hidden:
        archive.find("a1", other)
    with pytest.raises(UnknownAnswer) as missing:
        archive.find("nothing", other)
    assert str(hidden.value) == str(missing.value)
    with pytest.raises(UnknownAnswer):
        archive.add_feedback("a1", other, Rating.DOWN)
    assert archive.find("a1", ANN).feedback is None


def test_the_last_rating_counts(archive: Archive) -> None:
    archive.keep(ANSWER, ANN)
    archive.add_feedback("a1", ANN, Rating.DOWN, "틀림")
    archive.add_feedback("a1", ANN, Rating.UP)
    feedback = archive.find("a1", ANN).feedback
    assert feedback is not None
    assert (feedback.rating, feedback.comment) == (Rating.UP, "")
    assert [kept.id for kept in archive.rated()] == ["a1"]


def test_answers_survive_a_restart(archive: Archive, tmp_path: Path) -> None:
    archive.keep(ANSWER, ANN)
    archive.close()
    again = Archive(tmp_path, keep_days=30)
    assert again.find("a1", ANN).id == "a1"
    again.close()


def test_an_old_answer_is_gone_before_it_is_purged_and_from_the_file_after(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.keep(ANSWER, ANN)
    archive.add_feedback("a1", ANN, Rating.UP, "좋음")
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(archive_module, "_now", lambda: later)
    with pytest.raises(UnknownAnswer):
        archive.find("a1", ANN)
    assert list(archive.rated()) == []
    assert archive.purge() == 1
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # the write-ahead log, too
    for said in ("350억", "좋음"):
        assert said.encode() not in on_disk
    archive.close()
    with sqlite3.connect(tmp_path / ARCHIVE_FILE) as connection:
        assert connection.execute("SELECT count(*) FROM feedback").fetchone() == (0,)
    connection.close()


def test_the_oldest_are_forgotten_when_all_take_too_much(tmp_path: Path) -> None:
    archive = Archive(tmp_path, keep_days=30, max_bytes=2_000_000)
    long = replace(ANSWER, answer="예산 " * 4_000)
    for n in range(300):  # of some 30 kB each
        archive.keep(replace(long, id=f"a{n}"), ANN)
        if n % 50 == 0:
            archive.add_feedback(f"a{n}", ANN, Rating.UP)
    assert (tmp_path / ARCHIVE_FILE).stat().st_size < 3_000_000
    kept = [n for n in range(300) if is_kept(archive, f"a{n}")]
    assert len(kept) > 20
    assert kept == list(range(kept[0], 300))
    assert [answer.id for answer in archive.rated()] == ["a250"]
    archive.close()


def is_kept(archive: Archive, ident: str) -> bool:
    try:
        return archive.find(ident, ANN).id == ident
    except UnknownAnswer:
        return False


def test_an_answer_that_is_too_large_alone_is_kept(tmp_path: Path) -> None:
    archive = Archive(tmp_path, keep_days=30, max_bytes=1)
    archive.keep(ANSWER, ANN)
    archive.keep(replace(ANSWER, id="a2"), ANN)
    assert [is_kept(archive, ident) for ident in ("a1", "a2")] == [False, True]
    archive.close()


def test_keeping_an_answer_deletes_expired_ones(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.keep(replace(ANSWER, answer="예산은 77억 원이다."), ANN)
    later = datetime.now(UTC) + timedelta(days=31)
    monkeypatch.setattr(archive_module, "_now", lambda: later)
    archive.keep(replace(ANSWER, id="a2"), ANN)
    assert "77억".encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_nothing_is_kept_when_answers_are_not_to_be(tmp_path: Path) -> None:
    archive = Archive(tmp_path, keep_days=0)
    archive.keep(ANSWER, ANN)
    with pytest.raises(UnknownAnswer):
        archive.find("a1", ANN)
    assert list(tmp_path.iterdir()) == []


def test_half_a_character_does_not_lose_an_answer(archive: Archive) -> None:
    archive.keep(replace(ANSWER, question="얼마 \ud83d"), ANN)
    archive.add_feedback("a1", ANN, Rating.UP, "\udc00")
    assert archive.find("a1", ANN).feedback is not None
    with pytest.raises(UnknownAnswer):
        archive.find("\ud800", ANN)
