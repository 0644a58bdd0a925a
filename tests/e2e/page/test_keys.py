"""The page where keys are needed: asked for once, kept for the window, never more seen than a key may see."""

from playwright.sync_api import Page, expect

from service.storage.permissions import Scope
from tests.e2e.page.conftest import QUOTE, Opener, Site, ask


def give_key(page: Page, key: str) -> None:
    page.get_by_role("dialog").get_by_label("키", exact=True).fill(key)
    page.keyboard.press("Enter")


def test_a_key_is_asked_for_once_and_then_sent(opener: Opener, site: Site) -> None:
    site.expected.add(401)
    page = opener.open()
    key = site.backend.keys.add("ann", None, [Scope.ASK])
    page.reload()
    dialog = page.get_by_role("dialog", name="API 키가 필요합니다")
    expect(dialog).to_be_visible()
    for wrong in ("열쇠", "not-the-key"):
        expect(dialog).to_be_visible()
        give_key(page, wrong)
    expect(dialog).to_contain_text("이 키는 쓸 수 없습니다.")
    give_key(page, key)
    expect(page.locator(".document")).to_have_count(2)
    ask(page)
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_have_text(QUOTE)
    kept = page.evaluate("Object.keys(sessionStorage)")
    assert sorted(kept) == ["inyong.conversation", "inyong.key"]
    assert page.evaluate("localStorage.length") == 0


def test_a_key_of_one_collection_shows_nothing_of_another(opener: Opener, site: Site) -> None:
    site.expected.add(401)
    key = site.backend.keys.add("bob", ["elsewhere"], [Scope.ASK])
    page = opener.open_refused()
    give_key(page, key)
    expect(page.locator(".empty")).to_contain_text("문서를 넣고 시작하세요")
    expect(page.locator(".document")).to_have_count(0)
    expect(page.locator("#collection-field")).to_be_hidden()
    ask(page)
    expect(page.locator(".refusal")).to_be_visible()
    expect(page.locator(".passage")).to_have_count(0)


def test_a_key_that_may_not_write_is_told_so(opener: Opener, site: Site) -> None:
    site.expected |= {401, 403}
    key = site.backend.keys.add("eve", None, [Scope.ASK])
    page = opener.open_refused()
    give_key(page, key)
    files = [{"name": "new.md", "mimeType": "text/markdown", "buffer": b"# a\n\nText."}]
    expect(page.locator(".document")).to_have_count(2)
    page.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    expect(page.locator(".upload.failed")).to_contain_text("이 키로는 할 수 없는 일입니다.")


def test_without_a_key_the_page_says_why_it_shows_nothing(opener: Opener, site: Site) -> None:
    site.expected.add(401)
    site.backend.keys.add("ann", None, [Scope.ASK])
    page = opener.open_refused()
    page.get_by_role("dialog").get_by_role("button", name="취소").click()
    expect(page.locator("#documents-note")).to_have_text("API 키가 없어 서버가 답하지 않습니다.")


def test_the_policy_lets_no_script_in_but_the_pages_own(page: Page) -> None:
    with page.expect_response("**/") as response:
        page.reload()
    policy = response.value.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
