/** What one can do with a finished answer: copy it with its citations, say whether it was any good. */

import { sendFeedback } from "./api.js";
import { asPlainText, copyText } from "./copying.js";
import { make, makeIcon } from "./dom.js";
import { say } from "./language.js";
import { sentenceOf } from "./problem.js";

/** @typedef {import("./types.js").Answer} Answer */

/** @param {Answer} answer @returns {HTMLElement} */
export function makeActions(answer) {
  const notice = make("span", { class: "notice", attrs: { role: "status" } });
  const copy = make(
    "button",
    { class: "plain", name: ["copy"], on: { click: async () => say(notice, (await copyText(asPlainText(answer))) ? "copied" : "not_copied") } },
    makeIcon("copy"),
  );
  const bar = make("div", { class: "actions" }, copy);
  const extra = make("div", { class: "comment-place" });
  const buttons = { up: makeThumb("up", "good"), down: makeThumb("down", "bad") };
  for (const [rating, button] of Object.entries(buttons)) {
    button.addEventListener("click", async () => {
      const sent = await send(answer.id, /** @type {"up" | "down"} */ (rating), "", notice);
      if (!sent) return;
      buttons.up.setAttribute("aria-pressed", String(rating === "up"));
      buttons.down.setAttribute("aria-pressed", String(rating === "down"));
      extra.replaceChildren(makeComment(answer.id, /** @type {"up" | "down"} */ (rating), notice));
      extra.scrollIntoView({ block: "nearest" });
    });
  }
  const seconds = (answer.timings_ms.total / 1000).toFixed(1);
  bar.append(buttons.up, buttons.down, notice, make("span", { class: "time", say: ["seconds", { seconds }] }));
  return make("div", { class: "after" }, bar, extra);
}

/** @param {"up" | "down"} icon @param {string} key */
const makeThumb = (icon, key) =>
  make("button", { class: "plain thumb", name: [key], attrs: { "aria-pressed": "false" } }, makeIcon(icon));

/** @param {string} id @param {"up" | "down"} rating @param {HTMLElement} notice */
function makeComment(id, rating, notice) {
  const field = make("input", {
    name: ["comment_label"],
    attrs: { type: "text", maxlength: "2000", autocomplete: "off", "data-hint": "comment_label" },
  });
  field.placeholder = field.getAttribute("aria-label");
  const form = make("form", { class: "comment" }, field, make("button", { class: "quiet", say: ["comment_send"], attrs: { type: "submit" } }));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!field.value.trim()) return field.focus();
    if (await send(id, rating, field.value.trim(), notice)) form.remove();
  });
  return form;
}

/** @param {string} id @param {"up" | "down"} rating @param {string} comment @param {HTMLElement} notice */
async function send(id, rating, comment, notice) {
  try {
    await sendFeedback(id, rating, comment);
    say(notice, "thanks");
    return true;
  } catch (error) {
    notice.textContent = sentenceOf(error);
    return false;
  }
}
