"""What the model is shown of a sentence, and what is quoted for it."""

from dataclasses import replace

import pytest

from index.types import Hit
from service.reading import Reading, nearest_of, read_sentences
from service.types import Sentence
from tests.service.made import make_hit, make_sentences

INTRODUCING = make_hit("엠엔비젼 소식이다.", "최진욱 대표가 새로 왔다.", passage_id=1)
LATER = make_hit("최 대표는 350억 원을 냈다.", passage_id=2, start=100)
TEXT = INTRODUCING.text.ljust(100) + LATER.text


def chosen(hit: Hit, number: int = 0) -> Sentence:
    sentence = hit.sentences[number]
    return Sentence(hit, sentence.span, sentence.text, 1.0)


def read(*sentences: Sentence, question: str = "최 대표는 얼마를 냈나요?", language: str = "ko") -> Reading:
    return read_sentences(
        sentences,
        question,
        language,
        read_text=lambda document, start, end: TEXT[start:end],
        find_passage=lambda document, position: INTRODUCING if position < 100 else LATER,
    )


def test_person_is_shown_by_full_name() -> None:
    assert read(chosen(LATER)).texts == ("최진욱 대표는 350억 원을 냈다.",)


def test_sentence_that_gives_the_name_can_be_quoted_behind_the_numbered_ones() -> None:
    reading = read(chosen(LATER))
    assert [sentence.text for sentence in reading.evidence] == [
        "최 대표는 350억 원을 냈다.",
        "최진욱 대표가 새로 왔다.",
    ]
    introducing = reading.evidence[1]
    assert introducing.span.of(TEXT) == introducing.text
    assert introducing.hit == INTRODUCING


def test_evidence_is_what_stands_in_the_document() -> None:
    evidence = read(chosen(LATER), language="en").evidence
    assert all(sentence.span.of(TEXT) == sentence.text for sentence in evidence)


def test_sentence_that_gives_the_name_is_not_quoted_twice() -> None:
    reading = read(chosen(INTRODUCING, 1), chosen(LATER))
    assert len(reading.evidence) == len(reading.texts) == 2


def test_sentence_that_gives_two_names_is_there_once() -> None:
    twice = make_hit("최 대표가 왔다.", "최 대표가 갔다.", passage_id=2, start=100)
    assert len(read(chosen(twice), chosen(twice, 1)).evidence) == 3


def test_name_whose_sentence_is_in_no_passage_is_shown_all_the_same() -> None:
    reading = read_sentences(
        [chosen(LATER)],
        "누가 냈나요?",
        "ko",
        read_text=lambda document, start, end: TEXT[start:end],
        find_passage=lambda document, position: None,
    )
    assert reading.texts == ("최진욱 대표는 350억 원을 냈다.",)
    assert len(reading.evidence) == 1


def test_name_is_looked_for_only_before_the_sentence() -> None:
    early = make_hit("최 대표가 있었다.", start=0)
    reading = read_sentences(
        [chosen(early)],
        "누구?",
        "ko",
        read_text=lambda document, start, end: "최 대표가 있었다. 최진욱 대표였다."[start:end],
        find_passage=lambda document, position: early,
    )
    assert reading.texts == ("최 대표가 있었다.",)


def test_name_is_found_far_into_a_long_document() -> None:
    start = 50_000
    text = "가" * 45_000 + " 최진욱 대표가 왔다. "
    text = text.ljust(start) + "최 대표가 갔다."
    introducing = make_hit("최진욱 대표가 왔다.", passage_id=1, start=45_001)
    late = make_hit("최 대표가 갔다.", passage_id=2, start=start)
    asked: list[int] = []

    def find_passage(document: str, position: int) -> Hit:
        asked.append(position)
        return introducing

    reading = read_sentences(
        [chosen(late)],
        "누구?",
        "ko",
        read_text=lambda document, begin, end: text[begin:end],
        find_passage=find_passage,
    )
    assert asked == [45_001]
    assert [sentence.text for sentence in reading.evidence] == ["최 대표가 갔다.", "최진욱 대표가 왔다."]


def test_english_answer_reads_amounts_in_english() -> None:
    (text,) = read(chosen(LATER), question="How much was it?", language="en").texts
    assert "35 billion won" in text
    assert "350억 원" in text


def test_english_question_has_its_names_beside_their_hangul() -> None:
    hit = make_hit("에너캠프는 가람동에 있다.", start=100)
    (text,) = read(chosen(hit), question="Where is Enercamp?", language="en").texts
    assert text == "에너캠프(= Enercamp)는 가람동에 있다."


def test_korean_answer_reads_the_sentence_as_it_is() -> None:
    hit = make_hit("에너캠프는 350억 원을 냈다.", start=100)
    assert read(chosen(hit), question="Enercamp 투자액은?").texts == ("에너캠프는 350억 원을 냈다.",)


def test_nothing_to_read_is_nothing() -> None:
    assert read() == Reading((), ())


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("1. 분관은 세 곳이다.", "분관은 세 곳이다."),
        ("- 분관은 세 곳이다.", "분관은 세 곳이다."),
        ("가) 분관은 세 곳이다.", "분관은 세 곳이다."),
        ("2026. 3. 1. 문을 열었다.", "2026. 3. 1. 문을 열었다."),
        ("3. 1 운동을 기린다.", "3. 1 운동을 기린다."),
        ("3.5% 늘었다.", "3.5% 늘었다."),
        ("-3도까지 내려갔다.", "-3도까지 내려갔다."),
    ],
)
def test_mark_of_a_list_is_not_read_as_a_number(stored: str, shown: str) -> None:
    hit = make_hit(stored, passage_id=3, start=100)
    reading = read(chosen(hit))
    assert reading.texts == (shown,)
    assert reading.evidence[0].text == stored


def test_number_of_the_question_can_be_quoted_from_the_passage_of_a_chosen_sentence() -> None:
    hit = make_hit("2024년 계획이다.", "분관은 세 곳이다.", passage_id=3, start=100)
    reading = read(chosen(hit, 1), question="2024년 분관은 몇 곳인가요?")
    assert reading.texts == ("분관은 세 곳이다.",)
    assert [sentence.text for sentence in reading.evidence] == ["분관은 세 곳이다.", "2024년 계획이다."]


def test_sentence_that_begins_with_a_short_word_keeps_it() -> None:
    assert read(chosen(make_hit("네. 그렇게 정했다.", passage_id=3, start=100))).texts[0].startswith("네.")


# The nearest alone


def scored(*scores: float, extra: tuple[Sentence, ...] = ()) -> Reading:
    """Sentences of sixty tokens each, with these scores."""
    sentences = make_sentences(*(f"{chr(ord('가') + 28 * n)} " * 60 for n in range(len(scores))))
    ranked = [replace(one, score=score) for one, score in zip(sentences, scores, strict=True)]
    return Reading(tuple(one.text for one in ranked), (*ranked, *extra))


def n_words(text: str) -> int:
    return len(text.split())


def test_nearest_sentences_are_those_of_the_highest_scores_in_the_order_in_which_they_are_read() -> None:
    reading = scored(0.9, 0.1, 0.5)
    nearest = nearest_of(reading, "누가 왔나요?", n_words)
    assert nearest is not None
    assert nearest.texts == (reading.texts[0], reading.texts[2])
    assert nearest.evidence == (reading.evidence[0], reading.evidence[2])


def test_what_may_be_quoted_beside_them_stays() -> None:
    (giver,) = make_sentences("최진욱 대표가 새로 왔다.")
    nearest = nearest_of(scored(0.9, 0.1, 0.5, extra=(giver,)), "누가 왔나요?", n_words)
    assert nearest is not None
    assert nearest.evidence[-1] == giver


def test_where_all_are_few_there_are_no_nearer_ones() -> None:
    assert nearest_of(scored(0.9, 0.1), "누가 왔나요?", n_words) is None


def test_a_sentence_that_gives_what_is_asked_for_is_nearer_than_its_score_says() -> None:
    near, far, giving = make_sentences("오 " * 60, "가 " * 60, "모두 350억 원을 냈다 " + "는 " * 50)
    reading = scored(0.9, 0.5, 0.49)
    evidence = (
        replace(near, score=0.9),
        replace(far, score=0.5),
        replace(giving, score=0.49),
    )
    nearest = nearest_of(
        replace(reading, texts=tuple(one.text for one in evidence), evidence=evidence),
        "얼마를 냈나요?",
        n_words,
    )
    assert nearest is not None
    assert nearest.texts == (near.text, giving.text)
