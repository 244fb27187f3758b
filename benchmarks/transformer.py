"""How exactly a small Transformer reverses and sorts letters, also of lengths that it never saw, and in what time.

    python benchmarks/transformer.py [--seeds N]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch
from report import middle, write

from aigc_course.data.vocabulary import Vocabulary
from aigc_course.recipes.seq2seq import batches, reversals
from aigc_course.recipes.transformer import LETTERS, answers, build
from aigc_course.train import train

HELD_OUT = {6, 9}
"""Lengths of no training string; those seen are the others from 2 to 12."""
TASKS = {"reversing": lambda word: word[::-1], "sorting": lambda word: "".join(sorted(word))}


def trial(task: str, seed: int) -> tuple[float, float, float]:
    """CPU seconds of training, and shares of strings without a mistake: of held-out lengths, and new ones of seen."""
    known = {word for word, _ in reversals(12_000, 12, 2, seed=seed) if len(word) not in HELD_OUT}
    pairs = [(word, TASKS[task](word)) for word in sorted(known)]
    unseen = sorted({word for word, _ in reversals(3000, 12, 2, seed=100 + seed)} - known)
    letters, config = Vocabulary.of(word for word, _ in pairs), replace(LETTERS, seed=seed)
    run = build(config, letters, letters)
    given = batches(config, pairs, letters, letters)
    begun = time.process_time()
    for _ in train(run, given, config.steps):
        pass
    taken = time.process_time() - begun
    written = answers(run.nets["transformer"], letters, letters, unseen, length=16)
    right = {word: answer == TASKS[task](word) for word, answer in zip(unseen, written, strict=True)}
    shares = []
    for held_out in (True, False):
        chosen = [good for word, good in right.items() if (len(word) in HELD_OUT) == held_out]
        shares.append(sum(chosen) / len(chosen))
    return taken, *shares


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    for task in TASKS:
        seconds, held_out, seen = zip(*(trial(task, seed) for seed in range(options.seeds)), strict=True)
        rows.append([task, middle(seconds, 0), middle([100 * share for share in held_out], 1),
                     middle([100 * share for share in seen], 1)])
    write("transformer", f"A Transformer of 2 + 2 layers, 64 wide, reverses and sorts letters ({LETTERS.steps} steps)",
          ["task", "CPU seconds", "% exact, lengths 6 and 9", "% exact, lengths seen"], rows,
          f"Medians (and ranges) of {options.seeds} seed(s). Strings of 2 to 12 of ten letters; none of length 6 or 9, "
          "and no string that is asked for, is in the training set. Bar: at least 99 % within 60 s.")


if __name__ == "__main__":
    main()
