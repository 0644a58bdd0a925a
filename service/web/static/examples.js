/** Questions to begin with: about the first documents, and only about what these do hold. */

import { documentText } from "./api.js";

/** @typedef {import("./types.js").StoredDocument} StoredDocument */
/** @typedef {{key: string, document: StoredDocument}} Example key: of the table of strings */

const BEGINNING = 2000; // code points of a document that are looked at
const KINDS = [
  { key: "example_about", found: /./ },
  { key: "example_numbers", found: /\d\s*[만억조]?\s*원|(?:KRW|USD|[$€₩])\s*\d/ },
  { key: "example_dates", found: /\d\s*월\s*\d+\s*일|\b(?:19|20)\d\d[-./]\d|\b\d{1,2} [A-Z][a-z]+ (?:19|20)\d\d/ },
];

/** @type {Map<string, Promise<string>>} beginnings by document */
const beginnings = new Map();

/** @param {StoredDocument[]} documents at least one @returns {Promise<Example[]>} at most three, no two alike */
export async function findExamples(documents) {
  const found = await Promise.all(KINDS.map((_, at) => findExample(documents[at % documents.length], at)));
  return found.filter((one, at) => {
    const first = found.findIndex((other) => other.key === one.key && other.document === one.document);
    return first === at;
  });
}

/** @param {StoredDocument} document @param {number} at the kind that is tried first @returns {Promise<Example>} */
async function findExample(document, at) {
  const text = await beginningOf(document);
  const kind = [KINDS[at], ...KINDS.slice(1), KINDS[0]].find(({ found }) => found.test(text)) ?? KINDS[0];
  return { key: kind.key, document };
}

/** @param {StoredDocument} document */
function beginningOf({ id, sha256 }) {
  const name = `${id} ${sha256}`;
  const beginning = beginnings.get(name) ?? documentText(id, 0, BEGINNING).catch(() => "");
  beginnings.set(name, beginning);
  return beginning;
}
