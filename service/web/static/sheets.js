/** On a narrow screen panels are sheets, and a phone's Back closes them instead of leaving the conversation. */

const narrow = matchMedia("(max-width: 52rem)"); // as in the style sheets

/** @returns {boolean} */
export const isNarrow = () => narrow.matches;

/** @param {() => void} listener the screen has become narrow or wide */
export const onWidthChange = (listener) => narrow.addEventListener("change", listener);

/** Says that a sheet was opened. */
export function enterSheet() {
  if (isNarrow() && !history.state?.sheet) history.pushState({ sheet: true }, "");
}

/** Closes as Back would. @param {() => void} closeTop what Back does, see startSheets */
export function leaveSheet(closeTop) {
  if (history.state?.sheet) history.back();
  else closeTop();
}

/** @param {() => boolean} closeTop closes the uppermost panel; whether another one is still open */
export function startSheets(closeTop) {
  addEventListener("popstate", () => {
    if (closeTop()) enterSheet();
  });
}
