/**
 * Why something could not be done, in the language of the page: a sentence of its own for each type of problem
 * (RFC 9457), and the server's beside one in general where it has none.
 */

import { t } from "./language.js";
import { STRINGS } from "./strings.js";

const TYPE = /^urn:inyong:problem:([a-z-]{1,64})$/;

export class Problem extends Error {
  /**
   * @param {string} key of the sentence for people @param {number} status 0: no response
   * @param {{values?: import("./language.js").Values, waitSeconds?: number, detail?: string}} [more] detail: the
   *   server's own words where the sentence is one in general
   */
  constructor(key, status, { values = {}, waitSeconds = 0, detail = "" } = {}) {
    super(key);
    this.key = key;
    this.values = values;
    this.status = status;
    this.waitSeconds = waitSeconds;
    this.detail = detail;
  }

  /** All of it in one line. */
  get sentence() {
    const said = t(this.key, this.values);
    return this.detail ? `${said} ${t("error_said", { detail: this.detail })}` : said;
  }
}

/** What to say of anything that was thrown. @param {any} error @returns {string} */
export const sentenceOf = (error) => (error instanceof Problem ? error.sentence : String(error?.message ?? error));

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
  return problemFrom(parse(text), status, Number(retryAfter) || 0);
}

/**
 * @param {any} told the problem as JSON @param {number} status @param {number} [waitSeconds]
 * @returns {Problem}
 */
export function problemFrom(told, status, waitSeconds = 0) {
  const key = `problem_${TYPE.exec(String(told?.type))?.[1].replaceAll("-", "_")}`;
  if (Object.hasOwn(STRINGS, key)) return new Problem(key, status, { waitSeconds });
  const detail = [told?.detail, told?.title].find((one) => typeof one === "string") ?? "";
  return new Problem("error_status", status, { values: { status }, waitSeconds, detail });
}

/** @param {string} text @returns {any} null for a proxy's page or nothing at all: not worth showing */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
