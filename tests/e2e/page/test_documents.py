"""Documents on the page: adding, finding in the list, limiting questions to some, deleting."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.page.conftest import Opener, Site, ask
from tests.e2e.page.test_answers import asked_of, write
from tests.service.api.conftest import QUESTION

NOTICE = "# 참새 시장\n\n참새 시장의 자릿세는 한 달에 9만 원이다. 시장은 새벽 다섯 시에 연다.\n"


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "참새 시장.md"
    path.write_text(NOTICE, encoding="utf-8")
    return path


def drop(page: Page, name: str, text: str) -> None:
    """Drops a file on the page, as a hand would."""
    transfer = page.evaluate_handle(
        """([name, text]) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], name, { type: "text/markdown" }));
          return transfer;
        }""",
        [name, text],
    )
    page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    expect(page.locator("#drop")).to_be_visible()
    page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    expect(page.locator("#drop")).to_be_hidden()


def test_an_added_document_can_be_asked_about(page: Page, site: Site, notice: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("#choose-files").click()
    chooser.value.set_files(notice)
    expect(page.locator(".upload")).to_contain_text("참새 시장.md")
    expect(page.locator(".upload-state")).to_have_text("추가했습니다")
    expect(page.locator(".document-title").filter(has_text="참새 시장")).to_be_visible()
    site.world.script("참새 시장의 자릿세는 한 달에 9만 원이다.")
    ask(page, "참새 시장의 자릿세는 얼마인가요?")
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_have_text("참새 시장의 자릿세는 한 달에 9만 원이다.")


def test_a_document_can_be_dropped_anywhere(page: Page) -> None:
    drop(page, "sparrow.md", NOTICE)
    expect(page.locator(".upload-state")).to_have_text("추가했습니다")
    expect(page.locator(".document-title").filter(has_text="참새 시장")).to_be_visible()


def test_sending_shows_how_much_has_been_sent(page: Page) -> None:
    page.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const state = document.querySelector(".upload-state");
            if (state) window.seen.push(state.textContent);
          }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    drop(page, "long.txt", "참새 시장은 새벽에 연다.\n" * 20_000)
    expect(page.locator(".upload-state")).to_have_text("추가했습니다", timeout=20_000)
    seen = page.evaluate("window.seen")
    assert any(state.startswith("보내는 중") for state in seen)
    assert "읽고 색인하는 중" in seen


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [("picture.png", "x", "이 형식은 읽지 못합니다"), ("empty.md", "", "빈 파일입니다")],
)
def test_a_file_that_cannot_be_read_is_not_even_sent(page: Page, name: str, text: str, reason: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    drop(page, name, text)
    expect(page.locator(".upload.failed")).to_contain_text(reason)
    page.get_by_role("button", name=f"{name} 알림 치우기").click()
    expect(page.locator(".upload")).to_have_count(0)
    assert "PUT" not in sent


def test_a_refused_document_says_why(page: Page, site: Site) -> None:
    site.expected.add(413)
    page.route(
        "**/v1/documents/file-*",
        lambda route: route.fulfill(status=413, body='{"detail": "the body is larger than 32 MB"}'),
    )
    drop(page, "sparrow.md", NOTICE)
    expect(page.locator(".upload.failed")).to_contain_text("the body is larger than 32 MB")


def test_the_same_file_again_takes_the_place_of_the_first(page: Page) -> None:
    ids: list[str] = []
    page.on("request", lambda request: ids.append(request.url) if request.method == "PUT" else None)
    for text in (NOTICE, NOTICE.replace("9만", "8만")):
        drop(page, "sparrow.md", text)
        expect(page.locator(".upload-state").last).to_have_text("추가했습니다")
    assert len(ids) == 2
    assert ids[0] == ids[1]


def test_an_empty_store_invites_to_add_documents(opener: Opener, site: Site) -> None:
    for document in site.backend.inyong.documents():
        site.backend.inyong.remove([document.id])
    page = opener.open()
    expect(page.locator(".empty")).to_contain_text("문서를 넣고 시작하세요")
    expect(page.locator(".empty")).to_contain_text(".md")
    drop(page, "sparrow.md", NOTICE)
    expect(page.locator(".example")).to_have_text(
        ["‘참새 시장’의 핵심 내용은 무엇인가요?", "‘참새 시장’에 나오는 금액은 얼마인가요?"]
    )


def test_examples_ask_only_what_the_documents_hold(page: Page) -> None:
    expect(page.locator(".example")).to_have_text(
        [
            "‘두레 축제’의 핵심 내용은 무엇인가요?",
            "‘푸른숲 도서관’에 나오는 금액은 얼마인가요?",
            "‘두레 축제’에 나오는 일정은 언제인가요?",
        ]
    )


def test_the_list_is_filtered_as_one_types(page: Page, site: Site) -> None:
    for number in range(6):
        write(site, f"note{number}.md", f"# 골목 소식 {number}\n\n골목에 나무를 {number + 2}그루 심었다.\n")
    page.reload()
    expect(page.locator(".document")).to_have_count(8)
    page.get_by_label("문서 이름으로 찾기").fill("소식 3")
    expect(page.locator(".document")).to_have_count(1)
    expect(page.locator("#documents-note")).to_have_text("8개 중 1개")
    page.get_by_label("문서 이름으로 찾기").fill("없는 이름")
    expect(page.locator("#documents-note")).to_have_text("‘없는 이름’에 맞는 문서가 없습니다.")


def test_a_document_is_deleted_only_after_a_question(page: Page) -> None:
    rows = page.locator(".document-list li")
    remove = rows.filter(has_text="두레 축제").get_by_role("button", name="두레 축제 지우기")
    rows.filter(has_text="두레 축제").hover()
    remove.click()
    expect(page.get_by_role("dialog")).to_contain_text("‘두레 축제’")
    page.keyboard.press("Escape")
    expect(rows).to_have_count(2)
    remove.click()
    page.get_by_role("dialog").get_by_role("button", name="지우기").click()
    expect(rows).to_have_count(1)


def test_questions_are_limited_to_the_chosen_collection(page: Page, site: Site) -> None:
    path = site.world.documents / "other.md"
    path.write_text("# 다른 도서관\n\n다른 도서관 분관의 예산은 99억 원이 들었다.\n", encoding="utf-8")
    site.backend.inyong.index([path], collection="elsewhere")
    page.reload()
    page.get_by_label("모음").select_option("town")
    expect(page.locator(".document")).to_have_count(2)
    expect(page.locator("#scope")).to_have_text("‘town’에서만 찾습니다")
    ask(page, QUESTION)
    assert "99억" not in asked_of(site.world.generator)


def test_a_document_of_the_list_is_opened_from_its_beginning(page: Page) -> None:
    page.locator(".document").filter(has_text="두레 축제").click()
    expect(page.locator(".page-text")).to_contain_text("축제는 2026년 5월 3일 강변에서 열린다.")
    expect(page.locator("#reader mark")).to_have_count(0)


def test_a_long_document_is_read_on_piece_by_piece(page: Page, site: Site) -> None:
    lines = [f"{number}번째 줄에는 나무 {number}그루가 있다." for number in range(600)]
    quote = "숲지기의 한 달 품삯은 41만 원이다."
    write(site, "long.txt", "\n".join([*lines[:300], quote, *lines[300:]]))
    site.world.script(quote)
    ask(page, "숲지기의 한 달 품삯은 얼마인가요?")
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_have_text(quote)
    for label, place in (("앞부분 더 보기", lines[0]), ("뒷부분 더 보기", lines[-1])):
        button = page.get_by_role("button", name=label)
        while button.count():
            before = page.locator(".page-text").inner_text()
            button.click()
            page.wait_for_function(
                "n => document.querySelector('.page-text').innerText.length > n", arg=len(before)
            )
        expect(page.locator(".page-text")).to_contain_text(place)
    stored = site.backend.inyong.document("long.txt")
    assert page.locator(".page-text").text_content() == site.backend.inyong.text(stored.id)


def test_a_quote_that_is_no_longer_there_is_told(page: Page, site: Site) -> None:
    ask(page)
    page.route("**/text?*", lambda route: route.fulfill(json={"text": "그 사이에 바뀐 글이다. " * 60}))
    page.locator(".chip").first.click()
    expect(page.locator("#reader-check")).to_contain_text("문서가 그 뒤로 바뀌어")
    expect(page.locator("#reader-check")).to_have_class("checked false")


def test_a_server_that_is_busy_gets_the_document_a_little_later(page: Page, site: Site) -> None:
    site.expected.add(429)
    tries = iter([429])

    def refuse_once(route: Route) -> None:
        if status := next(tries, None):
            route.fulfill(status=status, headers={"Retry-After": "1"})
        else:
            route.fallback()

    page.route("**/v1/documents/file-*", refuse_once)
    drop(page, "sparrow.md", NOTICE)
    expect(page.locator(".upload-state")).to_have_text("추가했습니다", timeout=10_000)


def test_many_documents_are_added_one_after_the_other(page: Page, tmp_path: Path) -> None:
    paths = [tmp_path / f"tree{number}.md" for number in range(5)]
    for number, path in enumerate(paths):
        path.write_text(f"# 나무 {number}\n\n나무 {number}번은 {number + 3}미터이다.\n", encoding="utf-8")
    page.locator("#files").set_input_files(paths)
    expect(page.locator(".document")).to_have_count(7, timeout=20_000)
