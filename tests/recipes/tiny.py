"""Every family that the course ships, at sizes that train in no time, and data of a learner's own for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from aigc_course.recipes.catalogue import family
from aigc_course.runs.options import with_values

WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "nobody", "looks"]
QUATRAINS = ["床前明月光，疑是地上霜。\n举头望明月，低头思故乡。", "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。"]
BLOCKS = {"net.width": 8, "net.layers": 1, "net.heads": 2}
SIZES = {
    "gan": {"net.z_dim": 3, "net.hidden": (8,), "batch": 4},
    "dcgan": {"net.z_dim": 3, "net.width": 2, "batch": 4},
    "vae": {"net.z_dim": 3, "net.hidden": (8,), "net.width": None, "batch": 4},
    "classifier": {"net.channels": (2, 3, 4), "net.features": 4, "batch": 4, "images": 40},
    "lstm": {"net.embed": 8, "net.width": 8, "tokens": 200},
    "seq2seq": {"embedding": 8, "hidden": 8, "tokens": 300},
    "transformer": {"width": 8, "heads": 2, "layers": 1, "context": 64, "tokens": 300},
    "translate": {"width": 8, "heads": 2, "layers": 1, "tokens": 300},
    "gpt": BLOCKS | {"net.vocab": 300, "net.context": 16, "tokens": 64},
    "bert": BLOCKS | {"net.context": 64, "tokens": 300},
    "poet": BLOCKS | {"tokens": 200, "rarest": 1},
    "poems-lstm": {"net.embed": 8, "net.width": 8, "tokens": 200, "examples": 40},
    "poems-seq2seq": {"embedding": 8, "hidden": 8, "tokens": 200, "examples": 40},
}


def tiny(name: str, preset: str | None = None, **changes: Any) -> Any:
    """The config of a preset, the first if none is named, at its tiny sizes; `examples` are few where there are any."""
    config = family(name).presets[preset or next(iter(family(name).presets))]
    few = {"examples": 60} if hasattr(config, "examples") else {}
    return with_values(config, few | SIZES[name] | changes)


def own_data(root: Path) -> dict[str, str]:
    """Family -> data for it: a folder of pictures in two classes, texts, pairs, or what it composes itself."""
    draw = np.random.default_rng(0)
    for kind in ("bright", "dark"):
        (root / "pictures" / kind).mkdir(parents=True)
        for number in range(25):
            pixels = draw.integers(128 * (kind == "bright"), 128 + 128 * (kind == "bright"), (30, 40, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(root / "pictures" / kind / f"{number}.png")
    lines = [" ".join(draw.choice(WORDS, 5)) for _ in range(60)]
    (root / "lines.txt").write_text("\n".join(lines), "utf-8")
    (root / "pairs.tsv").write_text("\n".join(f"{line}\t{line[::-1]}" for line in lines), "utf-8")
    files = {"pictures": ("gan", "dcgan", "vae", "classifier"), "lines.txt": ("lstm", "gpt", "bert"),
             "pairs.tsv": ("seq2seq", "transformer", "translate")}
    return ({name: str(root / file) for file, names in files.items() for name in names}
            | {"poet": "tang", "poems-lstm": "lstm", "poems-seq2seq": "rhyme"})
