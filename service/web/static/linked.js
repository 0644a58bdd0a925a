/** Links into a document, such as the Slack bot's below its quotes: ?document=ID&start=10&end=26. */

import { storedDocument } from "./api.js";
import { sentenceOf } from "./problem.js";

const ID = /^[\w~-][\w.~-]{0,127}$/; // as the API takes it
const POSITION = /^\d{1,13}$/;

/**
 * Opens the document that the page's address names, if it names one.
 * @param {import("./reader.js").Reader} reader
 */
export async function openLinked(reader) {
  const link = linkIn(new URLSearchParams(location.search));
  if (!link) return;
  try {
    const { title, source } = await storedDocument(link.documentId);
    await reader.open({ ...link, title, source, page: null, linked: true }, null);
  } catch (error) {
    reader.refuse("link_broken", sentenceOf(error));
  }
}

/**
 * @param {URLSearchParams} query
 * @returns {{documentId: string, start: number, end: number} | null} positions are code points, half open
 */
function linkIn(query) {
  const documentId = query.get("document") ?? "";
  const [start, end] = ["start", "end"].map((name) => query.get(name) ?? "0");
  if (!ID.test(documentId) || !POSITION.test(start) || !POSITION.test(end)) return null;
  return { documentId, start: Number(start), end: Math.max(Number(start), Number(end)) };
}
