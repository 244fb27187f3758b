// Plays precomputed frames: each slider is one axis, and the frame they point to is cut out of the sprite.
for (const player of document.querySelectorAll(".aigc-frames:not([data-on])")) {
  const { width, height, columns, zoom, rows } = Object.fromEntries(
    Object.entries(player.dataset).map(([name, value]) => [name, Number(value)]));
  const sprite = player.querySelector("img");
  const sliders = [...player.querySelectorAll("input")];
  const [view, map, play] = [".view", ".map", "button"].map((name) => player.querySelector(name));

  const crop = (box, wide, high, scale) => {
    box.style.width = `${wide * scale}px`;
    box.style.height = `${high * scale}px`;
    box.style.backgroundImage = `url(${sprite.src})`;
    box.style.backgroundSize = `${sprite.naturalWidth * scale}px auto`;
  };
  const turnTo = (box, x, y, scale) => { box.style.backgroundPosition = `${-x * scale}px ${-y * scale}px`; };

  function draw() {
    let frame = 0;
    for (const slider of sliders) {
      const labels = JSON.parse(slider.dataset.labels);
      frame = frame * labels.length + slider.valueAsNumber;
      slider.setAttribute("aria-valuetext", labels[slider.value]);
      slider.nextElementSibling.value = labels[slider.value];
    }
    const [column, row] = [frame % columns, Math.floor(frame / columns)];
    turnTo(view, column * width, row * height, zoom);
    if (map) {
      const scale = Number(map.dataset.zoom), top = Math.floor(row / rows) * rows;
      turnTo(map, 0, top * height, scale);
      Object.assign(map.firstChild.style, { left: `${column * width * scale}px`, width: `${width * scale}px`,
        top: `${(row - top) * height * scale}px`, height: `${height * scale}px` });
    }
  }

  function start() {
    player.dataset.on = "";
    crop(view, width, height, zoom);
    view.setAttribute("aria-label", sprite.alt);
    if (map) {
      crop(map, columns * width, rows * height, Number(map.dataset.zoom));
      const [down, across] = sliders.slice(-2);
      const follow = (event) => {
        if (!event.buttons) return;
        const box = map.getBoundingClientRect();
        across.value = Math.floor((event.clientX - box.left) / box.width * columns);
        down.value = Math.floor((event.clientY - box.top) / box.height * rows);
        draw();
      };
      map.addEventListener("pointerdown", follow);
      map.addEventListener("pointermove", follow);
    }
    let timer = null;
    play?.addEventListener("click", () => {
      const [slider] = sliders;
      clearInterval(timer);
      play.textContent = timer ? "▶" : "❚❚";
      timer = timer ? null : setInterval(() => {
        slider.value = (slider.valueAsNumber + 1) % (Number(slider.max) + 1);
        draw();
      }, 400);
    });
    for (const slider of sliders) slider.addEventListener("input", draw);
    draw();
  }
  sprite.complete && sprite.naturalWidth ? start() : sprite.addEventListener("load", start);
}
