"""Text stands out from what is behind it: at least 4.5 to 1 (WCAG 2.2, criterion 1.4.3), light and dark."""

import pytest
from playwright.sync_api import expect

from tests.e2e.page.conftest import Opener, Site, ask

TOO_WEAK = """() => {
  const colour = (text) => {
    const [r, g, b, alpha = 1] = text.match(/[\\d.]+/g).map(Number);
    return text.startsWith("color(srgb") ? [r * 255, g * 255, b * 255, alpha] : [r, g, b, alpha];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const own = colour(getComputedStyle(element).backgroundColor);
    return own[3] > 0.99 ? own : behind(element.parentElement);
  };
  const shown = [...document.querySelectorAll("body *")].filter((one) =>
    one.checkVisibility() && !one.closest(".unseen, .skip, svg") &&
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()));
  const weak = shown.filter((one) => {
    const pair = [luminance(colour(getComputedStyle(one).color)), luminance(behind(one))];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) < 4.5;
  });
  return { count: shown.length, weak: weak.map((one) => `${one.className}: ${one.textContent}`) };
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_stands_out_from_what_is_behind_it(opener: Opener, site: Site, dark: bool) -> None:
    page = opener.open(dark=dark)
    assert page.evaluate(TOO_WEAK)["weak"] == []
    ask(page)
    site.world.script("문서에서 확인되지 않습니다.")
    ask(page, "달나라 여행 경비는 얼마인가요?")
    page.route("**/v1/answers", lambda route: route.fulfill(headers={"Content-Type": "text/event-stream"}))
    page.locator("#question").fill("끊기는 답은 무엇인가요?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    page.locator("#files").set_input_files({"name": "picture.png", "mimeType": "image/png", "buffer": b"x"})
    page.locator("summary").first.click()
    page.locator(".thumb").first.click()
    page.locator(".chip").first.click()
    expect(page.locator("#reader mark")).to_be_visible()
    found = page.evaluate(TOO_WEAK)
    assert found["weak"] == []
    assert found["count"] > 30
