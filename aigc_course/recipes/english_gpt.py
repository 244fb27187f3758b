"""A small GPT of English over byte-level BPE, as GPT-2 is a large one: trained on what Python's library says of itself.

    net, tokenizer = load()
    continued(net, tokenizer, "Return the", temperature=0)          # greedy: it soon repeats itself

`python -m aigc_course.recipes.english_gpt` trains the one that comes with the course.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from tokenizers import Tokenizer
from torch import Tensor

from aigc_course.compute import Compute, aside
from aigc_course.data.bpe import BPE, train_bpe
from aigc_course.data.english import english
from aigc_course.data.vocabulary import BOS, EOS, PAD, UNK
from aigc_course.errors import CourseError
from aigc_course.metrics.language import bits_per_character, perplexity, repetition
from aigc_course.models import hub
from aigc_course.models.gpt import GPT, GPTConfig, generate
from aigc_course.models.rnn import token_nats
from aigc_course.recipes.gpt import GPTRecipe, build
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import train

FOLDER = Path("models/english_gpt")
MERGES = 764
ENGLISH = GPTRecipe(GPTConfig(vocab=4 + 256 + MERGES, context=128, width=96, layers=3, heads=4, dropout=0.0),
                    steps=900, tokens=12 * 128, lr=5e-3)
HELD_OUT = 15
"""Every 15th document is not trained on."""


@dataclass(frozen=True)
class Windows:
    """`[step]` -> (tokens (B, T + 1),): windows of one long text, each beginning anywhere, drawn from (seed, step)."""

    text: Tensor
    rows: int
    window: int
    seed: int = 0

    def __post_init__(self):
        if len(self.text) <= self.window:
            raise CourseError(f"A text of {len(self.text)} tokens has no window of {self.window} and one to predict: "
                              "give a longer text or a shorter window.")

    def __getitem__(self, step: int) -> tuple[Tensor]:
        starts = np.random.default_rng((self.seed, step)).integers(len(self.text) - self.window, size=self.rows)
        return (self.text[torch.from_numpy(starts)[:, None] + torch.arange(self.window + 1)],)


def stream(bpe: BPE, documents: Sequence[str]) -> Tensor:
    """All documents one after another, EOS after each: ids (N,)."""
    fast = bpe.library()
    return torch.tensor([number for text in documents for number in [*fast.encode(text).ids, EOS]])


def load() -> tuple[GPT, Tokenizer]:
    """The course's GPT of English and its byte-level BPE. Raises: CourseError when the folder is damaged."""
    folder = resource_root() / FOLDER
    return hub.load(folder), Tokenizer.from_file(str(folder / "tokenizer.json"))


def continued(net: GPT, tokenizer: Tokenizer, prompt: str, n: int = 1, new: int = 100, seed: int = 0,
              **settings) -> list[list[int]]:
    """n continuations of the prompt, `new` ids each, the prompt left out; settings as for `generate`, EOS never."""
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    with aside(seed):
        texts = generate(net, [ids] * n, new, bos=EOS, eos=None, banned=(PAD, BOS, EOS, UNK), **settings)
    return [text[len(ids):] for text in texts]


@torch.no_grad()
def text_nats(net: GPT, text: Tensor) -> float:
    """−log p of a long text (N,), read in windows of the net's context that do not overlap; the first token is given.

    The sum over N − 1 tokens; each window knows nothing of those before.
    """
    net.eval()
    total, window = 0.0, net.config.context
    for start in range(0, len(text) - 1, window):
        piece = text[None, start:start + window + 1]
        total += token_nats(net(piece[:, :-1]), piece[:, 1:]).sum().item()
    return total


def main(
    folder: Annotated[Path, typer.Option(help="Where to save the model.")] = resource_root() / FOLDER,
    seed: int = 0,
    steps: int = ENGLISH.steps,
) -> None:
    """Train a GPT on the prose of Python's library, report its quality, save it as a folder."""
    documents = list(english().values())
    known, unseen = [d for i, d in enumerate(documents) if i % HELD_OUT], documents[::HELD_OUT]
    bpe = BPE(train_bpe(known, MERGES))
    text, config, compute = stream(bpe, known), replace(ENGLISH, seed=seed, steps=steps), Compute.best()
    windows = Windows(text.to(compute.device), config.tokens // config.net.context, config.net.context, seed)
    run = build(config, compute)
    print(f"{len(text):,} tokens of {sum(map(len, known)):,} characters", flush=True)
    finish(train(run, windows, config.steps), config.steps, "gpt")
    hub.save(run.nets["gpt"].cpu(), folder, bpe, half=True)

    net, tokenizer = hub.load(folder), Tokenizer.from_file(str(folder / "tokenizer.json"))
    text = stream(bpe, unseen)
    nats = text_nats(net, text)
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters; {sum(map(len, unseen)):,} unseen characters: "
          f"perplexity {perplexity(nats, len(text) - 1):.1f}, bits per character "
          f"{bits_per_character(nats, sum(map(len, unseen))):.2f}")
    for name, settings in {"greedy": {"temperature": 0}, "sampled": {}}.items():
        texts = continued(net, tokenizer, "Return the", 1 if name == "greedy" else 20, **settings)
        print(f"{name}: repetition {repetition(texts):.2f}\n{tokenizer.decode(texts[0])}")


if __name__ == "__main__":
    typer.run(main)
