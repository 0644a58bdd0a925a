/** One question with everything that comes back: passages at once, the answer as it is written, its quotes. */

import { makeActions } from "./actions.js";
import { announce, make, makeIcon } from "./dom.js";
import { say, unsay } from "./language.js";
import { makePassages } from "./passages.js";
import { Written } from "./written.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./types.js").AnswerEvent} AnswerEvent */
/** @typedef {import("./types.js").Citation} Citation */
/** @typedef {import("./types.js").Passage} Passage */

const NEAREST = 3; // passages shown with a refusal

export class Turn {
  // Made anew by start() for every try.
  /** @type {Answer | null} */
  answer = null;
  /** @type {string | null} of the answer, also when it could not be fetched again */
  id = null;
  /** @type {Passage[]} */
  passages = [];
  /** @type {Citation[]} quotes shown before the answer is there */
  citations = [];
  /** @type {any} */
  status;
  /** @type {any} */
  quotes;
  /** @type {any} */
  behind;
  /** @type {any} */
  written;

  /**
   * @param {string} question
   * @param {import("./reader.js").Reader} reader opens citations and passages
   * @param {() => void} retry
   */
  constructor(question, reader, retry) {
    this.question = question;
    this.reader = reader;
    this.retry = retry;
    this.element = make("article", { class: "turn" }, make("h2", { class: "question", text: question }));
    this.body = make("div", { class: "turn-body" });
    this.element.append(this.body);
    this.start();
  }

  /** Makes ready for a first or another try. */
  start() {
    this.answer = null;
    this.id = null;
    this.passages = [];
    this.citations = [];
    this.status = make("p", { class: "status busy", attrs: { role: "status" } });
    const text = make("div", { class: "answer-text", attrs: { "aria-live": "polite" } });
    this.quotes = make("section", { class: "quotes" });
    this.behind = make("details", { class: "behind", attrs: { open: "" } });
    this.behind.hidden = true;
    this.body.replaceChildren(this.status, text, this.quotes, this.behind);
    this.written = new Written(text, (citation, opener) => this.#openQuote(citation, opener));
    say(this.status, "searching");
  }

  /** @param {AnswerEvent} event */
  take(event) {
    if (event.event === "sources") this.#showPassages(event.data.passages);
    else if (event.event === "queue") this.#showPlace(event.data.position);
    else if (event.event === "delta") this.#write(event.data.text);
    else if (event.event === "citation") this.#cite(event.data);
    else if (event.event === "done") {
      this.#finish(event.data);
      if (!event.data.abstained) announce("announce_answer", { count: event.data.citations.length });
    }
  }

  /** The person has stopped it. */
  stop() {
    this.#end("stopped");
  }

  /** The answer was given before. @param {Answer} answer */
  restore(answer) {
    this.behind.open = false;
    this.#finish(answer);
  }

  /** The server does not keep the answer any more. */
  forgotten() {
    this.#end("forgotten");
  }

  /** @param {any} problem a Problem, or an error of the page's own */
  fail(problem) {
    this.#endWaiting();
    const box = make(
      "div",
      { class: "failure", attrs: { role: "alert" } },
      make("p", { class: "box-title" }, makeIcon("alert"), make("span", { say: ["error_title"] })),
      problem.key ? make("p", { say: [problem.key, problem.values] }) : make("p", { text: problem.message }),
    );
    if (problem.detail) box.append(make("p", { class: "note", text: problem.detail, attrs: { lang: "en" } }));
    if (problem.waitSeconds) {
      box.append(make("p", { class: "note", say: ["error_wait", { seconds: problem.waitSeconds }] }));
    }
    box.append(this.#makeRetry());
    this.body.append(box);
  }

  /** @param {Passage[]} passages */
  #showPassages(passages) {
    this.passages = passages;
    say(this.status, passages.length ? "found_writing" : "searching", { count: passages.length });
    this.#fillBehind("passages_found", passages, []);
  }

  /** @param {number} position in the queue, from 1 */
  #showPlace(position) {
    if (position > 1) say(this.status, "queued", { count: position - 1 });
    else say(this.status, "queued_next");
  }

  /** Quotes are shown as soon as they are known. @param {Citation} citation */
  #cite(citation) {
    this.behind.open = false;
    this.citations.push(citation);
    this.written.cite(citation);
    this.#showQuotes(this.citations);
  }

  /** @param {string} text */
  #write(text) {
    if (!this.written.text) this.behind.open = false; // the answer is what counts from here on
    this.written.append(text);
  }

  /** @param {Answer} answer */
  #finish(answer) {
    this.answer = answer;
    this.id = answer.id;
    this.#endWaiting();
    if (answer.abstained) this.#showRefusal(answer);
    else {
      this.behind.open = this.behind.open && Boolean(this.written.text);
      this.written.settle(answer.answer, answer.citations);
      if (answer.uncertain) this.quotes.before(make("p", { class: "uncertain", attrs: { role: "note" }, say: ["uncertain"] }));
      this.#showQuotes(answer.citations);
      this.#fillBehind("passages_behind", answer.passages, answer.citations);
    }
    this.body.append(makeActions(answer));
  }

  /** @param {Answer} answer */
  #showRefusal(answer) {
    this.written.settle("", []);
    const box = make(
      "div",
      { class: "refusal", attrs: { role: "status" } },
      make("p", { class: "box-title" }, makeIcon("none"), make("span", { say: ["not_found"] })),
      make("p", { say: ["reason_no_evidence"] }),
    );
    this.quotes.replaceWith(box);
    this.behind.remove();
    const nearest = answer.passages.slice(0, NEAREST);
    if (!nearest.length) return;
    box.after(
      make(
        "section",
        { class: "nearest" },
        make("h3", { say: ["nearest"] }),
        makePassages(nearest, [], (passage, opener) => this.#openPassage(passage, opener)),
      ),
    );
  }

  /** @param {Citation[]} citations */
  #showQuotes(citations) {
    if (!citations.length) return;
    const list = make("ol", { class: "quote-list" });
    for (const citation of citations) {
      const place = make("span", { class: "quote-place" }, make("span", { class: "quote-title", text: citation.title }));
      if (citation.page) place.append(make("span", { class: "page", say: ["page", { page: citation.page }] }));
      const button = make(
        "button",
        { class: "quote", on: { click: () => this.#openQuote(citation, button) } },
        make("span", { class: "number", text: String(citation.marker) }),
        make("span", { class: "quote-body" }, make("q", { text: citation.quote }), place),
      );
      list.append(make("li", {}, button));
    }
    this.quotes.replaceChildren(make("h3", { say: ["quotes"] }), list);
  }

  /** @param {string} title @param {Passage[]} passages @param {Citation[]} citations */
  #fillBehind(title, passages, citations) {
    this.behind.hidden = passages.length === 0;
    this.behind.replaceChildren(
      make("summary", {}, makeIcon("chevron"), make("span", { say: [title, { count: passages.length }] })),
      makePassages(passages, citations, (passage, opener) => this.#openPassage(passage, opener)),
    );
  }

  /** @param {string} why */
  #end(why) {
    this.#endWaiting();
    this.body.append(make("p", { class: "ended" }, make("span", { say: [why] }), this.#makeRetry()));
  }

  #endWaiting() {
    this.status.classList.remove("busy");
    unsay(this.status);
    this.status.hidden = true;
  }

  #makeRetry() {
    return make("button", { class: "quiet", on: { click: this.retry } }, makeIcon("again"), make("span", { say: ["ask_again"] }));
  }

  /** @param {Citation} citation @param {HTMLElement} opener */
  #openQuote(citation, opener) {
    this.reader.open({ ...citation, documentId: citation.document_id }, opener);
  }

  /** @param {Passage} passage @param {HTMLElement} opener */
  #openPassage(passage, opener) {
    const { document_id: documentId, title, source, start, end, page } = passage;
    this.reader.open({ documentId, title, source, start, end, page }, opener);
  }
}
