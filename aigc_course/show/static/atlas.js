// One map of many: a byte for each weight, layers, heads, queries and keys in this order.
for (const atlas of document.querySelectorAll(".aigc-atlas:not([data-on])")) {
  atlas.dataset.on = "";
  const levels = Uint8Array.from(atob(atlas.dataset.weights), (c) => c.charCodeAt(0));
  const [buttons, lines, tokens] = ["button", "tr:not(:first-child)", ".token"]
    .map((name) => [...atlas.querySelectorAll(name)]);
  const [table, title, asker] = ["table", ".title", ".asked b"].map((name) => atlas.querySelector(name));
  let map = 0, query = lines.length - 1;

  // The weights of one query; open to whoever wants to read them.
  atlas.weights = (map, query) => [...levels.subarray((map * lines.length + query) * tokens.length,
    (map * lines.length + query + 1) * tokens.length)].map((level) => level / 255);

  function draw() {
    title.textContent = buttons[map].title;
    buttons.forEach((button, i) => { button.setAttribute("aria-pressed", i === map); });
    lines.forEach((line, i) => {
      const weights = atlas.weights(map, i);
      line.classList.toggle("asking", i === query);
      line.querySelectorAll("td").forEach((cell, k) => {
        cell.dataset.w = weights[k].toFixed(2).replace(/^0/, "");
        cell.style.setProperty("--w", weights[k].toFixed(3));
      });
    });
    const asked = atlas.weights(map, query);
    asker.textContent = lines[query].querySelector("th").textContent;
    tokens.forEach((token, k) => {
      token.style.setProperty("--w", asked[k].toFixed(3));
      token.title = asked[k].toFixed(2);
    });
    table.setAttribute("aria-label", `${title.textContent} · ${asker.textContent}`);
  }

  buttons.forEach((button, i) => button.addEventListener("click", () => { map = i; draw(); }));
  lines.forEach((line, i) => line.addEventListener("click", () => { query = i; draw(); }));
  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();                        // JupyterLab would walk to the next cell
    query = Math.max(0, Math.min(lines.length - 1, query + step));
    draw();
  });
  draw();
}
