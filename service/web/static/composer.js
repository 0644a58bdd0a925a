/** The question box: grows with its text; Enter asks, but never while a syllable is being composed. */

import { byId } from "./dom.js";

const touch = matchMedia("(pointer: coarse)");
const COMPOSING = 229; // keyCode that Safari gives for the Enter that ends a composition

/** @param {import("./chat.js").Chat} chat */
export function startComposer(chat) {
  const form = byId("composer");
  const field = byId("question");
  const submit = () => {
    const question = field.value.trim();
    if (!question || chat.isBusy) return;
    field.value = "";
    grow(field);
    if (touch.matches) field.blur(); // puts the phone's keyboard away: the answer needs the room
    chat.ask(question);
  };
  field.addEventListener("input", () => grow(field));
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === COMPOSING) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    submit();
    if (!touch.matches) field.focus();
  });
}

/** @param {any} field */
function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
