/**
 * The API's JSON, as far as the page reads it. Positions are code points, half open.
 *
 * @typedef {object} Citation
 * @property {number} marker
 * @property {string} document_id
 * @property {string} title
 * @property {string} source
 * @property {number} passage_id
 * @property {number} start
 * @property {number} end
 * @property {string} quote
 * @property {number | null} page
 *
 * @typedef {object} Passage
 * @property {number} passage_id
 * @property {string} document_id
 * @property {string} title
 * @property {string} source
 * @property {string} text
 * @property {number} start
 * @property {number} end
 * @property {number | null} page
 *
 * @typedef {object} Answer
 * @property {string} id
 * @property {string} question
 * @property {string} answer
 * @property {boolean} abstained
 * @property {"no_evidence" | null} abstain_reason
 * @property {boolean} uncertain
 * @property {Citation[]} citations
 * @property {Passage[]} passages
 * @property {{total: number}} timings_ms
 *
 * @typedef {object} StoredDocument
 * @property {string} id
 * @property {string} title
 * @property {string} source
 * @property {string} collection
 * @property {string} sha256
 *
 * @typedef {object} Job
 * @property {string} id
 * @property {"queued" | "running" | "done" | "failed"} state
 * @property {string | null} reason
 *
 * @typedef {{role: "user" | "assistant", content: string}} Message
 *
 * @typedef {{event: "sources", data: {id: string, passages: Passage[]}}
 *   | {event: "queue", data: {position: number}}
 *   | {event: "delta", data: {text: string}}
 *   | {event: "citation", data: Citation}
 *   | {event: "done", data: Answer}
 *   | {event: "error", data: {type?: string, title?: string, detail?: string, status?: number}}} AnswerEvent
 */

export {};
