// Runs before the page is painted, so that neither a remembered choice of light or dark nor the other language
// flashes: what is painted waits for app.js, though not for long (frame.css).
(() => {
  document.documentElement.dataset.starting = "";
  try {
    const theme = localStorage.getItem("inyong.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off in this browser; the system's choice holds.
  }
})();
