/** An answer as plain text with its citations, and putting it on the clipboard. */

import { t } from "./language.js";

/** @param {import("./types.js").Answer} answer @returns {string} */
export function asPlainText(answer) {
  const notes = answer.citations.map((citation) => {
    const page = citation.page ? `, ${t("page", { page: citation.page })}` : "";
    const source = citation.source === citation.title ? "" : ` (${citation.source})`;
    return `[${citation.marker}] ${citation.title}${source}${page}\n    “${citation.quote}”`;
  });
  return [answer.answer, ...notes].join("\n\n");
}

/** @param {string} text @returns {Promise<boolean>} whether it could be copied */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // over plain HTTP on another machine there is no clipboard object
  }
}

/** @param {string} text */
function copyBySelection(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.className = "unseen";
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
