/** Asking for the API key, once however many requests were refused for want of it. */

import { byId } from "./dom.js";
import { say } from "./language.js";
import { apiKey, keepApiKey } from "./remembered.js";

const SENDABLE = /^[!-~]+$/; // what a header can carry

/** @type {Promise<boolean> | null} */
let asking = null;

/**
 * @param {string | null} refused the key that the refused request carried
 * @returns {Promise<boolean>} whether there is now another one to try
 */
export function askForKey(refused) {
  if (apiKey() !== refused) return Promise.resolve(true); // given while this request was on its way
  asking ??= showDialog(refused !== null).finally(() => {
    asking = null;
  });
  return asking;
}

/** @param {boolean} wrong whether there was a key, a wrong one */
function showDialog(wrong) {
  const dialog = byId("ask-key");
  const field = byId("key");
  say(byId("key-text"), wrong ? "key_wrong" : "key_needed");
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  field.focus();
  const form = dialog.querySelector("form");
  return new Promise((resolve) => {
    const cancel = () => dialog.close("");
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (SENDABLE.test(field.value.trim())) return dialog.close("use");
      if (field.value.trim()) say(byId("key-text"), "key_wrong");
      field.focus();
    };
    const close = () => {
      byId("key-cancel").removeEventListener("click", cancel);
      form.removeEventListener("submit", submit);
      if (dialog.returnValue === "use") keepApiKey(field.value.trim());
      field.value = "";
      resolve(dialog.returnValue === "use");
    };
    byId("key-cancel").addEventListener("click", cancel);
    form.addEventListener("submit", submit);
    dialog.addEventListener("close", close, { once: true });
  });
}
