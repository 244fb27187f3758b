"""Translation of sentences, words in and characters out: English to Chinese, or a file of your own pairs.

`aigc train translate` trains a Transformer, or with `--kind seq2seq` recurrent nets with attention; afterwards

    net, source, target = load(Path("runs/…/weights/translate.safetensors"))
    translated(net, source, target, ["Let's fly a kite."])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import torch

from aigc_course.compute import Compute
from aigc_course.data.text.sequences import Buckets, Pair, encode_pairs
from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text.seq2seq import Seq2Seq, seq2seq_turns
from aigc_course.models.text.transformer import Transformer, transformer_turns
from aigc_course.models.text.translator import Translator, translate
from aigc_course.ranges import Bound, Count, Depth, Many, Rate, Seed, Share, Size
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.text import seq2seq, transformer
from aigc_course.recipes.text.pairs import TRANSLATIONS, Held, bleu, shown, translations, words
from aigc_course.recipes.text.seq2seq import Seq2SeqRecipe, batches, positions
from aigc_course.recipes.text.transformer import TransformerRecipe, answered, load_transformer, save_transformer
from aigc_course.runs.job import Family, Job
from aigc_course.weights import expecting, read_weights

FILE = "translate.safetensors"


@dataclass(frozen=True)
class TranslateRecipe:
    """The defaults are the Transformer of the benchmark on Tatoeba, 120 CPU seconds of one core."""

    kind: Literal["transformer", "seq2seq"] = "transformer"
    """A Transformer, or recurrent nets with attention."""
    width: Size = 128
    """Numbers for each token of a Transformer; of the states of recurrent nets, whose tokens have half as many."""
    heads: Size = 4
    """Attention heads of each block of a Transformer, which share the width."""
    layers: Depth = 2
    """Blocks of a Transformer's encoder, and as many of its decoder; recurrent nets have one layer."""
    attention: Literal["dot", "general", "additive"] | None = "general"
    """How recurrent nets score the source: "dot", "general", "additive"; None: they see one vector of it."""
    context: Size = 80
    """The longest sentence in tokens; longer ones are left out, of training and of measuring."""
    dropout: Share = 0.2
    """Share of the embeddings and of the outputs of layers that training sets to 0."""
    smoothing: Share = 0.0
    """Share of a Transformer's target that is spread over all tokens alike."""
    rarest: Many = 2
    """A word or character must occur so often in training to be a token."""
    steps: Count = 740
    """Rounds of training."""
    tokens: Many = 2000
    """Positions of a batch, source and target together, padding included."""
    lr: Rate = 2e-3
    """Highest learning rate of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    seed: Seed = 0
    """Of the weights and of the order of the data."""


LARGE = TranslateRecipe(width=512, heads=8, layers=4, dropout=0.3, smoothing=0.1, steps=5000, tokens=25_000, lr=7e-4)
"""For a GPU."""


def fitting(held: Held, context: int) -> Held:
    """The pairs of which neither side, with its EOS, exceeds the context."""
    known, *unseen = ([pair for pair in pairs if max(map(len, pair)) < context]
                      for pairs in (held.known, *held.unseen.values()))
    if not known or not all(unseen):
        raise CourseError(f"No sentence has less than {context} tokens: choose a longer context.")
    return Held(known, dict(zip(held.unseen, unseen, strict=True)))


def translated(net: Transformer | Seq2Seq, source: Vocabulary, target: Vocabulary,
               sentences: Sequence[str | Sequence[str]]) -> list[str]:
    """Greedy translations of sentences, or of their lists of words."""
    texts = [words(one) if isinstance(one, str) else one for one in sentences]
    if isinstance(net, Transformer):
        return answered(net, source, target, texts)
    return translate(Translator(net, source, target), texts)


@torch.no_grad()
def held_out_nats(net: Transformer | Seq2Seq, encoded: Sequence[Pair]) -> float:
    """Nats per target token, EOS included, over all pairs of ids."""
    name, turns = ("transformer", transformer_turns) if isinstance(net, Transformer) else ("seq2seq", seq2seq_turns)
    total, count = 0.0, 0
    for batch in Buckets(encoded, 4000, device=next(net.parameters()).device):
        (turn,) = turns({name: net.eval()}, batch, 0)
        weight = float(turn.weight)
        total, count = total + turn.loss.item() * weight, count + weight
    return total / count


def load(path: Path) -> tuple[Transformer | Seq2Seq, Vocabulary, Vocabulary]:
    """A net that a run saved, frozen, with its vocabularies. Raises: CourseError when missing or damaged."""
    with expecting("a translator", path, "aigc train translate"):
        is_transformer = "layers" in read_weights(path)[1]["config"]
    if is_transformer:
        return load_transformer(path)
    return seq2seq.load(path)


def job(config: TranslateRecipe, data: str, compute: Compute) -> Job:
    """A translator of either kind."""
    held = fitting(translations(data), config.context)
    source, target = (Vocabulary.of(side, at_least=config.rarest) for side in zip(*held.known, strict=True))
    sides = source, target
    shared = {name: getattr(config, name) for name in ("attention", "steps", "tokens", "lr", "clip", "seed")}
    if config.kind == "seq2seq":
        recipe = Seq2SeqRecipe(embedding=config.width // 2, hidden=config.width, drop=config.dropout, **shared)
        run = seq2seq.build(recipe, *sides, compute)
    else:
        del shared["attention"]
        names = ("width", "heads", "layers", "context", "dropout", "smoothing")
        recipe = TransformerRecipe(**{name: getattr(config, name) for name in names}, **shared)
        run = transformer.build(recipe, *sides, compute)
    net, answer = run.nets[config.kind], partial(translated, run.nets[config.kind], *sides)

    def measure() -> dict[str, float]:
        loss = held_out_nats(net, encode_pairs(held.unseen["unseen sentences"], *sides))
        return {"nats per character of unseen sentences": loss, **bleu(answer, held)}

    def save(path: Path) -> None:
        if config.kind == "seq2seq":
            Translator(net, *sides).save(path)
        else:
            save_transformer(net, *sides, path)

    return Job(run, batches(recipe, held.known, *sides, compute), "tokens", count=positions,
               samples=partial(shown, answer, held), measure=measure, save=save, hot=[net])


FAMILY = Family("translate", FAMILIES["translate"].title, {"laptop": TranslateRecipe(), "gpu": LARGE}, TRANSLATIONS,
                job, load, FILE)
