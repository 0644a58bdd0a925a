/** The conversation: asks, streams, stops, asks again, hands past turns on as history, and outlives a reload. */

import { ask, keptAnswer } from "./api.js";
import { keepTurns, keptTurns } from "./conversation.js";
import { byId } from "./dom.js";
import { Problem, problemFrom } from "./problem.js";
import { Turn } from "./turn.js";

const PAST_TURNS = 6; // handed on with a question; a follow-up leans on the last ones

export class Chat {
  /** @type {Turn[]} */
  #turns = [];
  /** @type {AbortController | null} */
  #running = null;

  /**
   * @param {import("./reader.js").Reader} reader
   * @param {() => string[]} collections that questions are limited to; none: all
   * @param {() => void} onChange turns were added or taken away
   */
  constructor(reader, collections, onChange) {
    this.reader = reader;
    this.collections = collections;
    this.onChange = onChange;
    byId("stop").addEventListener("click", () => this.stop());
  }

  get isBusy() {
    return this.#running !== null;
  }

  get isEmpty() {
    return this.#turns.length === 0;
  }

  /** @param {string} question */
  ask(question) {
    const turn = this.#add(question);
    this.onChange();
    this.#run(turn);
  }

  /** Shows the conversation that this window had before its page was loaded anew. */
  async restore() {
    const kept = keptTurns().map(({ question, id }) => ({ id, turn: this.#add(question) }));
    if (!kept.length) return;
    this.onChange();
    kept.at(-1)?.turn.element.scrollIntoView({ block: "start" });
    await Promise.all(kept.map(({ id, turn }) => this.#fetch(id, turn)));
  }

  /** Ends the answer that is being written. */
  stop() {
    this.#running?.abort();
  }

  /** Forgets all turns. */
  clear() {
    this.stop();
    this.#show(null);
    this.reader.close();
    this.#turns = [];
    this.#keep();
    byId("turns").replaceChildren();
    this.onChange();
  }

  /** @param {string} question @returns {Turn} */
  #add(question) {
    const turn = new Turn(question, this.reader, () => this.#run(turn));
    this.#turns.push(turn);
    byId("turns").append(turn.element);
    return turn;
  }

  /** The answer as it was given. @param {string | null} id @param {Turn} turn */
  async #fetch(id, turn) {
    if (!id) {
      turn.stop();
      return;
    }
    turn.id = id;
    try {
      turn.restore(await keptAnswer(id));
    } catch (error) {
      if (error.status === 404) turn.forgotten();
      else turn.fail(error);
    }
  }

  #keep() {
    keepTurns(this.#turns.map(({ question, id }) => ({ question, id })));
  }

  /** @param {Turn} turn */
  async #run(turn) {
    if (this.isBusy) return;
    const running = new AbortController();
    this.#show(running);
    turn.start();
    this.#keep();
    turn.element.scrollIntoView({ block: "start" }); // and there it stays; what comes grows below it
    const body = { question: turn.question, collections: this.collections(), history: this.#historyBefore(turn) };
    try {
      for await (const event of ask(body, running.signal)) {
        if (event.event === "error") throw problemFrom(event.data, event.data.status ?? 500);
        turn.take(event);
      }
      if (!turn.answer) throw new Problem("error_cut", 0);
    } catch (error) {
      if (running.signal.aborted) turn.stop();
      else turn.fail(error);
    } finally {
      this.#keep();
      if (this.#running === running) this.#show(null);
    }
  }

  /** @param {AbortController | null} running */
  #show(running) {
    const hadFocus = document.activeElement === byId("stop");
    this.#running = running;
    byId("send").hidden = running !== null;
    byId("stop").hidden = running === null;
    if (hadFocus) byId("question").focus();
  }

  /** @param {Turn} turn @returns {import("./types.js").Message[]} */
  #historyBefore(turn) {
    const past = this.#turns.slice(0, this.#turns.indexOf(turn)).filter((one) => one.answer);
    return past.slice(-PAST_TURNS).flatMap((one) => [
      { role: "user", content: one.question },
      { role: "assistant", content: one.answer?.answer ?? "" },
    ]);
  }
}
