/** Adding documents: by button or by dropping them, one after the other, with progress until they can be asked about. */

import { job, upload } from "./api.js";
import { byId, make, makeIcon } from "./dom.js";
import { say, t } from "./language.js";
import { Problem } from "./problem.js";

/** @typedef {import("./types.js").Job} Job */

const MEGABYTE = 1_000_000;
const FIRST_POLL_MS = 300;
const SLOWEST_POLL_MS = 3000;
const DONE_SHOWN_MS = 5000;

export class Uploads {
  /** @type {Promise<void>} the file being sent and those behind it */
  #line = Promise.resolve();

  /** @param {() => string} collection where documents go @param {() => void} onAdded */
  constructor(collection, onAdded) {
    this.collection = collection;
    this.onAdded = onAdded;
    const picker = byId("files");
    picker.addEventListener("change", () => {
      this.add([...picker.files]);
      picker.value = "";
    });
  }

  /** Lets the person choose files. */
  choose() {
    byId("files").click();
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const row = new Row(file.name);
      const collection = this.collection();
      this.#line = this.#line.then(() => this.#send(file, collection, row));
    }
  }

  /** Sends one file; its job is watched while the next is sent. @param {File} file @param {string} collection @param {Row} row */
  async #send(file, collection, row) {
    try {
      refuseUnfit(file);
      const id = documentId(collection, file.name);
      const answer = await upload(id, file, collection, (share) => row.sending(share));
      if (answer.job) this.#watch(answer.job, row);
      else this.#finish(row, "upload_same");
    } catch (error) {
      row.fail(error.message);
    }
  }

  /** @param {Job} started @param {Row} row */
  async #watch(started, row) {
    row.indexing();
    let wait = FIRST_POLL_MS;
    let now = started;
    while (now.state === "queued" || now.state === "running") {
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 1.5, SLOWEST_POLL_MS);
      try {
        now = await job(now.id);
      } catch (error) {
        if (!(error instanceof Problem) || ![0, 429, 503].includes(error.status)) {
          return row.fail(error.status === 404 ? t("upload_lost") : error.message);
        }
        wait = Math.max(SLOWEST_POLL_MS, error.waitSeconds * 1000); // a pause, not an end
      }
    }
    if (now.state === "done") this.#finish(row, "upload_done");
    else row.fail(now.reason ?? "");
  }

  /** @param {Row} row @param {string} key */
  #finish(row, key) {
    row.finish(key);
    this.onAdded();
  }
}

/** Lets files be dropped anywhere on the page. @param {Uploads} uploads */
export function acceptDrops(uploads) {
  const veil = byId("drop");
  const holdsFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    veil.hidden = true;
    uploads.add([...(event.dataTransfer?.files ?? [])]);
  });
}

/** What is said of one file. */
class Row {
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

  indexing() {
    this.progress.removeAttribute("value"); // how long it takes is not known
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

/** Raises Problem for a file that the server would refuse, before it is sent. @param {File} file */
function refuseUnfit(file) {
  const { suffixes = "", maxUploadMb = "" } = document.body.dataset;
  const readable = suffixes.split(",");
  if (!readable.some((suffix) => file.name.toLowerCase().endsWith(suffix))) {
    throw new Problem(t("upload_unreadable", { suffixes: readable.join(" ") }), 415);
  }
  if (file.size === 0) throw new Problem(t("upload_empty"), 422);
  if (file.size > Number(maxUploadMb) * MEGABYTE) {
    const size = Math.ceil(file.size / MEGABYTE);
    throw new Problem(t("upload_too_large", { size, limit: maxUploadMb }), 413);
  }
}

/**
 * An id made of the name, so that a file sent again takes the place of its earlier self.
 * @param {string} collection @param {string} fileName
 */
function documentId(collection, fileName) {
  // FNV-1a, 64 bits: the browser's SHA-256 is not there over plain HTTP.
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(`${collection}/${fileName.normalize("NFC")}`)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return `file-${hash.toString(16).padStart(16, "0")}`;
}
