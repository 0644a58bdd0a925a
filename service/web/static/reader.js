/** The panel that shows a document at a quote or a passage, with the text around it. */

import { documentText } from "./api.js";
import { byId, make } from "./dom.js";
import { say, unsay } from "./language.js";
import { sentenceOf } from "./problem.js";
import { countPoints, cut } from "./text.js";

/**
 * @typedef {object} Place
 * @property {string} documentId
 * @property {string} title
 * @property {string} source
 * @property {number} start
 * @property {number} end code points; equal to start: no place in particular
 * @property {number | null} page
 * @property {string} [quote] given for a citation: what the text there has to be
 * @property {boolean} [linked] whether the page's address led here
 */

const AROUND = 700; // code points shown before and after the place
const MORE = 3000; // code points that a button adds

export class Reader {
  /** @type {HTMLElement | null} */
  #opener = null;
  #asked = 0;

  /** @param {(open: boolean) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.panel = byId("reader");
    this.text = byId("reader-text");
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** @param {Place} place @param {HTMLElement | null} opener gets the focus back */
  async open(place, opener) {
    this.#mark(opener);
    const ask = ++this.#asked;
    unsay(byId("reader-title"));
    byId("reader-title").textContent = place.title;
    this.#showPlace(place);
    say(this.text, "reader_loading");
    this.#appear();
    try {
      const from = Math.max(0, place.start - AROUND);
      const end = (place.end > place.start ? place.end : place.start + MORE) + AROUND;
      const text = await documentText(place.documentId, from, end);
      if (ask === this.#asked) this.#show(place, text, from, end);
    } catch (error) {
      if (ask !== this.#asked) return;
      unsay(this.text);
      this.text.textContent = sentenceOf(error);
    }
  }

  /** Says why there is nothing to show. @param {string} title a key of the strings @param {string} reason */
  refuse(title, reason) {
    this.#mark(null);
    this.#asked += 1;
    say(byId("reader-title"), title);
    byId("reader-place").replaceChildren();
    unsay(this.text);
    this.text.textContent = reason;
    this.#appear();
  }

  close() {
    if (!this.isOpen) return;
    this.#asked += 1;
    this.panel.hidden = true;
    this.onChange(false);
    const opener = this.#opener;
    this.#mark(null);
    if (opener?.isConnected) opener.focus();
    else byId("question").focus();
  }

  #appear() {
    unsay(byId("reader-check"));
    byId("reader-check").className = "checked";
    this.panel.hidden = false;
    this.onChange(true);
    byId("reader-title").focus({ preventScroll: true });
  }

  /** @param {HTMLElement | null} opener */
  #mark(opener) {
    this.#opener?.removeAttribute("aria-current");
    opener?.setAttribute("aria-current", "true");
    this.#opener = opener;
  }

  /** @param {Place} place */
  #showPlace(place) {
    const line = byId("reader-place");
    line.replaceChildren();
    if (place.source !== place.title) line.append(make("span", { text: place.source }));
    if (place.page) line.append(make("span", { class: "page", say: ["page", { page: place.page }] }));
  }

  /** @param {Place} place @param {string} text from code point `from` up to `end` @param {number} from @param {number} end */
  #show(place, text, from, end) {
    const [before, inside, after] = cut(text, place.start - from, place.end - from);
    const page = make("div", { class: "page-text" });
    unsay(this.text);
    this.text.replaceChildren(page);
    page.append(before);
    if (inside) {
      const isQuote = place.quote !== undefined;
      const same = !isQuote || inside === place.quote;
      const mark = make("mark", { class: isQuote && same ? "" : "weak", text: inside });
      page.append(mark);
      const check = byId("reader-check");
      check.classList.toggle("true", isQuote && same);
      check.classList.toggle("false", !same);
      if (isQuote) say(check, same ? "reader_checked" : "reader_changed");
      else say(check, place.linked ? "reader_linked" : "reader_passage");
    }
    page.append(after);
    if (from > 0) this.#offerEarlier(place.documentId, page, from);
    if (countPoints(text) === end - from) this.#offerLater(place.documentId, page, end);
    const mark = page.querySelector("mark");
    if (mark) this.text.scrollTop = mark.offsetTop - this.text.clientHeight / 3;
    else this.text.scrollTop = 0;
  }

  /** @param {string} id @param {HTMLElement} page @param {number} end where the shown text begins */
  #offerEarlier(id, page, end) {
    const button = make("button", { class: "more", say: ["earlier"] });
    button.addEventListener("click", async () => {
      const start = Math.max(0, end - MORE);
      const text = await this.#fetchMore(id, start, end, button);
      if (text === null) return;
      const height = this.text.scrollHeight;
      page.prepend(text);
      button.remove();
      if (start > 0) this.#offerEarlier(id, page, start);
      this.text.scrollTop += this.text.scrollHeight - height; // what was being read stays where it was
      this.text.focus({ preventScroll: true });
    });
    page.before(button);
  }

  /** @param {string} id @param {HTMLElement} page @param {number} start where the shown text ends */
  #offerLater(id, page, start) {
    const button = make("button", { class: "more", say: ["later"] });
    button.addEventListener("click", async () => {
      const text = await this.#fetchMore(id, start, start + MORE, button);
      if (text === null) return;
      page.append(text);
      button.remove();
      if (countPoints(text) === MORE) this.#offerLater(id, page, start + MORE);
      this.text.focus({ preventScroll: true });
    });
    page.after(button);
  }

  /** @param {string} id @param {number} start @param {number} end @param {any} button */
  async #fetchMore(id, start, end, button) {
    const ask = this.#asked;
    button.disabled = true;
    try {
      const text = await documentText(id, start, end);
      return ask === this.#asked ? text : null;
    } catch (error) {
      unsay(button);
      button.textContent = sentenceOf(error);
      button.disabled = false;
      return null;
    }
  }
}
