// Search shows excerpts by fetching the found pages, which a browser refuses for pages opened as files.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// A picture or formula wider than a phone scrolls by itself; make that reachable from the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("pre, div.math, .pst-scrollable-table-container"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
});
