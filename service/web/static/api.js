/** The service's endpoints. Addresses are relative, so that the page also works below a path of a proxy. */

import { readEvents } from "./events.js";
import { askForKey } from "./key.js";
import { Problem, makeProblem, problemOf } from "./problem.js";
import { apiKey } from "./remembered.js";

/** @typedef {import("./types.js").AnswerEvent} AnswerEvent */

const PAGE_OF_DOCUMENTS = 200;
const MOST_DOCUMENTS = 5000; // listed; a larger store is better searched than scrolled

/**
 * @param {{question: string, collections: string[], history: import("./types.js").Message[]}} body
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<AnswerEvent>} raises Problem
 */
export async function* ask(body, signal) {
  const response = await request("v1/answers", { ...asJson("POST", { ...body, stream: true }), signal });
  try {
    yield* /** @type {AsyncGenerator<AnswerEvent>} */ (readEvents(response.body ?? new Blob([]).stream()));
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Problem("error_cut", 0);
  }
}

/** @returns {Promise<{name: string, documents: number}[]>} */
export const collections = async () => (await fetchJson("v1/collections")).collections;

/**
 * All documents, page by page.
 * @param {string} collection "" for all of them
 * @returns {AsyncGenerator<import("./types.js").StoredDocument[]>}
 */
export async function* documents(collection) {
  let cursor = null;
  let count = 0;
  do {
    const query = new URLSearchParams({ limit: String(PAGE_OF_DOCUMENTS) });
    if (collection) query.set("collection", collection);
    if (cursor) query.set("cursor", cursor);
    const page = await fetchJson(`v1/documents?${query}`);
    cursor = page.next;
    count += page.documents.length;
    yield page.documents;
  } while (cursor && count < MOST_DOCUMENTS);
}

/** @param {string} id @returns {Promise<import("./types.js").StoredDocument>} */
export const storedDocument = (id) => fetchJson(`v1/documents/${encodeURIComponent(id)}`);

/**
 * @param {string} id @param {number} start @param {number} end
 * @returns {Promise<string>} the stored text of that range, shorter at the document's end
 */
export const documentText = async (id, start, end) =>
  (await fetchJson(`v1/documents/${encodeURIComponent(id)}/text?start=${start}&end=${end}`)).text;

/** @param {string} id */
export const removeDocument = (id) => request(`v1/documents/${encodeURIComponent(id)}`, { method: "DELETE" });

/** @param {string} id @returns {Promise<import("./types.js").Job>} */
export const job = (id) => fetchJson(`v1/jobs/${encodeURIComponent(id)}`);

/** @param {string} id @returns {Promise<import("./types.js").Answer>} as it was given */
export const keptAnswer = (id) => fetchJson(`v1/answers/${encodeURIComponent(id)}`);

/** @param {string} answerId @param {"up" | "down"} rating @param {string} comment */
export const sendFeedback = (answerId, rating, comment) =>
  request("v1/feedback", asJson("POST", { answer_id: answerId, rating, ...(comment && { comment }) }));

/**
 * Sends a file. Not with fetch, which tells nothing of how much has been sent.
 * @param {string} id @param {File} file @param {string} collection "" leaves it to the server
 * @param {(share: number) => void} onProgress in [0, 1]
 * @returns {Promise<{job?: import("./types.js").Job}>} without a job when the same document is there already
 */
export async function upload(id, file, collection, onProgress) {
  const query = new URLSearchParams({ name: file.name.normalize("NFC") });
  if (collection) query.set("collection", collection);
  const address = `v1/documents/${encodeURIComponent(id)}?${query}`;
  for (;;) {
    const key = apiKey();
    const sent = await put(address, file, key, onProgress);
    if (sent.status === 401) {
      if (await askForKey(key)) continue;
      throw new Problem("key_refused", 401);
    }
    if (sent.status < 200 || sent.status > 299) {
      throw makeProblem(sent.responseText, sent.status, sent.getResponseHeader("Retry-After"));
    }
    return sent.status === 202 ? JSON.parse(sent.responseText) : {};
  }
}

/**
 * @param {string} address @param {File} file @param {string | null} key @param {(share: number) => void} onProgress
 * @returns {Promise<XMLHttpRequest>}
 */
function put(address, file, key, onProgress) {
  const sending = new XMLHttpRequest();
  sending.open("PUT", address);
  sending.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  if (key) sending.setRequestHeader("Authorization", `Bearer ${key}`);
  sending.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) onProgress(event.loaded / event.total);
  });
  return new Promise((resolve, reject) => {
    sending.addEventListener("load", () => resolve(sending));
    sending.addEventListener("error", () => reject(new Problem("upload_unreachable", 0)));
    sending.send(file);
  });
}

/** @param {string} path @returns {Promise<any>} */
const fetchJson = async (path) => (await request(path)).json();

/** @param {string} method @param {object} body @returns {RequestInit} */
const asJson = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

/**
 * A response that is a success, after asking for a key where one is wanted.
 * @param {string} path @param {RequestInit} [init] @returns {Promise<Response>} raises Problem
 */
async function request(path, init = {}) {
  for (;;) {
    const key = apiKey();
    const headers = { ...init.headers, ...(key && { Authorization: `Bearer ${key}` }) };
    const response = await fetch(path, { ...init, headers }).catch((error) => {
      if (init.signal?.aborted) throw error;
      throw new Problem("error_unreachable", 0);
    });
    if (response.ok) return response;
    if (response.status !== 401) throw await problemOf(response);
    if (!(await askForKey(key))) throw new Problem("key_refused", 401);
  }
}
