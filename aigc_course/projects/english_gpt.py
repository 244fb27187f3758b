"""A small GPT of English over byte-level BPE, as GPT-2 is a large one: trained on what Python's library says of itself.

    net, tokenizer = load()
    continued(net, tokenizer, "Return the", temperature=0)          # greedy: it soon repeats itself

`python -m aigc_course.projects.english_gpt` trains the one that comes with the course.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from tokenizers import Tokenizer

from aigc_course.compute import Compute, aside
from aigc_course.data.text.vocabulary import EOS
from aigc_course.files import read_whole
from aigc_course.metrics.text.language import repetition
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, GPTConfig, generate
from aigc_course.models.text.sampling import silent
from aigc_course.recipes.text.gpt import GPTRecipe, prose_job, prose_quality
from aigc_course.recipes.text.texts import learnt, prose
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import train

FOLDER = Path("models/english_gpt")
MERGES = 764
ENGLISH = GPTRecipe(GPTConfig(vocab=4 + 256 + MERGES, context=128, width=96, layers=3, heads=4, dropout=0.0),
                    steps=900, tokens=12 * 128, lr=5e-3)


def load(folder: Path | None = None) -> tuple[GPT, Tokenizer]:
    """A GPT of prose and its byte-level BPE, the course's own without a folder. Raises: CourseError when damaged."""
    folder = folder or resource_root() / FOLDER
    return hub.load(folder), Tokenizer.from_str(read_whole(folder / "tokenizer.json").decode())


def continued(net: GPT, tokenizer: Tokenizer, prompt: str, n: int = 1, new: int = 100, seed: int = 0,
              **settings) -> list[list[int]]:
    """n continuations of the prompt, `new` ids each, the prompt left out; settings as for `generate`, EOS never."""
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    with aside(seed):
        texts = generate(net, [ids] * n, new, bos=EOS, eos=None,
                         banned=(EOS, *silent(tokenizer.get_vocab_size(), net.config.vocab)), **settings)
    return [text[len(ids):] for text in texts]


def main(
    folder: Annotated[Path, typer.Option(help="Where to save the model.")] = resource_root() / FOLDER,
    seed: int = 0,
    steps: int = ENGLISH.steps,
) -> None:
    """Train a GPT on the prose of Python's library, report its quality, save it as a folder."""
    config, compute = replace(ENGLISH, seed=seed, steps=steps), Compute.best()
    texts = prose("python")
    bpe = learnt(texts.known, config.net.vocab)
    wanted = prose_job(config, texts, bpe, compute)
    print(f"{len(wanted.batches.text):,} tokens of {sum(map(len, texts.known)):,} characters", flush=True)
    finish(train(wanted.run, wanted.batches, config.steps), config.steps, "gpt")
    hub.save(wanted.run.nets["gpt"], folder, bpe, half=True, bos=EOS)

    net, tokenizer = load(folder)                                           # what is reported is what others load
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters; {sum(map(len, texts.unseen)):,} unseen characters")
    for name, value in prose_quality(net, bpe, texts.unseen).items():
        print(f"{name}: {value:.3g}")
    for name, settings in {"greedy": {"temperature": 0}, "sampled": {}}.items():
        written = continued(net, tokenizer, "Return the", 1 if name == "greedy" else 20, **settings)
        print(f"{name}: repetition {repetition(written):.2f}\n{tokenizer.decode(written[0])}")


if __name__ == "__main__":
    typer.run(main)
