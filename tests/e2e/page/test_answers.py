"""Asking on the page: passages, answer, quotes, follow-ups, refusals, failures."""

import json
import threading
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from service.api.problems import Problem, ProblemKind, problem_as_json
from tests.e2e.page.conftest import QUOTE, Opener, Site, ask
from tests.fakes import ScriptedGenerator, WordReader
from tests.service.api.conftest import QUESTION, REPLY


def write(site: Site, name: str, text: str) -> None:
    """A further document in the store."""
    path = site.world.documents / name
    path.write_text(text, encoding="utf-8")
    site.backend.inyong.index([path], collection="town")


def asked_of(generator: ScriptedGenerator) -> str:
    """The last prompt."""
    return "\n".join(message.content for message in generator.prompts[-1])


def test_a_chip_opens_the_document_at_the_quote(page: Page) -> None:
    ask(page)
    expect(page.locator(".answer-text")).to_contain_text("350억 원이 들었다")
    page.locator(".chip").first.click()
    reader = page.get_by_role("complementary", name="푸른숲 도서관")
    expect(reader.locator("mark")).to_have_text(QUOTE)
    expect(reader.locator(".page-text")).to_contain_text("개관식에는 주민 40여 명이 왔다.")
    expect(reader.get_by_role("status")).to_have_text("저장된 원문과 글자까지 같습니다")


def test_an_answer_that_is_not_sure_says_so_above_its_quotes(
    page: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(page)
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator(".uncertain")).to_have_count(0)
    monkeypatch.setattr(WordReader, "calibration", replace(WordReader.calibration, check=0.99))
    ask(page)
    expect(page.locator(".uncertain")).to_have_text("확실하지 않은 답입니다. 인용을 확인해 주세요.")


def test_signs_outside_the_basic_plane_and_letters_in_parts_before_the_quote_move_nothing(
    page: Page, site: Site
) -> None:
    quote = "별빛 천문대의 입장료는 7천 원이다."
    odd = "𝒜𝄞🎉👩‍🚀 ᄒᆞᆫ글 q̈ e\u0301 各 𠮷野 "
    write(site, "star.md", f"# 별빛 천문대\n\n{odd * 9}\n\n{quote} 월요일에는 쉰다.\n")
    site.world.script(quote)
    ask(page, "별빛 천문대의 입장료는 얼마인가요?")
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_have_text(quote)
    expect(page.locator("#reader-check")).to_have_class("checked true")


def test_passages_and_quotes_are_there_before_the_answer(page: Page, site: Site) -> None:
    written = threading.Event()

    def wait(_messages: object) -> str:
        assert written.wait(20)
        return REPLY

    site.world.generator.replies = [wait]
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".passage").first).to_contain_text("350억 원")
    expect(page.locator(".quote").first).to_be_visible()
    expect(page.locator(".status")).to_contain_text("답을 쓰는 중")
    assert page.locator(".answer-text").text_content() == ""
    written.set()
    expect(page.locator(".answer-text")).to_contain_text("350억 원")
    expect(page.locator("details.behind")).not_to_have_attribute("open", "")


def test_the_passage_behind_an_answer_shows_what_was_cited(page: Page) -> None:
    ask(page)
    page.get_by_text("답을 찾은 구절").click()
    passage = page.locator(".passage").filter(has=page.locator("mark"))
    expect(passage.locator("mark")).to_have_text(QUOTE)
    passage.click()
    expect(page.locator("#reader mark")).to_contain_text(QUOTE)
    expect(page.locator("#reader-check")).to_have_text("찾은 구절입니다. 인용은 아닙니다.")


def test_a_follow_up_carries_the_topic_of_the_question_before_it(page: Page, site: Site) -> None:
    ask(page)
    rewritten = "푸른숲 도서관 분관 개관식에는 누가 왔나요?"
    site.world.script(REPLY, rewritten, "개관식에는 주민 40여 명이 왔다.")
    ask(page, "그럼 개관식에는 누가 왔나요?")
    assert f"질문: {rewritten}" in asked_of(site.world.generator)
    expect(page.locator(".turn")).to_have_count(2)


def test_a_new_conversation_forgets_the_one_before(page: Page, site: Site) -> None:
    ask(page)
    page.get_by_role("button", name="새 대화").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".example")).to_have_count(3)
    ask(page, "그럼 개관식에는 누가 왔나요?")
    assert "푸른숲 도서관 분관 개관식에는" not in asked_of(site.world.generator)


def test_what_is_not_found_is_shown_as_such_with_the_nearest_passages(page: Page, site: Site) -> None:
    site.world.script("문서에서 확인되지 않습니다.")
    ask(page, "달나라 여행 경비는 얼마인가요?")
    expect(page.locator(".refusal")).to_contain_text("문서에서 답을 찾지 못했습니다")
    expect(page.get_by_role("heading", name="가장 가까운 구절 — 답이 아닙니다")).to_be_visible()
    assert 1 <= page.locator(".nearest .passage").count() <= 3
    expect(page.locator(".chip, .quote")).to_have_count(0)


def test_hostile_text_and_names_are_shown_as_text(page: Page, site: Site) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    script = "<script>alert(2)</script>"
    name = "<img src=x onerror=alert(3)>.txt"
    write(site, name, f"{hostile} 나쁜 마을의 예산은 12억 원이다. {script}\n")
    site.world.script("나쁜 마을의 예산은 12억 원이다.")
    page.reload()
    expect(page.locator(".document-title").filter(has_text=name.removesuffix(".txt"))).to_be_visible()
    ask(page, "나쁜 마을의 예산은 얼마인가요?")
    page.locator(".chip").first.click()
    expect(page.locator(".page-text")).to_contain_text(hostile)
    expect(page.locator(".page-text")).to_contain_text(script)
    assert page.locator("img").count() == 0
    assert page.locator("script:not([src])").count() == 0


def test_a_stopped_answer_can_be_asked_again(page: Page, site: Site) -> None:
    go_on = threading.Event()

    def wait(_messages: object) -> str:
        assert go_on.wait(20)
        return REPLY

    site.world.generator.replies = [wait, REPLY]
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".quote").first).to_be_visible()
    page.get_by_role("button", name="멈추기").click()
    expect(page.locator(".ended")).to_contain_text("멈췄습니다.")
    expect(page.locator("#question")).to_be_focused()
    go_on.set()
    page.get_by_role("button", name="다시 묻기").click()
    expect(page.locator(".answer-text")).to_contain_text("350억 원")
    expect(page.locator(".ended")).to_have_count(0)


def test_a_waiting_question_is_told_its_place(opener: Opener, site: Site) -> None:
    go_on = threading.Event()

    def wait(_messages: object) -> str:
        assert go_on.wait(20)
        return REPLY

    site.world.generator.replies = [wait, REPLY]
    first, second = opener.open(), opener.open()
    for page in (first, second):
        page.locator("#question").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".quote").first).to_be_visible()
    expect(second.locator(".status")).to_have_text("다음 차례입니다")
    go_on.set()
    for page in (first, second):
        expect(page.locator(".answer-text")).to_contain_text("350억 원")


def test_a_failure_is_told_in_the_language_of_the_page(page: Page, site: Site) -> None:
    site.world.script(RuntimeError("broken"), REPLY)
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    failure = page.get_by_role("alert")
    expect(failure).to_contain_text("답을 받지 못했습니다")
    expect(failure).to_contain_text("서버에 오류가 났습니다.")
    expect(failure).not_to_contain_text("internal error")
    page.get_by_role("button", name="English").click()
    expect(failure).to_contain_text("The server made an error")
    page.get_by_role("button", name="한국어").click()
    failure.get_by_role("button", name="다시 묻기").click()
    expect(page.locator(".answer-text")).to_contain_text("350억 원")


def test_a_full_queue_is_told_with_the_time_to_wait(page: Page, site: Site) -> None:
    site.expected.add(429)
    kind = problem_as_json(Problem(429, "", kind=ProblemKind.BUSY))["type"]
    page.route(
        "**/v1/answers",
        lambda route: route.fulfill(
            status=429,
            headers={"Retry-After": "7", "Content-Type": "application/problem+json"},
            body=json.dumps({"type": kind, "status": 429, "title": "Too Many Requests", "detail": "wait"}),
        ),
    )
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("기다리는 요청이 너무 많습니다.")
    expect(page.get_by_role("alert")).to_contain_text("7초 뒤에")
    expect(page.get_by_role("alert")).not_to_contain_text("wait")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"type": "about:blank", "title": "Teapot", "detail": "it is a teapot"}, "it is a teapot"),
        ({"type": "urn:inyong:problem:new-one", "title": "Something new"}, "Something new"),
        ({"type": "urn:inyong:problem:__proto__", "detail": "odd <b>words</b>"}, "odd <b>words</b>"),
        ("<html>", ""),
    ],
)
def test_a_problem_without_a_sentence_is_told_with_the_servers_beside(
    page: Page, site: Site, body: object, told: str
) -> None:
    site.expected.add(418)
    page.route("**/v1/answers", lambda route: route.fulfill(status=418, body=json.dumps(body)))
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("서버가 오류 418을(를) 돌려주었습니다.")
    expect(page.get_by_role("alert").locator("[lang=en]")).to_have_text([told] if told else [])


def test_a_stream_that_breaks_off_is_not_taken_for_an_answer(page: Page, site: Site) -> None:
    page.route(
        "**/v1/answers",
        lambda route: route.fulfill(
            headers={"Content-Type": "text/event-stream"},
            body='event: delta\nid: 1\ndata: {"text": "반쯤"}\n\n',
        ),
    )
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("답이 끝나기 전에 연결이 끊겼습니다.")
    expect(page.locator(".actions")).to_have_count(0)


def test_an_answer_is_copied_with_its_citations(page: Page) -> None:
    ask(page)
    page.get_by_role("button", name="인용과 함께 복사").click()
    expect(page.locator(".notice")).to_have_text("복사했습니다")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"예산은 350억 원이 들었다 [1].\n\n[1] 푸른숲 도서관 (library.md)\n    “{QUOTE}”"


def test_thumbs_up_takes_a_comment(page: Page) -> None:
    ask(page)
    thumb = page.get_by_role("button", name="도움이 됨", exact=True)
    with page.expect_request("**/v1/feedback") as rated:
        thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    page.get_by_label("덧붙일 말 (선택)").fill("또렷합니다")
    with page.expect_request("**/v1/feedback") as commented:
        page.get_by_role("button", name="보내기").click()
    expect(page.locator(".notice")).to_have_text("고맙습니다.")
    first, second = (json.loads(request.value.post_data or "") for request in (rated, commented))
    assert (second["rating"], second["comment"]) == ("up", "또렷합니다")
    assert second["answer_id"] == first["answer_id"]
