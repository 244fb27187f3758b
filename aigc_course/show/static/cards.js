// A training step on many cards, as plan() in metrics/parallel.py.
for (const box of document.querySelectorAll(".aigc-cards:not([data-on])")) {
  box.dataset.on = "";
  const known = JSON.parse(box.dataset.known);
  const sliders = [...box.querySelectorAll("input")];
  const ring = (n, size, link) => 2 * (n - 1) * (link.alpha + link.beta * size / n);
  const draw = () => {
    const at = {};
    for (const slider of sliders) {
      at[slider.dataset.name] = JSON.parse(slider.dataset.labels)[slider.valueAsNumber];
      slider.nextElementSibling.value = at[slider.dataset.name];
      slider.setAttribute("aria-valuetext", at[slider.dataset.name]);
    }
    const parameters = known.sizes[at.size], local = Math.min(at.cards, known.perMachine);
    const across = { alpha: known.across.alpha, beta: 1 / known.networks[at.network] };
    const communication = (ring(local, 2 * parameters, known.inside)
      + ring(Math.ceil(at.cards / local), 2 * parameters / local, across)) * (at.stage === 3 ? 1.5 : 1);
    const compute = 6 * parameters * at.tokens / known.flops;
    const step = compute + Math.max(0, communication - 2 / 3 * compute);
    const parts = [[2, 3], [2, 2], [12, 1]].map(([size, from]) => at.stage >= from ? size / at.cards : size);
    const state = parameters * (parts[0] + parts[1] + parts[2]), longest = Math.max(step, communication);
    const rows = {
      compute: [compute / longest, `${(1e3 * compute).toFixed(1)} ms`],
      communication: [communication / longest, `${(1e3 * communication).toFixed(1)} ms`],
      step: [step / longest, `${(1e3 * step).toFixed(1)} ms`],
      efficiency: [compute / step, `${(100 * compute / step).toFixed(1)} %`],
      rate: [0, `${(at.cards * at.tokens / step / 1e6).toFixed(2)} M`],
      state: [0, `${(state / 1e9).toFixed(2)} GB`],
    };
    for (const row of box.querySelectorAll("tr")) {
      const [share, text] = rows[row.dataset.row];
      row.querySelector("i").style.width = `${100 * share}%`;
      row.lastElementChild.textContent = text;
    }
  };
  for (const slider of sliders) slider.addEventListener("input", draw);
  draw();
}
