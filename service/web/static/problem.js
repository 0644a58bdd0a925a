/** What the server says when something cannot be done (RFC 9457), or what to say when it says nothing. */

import { t } from "./language.js";

export class Problem extends Error {
  /** @param {string} sentence for people @param {number} status 0: no response @param {number} [waitSeconds] */
  constructor(sentence, status, waitSeconds = 0) {
    super(sentence);
    this.status = status;
    this.waitSeconds = waitSeconds;
  }
}

/** @param {Response} response @returns {Promise<Problem>} */
export async function problemOf(response) {
  const text = await response.text().catch(() => "");
  return makeProblem(text, response.status, response.headers.get("Retry-After"));
}

/**
 * @param {string} text the response's body @param {number} status @param {string | null} retryAfter
 * @returns {Problem}
 */
export function makeProblem(text, status, retryAfter) {
  return new Problem(sentenceOf(text) || t("error_status", { status }), status, Number(retryAfter) || 0);
}

/** @param {string} text */
function sentenceOf(text) {
  try {
    const problem = JSON.parse(text);
    const sentence = problem.detail ?? problem.title;
    return typeof sentence === "string" ? sentence : "";
  } catch {
    return ""; // a proxy's page or nothing at all: not worth showing
  }
}
