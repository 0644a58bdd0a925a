"""Links into a document, as the Slack bot sets them: the page opens at the quote, for who may see it."""

import pytest
from playwright.sync_api import Page, expect

from service.slack.replies import Links, ShownQuote
from service.storage.permissions import Scope
from tests.e2e.page.conftest import QUOTE, Opener, Site
from tests.e2e.page.test_keys import give_key


def link_to_quote(site: Site) -> str:
    """The address that the bot would set for the quote about the budget."""
    document = site.backend.inyong.document("library.md")
    start = site.backend.inyong.text(document.id).index(QUOTE)
    end = start + len(QUOTE)
    quoted = ShownQuote(1, document.id, document.title, document.source, start, end, QUOTE)
    link = Links(site.address).to(quoted)
    assert link is not None
    return link


def test_a_link_opens_the_document_at_the_quote(page: Page, site: Site) -> None:
    page.goto(link_to_quote(site))
    reader = page.get_by_role("complementary", name="푸른숲 도서관")
    expect(reader.locator("mark")).to_have_text(QUOTE)
    expect(reader.get_by_role("status")).to_have_text("링크가 가리키는 구절입니다.")
    expect(page.locator("#reader-place")).to_have_text("library.md")
    page.get_by_role("button", name="닫기").last.click()
    expect(reader).to_be_hidden()
    expect(page.locator("#question")).to_be_focused()


def test_on_a_phone_back_closes_what_a_link_opened(opener: Opener, site: Site) -> None:
    page = opener.open(width=390, height=780)
    page.goto(link_to_quote(site))
    expect(page.locator("#reader mark")).to_have_text(QUOTE)
    page.go_back()
    expect(page.locator("#reader")).to_be_hidden()
    expect(page.locator("#question")).to_be_visible()


def test_a_link_asks_for_the_key_once_and_then_opens(opener: Opener, site: Site) -> None:
    site.expected.add(401)
    page = opener.open()
    key = site.backend.keys.add("ann", None, [Scope.ASK])
    page.goto(link_to_quote(site))
    give_key(page, key)
    expect(page.locator("#reader mark")).to_have_text(QUOTE)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_link_into_what_a_key_may_not_see_opens_nothing(opener: Opener, site: Site) -> None:
    site.expected |= {401, 404}
    page = opener.open()
    key = site.backend.keys.add("bob", ["elsewhere"], [Scope.ASK])
    page.goto(link_to_quote(site))
    give_key(page, key)
    reader = page.get_by_role("complementary", name="링크를 열 수 없습니다")
    expect(reader.locator("#reader-text")).to_have_text("그런 문서가 없습니다.")
    expect(reader.locator("mark")).to_have_count(0)


@pytest.mark.parametrize(
    "query", ["?document=a/../b", "?document=d&start=-1", "?document=d&end=1e9", "?start=1"]
)
def test_an_address_that_names_no_document_is_the_page_as_ever(page: Page, site: Site, query: str) -> None:
    page.goto(f"{site.address}/{query}")
    expect(page.locator(".example").first).to_be_visible()
    expect(page.locator("#reader")).to_be_hidden()
