"""What is left of a conversation when the page is loaded anew."""

import json

from playwright.sync_api import Page, expect

from service.storage.permissions import Scope
from tests.e2e.page.conftest import QUOTE, Opener, Site, ask
from tests.e2e.page.test_keys import give_key
from tests.service.api.conftest import QUESTION, REPLY, UNANSWERABLE

FOLLOW_UP = "그럼 개관식에는 누가 왔나요?"


def kept(page: Page) -> list[dict[str, str | None]]:
    """What the tab remembers."""
    turns: list[dict[str, str | None]] = json.loads(
        page.evaluate("sessionStorage.getItem('inyong.conversation') ?? '[]'")
    )
    return turns


def test_the_conversation_is_there_again_with_its_quotes(page: Page) -> None:
    ask(page)
    page.reload()
    expect(page.locator(".turn .question")).to_have_text([QUESTION])
    expect(page.locator(".answer-text")).to_contain_text("350억 원이 들었다")
    expect(page.locator(".empty")).to_be_hidden()
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_have_text(QUOTE)


def test_a_follow_up_after_it_is_still_understood(page: Page, site: Site) -> None:
    ask(page)
    page.reload()
    expect(page.locator(".turn .actions")).to_have_count(1)
    rewritten = "푸른숲 도서관 분관 개관식에는 누가 왔나요?"
    site.world.script(REPLY, rewritten, "개관식에는 주민 40여 명이 왔다.")
    ask(page, FOLLOW_UP)
    prompt = "\n".join(message.content for message in site.world.generator.prompts[-1])
    assert f"질문: {rewritten}" in prompt


def test_refusals_come_back_as_refusals(page: Page, site: Site) -> None:
    ask(page, UNANSWERABLE)
    page.reload()
    expect(page.locator(".refusal")).to_contain_text("문서에서 답을 찾지 못했습니다")


def test_only_questions_and_ids_are_remembered_and_the_last_ones_only(page: Page) -> None:
    ask(page)
    (turn,) = kept(page)
    assert sorted(turn) == ["id", "question"]
    many = [{"question": f"질문 {n}", "id": None} for n in range(50)]
    page.evaluate("turns => sessionStorage.setItem('inyong.conversation', JSON.stringify(turns))", many)
    page.reload()
    expect(page.locator(".turn")).to_have_count(20)
    expect(page.locator(".turn .question").last).to_have_text("질문 49")


def test_an_answer_that_is_no_longer_kept_can_be_asked_for_again(page: Page, site: Site) -> None:
    site.expected.add(404)
    page.evaluate(
        "turns => sessionStorage.setItem('inyong.conversation', JSON.stringify(turns))",
        [{"question": QUESTION, "id": "0" * 32}],
    )
    page.reload()
    expect(page.locator(".turn")).to_contain_text("서버가 이 답을 더는 보관하지 않습니다.")
    page.get_by_role("button", name="다시 묻기").click()
    expect(page.locator(".answer-text")).to_contain_text("350억 원이 들었다")
    assert kept(page)[0]["id"] != "0" * 32


def test_what_another_wrote_into_the_storage_is_not_shown(page: Page) -> None:
    for written in ('[{"question": 3, "id": null}, {"question": "글", "id": "../keys"}, 7]', "{", '"글"'):
        page.evaluate("written => sessionStorage.setItem('inyong.conversation', written)", written)
        page.reload()
        expect(page.locator(".empty")).to_be_visible()
        expect(page.locator(".turn")).to_have_count(0)


def test_a_new_conversation_and_another_tab_begin_empty(page: Page, opener: Opener) -> None:
    ask(page)
    other = opener.open()
    expect(other.locator(".turn")).to_have_count(0)
    page.get_by_role("button", name="새 대화").first.click()
    page.reload()
    expect(page.locator(".empty")).to_be_visible()
    assert kept(page) == []


def test_with_another_key_the_answers_of_the_first_stay_hidden(opener: Opener, site: Site) -> None:
    site.expected |= {401, 404}
    ann = site.backend.keys.add("ann", None, [Scope.ASK])
    page = opener.open_refused()
    give_key(page, ann)
    ask(page)
    site.backend.keys.revoke("ann")
    ben = site.backend.keys.add("ben", None, [Scope.ASK])
    page.reload()
    give_key(page, ben)
    expect(page.locator(".turn")).to_contain_text("서버가 이 답을 더는 보관하지 않습니다.")
    expect(page.locator(".answer-text")).to_have_text("")
