/** What stands where the conversation will be: questions to begin with, or an invitation to add documents. */

import { byId, make, makeIcon } from "./dom.js";
import { findExamples } from "./examples.js";
import { t } from "./language.js";
import { shorten } from "./text.js";

const TITLE_CHARS = 40;

let shown = 0;

/**
 * @param {import("./types.js").StoredDocument[]} documents those there are; the first few give examples
 * @param {(question: string) => void} ask @param {() => void} chooseFiles
 */
export async function showEmpty(documents, ask, chooseFiles) {
  const showing = ++shown;
  const parts = documents.length ? makeExamples(await findExamples(documents), ask) : makeInvitation(chooseFiles);
  if (showing === shown) byId("empty").replaceChildren(...parts);
}

/** @param {import("./examples.js").Example[]} examples @param {(question: string) => void} ask */
function makeExamples(examples, ask) {
  const list = make("ul", { class: "examples" });
  for (const { key, document } of examples) {
    const title = shorten(document.title, TITLE_CHARS);
    const button = make("button", { class: "example", say: [key, { title }], on: { click: () => ask(t(key, { title })) } });
    list.append(make("li", {}, button));
  }
  return [
    make("p", { class: "empty-title", say: ["empty_title"] }),
    make("p", { class: "empty-text", say: ["empty_text"] }),
    make("h2", { class: "empty-sub", say: ["empty_examples"] }),
    list,
  ];
}

/** @param {() => void} chooseFiles */
function makeInvitation(chooseFiles) {
  const { suffixes, maxUploadMb } = document.body.dataset;
  return [
    make("p", { class: "empty-title", say: ["invite_title"] }),
    make("p", { class: "empty-text", say: ["invite_text"] }),
    make("button", { class: "primary", on: { click: chooseFiles } }, makeIcon("upload"), make("span", { say: ["choose_files"] })),
    make("p", {
      class: "note",
      say: ["invite_formats", { suffixes: (suffixes ?? "").replaceAll(",", " "), limit: maxUploadMb ?? "" }],
    }),
  ];
}
