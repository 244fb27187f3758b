// A decoder in the page: linear layers with ReLU between them and a sigmoid at the end, their weights in half precision.
for (const map of document.querySelectorAll(".aigc-latent-map:not([data-on])")) {
  map.dataset.on = "";
  const widths = JSON.parse(map.dataset.widths), reach = Number(map.dataset.reach);
  const bytes = new DataView(Uint8Array.from(atob(map.dataset.weights), (c) => c.charCodeAt(0)).buffer);
  const half = (i) => {                             // sign, 5 bits of exponent, 10 of fraction, as IEEE 754 has it
    const bits = bytes.getUint16(2 * i, true), exponent = bits >> 10 & 31, fraction = bits & 1023;
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
    return bits >> 15 ? -size : size;
  };
  let read = 0;
  const take = (count) => Float32Array.from({ length: count }, () => half(read++));
  const layers = widths.slice(1).map((out, i) => ({ weight: take(out * widths[i]), bias: take(out) }));

  // z -> the pixels' probabilities, row by row; open to whoever wants to compute with it
  map.decode = (z) => layers.reduce((input, { weight, bias }, depth) => bias.map((b, row) => {
    let sum = b;
    for (let i = 0; i < input.length; i++) sum += weight[row * input.length + i] * input[i];
    return depth < layers.length - 1 ? Math.max(0, sum) : 1 / (1 + Math.exp(-sum));
  }), z);

  const [plane, canvas, said, cross] = [".plane", "canvas", "output", ".cross"].map((name) => map.querySelector(name));
  const side = Math.sqrt(widths.at(-1));
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d"), picture = context.createImageData(side, side);
  let z = [0, 0];
  function draw() {
    map.decode(z).forEach((p, i) => { picture.data.fill(Math.round(255 * p), 4 * i, 4 * i + 3); });
    for (let i = 3; i < picture.data.length; i += 4) picture.data[i] = 255;
    context.putImageData(picture, 0, 0);
    cross.setAttribute("transform", `translate(${z[0]} ${-z[1]})`);
    said.value = `z = (${z.map((x) => x.toFixed(2).replace("-", "−")).join(", ")})`;
    canvas.setAttribute("aria-label", said.value);
  }
  const go = (x, y) => { z = [x, y].map((v) => Math.max(-reach, Math.min(reach, Math.round(100 * v) / 100))); draw(); };
  const follow = (event) => {
    const box = plane.getBoundingClientRect();
    go(((event.clientX - box.left) / box.width * 2 - 1) * reach, (1 - (event.clientY - box.top) / box.height * 2) * reach);
  };
  plane.addEventListener("pointerdown", follow);
  plane.addEventListener("pointermove", follow);
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.addEventListener("keydown", (event) => {
    const arrow = arrows[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();                        // JupyterLab would walk to the next cell
    const step = event.shiftKey ? 0.5 : 0.1;
    go(z[0] + arrow[0] * step, z[1] + arrow[1] * step);
  });
  draw();
}
