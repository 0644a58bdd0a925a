/** The passages behind an answer: cards that open the document at the passage, with the cited words marked. */

import { make } from "./dom.js";
import { cut } from "./text.js";

/** @typedef {import("./types.js").Passage} Passage */
/** @typedef {import("./types.js").Citation} Citation */

/**
 * @param {Passage[]} passages @param {Citation[]} citations those of the answer
 * @param {(passage: Passage, opener: HTMLElement) => void} open
 * @returns {HTMLElement}
 */
export function makePassages(passages, citations, open) {
  const list = make("ul", { class: "passage-list" });
  for (const passage of passages) {
    const cited = citations.filter((citation) => inside(citation, passage));
    const card = make(
      "button",
      { class: "passage", on: { click: () => open(passage, card) } },
      makeHead(passage, cited),
      makeText(passage, cited),
    );
    list.append(make("li", {}, card));
  }
  return list;
}

/** @param {Passage} passage @param {Citation[]} cited */
function makeHead(passage, cited) {
  const head = make("span", { class: "passage-head" }, make("span", { class: "passage-title", text: passage.title }));
  if (passage.page) head.append(make("span", { class: "page", say: ["page", { page: passage.page }] }));
  for (const citation of cited) head.append(make("span", { class: "number", text: String(citation.marker) }));
  return head;
}

/** @param {Passage} passage @param {Citation[]} cited */
function makeText(passage, cited) {
  const text = make("span", { class: "passage-text" });
  let rest = passage.text;
  let at = passage.start;
  for (const { start, end } of cited.toSorted((a, b) => a.start - b.start)) {
    if (start < at) continue; // overlaps the one before
    const [before, quote, after] = cut(rest, start - at, end - at);
    text.append(before, make("mark", { text: quote }));
    rest = after;
    at = end;
  }
  text.append(rest);
  return text;
}

/** @param {Citation} citation @param {Passage} passage */
const inside = (citation, passage) =>
  citation.document_id === passage.document_id && citation.start >= passage.start && citation.end <= passage.end;
