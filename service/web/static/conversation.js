/**
 * The conversation over a reload of the page: questions and the ids of their answers, in this tab alone. The
 * answers themselves stay with the server, which gives them again for as long as it keeps them.
 */

import { conversation, keepConversation } from "./remembered.js";

const MOST_TURNS = 20; // the last ones
const MOST_QUESTION_CHARS = 4000; // a longer one is not remembered

/** @typedef {{question: string, id: string | null}} KeptTurn id: of the answer, null when there is none */

/** @param {KeptTurn[]} turns in order */
export function keepTurns(turns) {
  const kept = turns.filter((turn) => turn.question.length <= MOST_QUESTION_CHARS).slice(-MOST_TURNS);
  keepConversation(kept.length ? JSON.stringify(kept) : null);
}

/** @returns {KeptTurn[]} */
export function keptTurns() {
  try {
    const turns = JSON.parse(conversation() ?? "[]");
    return turns.filter(isTurn).slice(-MOST_TURNS);
  } catch {
    return []; // not written by this page
  }
}

/** @param {any} turn */
const isTurn = (turn) => typeof turn?.question === "string" && (turn.id === null || /^[0-9a-f]{32}$/.test(turn.id));
