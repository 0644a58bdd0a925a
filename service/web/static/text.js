/** Text by code points, as the server counts, not by JavaScript's UTF-16 units; and answers by their markers. */

/**
 * @param {string} text @param {number} start @param {number} end code points, half open
 * @returns {[before: string, inside: string, after: string]}
 */
export function cut(text, start, end) {
  const points = Array.from(text);
  return [points.slice(0, start).join(""), points.slice(start, end).join(""), points.slice(end).join("")];
}

/** @param {string} text @returns {number} code points */
export const countPoints = (text) => Array.from(text).length;

/**
 * The text with its [n] apart: strings and numbers in order.
 * @param {string} text @returns {(string | number)[]}
 */
export function splitMarkers(text) {
  return text
    .split(/\[(\d{1,3})\]/)
    .map((part, at) => (at % 2 ? Number(part) : part))
    .filter((part) => part !== "");
}

/** @param {string} text @param {number} most code points @returns {string} one line, cut with an ellipsis */
export function shorten(text, most) {
  const points = Array.from(text.replace(/\s+/g, " ").trim());
  return points.length > most ? `${points.slice(0, most - 1).join("")}…` : points.join("");
}

/** @param {string} text @returns {string} for comparing names: composed, without case */
export const fold = (text) => text.normalize("NFC").toLocaleLowerCase();
