"""What is shown of an answer is the same when it is given and when it is looked up again."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from service.answering.types import Citation
from service.slack.replies import Links, StoredReply, quoted_of, reply_of
from service.slack.rules import caller_id
from service.storage.permissions import Caller, Scope
from tests.service.made import make_hit
from tests.service.slack.conftest import ASKER, TEAM, Office
from tests.service.slack.made import make_quoted

ANYONE = Caller("slack", frozenset({"town"}), frozenset({Scope.ASK}), caller_id(TEAM, ASKER))
DATED = "---\ndate: 2026-05-03\n---\n# 별빛 천문대\n\n## 요금\n\n별빛 천문대의 입장료는 7천 원이다.\n"


@pytest.mark.parametrize(
    ("question", "reply"),
    [
        ("푸른숲 도서관 분관의 예산은 얼마인가요?", "예산은 350억 원이 들었다 [1]."),
        ("푸른숲 도서관 분관의 예산은 얼마인가요?", "예산은 99억 원이 들었다."),
        ("프랑스 대통령의 이름은 무엇인가요?", "NONE"),
    ],
)
def test_a_kept_answer_is_shown_as_it_was_given(office: Office, question: str, reply: str) -> None:
    office.world.script(reply)
    answer = office.answer(question)
    assert answer.abstained is (reply == "NONE")
    kept = office.archive.find(answer.id, ANYONE)
    assert reply_of(answer).is_quotes is ("99억" in reply)
    assert StoredReply(kept, office.inyong.catalog(), ANYONE).reply() == reply_of(answer)


def test_a_quote_has_the_section_and_date_of_its_passage(office: Office) -> None:
    (office.world.documents / "star.md").write_text(DATED, encoding="utf-8")
    office.inyong.index([office.world.documents], collection="town")
    office.world.script("입장료는 7천 원이다 [1].")
    (quoted,) = reply_of(office.answer("별빛 천문대의 입장료는 얼마인가요?")).quotes
    assert (quoted.heading, quoted.date) == ("요금", "2026-05-03")
    assert quoted.text == "별빛 천문대의 입장료는 7천 원이다."


def test_a_quote_whose_passage_is_not_known_is_told_without_section_and_date() -> None:
    citation = Citation(1, "d1", "제목", "a.md", 7, 0, 3, "인용문", 2)
    hit = replace(make_hit("인용문"), passage_id=8, heading="절", date="2026")
    place = quoted_of(citation, [hit])
    assert (place.title, place.page, place.heading, place.date) == ("제목", 2, "", "")


def test_a_link_names_document_and_place_whatever_the_id() -> None:
    link = Links("https://inyong.example/team").to(make_quoted(document_id="a&b/ㄱ|x>", start=3, end=9))
    assert link is not None
    assert urlsplit(link).path == "/team/"
    assert parse_qs(urlsplit(link).query) == {"document": ["a&b/ㄱ|x>"], "start": ["3"], "end": ["9"]}
    assert not set(link) & set("|<> ")


def test_without_an_address_there_is_no_link() -> None:
    assert Links().to(make_quoted()) is None
