// Search shows excerpts by fetching the found pages, which a browser refuses for pages opened as files.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// A picture or formula wider than a phone scrolls by itself; make that reachable from the keyboard.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("pre, div.math, .pst-scrollable-table-container"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
});

// A line may break on both sides of a formula; keep the bracket before it and the punctuation after it beside it.
document.addEventListener("DOMContentLoaded", () => {
  for (const formula of document.querySelectorAll("span.math")) {
    const [before, after] = [formula.previousSibling, formula.nextSibling];
    const opening = before?.nodeType === 3 ? before.data.match(/[（(“《[]*$/)[0] : "";
    const closing = after?.nodeType === 3 ? after.data.match(/^[，。、；：！？）”》),.;:!?\]]*/)[0] : "";
    if (!opening && !closing) continue;
    const together = document.createElement("span");
    together.className = "together";
    formula.replaceWith(together);
    together.append(opening, formula, closing);
    if (opening) before.data = before.data.slice(0, -opening.length);
    if (closing) after.data = after.data.slice(closing.length);
  }
});
