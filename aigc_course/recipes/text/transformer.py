"""Transformers that turn one sequence into another: letters reversed, letters sorted, any pairs of texts.

    source, target = vocabularies(pairs)                      # this and `batches` are those of recipes.seq2seq
    run = build(config, source, target)
    for log in train(run, batches(config, pairs, source, target), config.steps): ...
    answers(run.nets["transformer"], source, target, ["tac"])

`aigc train transformer --preset course` trains the net that comes with the course, which reverses words;
`aigc train transformer` trains any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from aigc_course.compute import Compute, seed_all
from aigc_course.data.text.sequences import Text, pad
from aigc_course.data.text.vocabulary import EOS, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text.sampling import silent
from aigc_course.models.text.transformer import Transformer, TransformerConfig, generate, transformer_turns
from aigc_course.ranges import Bound, Count, Depth, Many, Rate, Seed, Share, Size
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.learning import learner
from aigc_course.recipes.text.pairs import DATA, Pairs, exactness, shown, tasks
from aigc_course.recipes.text.seq2seq import batches, positions, vocabularies
from aigc_course.resources import resource
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.train import Run
from aigc_course.weights import expecting, read_weights, save_weights

WEIGHTS = "models/letters_transformer.safetensors"
FILE = "transformer.safetensors"
"""The name of the weights in a run's folder."""


@dataclass(frozen=True)
class TransformerRecipe:
    """The defaults suit strings of up to some 20 letters on a CPU."""

    width: Size = 64
    """Numbers for each token."""
    heads: Size = 4
    """Attention heads of each block, which share the width."""
    layers: Depth = 2
    """Blocks of the encoder, and as many of the decoder."""
    context: Size = 32
    """The longest source or target, in tokens."""
    dropout: Share = 0.0
    """Share of the embeddings, attention weights and sublayer outputs that training sets to 0."""
    pre_norm: bool = True
    """Pre-LN trains without care; post-LN, as published, wants a long warm-up."""
    positions: Literal["sinusoidal", "learned", "none"] = "sinusoidal"
    """What tells the positions apart: "sinusoidal", "learned", or "none"."""
    smoothing: Share = 0.0
    """Share of the target that is spread over all tokens alike."""
    steps: Count = 800
    """Rounds of training."""
    tokens: Many = 1500
    """Positions of a batch, source and target together."""
    lr: Rate = 4e-3
    """Highest learning rate of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the pairs that are made."""
    examples: Many = 20_000
    """How many dates or words are made to learn from; real data is taken as it is."""


LETTERS = TransformerRecipe()
"""For strings of up to 12 letters, reversed or sorted: half a minute of one core."""
REVERSAL = TransformerRecipe(width=32, layers=1, steps=4500, tokens=1000, lr=8e-3)
"""For words of up to 24 letters, reversed: a minute of one core."""
SMALL = replace(LETTERS, context=64)
"""For words and for dates."""
LARGE = TransformerRecipe(width=512, heads=8, layers=6, context=256, dropout=0.1, smoothing=0.1, steps=20_000,
                          tokens=50_000, lr=5e-4)
"""The published base model, for a GPU."""


def build(config: TransformerRecipe, source: Vocabulary, target: Vocabulary, compute: Compute = Compute()) -> Run:
    """A Transformer as learner "transformer"; train it with `batches(config, pairs, source, target)`."""
    seed_all(config.seed)
    net = Transformer(TransformerConfig(
        len(source), len(target), config.context, config.width, config.heads, config.layers, dropout=config.dropout,
        pre_norm=config.pre_norm, positions=config.positions)).to(compute.device)
    objective = partial(transformer_turns, smoothing=config.smoothing)
    return Run(objective, {"transformer": learner(net, config, betas=(0.9, 0.98), weight_decay=0.01)}, compute)


def answers(net: Transformer, source: Vocabulary, target: Vocabulary, texts: Sequence[Text],
            length: int | None = None) -> list[str]:
    """The greedy answer to each text, at most `length` tokens; None means as long as the context."""
    ids = pad([[*source.encode(text), EOS] for text in texts]).to(net.target_embedding.weight.device)
    written = generate(net, ids, net.config.context if length is None else length,
                       banned=silent(len(target), net.config.target))
    return [target.decode(row) for row in written]


def load_letters(path: Path | None = None) -> tuple[Transformer, Vocabulary]:
    """The net that comes with the course and reverses words of the letters a to j, frozen, and these letters
    (data/models/letters_transformer.md). Raises: CourseError if missing or damaged."""
    return load_transformer(path or resource(WEIGHTS))[:2]


def save_transformer(net: Transformer, source: Vocabulary, target: Vocabulary, path: Path) -> None:
    """Write a net with its vocabularies, one if both are the same; raises CourseError as `save_weights` does."""
    sides = ({"letters": source.tokens} if source.tokens == target.tokens else
             {"source": source.tokens, "target": target.tokens})
    save_weights(net, path, {"config": asdict(net.config), **sides})


def load_transformer(path: Path) -> tuple[Transformer, Vocabulary, Vocabulary]:
    """What `save_transformer` wrote, frozen, with its vocabularies. Raises: CourseError if missing or damaged."""
    with expecting("a Transformer of texts", path, "aigc train transformer --preset course"):
        state, about = read_weights(path)
        net = Transformer(TransformerConfig(**about["config"]))
        net.load_state_dict(state)
        source, target = (Vocabulary(about["letters"] if "letters" in about else about[side])
                          for side in ("source", "target"))
        return net.eval().requires_grad_(False), source, target


def answered(net: Transformer, source: Vocabulary, target: Vocabulary, texts: Sequence[Text],
             size: int = 256) -> list[str]:
    """The greedy answers to many texts, `size` at a time."""
    return [said for first in range(0, len(texts), size)
            for said in answers(net, source, target, texts[first:first + size])]


def require_room(context: int, pairs: Pairs) -> None:
    """Raises: CourseError when a source or target with its EOS is longer than the net reads."""
    longest = 1 + max(max(len(source), len(target)) for source, target in pairs)
    if longest > context:
        raise CourseError(f"The longest text has {longest} tokens with its end, and the net reads {context}: "
                          f"set the context to {longest} or more.")


def job(config: TransformerRecipe, data: str, compute: Compute) -> Job:
    """A Transformer that learns pairs of texts, character by character."""
    held = tasks(data, config.examples, config.seed)
    require_room(config.context, [*held.known, *(pair for pairs in held.unseen.values() for pair in pairs)])
    sides = vocabularies(held.known)
    run, given = build(config, *sides, compute), batches(config, held.known, *sides, compute)
    net = run.nets["transformer"]
    answer = partial(answered, net, *sides)
    return Job(run, given, "tokens", count=positions, samples=partial(shown, answer, held),
               measure=partial(exactness, answer, held),
               save=partial(save_transformer, net, *sides), hot=[net])


FAMILY = Family(
    "transformer", FAMILIES["transformer"].title, {"laptop": SMALL, "gpu": LARGE, "course": REVERSAL},
    {name: DATA[name] for name in ("reversal", "reversal-24", "sorting", "dates", "FILE")}, job, load_transformer, FILE,
    {"course": Shipped("letters_transformer.safetensors", "reversal-24")})
