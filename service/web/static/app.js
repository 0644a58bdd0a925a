/** Puts the parts of the page together. */

import { Chat } from "./chat.js";
import { startComposer } from "./composer.js";
import { byId } from "./dom.js";
import { showEmpty } from "./empty.js";
import { say, startLanguage, switchLanguage } from "./language.js";
import { Library } from "./library.js";
import { Reader } from "./reader.js";
import { startTheme } from "./theme.js";
import { Uploads, acceptDrops } from "./uploads.js";

const narrow = matchMedia("(max-width: 52rem)");

startLanguage();
startTheme();
say(byId("switch-language").querySelector("span"), "switch_language");
byId("switch-language").addEventListener("click", switchLanguage);

const reader = new Reader((open) => {
  document.body.classList.toggle("reading", open);
  markInert();
});
const library = new Library(reader, showStart);
const chat = new Chat(reader, () => (library.chosen ? [library.chosen] : []), showStart);
const uploads = new Uploads(() => library.target, () => library.refresh());
startComposer(chat);
acceptDrops(uploads);

for (const id of ["choose-files", "attach"]) byId(id).addEventListener("click", () => uploads.choose());
for (const id of ["new-conversation", "new-conversation-bar"]) {
  byId(id).addEventListener("click", () => {
    chat.clear();
    showLibrary(false);
    byId("question").focus();
  });
}
byId("open-library").addEventListener("click", () => showLibrary(true));
byId("close-library").addEventListener("click", () => showLibrary(false));
narrow.addEventListener("change", markInert);
document.addEventListener("keydown", onKey);

markInert();
if (!narrow.matches) byId("question").focus(); // on a phone it would open the keyboard over the page
library.refresh();

/** What stands there before the first question. */
function showStart() {
  byId("empty").hidden = !chat.isEmpty || !library.isKnown;
  document.body.classList.toggle("no-documents", library.documents.length === 0);
  showEmpty(library.documents, (question) => chat.ask(question), () => uploads.choose());
}

/** @param {boolean} open only matters on a narrow screen, where the library is a sheet */
function showLibrary(open) {
  const was = document.body.classList.contains("browsing");
  document.body.classList.toggle("browsing", open);
  byId("open-library").setAttribute("aria-expanded", String(open));
  markInert();
  if (open) byId("close-library").focus();
  else if (was && narrow.matches) byId("open-library").focus();
}

/** On a narrow screen a sheet covers everything, so nothing beneath it can be reached. */
function markInert() {
  const browsing = document.body.classList.contains("browsing");
  byId("chat").inert = narrow.matches && (reader.isOpen || browsing);
  byId("library").inert = narrow.matches && (reader.isOpen || !browsing);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.isComposing || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const writes = target.matches("input, textarea, select");
  if (event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId("question").focus();
  } else if (event.key === "Escape") {
    if (reader.isOpen) reader.close();
    else showLibrary(false);
  }
}
