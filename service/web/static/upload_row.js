/** What is said of one file on its way to becoming a document. */

import { byId, make, makeIcon } from "./dom.js";
import { say } from "./language.js";

const DONE_SHOWN_MS = 5000;

export class UploadRow {
  /** @param {string} fileName */
  constructor(fileName) {
    this.progress = make("progress", { attrs: { max: "1" }, name: ["uploads"] });
    this.progress.value = 0;
    this.state = make("span", { class: "upload-state", say: ["upload_waiting"], attrs: { role: "status" } });
    this.element = make(
      "li",
      { class: "upload" },
      make("span", { class: "upload-name", text: fileName }),
      this.state,
      this.progress,
    );
    this.fileName = fileName;
    byId("uploads").append(this.element);
  }

  /** @param {number} share */
  sending(share) {
    this.progress.value = share;
    say(this.state, "upload_sending", { percent: Math.floor(share * 100) });
  }

  wait() {
    this.progress.removeAttribute("value"); // how long it takes is not known
    say(this.state, "upload_waiting");
  }

  indexing() {
    this.progress.removeAttribute("value");
    say(this.state, "upload_indexing");
  }

  /** @param {string} key */
  finish(key) {
    this.progress.remove();
    this.element.classList.add("done");
    say(this.state, key);
    setTimeout(() => this.element.remove(), DONE_SHOWN_MS);
  }

  /** @param {string} reason */
  fail(reason) {
    this.progress.remove();
    this.element.classList.add("failed");
    say(this.state, "upload_failed", { reason });
    const dismiss = make(
      "button",
      { class: "plain", name: ["dismiss", { name: this.fileName }], on: { click: () => this.element.remove() } },
      makeIcon("close"),
    );
    this.element.append(dismiss);
  }
}
