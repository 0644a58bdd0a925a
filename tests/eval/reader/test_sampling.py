import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.reader.examples import AnswerPart, ExampleDocument
from eval.reader.sampling import AskedQuestion, SamplingOptions, TrainingWindow, draw_epoch
from tests.eval.reader.samples import find_part, make_asked_document, make_document, make_question

PLAIN = SamplingOptions(foreign=0, swap=0, drop_title=0, typo=0, drop_spaces=0)
NOISY = SamplingOptions(foreign=0.5, swap=0.5, drop_title=0.5, typo=0.5, drop_spaces=0.5)
DOCUMENTS = [make_asked_document("a"), replace(make_asked_document("b"), title="둘째")]
YEARS = (
    "2024년 예산은 350억 원이다.",
    "2025년 예산은 400억 원이다.",
    "2024년 3분기에 7월 행사를 열었다.",
    "제12조는 회비를 정한다.",
)


@st.composite
def documents(draw: st.DrawFn) -> ExampleDocument:
    """A document whose sentences differ in their first word, with questions on any of their characters."""
    texts = draw(st.lists(st.text("가나다 ab 0", max_size=25), min_size=1, max_size=14))
    sentences = tuple(f"s{number}e {text}." for number, text in enumerate(texts))
    asked = []
    for number in range(draw(st.integers(1, 9))):
        parts = []
        for sentence in draw(st.lists(st.integers(0, len(sentences) - 1), max_size=4, unique=True)):
            start = draw(st.integers(0, len(sentences[sentence]) - 1))
            end = draw(st.integers(start + 1, len(sentences[sentence])))
            parts.append(AnswerPart(sentence, start, end))
        near = tuple(draw(st.lists(st.integers(0, len(sentences) - 1), max_size=2)))
        asked.append(make_question(f"question {number}?", *parts, near=near))
    return make_document("d", sentences, *asked)


def draw_windows(
    documents: Sequence[ExampleDocument],
    options: SamplingOptions = PLAIN,
    seed: int = 0,
    foreign: Mapping[int, Sequence[str]] | None = None,
) -> list[TrainingWindow]:
    batches = draw_epoch(documents, options, seed, 0, foreign or {})
    return [window for batch in batches for window in batch]


def asked(windows: Sequence[TrainingWindow]) -> list[AskedQuestion]:
    return [question for window in windows for question in window.questions]


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


# The same again


def test_the_same_seed_and_epoch_draw_the_same_batches() -> None:
    foreign = {0: ["남의 질문"], 1: ["다른 질문"]}
    one, other = (draw_epoch(DOCUMENTS, NOISY, 4, 2, foreign) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(("seed", "epoch"), [(4, 3), (5, 2)])
def test_another_seed_or_epoch_draws_other_batches(seed: int, epoch: int) -> None:
    assert draw_epoch(DOCUMENTS, PLAIN, 4, 2, {}) != draw_epoch(DOCUMENTS, PLAIN, seed, epoch, {})


# Windows and batches


@given(documents(), st.integers(0, 1000))
@settings(deadline=None)
def test_every_question_of_a_document_is_asked_in_an_epoch(document: ExampleDocument, seed: int) -> None:
    texts = {question.text for question in asked(draw_windows([document], seed=seed))}
    assert texts == {question.text for question in document.questions}


@given(documents(), st.integers(0, 1000))
@settings(deadline=None)
def test_every_question_is_asked_over_some_of_its_own_sentences(document: ExampleDocument, seed: int) -> None:
    windows = draw_windows([document], seed=seed)
    for question in document.questions:
        relevant = {document.sentences[i] for i in question.needed or question.near}
        asking = [w for w in windows if question.text in {q.text for q in w.questions}]
        assert not relevant or any(relevant & set(window.sentences) for window in asking)


@given(documents(), st.integers(0, 1000))
@settings(deadline=None)
def test_a_window_is_a_run_of_the_documents_sentences(document: ExampleDocument, seed: int) -> None:
    for window in draw_windows([document], seed=seed):
        first = document.sentences.index(window.sentences[0])
        assert window.sentences == document.sentences[first : first + len(window.sentences)]
        assert len(window.sentences) <= PLAIN.most_sentences
        assert len(window.sentences) >= min(PLAIN.least_sentences, len(document.sentences))


@given(documents(), st.integers(0, 1000))
@settings(deadline=None)
def test_a_question_close_enough_together_is_asked_where_it_is_answered_whole(
    document: ExampleDocument, seed: int
) -> None:
    windows = draw_windows([document], seed=seed)
    for question in document.questions:
        if question.needed and max(question.needed) - min(question.needed) < PLAIN.most_sentences:
            spans = [len(q.spans) for w in windows for q in w.questions if q.text == question.text]
            assert max(spans) == len(question.parts)


def test_no_window_asks_more_questions_than_wanted() -> None:
    options = replace(NOISY, questions=3)
    windows = draw_windows(DOCUMENTS, options, foreign={0: ["남의 질문"], 1: ["다른 질문"]})
    assert {len(window.questions) for window in windows} == {3}


def test_a_document_without_questions_has_no_window() -> None:
    assert draw_windows([make_document()]) == []


def test_a_batch_has_at_most_as_many_windows_as_wanted() -> None:
    documents = [make_asked_document(f"d{i}") for i in range(40)]
    batches = draw_epoch(documents, replace(PLAIN, windows=4), 0, 0, {})
    sizes = Counter(map(len, batches))
    assert max(sizes) == 4
    assert sizes[4] >= len(batches) - len(batches) // 20 - 1


# What is asked


@given(documents(), st.integers(0, 1000))
@settings(deadline=None)
def test_an_answer_stays_at_its_words_when_the_window_begins_later(
    document: ExampleDocument, seed: int
) -> None:
    assert_answers_follow(document, draw_windows([document], seed=seed))


@given(documents(), st.integers(0, 1000))
@settings(deadline=None)
def test_an_answer_stays_at_its_words_when_spaces_are_lost(document: ExampleDocument, seed: int) -> None:
    windows = draw_windows([document], replace(PLAIN, drop_spaces=1), seed)
    assert_answers_follow(document, windows)


def assert_answers_follow(document: ExampleDocument, windows: Sequence[TrainingWindow]) -> None:
    """Each answer part of a sentence in the window is there, the same but for spaces, and no other."""
    number = {bare(sentence): i for i, sentence in enumerate(document.sentences)}
    by_text = {question.text: question for question in document.questions}
    for window in windows:
        inside = [number[bare(sentence)] for sentence in window.sentences]
        for question in window.questions:
            found = [
                (inside[s.sentence], bare(window.sentences[s.sentence][s.start : s.end]))
                for s in question.spans
            ]
            assert found == [
                (p.sentence, bare(document.sentences[p.sentence][p.start : p.end]))
                for p in by_text[question.text].parts
                if p.sentence in inside
            ]


def test_a_poor_scan_loses_spaces_and_nothing_else() -> None:
    windows = draw_windows(DOCUMENTS, replace(PLAIN, drop_spaces=1))
    read = [sentence for window in windows for sentence in window.sentences]
    whole = {bare(s): s for document in DOCUMENTS for s in document.sentences}
    assert all(bare(sentence) in whole for sentence in read)
    assert any(sentence != whole[bare(sentence)] for sentence in read)


def test_a_title_that_is_dropped_is_empty() -> None:
    assert {window.title for window in draw_windows(DOCUMENTS, replace(PLAIN, drop_title=1))} == {""}
    assert {window.title for window in draw_windows(DOCUMENTS)} == {"안내", "둘째"}


def test_a_near_miss_has_no_answer() -> None:
    found = [q for q in asked(draw_windows(DOCUMENTS)) if q.text == "노인은 얼마를 내나?"]
    assert {question.spans for question in found} == {()}


def test_a_foreign_question_has_no_answer() -> None:
    windows = draw_windows(DOCUMENTS, replace(PLAIN, foreign=1), foreign={0: ["남의 질문"]})
    found = [q for w in windows for q in w.questions if q.text == "남의 질문"]
    assert found
    assert {question.spans for question in found} == {()}


def test_only_a_document_that_has_foreign_questions_is_asked_them() -> None:
    windows = draw_windows(DOCUMENTS, replace(PLAIN, foreign=1), foreign={0: ["남의 질문"]})
    assert {w.title for w in windows if "남의 질문" in {q.text for q in w.questions}} == {"안내"}


# Swapped numbers


@pytest.mark.parametrize(
    ("question", "sentence", "words", "pattern"),
    [
        ("2024년 예산은?", 0, "350억 원", r"20(21|22|23|26|27)년 예산은\?"),
        ("7월 행사는 언제?", 2, "2024년 3분기", r"(5|6|8|9|10)월 행사는 언제\?"),
        ("제12조는 무엇?", 3, "회비", r"제(10|11|13|14|15)조는 무엇\?"),
        ("Q3 event?", 2, "행사", r"Q[124] event\?"),
    ],
)
def test_a_swapped_question_names_another_number_and_has_no_answer(
    question: str, sentence: int, words: str, pattern: str
) -> None:
    document = make_document("d", YEARS, make_question(question, find_part(YEARS, sentence, words)))
    for seed in range(20):
        (found,) = asked(draw_windows([document], replace(PLAIN, swap=1), seed))
        assert re.fullmatch(pattern, found.text)
        assert found.spans == ()


def test_a_number_is_not_swapped_for_one_that_the_document_holds() -> None:
    sentences = tuple(f"{year}년 예산은 {year - 2000}억 원이다." for year in range(2018, 2031))
    document = make_document("d", sentences, make_question("2024년 예산은?", find_part(sentences, 6, "24억")))
    for seed in range(20):
        (found,) = asked(draw_windows([document], replace(PLAIN, swap=1), seed))
        assert (found.text, len(found.spans)) == ("2024년 예산은?", 1)


def test_a_question_without_a_number_is_not_swapped() -> None:
    document = make_document("d", YEARS, make_question("예산은 얼마?", find_part(YEARS, 0, "350억 원")))
    (found,) = asked(draw_windows([document], replace(PLAIN, swap=1)))
    assert (found.text, len(found.spans)) == ("예산은 얼마?", 1)


# Slips of the keyboard


def test_a_slip_of_the_keyboard_changes_at_most_two_letters_and_leaves_the_answer() -> None:
    document = make_document(
        "d", YEARS, make_question("예산은 모두 얼마인가?", find_part(YEARS, 0, "350억 원"))
    )
    texts = set()
    for seed in range(60):
        (found,) = asked(draw_windows([document], replace(PLAIN, typo=1), seed))
        assert len(found.spans) == 1
        assert abs(len(found.text) - len("예산은 모두 얼마인가?")) <= 1
        kept = Counter(found.text) & Counter("예산은 모두 얼마인가?")
        assert kept.total() >= len("예산은 모두 얼마인가?") - 1
        texts.add(found.text)
    assert len(texts) > 10


def test_a_slip_of_the_keyboard_changes_no_digit() -> None:
    document = make_document("d", YEARS, make_question("20242025", find_part(YEARS, 0, "350억 원")))
    for seed in range(20):
        (found,) = asked(draw_windows([document], replace(PLAIN, typo=1), seed))
        assert found.text == "20242025"
