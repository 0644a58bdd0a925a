/** The answer's text: parts are appended, and [n] becomes a chip once its citation is known. */

import { make } from "./dom.js";
import { name } from "./language.js";
import { splitMarkers } from "./text.js";

/** @typedef {import("./types.js").Citation} Citation */

export class Written {
  /**
   * @param {HTMLElement} element where the text goes
   * @param {(citation: Citation, opener: HTMLElement) => void} open
   */
  constructor(element, open) {
    this.element = element;
    this.open = open;
    this.text = "";
    /** @type {Map<number, Citation>} */
    this.citations = new Map();
  }

  /** @param {string} text the next part, with its markers */
  append(text) {
    this.text += text;
    /** @type {HTMLElement | null} */
    let last = null; // the chip just made
    for (const part of splitMarkers(text)) {
      if (typeof part === "number") {
        last = make("span", { class: "unbroken" });
        last.append(this.#makeChip(part));
        this.element.append(last);
        continue;
      }
      // A full stop behind a chip must not begin a line by itself.
      const stop = last ? (/^[.,;:!?。)\]]+/.exec(part)?.[0] ?? "") : "";
      last?.append(stop);
      this.element.append(part.slice(stop.length));
      last = null;
    }
  }

  /** @param {Citation} citation */
  cite(citation) {
    this.citations.set(citation.marker, citation);
    for (const chip of this.element.querySelectorAll(`.chip[data-marker="${Number(citation.marker)}"]`)) {
      this.#enable(chip, citation);
    }
  }

  /** The text and citations as they are in the end; touches nothing when that is what is there. @param {string} text @param {Citation[]} citations */
  settle(text, citations) {
    if (text.trim() !== this.text.trim()) {
      this.element.textContent = "";
      this.text = "";
      this.append(text);
    }
    this.citations.clear();
    for (const citation of citations) this.cite(citation);
    for (const chip of this.element.querySelectorAll(".chip:disabled")) chip.replaceWith(`[${chip.textContent}]`);
  }

  /** @param {number} marker */
  #makeChip(marker) {
    const chip = make("button", { class: "chip", text: String(marker), attrs: { "data-marker": String(marker) } });
    chip.disabled = true;
    const citation = this.citations.get(marker);
    if (citation) this.#enable(chip, citation);
    return chip;
  }

  /** @param {any} chip @param {Citation} citation */
  #enable(chip, citation) {
    if (!chip.disabled) return;
    chip.disabled = false;
    name(chip, "quote_open", { marker: citation.marker, title: citation.title });
    chip.addEventListener("click", () => this.open(this.citations.get(citation.marker) ?? citation, chip));
  }
}
