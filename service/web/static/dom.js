/** Making elements. Text only ever enters the page as text: nothing here or elsewhere parses HTML. */

import { name, say } from "./language.js";

/** @typedef {import("./language.js").Values} Values */
/**
 * @typedef {object} Options
 * @property {string} [class]
 * @property {string} [text] from documents, people or the server, as it is
 * @property {[key: string, values?: Values]} [say] text of the interface
 * @property {[key: string, values?: Values]} [name] accessible name
 * @property {Record<string, string>} [attrs]
 * @property {Record<string, (event: any) => void>} [on]
 */

/** @param {string} id @returns {any} the element of the template; it is there */
export const byId = (id) => document.getElementById(id);

/**
 * @param {string} tag @param {Options} [options] @param {...(Node | string)} children
 * @returns {any}
 */
export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  if (tag === "button") element.setAttribute("type", "button");
  if (options.class) element.className = options.class;
  if (options.text !== undefined) element.textContent = options.text;
  if (options.say) say(element, ...options.say);
  if (options.name) name(element, ...options.name);
  for (const [key, value] of Object.entries(options.attrs ?? {})) element.setAttribute(key, value);
  for (const [event, listener] of Object.entries(options.on ?? {})) element.addEventListener(event, listener);
  element.append(...children);
  return element;
}

/** @param {string} icon a symbol of icons.html @returns {SVGElement} */
export function makeIcon(icon) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${icon}`);
  svg.append(use);
  return svg;
}

/** Has a screen reader say something that is not in its place on the page. @param {string} key @param {Values} [values] */
export const announce = (key, values) => say(byId("announcer"), key, values);
