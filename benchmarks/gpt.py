"""What GPT and BERT can do beyond the next token, three seeds each.

    python benchmarks/gpt.py [shots] [labels]

shots:  right answers by the number of examples, weights untouched, after training on few tasks or on fresh ones.
labels: accuracy with 10, 100 and 1,000 labels, from the course's pre-trained BERT of verse and from scratch.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import torch
from report import middle, write

from aigc_course.models.text.bert import BERT
from aigc_course.projects import few_shot, finetune
from aigc_course.projects.few_shot import FewShot, LetterTasks, best_of_tables, right
from aigc_course.projects.finetune import FineTune, labelled
from aigc_course.recipes.images.classifier import accuracy
from aigc_course.recipes.text import bert
from aigc_course.train import train

MINUTES = 5
TABLES = {
    "few_shot": "a rule from one example: {k = 1 @ row 3} % right",
    "fine_tuning":
        "10 labels: {% right @ pre-trained, fine-tuned, 10} % right, from scratch {% right @ from scratch, 10}",
}
SHOTS = (0, 1, 2, 4, 8, 16)


def shots(seeds: range) -> None:
    rows = [["nobody can do better", "–", "table", *[f"{100 * best_of_tables(k):.1f}" for k in SHOTS]]]
    trained = {"fresh tasks, either kind": LetterTasks(), "256 tables": LetterTasks("table", tasks=256),
               "16 tables": LetterTasks("table", tasks=16), "1 table": LetterTasks("table", tasks=1)}
    for name, tasks in trained.items():
        found, spent = {}, []
        for seed in seeds:
            run, begun = few_shot.build(replace(FewShot(), seed=seed)), time.process_time()
            for _ in train(run, replace(tasks, seed=seed), FewShot().steps):
                pass
            spent.append(time.process_time() - begun)
            asked = {kind: LetterTasks(kind, size=4000, seed=99) for kind in ("table", "rule", "none")}
            asked["its own"] = replace(tasks, size=4000, seed=seed)
            for kind, tests in asked.items():
                share = right(run.nets["gpt"], tests[10**6][0]).float().mean(dim=0)
                found.setdefault(kind, []).append([100 * share[k].item() for k in SHOTS])
        for kind, curves in found.items():
            rows.append([name, middle(spent, 0), kind, *[middle(column, 1) for column in zip(*curves, strict=True)]])
            print(rows[-1], flush=True)
    write("few_shot", f"Right answers in % after k examples, no gradient step, {len(seeds)} seeds",
          ["trained on", "CPU seconds", "asked about", *[f"k = {k}" for k in SHOTS]], rows,
          f"`recipes/few_shot.py`: {FewShot().steps} rounds of 64 sequences, one layer, 32 wide; each cell is the "
          "median (and range) over the seeds of the share of 4,000 answers. Asked about: fresh tables of 8 letters; "
          "fresh rules (the answer lies some letters after the question); none (each example is about another table); "
          "its own: sequences of the kind and the tasks that it was trained on.")


def labels(seeds: range) -> None:
    trained, vocabulary = bert.load()
    sets = [labelled(vocabulary, 200, seed=301), labelled(vocabulary, 500, seed=401)]      # to choose by, and to test
    rows = []
    for name in ("from scratch", "pre-trained, fine-tuned"):
        for many in (10, 100, 1000):
            def trial(lr: float, seed: int, name=name, many=many) -> list[float]:
                config = FineTune(lr=lr, seed=seed)
                run = finetune.build(config, fresh(trained, seed) if name == "from scratch" else trained)
                for _ in train(run, finetune.rounds(config, *labelled(vocabulary, many, seed=201 + seed)),
                               config.steps):
                    pass
                return [100 * accuracy(run.nets["classifier"], *test) for test in sets]

            tried = {lr: trial(lr, seeds[0]) for lr in (1e-3, 3e-3)}
            lr = max(tried, key=lambda lr, tried=tried: tried[lr][0])
            found = [tried[lr][1], *[trial(lr, seed)[1] for seed in seeds[1:]]]
            rows.append([name, many, f"{lr:g}", middle(found, 1)])
            print(rows[-1], flush=True)
    write("fine_tuning", f"平起 or 仄起? % of 500 unseen poems named rightly, {len(seeds)} seeds",
          ["net", "labels", "learning rate", "% right"], rows,
          "`recipes/finetune.py`: the course's BERT of verse (`data/models/verse_bert.md`), or the same net with fresh "
          f"weights, and a linear layer on its first vector; {FineTune().steps} rounds of up to {FineTune().size} "
          "poems, AdamW, one cycle; medians (and ranges) over seeds of the labelled poems, of the last layer and of "
          "fresh weights. The learning rate was chosen with seed 0 on 200 further poems. 50 % is guessing.")


def fresh(like: BERT, seed: int) -> BERT:
    torch.manual_seed(seed)
    return BERT(like.config)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", default=["shots", "labels"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    if "shots" in options.what:
        shots(range(3))
    if "labels" in options.what:
        labels(range(3))


if __name__ == "__main__":
    main()
