/** The documents there are: collection picker, list, filter as one types, deletion after a question. */

import { collections, documents, removeDocument } from "./api.js";
import { announce, byId, make, makeIcon } from "./dom.js";
import { say, unsay } from "./language.js";
import { sentenceOf } from "./problem.js";
import { fold } from "./text.js";

/** @typedef {import("./types.js").StoredDocument} StoredDocument */

const MOST_SHOWN = 200; // rows; beyond that the filter is the way
const SOON_MS = 250;
const FILTER_FROM = 6; // fewer documents are seen at a glance

export class Library {
  /** @type {StoredDocument[]} */
  documents = [];
  isKnown = false; // whether the server has ever said what there is
  /** @type {{name: string, documents: number}[]} */
  #collections = [];
  #asked = 0;
  #soon = 0;

  /** @param {import("./reader.js").Reader} reader @param {() => void} onChange the documents have changed */
  constructor(reader, onChange) {
    this.reader = reader;
    this.onChange = onChange;
    this.picker = byId("collection");
    this.filter = byId("filter");
    this.filter.addEventListener("input", () => this.#show());
    this.picker.addEventListener("change", () => this.refresh());
  }

  /** @returns {string} the chosen collection, "" for all */
  get chosen() {
    return this.picker.value;
  }

  /** @returns {string} where an added document goes; "" leaves it to the server */
  get target() {
    const names = this.#collections.map((one) => one.name);
    return this.chosen || (names.includes("default") || !names.length ? "" : names[0]);
  }

  /** Fetches everything anew in a moment, once for all who ask until then. */
  refreshSoon() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.refresh(), SOON_MS);
  }

  /** Fetches everything anew. Shows the server's sentence when it will not answer. */
  async refresh() {
    const asked = ++this.#asked;
    if (!this.documents.length) say(byId("documents-note"), "documents_loading");
    try {
      const found = await collections();
      if (asked !== this.#asked) return;
      this.#showCollections(found);
      /** @type {StoredDocument[]} */
      const all = [];
      for await (const page of documents(this.chosen)) {
        if (asked !== this.#asked) return;
        all.push(...page);
      }
      if (asked !== this.#asked) return;
      this.documents = all;
      this.isKnown = true;
      this.#show();
    } catch (error) {
      unsay(byId("documents-note"));
      byId("documents-note").textContent = sentenceOf(error);
    }
    this.onChange();
  }

  /** @param {{name: string, documents: number}[]} found */
  #showCollections(found) {
    const before = this.chosen;
    this.#collections = found;
    byId("collection-field").hidden = found.length < 2;
    this.picker.replaceChildren(make("option", { say: ["all_collections"], attrs: { value: "" } }));
    for (const one of found) {
      this.picker.append(
        make("option", { say: ["collection_choice", { name: one.name, count: one.documents }], attrs: { value: one.name } }),
      );
    }
    this.picker.value = found.some((one) => one.name === before) ? before : "";
    const scope = byId("scope");
    if (this.chosen) say(scope, "scope_one", { name: this.chosen });
    else unsay(scope);
  }

  #show() {
    const total = this.documents.length;
    byId("filter-field").hidden = total < FILTER_FROM;
    const wanted = total < FILTER_FROM ? "" : fold(this.filter.value.trim());
    const matching = this.documents.filter((one) => fold(`${one.title}\n${one.source}`).includes(wanted));
    const shown = matching.slice(0, MOST_SHOWN);
    byId("document-list").replaceChildren(...shown.map((one) => this.#makeRow(one)));
    const note = byId("documents-note");
    if (!total) say(note, "documents_none");
    else if (!matching.length) say(note, "documents_no_match", { text: this.filter.value.trim() });
    else if (shown.length < total) say(note, "documents_shown", { total, shown: shown.length });
    else say(note, "documents_count", { count: total });
  }

  /** @param {StoredDocument} one */
  #makeRow(one) {
    const open = make(
      "button",
      { class: "document", on: { click: () => this.#open(one, open) } },
      makeIcon("document"),
      make("span", { class: "document-names" }, make("span", { class: "document-title", text: one.title })),
    );
    const names = open.lastChild;
    if (one.source !== one.title) names.append(make("span", { class: "document-source", text: one.source }));
    const remove = make(
      "button",
      { class: "plain remove", name: ["remove_document", { title: one.title }], on: { click: () => this.#remove(one) } },
      makeIcon("trash"),
    );
    return make("li", {}, open, remove);
  }

  /** @param {StoredDocument} one @param {HTMLElement} opener */
  #open(one, opener) {
    this.reader.open({ documentId: one.id, title: one.title, source: one.source, start: 0, end: 0, page: null }, opener);
  }

  /** @param {StoredDocument} one */
  async #remove(one) {
    if (!(await confirmRemoval(one.title))) return;
    try {
      await removeDocument(one.id);
      announce("removed", { title: one.title });
      await this.refresh();
      byId("choose-files").focus();
    } catch (error) {
      unsay(byId("documents-note"));
      byId("documents-note").textContent = sentenceOf(error);
    }
  }
}

/** @param {string} title @returns {Promise<boolean>} */
function confirmRemoval(title) {
  const dialog = byId("ask-removal");
  say(byId("removal-text"), "remove_text", { title });
  dialog.returnValue = "no"; // what Escape leaves
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
