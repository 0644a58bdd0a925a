/** Which language the interface speaks, and saying things in it so that they follow when it is switched. */

import { choice, keepChoice } from "./remembered.js";
import { STRINGS } from "./strings.js";

/** @typedef {import("./strings.js").Language} Language */
/** @typedef {Record<string, string | number>} Values */

/** @type {Language} */
let current = "ko";

/** @returns {Language} */
export const language = () => current;

/** Takes the remembered language, else the browser's, and says the whole page in it. */
export function startLanguage() {
  const remembered = choice("language");
  const wanted = remembered ?? navigator.language ?? "";
  speak(wanted.toLowerCase().startsWith("ko") ? "ko" : "en");
}

/** Speaks the other language from now on. */
export function switchLanguage() {
  speak(current === "ko" ? "en" : "ko");
  keepChoice("language", current);
}

/**
 * A string of the table in the current language.
 * @param {string} key @param {Values} [values] @returns {string}
 */
export function t(key, values = {}) {
  const text = STRINGS[key][current === "ko" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/**
 * Makes the string the element's text, now and after a switch of language.
 * @param {Element} element @param {string} key @param {Values} [values]
 */
export function say(element, key, values = {}) {
  note(element, "say", key, values);
  element.textContent = t(key, values);
}

/**
 * Makes the string the element's accessible name and its tooltip.
 * @param {Element} element @param {string} key @param {Values} [values]
 */
export function name(element, key, values = {}) {
  note(element, "name", key, values);
  element.setAttribute("aria-label", t(key, values));
  if (element instanceof HTMLButtonElement) element.title = t(key, values);
}

/** Takes away what was said. @param {HTMLElement} element */
export function unsay(element) {
  delete element.dataset.say;
  delete element.dataset.sayValues;
  element.textContent = "";
}

/** @param {any} element @param {"say" | "name"} kind @param {string} key @param {Values} values */
function note(element, kind, key, values) {
  element.dataset[kind] = key;
  element.dataset[`${kind}Values`] = JSON.stringify(values);
}

/** @param {Language} wanted */
function speak(wanted) {
  current = wanted;
  document.documentElement.lang = wanted;
  document.title = t("page_title");
  for (const element of all("[data-say]")) {
    say(element, element.dataset.say, JSON.parse(element.dataset.sayValues ?? "{}"));
  }
  for (const element of all("[data-name]")) {
    name(element, element.dataset.name, JSON.parse(element.dataset.nameValues ?? "{}"));
  }
  for (const element of all("[data-hint]")) {
    element.setAttribute("placeholder", t(element.dataset.hint));
  }
}

/** @param {string} selector @returns {NodeListOf<any>} */
const all = (selector) => document.querySelectorAll(selector);
