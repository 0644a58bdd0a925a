/** Light or dark: the system's until somebody chooses. */

import { byId } from "./dom.js";
import { name } from "./language.js";
import { keepChoice } from "./remembered.js";

const system = matchMedia("(prefers-color-scheme: dark)");

/** Puts the switch to work. */
export function startTheme() {
  byId("switch-theme").addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    keepChoice("theme", theme);
    showSwitch();
  });
  system.addEventListener("change", showSwitch);
  showSwitch();
}

const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

function showSwitch() {
  const button = byId("switch-theme");
  name(button, isDark() ? "to_light" : "to_dark");
  button.querySelector("use").setAttribute("href", isDark() ? "#i-sun" : "#i-moon");
}
