/** Puts the parts of the page together. */

import { Chat } from "./chat.js";
import { startComposer } from "./composer.js";
import { byId } from "./dom.js";
import { showEmpty } from "./empty.js";
import { say, startLanguage, switchLanguage } from "./language.js";
import { Library } from "./library.js";
import { openLinked } from "./linked.js";
import { Reader } from "./reader.js";
import { enterSheet, isNarrow, leaveSheet, onWidthChange, startSheets } from "./sheets.js";
import { startTheme } from "./theme.js";
import { Uploads, acceptDrops } from "./uploads.js";

startLanguage();
startTheme();
say(byId("switch-language").querySelector("span"), "switch_language");
byId("switch-language").addEventListener("click", switchLanguage);

const reader = new Reader((open) => {
  document.body.classList.toggle("reading", open);
  if (open) enterSheet();
  markInert();
});
const library = new Library(reader, showStart);
const chat = new Chat(reader, () => (library.chosen ? [library.chosen] : []), showStart);
const uploads = new Uploads(() => library.target, () => library.refreshSoon());
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
for (const id of ["close-library", "close-reader"]) byId(id).addEventListener("click", () => leaveSheet(closeTop));
onWidthChange(markInert);
startSheets(closeTop);
document.addEventListener("keydown", onKey);

markInert();
delete document.documentElement.dataset.starting; // early.js set it
if (!isNarrow()) byId("question").focus(); // on a phone it would open the keyboard over the page
library.refresh();
chat.restore();
openLinked(reader);

/** What stands there before the first question. */
function showStart() {
  byId("empty").hidden = !chat.isEmpty || !library.isKnown;
  if (chat.isEmpty) showEmpty(library.documents, (question) => chat.ask(question), () => uploads.choose());
}

/** @param {boolean} open only matters on a narrow screen, where the library is a sheet */
function showLibrary(open) {
  const was = isBrowsing();
  document.body.classList.toggle("browsing", open);
  if (open) enterSheet();
  byId("open-library").setAttribute("aria-expanded", String(open));
  markInert();
  if (open) byId("close-library").focus();
  else if (was && isNarrow()) byId("open-library").focus();
}

/** On a narrow screen a sheet covers everything, so nothing beneath it can be reached. */
function markInert() {
  byId("chat").inert = isNarrow() && (reader.isOpen || isBrowsing());
  byId("library").inert = isNarrow() && (reader.isOpen || !isBrowsing());
}

function isBrowsing() {
  return document.body.classList.contains("browsing");
}

/** Closes the panel on top; whether another one is still open. */
function closeTop() {
  if (reader.isOpen) reader.close();
  else showLibrary(false);
  return isNarrow() && isBrowsing();
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
    leaveSheet(closeTop);
  }
}
