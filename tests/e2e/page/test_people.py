"""The page for everybody: keyboard alone, a phone, dark, either language, screen readers."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.page.conftest import QUOTE, Opener, Site, ask
from tests.service.api.conftest import QUESTION

WIDTH, HEIGHT = 390, 844  # a phone


def test_everything_can_be_done_from_the_keyboard(page: Page) -> None:
    page.locator("#scroll").focus()
    page.keyboard.press("/")
    expect(page.locator("#question")).to_be_focused()
    assert page.locator("#question").input_value() == ""
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".actions").wait_for()
    chip = page.locator(".chip").first
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if chip.evaluate("chip => chip === document.activeElement"):
            break
    expect(chip).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#reader mark")).to_have_text(QUOTE)
    expect(page.locator("#reader-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#reader")).to_be_hidden()
    expect(chip).to_be_focused()


def test_shift_and_enter_begin_a_new_line(page: Page) -> None:
    page.locator("#question").press_sequentially("첫 줄")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("둘째 줄")
    assert page.locator("#question").input_value() == "첫 줄\n둘째 줄"
    expect(page.locator(".turn")).to_have_count(0)


@pytest.mark.parametrize("event", ["{isComposing: true}", "{keyCode: 229}"])
def test_the_enter_that_ends_a_syllable_does_not_ask(page: Page, event: str) -> None:
    question = page.locator("#question")
    question.fill(QUESTION)
    question.evaluate(
        "(field, more) => field.dispatchEvent(new KeyboardEvent('keydown', "
        "{key: 'Enter', bubbles: true, cancelable: true, ...more}))",
        {"isComposing": True} if "isComposing" in event else {"keyCode": 229},
    )
    assert question.input_value() == QUESTION
    expect(page.locator(".turn")).to_have_count(0)


def fits(page: Page) -> bool:
    """Whether nothing on the page is wider than the screen."""
    return bool(
        page.evaluate(
            "[...document.querySelectorAll('body, body *')].every(one => "
            "!one.checkVisibility() || one.closest('.unseen, .sprite, .skip') || "
            "one.getBoundingClientRect().right <= innerWidth + 1) && "
            "document.documentElement.scrollWidth <= innerWidth && "
            "document.querySelector('#scroll').scrollWidth <= innerWidth"
        )
    )


def test_a_phone_never_scrolls_sideways(opener: Opener, site: Site) -> None:
    long = "끊을데없는" * 60
    path = site.world.documents / f"{'긴이름' * 20}.md"
    path.write_text(f"# {long}\n\n{long} 마을의 예산은 5억 원이다.\n", encoding="utf-8")
    site.backend.inyong.index([path], collection="town")
    page = opener.open(width=WIDTH, height=HEIGHT)
    assert fits(page)
    page.get_by_role("button", name="문서 목록 열기").click()
    expect(page.locator("#library")).to_be_visible()
    assert fits(page)
    page.keyboard.press("Escape")
    site.world.script(f"{long} 마을의 예산은 5억 원이다.")
    ask(page, f"{long} 마을의 예산은 얼마인가요?")
    assert fits(page)
    page.locator(".quote, .passage").first.click()
    expect(page.locator("#reader")).to_be_visible()
    assert fits(page)


def test_on_a_phone_the_document_covers_the_screen(opener: Opener) -> None:
    page = opener.open(width=WIDTH, height=HEIGHT)
    ask(page)
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_be_in_viewport()
    assert page.locator("#reader").bounding_box() == {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    assert page.locator("#chat").evaluate("chat => chat.inert")
    page.locator("#reader").get_by_role("button", name="닫기").click()
    expect(page.locator(".chip").first).to_be_focused()


@pytest.mark.parametrize("width", [840, 1000, 1280])
def test_the_document_stands_beside_the_answer_and_covers_nothing_of_it(opener: Opener, width: int) -> None:
    page = opener.open(width=width)
    ask(page)
    page.locator(".chip").first.click()
    page.locator("#reader mark").wait_for()
    chat, reader = page.locator("#chat").bounding_box(), page.locator("#reader").bounding_box()
    assert chat is not None
    assert reader is not None
    assert chat["width"] >= 360
    assert chat["x"] + chat["width"] <= reader["x"] + 1
    assert fits(page)


def luminance(page: Page) -> float:
    """How bright the page is, in [0, 1]."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(map(int, re.findall(r"\d+", colour)[:3])) / 765


def test_dark_follows_the_system_until_somebody_chooses(opener: Opener) -> None:
    page = opener.open(dark=True)
    assert luminance(page) < 0.2
    page.get_by_role("button", name="밝은 화면으로").click()
    assert luminance(page) > 0.8
    page.reload()
    page.locator(".example").first.wait_for()
    assert luminance(page) > 0.8


def test_english_is_spoken_to_english_browsers(opener: Opener) -> None:
    page = opener.open(locale="en-GB")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("textbox", name="Question")).to_be_visible()
    assert re.search("[가-힣]", page.locator(".empty-title, .composer-note").first.inner_text()) is None


def test_a_chosen_language_is_kept_and_reaches_what_is_there(page: Page) -> None:
    ask(page)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Quotes")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_role("button", name="New conversation")).to_be_visible()
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_role("button", name="새 대화")).to_be_visible()


def test_every_control_has_a_name_and_answers_are_announced(page: Page) -> None:
    ask(page)
    page.locator(".chip").first.click()
    page.locator("#reader mark").wait_for()
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input:not([type=file]), select, textarea')]"
        ".filter(one => one.checkVisibility() && !one.getAttribute('aria-label') && !one.textContent.trim() "
        "&& !one.labels?.length).map(one => one.outerHTML)"
    )
    assert nameless == []
    expect(page.locator(".answer-text")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("button", name="인용 1: 푸른숲 도서관에서 열기")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("답이 나왔습니다. 인용 1개.")


def test_back_on_a_phone_closes_the_sheets_one_by_one_and_keeps_the_conversation(opener: Opener) -> None:
    page = opener.open(width=WIDTH, height=HEIGHT)
    ask(page)
    page.get_by_role("button", name="문서 목록 열기").click()
    page.locator(".document").filter(has_text="두레 축제").click()
    expect(page.locator("#reader")).to_be_visible()
    page.go_back()
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator("#library")).to_be_visible()
    page.go_back()
    expect(page.locator("#library")).to_be_hidden()
    expect(page.locator(".turn")).to_have_count(1)
