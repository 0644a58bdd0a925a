/**
 * What the browser keeps: choices for good, the API key and the conversation until the window is closed. Works
 * without storage too.
 */

const PREFIX = "inyong.";

/** @type {Map<string, string>} what could not be stored, for as long as the page is open */
const unstored = new Map();

/** @param {string} name @returns {string | null} a choice made earlier, or null */
export const choice = (name) => read(() => localStorage, name);

/** @param {string} name @param {string} value */
export const keepChoice = (name, value) => write(() => localStorage, name, value);

/** @returns {string | null} the API key given in this window */
export const apiKey = () => read(() => sessionStorage, "key");

/** @param {string} value */
export const keepApiKey = (value) => write(() => sessionStorage, "key", value);

/** @returns {string | null} the conversation in this window, as `conversation.js` writes it */
export const conversation = () => read(() => sessionStorage, "conversation");

/** @param {string | null} value null: none any more */
export const keepConversation = (value) =>
  value === null ? forget(() => sessionStorage, "conversation") : write(() => sessionStorage, "conversation", value);

/** @param {() => Storage} storage asking for it can already throw @param {string} name */
function read(storage, name) {
  try {
    return storage().getItem(PREFIX + name) ?? unstored.get(name) ?? null;
  } catch {
    return unstored.get(name) ?? null;
  }
}

/** @param {() => Storage} storage @param {string} name @param {string} value */
function write(storage, name, value) {
  try {
    storage().setItem(PREFIX + name, value);
  } catch {
    unstored.set(name, value);
  }
}

/** @param {() => Storage} storage @param {string} name */
function forget(storage, name) {
  unstored.delete(name);
  try {
    storage().removeItem(PREFIX + name);
  } catch {
    // nothing could be stored there either
  }
}
