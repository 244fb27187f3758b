"""Transformers that turn one sequence into another: letters reversed, letters sorted, any pairs of texts.

    source, target = vocabularies(pairs)                      # this and `batches` are those of recipes.seq2seq
    run = build(config, source, target)
    for log in train(run, batches(config, pairs, source, target), config.steps): ...
    answers(run.nets["transformer"], source, target, ["tac"])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import torch

from aigc_course.compute import Compute, seed_all
from aigc_course.data.sequences import Text, pad
from aigc_course.data.vocabulary import EOS, Vocabulary
from aigc_course.models.transformer import Transformer, TransformerConfig, generate, transformer_turns
from aigc_course.recipes.classifier import one_cycle
from aigc_course.train import Learner, Run


@dataclass(frozen=True)
class TransformerRecipe:
    """The defaults suit strings of up to some 20 letters on a CPU."""

    width: int = 64
    heads: int = 4
    layers: int = 2
    context: int = 32
    dropout: float = 0.0
    pre_norm: bool = True
    """Pre-LN trains without care; post-LN, as published, wants a long warm-up."""
    positions: str = "sinusoidal"
    smoothing: float = 0.0
    steps: int = 800
    tokens: int = 1500
    """Positions of a batch, source and target together."""
    lr: float = 4e-3
    """Highest learning rate of one cycle."""
    clip: float = 1.0
    seed: int = 0


LETTERS = TransformerRecipe()
"""For strings of up to 12 letters, reversed or sorted: half a minute of one core."""


def build(config: TransformerRecipe, source: Vocabulary, target: Vocabulary, compute: Compute = Compute()) -> Run:
    """A Transformer as learner "transformer"; train it with `batches(config, pairs, source, target)`."""
    seed_all(config.seed)
    net = Transformer(TransformerConfig(
        len(source), len(target), config.context, config.width, config.heads, config.layers, dropout=config.dropout,
        pre_norm=config.pre_norm, positions=config.positions)).to(compute.device)
    opt = torch.optim.AdamW(net.parameters(), config.lr, betas=(0.9, 0.98), weight_decay=0.01)
    lr = partial(one_cycle, steps=config.steps, peak=config.lr)
    objective = partial(transformer_turns, smoothing=config.smoothing)
    return Run(objective, {"transformer": Learner(net, opt, lr=lr, clip=config.clip)}, compute)


def answers(net: Transformer, source: Vocabulary, target: Vocabulary, texts: Sequence[Text],
            length: int | None = None) -> list[str]:
    """The greedy answer to each text, at most `length` tokens; None means as long as the context."""
    ids = pad([[*source.encode(text), EOS] for text in texts]).to(net.target_embedding.weight.device)
    return [target.decode(row) for row in generate(net, ids, length or net.config.context)]
