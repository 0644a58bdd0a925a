"""Statements are settled one by one while the model writes."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from service.draft import Draft
from service.listener import Listener
from service.reading import Reading
from service.relevance import Relevance
from service.types import Fault, Sentence
from tests.service.made import make_sentences

TEXTS = ("도서관 예산은 350억 원이 들었다.", "개관식에는 주민 40명이 왔다.")


class FixedRelevance(Relevance):
    """Says the same of every quote."""

    def __init__(self, share: float) -> None:
        self._share = share

    def share_around(self, sentences: Iterable[Sentence]) -> float:
        return self._share

    def names_in(self, text: str) -> list[str]:
        return [name for name in ("정다운", "한울상사") if name in text]

    def n_words_in(self, text: str) -> int:
        return sum(word in text for word in ("도서관", "운영사", "지역", "업체"))

    def share_in(self, part: str, text: str) -> float:
        words = part.split()
        return sum(word[:2] in text for word in words) / len(words)


@dataclass
class Bench:
    """A draft and what was heard of it."""

    question: str = "도서관에 대해 알려 주세요."
    share: float = 1.0
    least: float = 0.5
    texts: tuple[str, ...] = TEXTS
    heard: list[str] = field(default_factory=list)
    cited: list[tuple[int, str]] = field(default_factory=list)
    n_progress: int = 0

    def __post_init__(self) -> None:
        def progress() -> None:
            self.n_progress += 1

        self.draft = Draft(
            self.question,
            Reading(self.texts, tuple(make_sentences(*self.texts))),
            FixedRelevance(self.share),
            self.least,
            Listener(
                on_text=self.heard.append,
                on_citation=lambda citation: self.cited.append((citation.marker, citation.quote)),
                on_progress=progress,
            ),
        )

    def write(self, *pieces: str) -> Draft:
        for piece in pieces:
            self.draft.take(piece)
        self.draft.finish()
        return self.draft


def texts(statements: Iterable[object]) -> list[str]:
    return [statement.text for statement in statements]  # type: ignore[attr-defined]


def test_statement_that_holds_is_kept_with_its_citation() -> None:
    grounded = Bench().write("예산은 350억 원이 들었습니다 [1].").grounded()
    assert grounded.text == "예산은 350억 원이 들었습니다 [1]."
    assert [citation.quote for citation in grounded.citations] == [TEXTS[0]]


def test_statement_with_an_unbacked_number_is_withheld() -> None:
    bench = Bench()
    draft = bench.write("예산은 990억 원이 들었습니다 [1].")
    assert (texts(draft.kept), texts(draft.withheld)) == ([], ["예산은 990억 원이 들었습니다."])
    assert bench.heard == []
    assert not draft.refused


def test_statements_are_settled_each_for_itself() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]
    assert texts(draft.withheld) == ["개관식에는 주민 77명이 왔습니다."]


def test_statement_is_told_when_the_next_has_begun() -> None:
    bench = Bench()
    bench.draft.take("예산은 350억 원이 들었습니다 [1].")
    assert bench.heard == []  # it may still grow
    bench.draft.take(" 개관식에는")
    assert bench.heard == ["예산은 350억 원이 들었습니다 [1]."]
    bench.draft.take(" 주민 40명이 왔습니다 [2].")
    assert len(bench.heard) == 1
    bench.draft.finish()
    assert bench.heard[1:] == [" 개관식에는 주민 40명이 왔습니다 [2]."]


def test_what_is_told_is_the_answer() -> None:
    bench = Bench()
    text = "예산은 350억 원이 들었습니다 [1]. 예산은 77억 원입니다 [1]. 개관식에는 주민 40명이 왔습니다 [2]."
    draft = bench.write(*text)
    assert "".join(bench.heard) == draft.grounded().text
    assert "77억" not in draft.grounded().text


def test_each_citation_is_told_once() -> None:
    bench = Bench()
    bench.write(
        "개관식에는 주민 40명이 왔습니다 [2]. 예산은 350억 원이 들었습니다 [1]. 주민은 40명입니다 [2]."
    )
    assert bench.cited == [(1, TEXTS[1]), (2, TEXTS[0])]


def test_pieces_do_not_matter() -> None:
    text = "예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 40명이 왔습니다 [2]."
    assert Bench().write(*text).grounded() == Bench().write(text).grounded()


def test_progress_is_told_of_every_piece() -> None:
    bench = Bench()
    bench.write("예산은", " 990억", " 원입니다.")
    assert bench.n_progress == 3


def test_refusal_is_neither_kept_nor_withheld() -> None:
    draft = Bench().write("문서에서 확인되지 않습니다.")
    assert draft.refused
    assert draft.grounded().text == ""


def test_nothing_written_is_a_refusal() -> None:
    assert Bench().write().refused


def test_refusal_beside_a_statement_leaves_the_statement() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 문서에서 확인되지 않습니다.")
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]
    assert not draft.refused


def test_statement_beside_the_question_is_withheld() -> None:
    assert texts(Bench(share=0.49).write("예산은 350억 원이 들었습니다 [1].").withheld) == [
        "예산은 350억 원이 들었습니다."
    ]
    assert texts(Bench(share=0.5).write("예산은 350억 원이 들었습니다 [1].").kept) == [
        "예산은 350억 원이 들었습니다."
    ]


def test_first_statement_has_to_give_what_alone_was_asked_for() -> None:
    draft = Bench(question="개관식에는 몇 명이 왔나요?").write("개관식에는 주민이 왔습니다 [2].")
    assert texts(draft.withheld) == ["개관식에는 주민이 왔습니다."]


def test_later_statement_need_not_give_it() -> None:
    draft = Bench(question="예산은 얼마인가요?").write(
        "예산은 350억 원이 들었습니다 [1]. 개관식에는 주민이 왔습니다 [2]."
    )
    assert len(draft.kept) == 2


def test_first_statement_may_leave_out_what_is_asked_for_among_others() -> None:
    draft = Bench(question="개관식에는 누가, 몇 명이 왔나요?").write("개관식에는 주민이 왔습니다 [2].")
    assert texts(draft.kept) == ["개관식에는 주민이 왔습니다."]


def test_grounding_counts_what_was_withheld() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    grounding = draft.grounding()
    assert (grounding.sentences, grounding.supported_sentences) == (2, 1)
    assert grounding.unsupported_numbers == ("77",)
    assert draft.grounded().grounding.sentences == 1


def test_grounding_says_of_each_statement_what_was_checked_and_why_it_was_withheld() -> None:
    draft = Bench(share=0.75).write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    kept, withheld = draft.grounding().statements
    assert (kept.text, kept.markers, kept.faults) == ("예산은 350억 원이 들었습니다.", (1,), ())
    assert (kept.numbers, kept.relevance) == (("350억",), 0.75)
    assert (withheld.kept, withheld.faults) == (False, (Fault.UNSUPPORTED_NUMBER,))
    assert (withheld.markers, withheld.unsupported_numbers) == ((), ("77",))


@pytest.mark.parametrize("written", ["[1]", "[1][2]", "[1] .", "[1] …"])
def test_sentence_that_is_named_and_not_used_is_no_answer(written: str) -> None:
    bench = Bench()
    assert bench.write(written).kept == []
    assert bench.heard == []


def test_statement_about_something_else_is_said_to_be_off_topic() -> None:
    (check,) = Bench(share=0.25).write("예산은 350억 원이 들었습니다 [1].").grounding().statements
    assert (check.faults, check.relevance) == ((Fault.OFF_TOPIC,), 0.25)


def test_statement_without_what_is_asked_for_is_said_to_be_of_the_wrong_kind() -> None:
    draft = Bench(question="예산은 얼마인가요?").write("개관식에는 주민이 왔습니다 [2].")
    assert draft.grounding().statements[0].faults == (Fault.WRONG_KIND,)


@pytest.mark.parametrize(
    ("quote", "answer", "is_kept"),
    [
        ("정다운 시장이 개관식에 왔다.", "시장은 정다운 시장입니다 [3].", True),
        ("한울상사가 국내 시장에 나섰다.", "시장은 한울상사입니다 [3].", False),
    ],
)
def test_asked_for_the_mayor_a_quote_has_to_speak_of_one(quote: str, answer: str, is_kept: bool) -> None:
    bench = Bench(question="나래시의 시장은 누구인가요?", texts=(*TEXTS, quote))
    assert bool(bench.write(answer).kept) is is_kept


def test_relevance_of_kept_is_that_of_its_quotes() -> None:
    draft = Bench(share=0.75).write("예산은 350억 원이 들었습니다 [1].")
    assert draft.relevance_of_kept() == 0.75


SHARES = "도서관 운영사 가운데 지역 업체는 14.6%에 그치지만, 책값이 지역으로 가는 비율은 41%이다."


def test_of_two_shares_in_a_sentence_the_one_among_the_words_of_the_question_is_given() -> None:
    bench = Bench(question="도서관 운영사 가운데 지역 업체는 몇 퍼센트인가요?", texts=(SHARES,))
    draft = bench.write("운영사 가운데 지역 업체는 41%입니다 [1].")
    assert bench.heard == ["운영사 가운데 지역 업체는 14.6%입니다 [1]."]
    assert draft.grounding().repaired


def test_answer_that_only_repeats_the_question_is_withheld() -> None:
    draft = Bench(question="도서관 개관식은 어디에서 열렸나요?").write("도서관 개관식이 열렸습니다 [2].")
    (check,) = draft.grounding().statements
    assert check.faults == (Fault.ECHO,)


FEE = ("참가비는 한 사람에 1만5천 원이다.", "상금은 50만 원이 걸렸다.", "참가자는 800명이었다.")


def test_sentence_with_the_amount_is_quoted_where_that_of_the_model_does_not_hold() -> None:
    bench = Bench(question="참가비는 얼마인가요?", texts=FEE)
    draft = bench.write("참가비는 한 사람에 7만 원입니다 [3].")
    assert bench.heard == []
    draft.quote_instead("ko")
    assert bench.heard == ["문서에는 “참가비는 한 사람에 1만5천 원이다.”라고 적혀 있습니다 [1]."]
    assert bench.cited == [(1, FEE[0])]
    assert [check.repaired for check in draft.grounding().statements] == [False, True]


def test_each_part_of_a_question_gets_its_quote() -> None:
    bench = Bench(question="참가비는 얼마이고 참가자는 몇 명이었나요?", texts=FEE)
    draft = bench.write("참가비는 3만 원이고 참가자는 90명이었습니다 [2].")
    draft.quote_instead("ko")
    assert [citation.quote for citation in draft.grounded().citations] == [FEE[0], FEE[2]]


def test_nothing_is_quoted_where_no_sentence_gives_such_a_number() -> None:
    draft = Bench(question="참가자는 몇 팀이었나요?", texts=FEE).write("참가자는 77팀이었습니다 [3].")
    draft.quote_instead("ko")
    assert draft.kept == []


def test_nothing_is_quoted_for_what_is_off_topic() -> None:
    draft = Bench(question="참가비는 얼마인가요?", texts=FEE, share=0.81).write("참가비는 3만 원입니다 [1].")
    draft.quote_instead("ko")
    assert draft.kept == []
    assert draft.grounding().statements[-1].faults == (Fault.OFF_TOPIC,)


def test_nothing_is_quoted_beside_a_statement_that_holds() -> None:
    draft = Bench().write("예산은 350억 원이 들었습니다 [1]. 개관식에는 주민 77명이 왔습니다 [2].")
    draft.quote_instead("ko")
    assert texts(draft.kept) == ["예산은 350억 원이 들었습니다."]


def test_sentence_that_the_model_named_and_only_repeated_the_question_for_is_quoted() -> None:
    draft = Bench(question="Who came to the opening?").write("[2] They came to the opening.")
    draft.quote_instead("en")
    assert draft.grounded().text == "The document says: “개관식에는 주민 40명이 왔다” [1]."
