// Temperature, top-k and top-p as in sampling.py; the logits come sorted, likeliest first.
for (const box of document.querySelectorAll(".aigc-sampling:not([data-on])")) {
  box.dataset.on = "";
  const logits = JSON.parse(box.dataset.logits);
  const sliders = [...box.querySelectorAll("input")];
  const draw = () => {
    const [temperature, topK, topP] = sliders.map((slider) => slider.valueAsNumber);
    for (const slider of sliders) slider.nextElementSibling.value = slider.value;
    const weights = logits.map((x, i) => (i < topK ? Math.exp((x - logits[0]) / temperature) : 0));
    const total = weights.reduce((sum, w) => sum + w);
    let before = 0, kept = 0;
    const probabilities = weights.map((w) => {
      const p = before < topP ? w / total : 0;
      before += w / total;
      kept += p;
      return p;
    });
    box.querySelectorAll("tr").forEach((row, i) => {
      const p = probabilities[i] / kept;
      row.querySelector("i").style.width = `${100 * p}%`;
      row.lastElementChild.textContent = p.toFixed(3);
    });
  };
  for (const slider of sliders) slider.addEventListener("input", draw);
  draw();
}
