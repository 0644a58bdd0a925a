/** Adding documents: by button or by dropping them, one after the other, with progress until they can be asked about. */

import { job, upload } from "./api.js";
import { byId } from "./dom.js";
import { t } from "./language.js";
import { Problem, sentenceOf } from "./problem.js";
import { UploadRow } from "./upload_row.js";

/** @typedef {import("./types.js").Job} Job */

const MEGABYTE = 1_000_000;
const FIRST_POLL_MS = 300;
const SLOWEST_POLL_MS = 3000;
const MOST_TRIES = 40;

export class Uploads {
  /** @type {Promise<void>} the file being sent and those behind it */
  #sending = Promise.resolve();
  /** @type {Promise<void>} the job being watched and those behind it; the server does them in this order too */
  #watching = Promise.resolve();

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
      const row = new UploadRow(file.name);
      const collection = this.collection();
      this.#sending = this.#sending.then(() => this.#send(file, collection, row));
    }
  }

  /** Sends one file; its job is watched while the next is sent. @param {File} file @param {string} collection @param {UploadRow} row */
  async #send(file, collection, row) {
    try {
      refuseUnfit(file);
      const id = documentId(collection, file.name);
      const answer = await patiently(() => upload(id, file, collection, (share) => row.sending(share)), [429]);
      const started = answer.job;
      if (!started) return this.#finish(row, "upload_same");
      row.wait();
      this.#watching = this.#watching.then(() => this.#watch(started, row));
    } catch (error) {
      row.fail(sentenceOf(error));
    }
  }

  /** @param {Job} started @param {UploadRow} row */
  async #watch(started, row) {
    row.indexing();
    let now = started;
    try {
      for (let wait = FIRST_POLL_MS; now.state === "queued" || now.state === "running"; wait *= 1.5) {
        await pause(Math.min(wait, SLOWEST_POLL_MS));
        now = await patiently(() => job(now.id), [0, 429, 503]);
      }
      if (now.state === "done") this.#finish(row, "upload_done");
      else row.fail(now.reason ?? "");
    } catch (error) {
      row.fail(error.status === 404 ? t("upload_lost") : sentenceOf(error));
    }
  }

  /** @param {UploadRow} row @param {string} key */
  #finish(row, key) {
    row.finish(key);
    this.onAdded();
  }
}

/**
 * What the action gives, tried again after a pause while the server says that it is only busy.
 * @template T
 * @param {() => Promise<T>} action @param {number[]} passing statuses of a Problem that will pass; 0: no connection
 * @returns {Promise<T>}
 */
async function patiently(action, passing) {
  for (let left = MOST_TRIES; ; left -= 1) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Problem) || !passing.includes(error.status) || left <= 1) throw error;
      await pause(Math.max(SLOWEST_POLL_MS, error.waitSeconds * 1000));
    }
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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

/** Raises Problem for a file that the server would refuse, before it is sent. @param {File} file */
function refuseUnfit(file) {
  const { suffixes = "", maxUploadMb = "" } = document.body.dataset;
  const readable = suffixes.split(",");
  if (!readable.some((suffix) => file.name.toLowerCase().endsWith(suffix))) {
    throw new Problem("upload_unreadable", 415, { values: { suffixes: readable.join(" ") } });
  }
  if (file.size === 0) throw new Problem("upload_empty", 422);
  if (file.size > Number(maxUploadMb) * MEGABYTE) {
    const size = Math.ceil(file.size / MEGABYTE);
    throw new Problem("upload_too_large", 413, { values: { size, limit: maxUploadMb } });
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
