// Runs before the page is painted, so that a remembered choice of light or dark never flashes.
(() => {
  try {
    const theme = localStorage.getItem("inyong.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off in this browser; the system's choice holds.
  }
})();
