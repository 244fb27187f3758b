"""GPTs: of short documents in characters, such as quatrains, and of long ones in byte pairs.

    config = GPTRecipe(GPTConfig(vocab=len(vocabulary), context=48, width=96, layers=3, heads=4))
    run = build(config)
    for log in train(run, batches(config, documents), config.steps): ...
    poems = write(run.nets["gpt"], vocabulary, 10)

`aigc train gpt` trains one of any size on any text, and saves it as a folder that `transformers` loads, too; with
`--preset course` it is the one of English that comes with the course (`aigc_course.projects.english_gpt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from tokenizers import Tokenizer
from torch import Tensor

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data.text.bpe import BPE
from aigc_course.data.text.streams import Documents, Windows
from aigc_course.data.text.vocabulary import EOS, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.metrics.text.language import bits_per_character, perplexity, repetition
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, GPTConfig, generate, gpt_turns, nats
from aigc_course.models.text.likelihood import token_nats
from aigc_course.models.text.sampling import silent
from aigc_course.ranges import Bound, Count, Many, Rate, Seed, Weight
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.learning import Cycle, Portions, learner
from aigc_course.recipes.text.language_model import targets
from aigc_course.recipes.text.texts import (
    POEMS,
    PROSE,
    Texts,
    documents,
    fitted,
    learnt,
    prose,
    quality,
    stream,
)
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.train import Run


@dataclass(frozen=True)
class GPTRecipe:
    net: GPTConfig
    """Its vocab 0 is filled in: as many tokens as the characters of the data, or 1,024 byte pairs."""
    steps: Count = 1000
    """Rounds of training."""
    tokens: Many = 1500
    """Positions of a batch, padding included."""
    lr: Rate = 3e-3
    """Highest learning rate of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    decay: Weight = 0.1
    """Weight decay of matrices and embeddings; gains and biases have none."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the verse that is composed."""
    examples: Many = 20_000
    """How many poems are composed to learn from; real data is taken as it is."""


VERSE = GPTRecipe(GPTConfig(vocab=0, context=32, width=96, layers=2, heads=4, dropout=0.0), steps=2700, tokens=750,
                  lr=6e-3)
"""Regulated quatrains of five characters a line; the vocabulary's size is filled in when it is known."""
SMALL = replace(VERSE, net=replace(VERSE.net, context=128), tokens=768)
"""For any text on one core, within two minutes."""
LARGE = GPTRecipe(GPTConfig(vocab=50_304, dropout=0.0), steps=10_000, tokens=64 * 1024, lr=6e-4)
"""GPT-2's smallest size for a GPU, 124 million parameters; the vocabulary is rounded up to a multiple of 64, which
matrix units like better than 50,257."""
ENGLISH = GPTRecipe(GPTConfig(vocab=4 + 256 + 764, context=128, width=96, layers=3, heads=4, dropout=0.0), steps=900,
                    tokens=12 * 128, lr=5e-3)
"""The run behind the model of English that comes with the course: 4 special tokens, 256 bytes, 764 merges."""
BYTE_PAIRS = 1024
"""Tokens of prose where the config does not say how many."""


class Settings(Cycle, Protocol):
    """What `build` reads of a `GPTRecipe`; the poet's has it, too."""

    @property
    def net(self) -> GPTConfig: ...

    @property
    def decay(self) -> float: ...

    @property
    def seed(self) -> int: ...


def build(config: Settings, compute: Compute = Compute()) -> Run:
    """A GPT as learner "gpt"; train it with `batches(config, documents)`."""
    seed_all(config.seed)
    net = GPT(config.net).to(compute.device)
    matrices = [p for p in net.parameters() if p.ndim == 2]
    others = [p for p in net.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": config.decay}, {"params": others, "weight_decay": 0.0}]
    return Run(gpt_turns, {"gpt": learner(net, config, weights=groups, betas=(0.9, 0.99), fused=True)}, compute)


def batches(config: Portions, documents: Sequence[Sequence[int]], compute: Compute = Compute()) -> Documents:
    """Whole documents (lists of ids without BOS and EOS) of similar lengths."""
    return Documents(documents, config.tokens, config.seed, compute.device)


def write(net: GPT, vocabulary: Vocabulary, n: int, prompt: str = "", seed: int = 0, **settings) -> list[str]:
    """n texts that begin with `prompt`, otherwise as `continued`."""
    return continued(net, vocabulary, [prompt] * n, seed, **settings)


def continued(net: GPT, vocabulary: Vocabulary, starts: Sequence[str], seed: int = 0, new: int | None = None,
              **settings) -> list[str]:
    """Each start with what follows, with random numbers of their own; starts of one length together, so that none is
    shorter for the company of a longer one.

    new: characters at most; None: as many as the context allows. settings: temperature, top_k and top_p of `generate`.
    """
    ids = [vocabulary.encode(start) for start in starts]
    texts, banned = [""] * len(ids), silent(len(vocabulary), net.config.vocab)
    with aside(seed):
        for length in sorted({*map(len, ids)}):
            rows, room = [n for n, row in enumerate(ids) if len(row) == length], net.config.context - length - 1
            many = room if new is None else min(room, new)
            written = generate(net, [ids[n] for n in rows], many, banned=banned, **settings)
            for n, text in zip(rows, written, strict=True):
                texts[n] = vocabulary.decode(text)
    return texts


# --- poems and other short documents ----------------------------------------------------------------------------------


def documents_job(config: GPTRecipe, data: str, compute: Compute) -> Job:
    """A GPT of short documents in characters, each of which it reads whole."""
    texts = documents(data, config.examples, config.seed)
    vocabulary = Vocabulary.of(texts.known)
    config = replace(config, net=replace(config.net, vocab=fitted(config.net.vocab, len(vocabulary))))
    longest = max(map(len, (*texts.known, *texts.unseen)))
    if longest >= config.net.context:
        raise CourseError(f"The longest text has {longest} characters, and the net reads {config.net.context}, one of "
                          f"which begins a text: set its context to {longest + 1} or more.")
    run = build(config, compute)
    given = batches(config, [vocabulary.encode(text) for text in texts.known], compute)
    net, shorter = run.nets["gpt"], partial(write, new=2 * longest)
    return Job(run, given, "tokens", count=targets, samples=partial(shorter, net, vocabulary, 8),
               measure=partial(quality, net, vocabulary, nats, shorter, texts, data in POEMS),
               save=lambda path: hub.save(net, path, vocabulary, half=True), hot=[net])


# --- prose ------------------------------------------------------------------------------------------------------------


def prose_job(config: GPTRecipe, texts: Texts, bpe: BPE, compute: Compute) -> Job:
    """A GPT of long texts in byte pairs, which it reads in windows as long as its context."""
    config = replace(config, net=replace(config.net, vocab=fitted(config.net.vocab, len(bpe))))
    window = config.net.context
    run, rows = build(config, compute), max(1, config.tokens // window)
    given, net = Windows(stream(bpe, texts.known).to(compute.device), rows, window, config.seed), run.nets["gpt"]
    return Job(run, given, "tokens", count=targets, samples=partial(passages, net, bpe, 4),
               measure=partial(prose_quality, net, bpe, texts.unseen),
               save=lambda path: hub.save(net, path, bpe, half=True, bos=EOS), hot=[net])


def passages(net: GPT, bpe: BPE, n: int, new: int = 200, seed: int = 0, **settings) -> list[str]:
    """n passages of `new` tokens, fewer where the context ends, with random numbers of their own."""
    with aside(seed):
        rows = generate(net, [[]] * n, min(new, net.config.context - 1), bos=EOS, eos=None,
                        banned=(EOS, *silent(len(bpe), net.config.vocab)), **settings)
    return [bpe.decode(row) for row in rows]


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


def prose_quality(net: GPT, bpe: BPE, unseen: Sequence[str]) -> dict[str, float]:
    """How well a net predicts held-out texts, and how much its samples repeat themselves: name -> value."""
    text = stream(bpe, unseen).to(net.tokens.weight.device)
    total = text_nats(net, text)
    written = [bpe.encode(passage) for passage in passages(net, bpe, 20)]
    (greedy,) = passages(net, bpe, 1, temperature=0)
    return {"perplexity of unseen text (per token)": perplexity(total, len(text) - 1),
            "bits per character of unseen text": bits_per_character(total, sum(map(len, unseen))),
            "4-grams that repeat in a sample (0 to 1)": repetition(written),
            "4-grams that repeat in a greedy text (0 to 1)": repetition([bpe.encode(greedy)])}


# --- the family -------------------------------------------------------------------------------------------------------


def job(config: GPTRecipe, data: str, compute: Compute) -> Job:
    """A GPT of quatrains in characters, or of prose and files in byte pairs."""
    if data in POEMS:
        return documents_job(config, data, compute)
    texts = prose(data)
    return prose_job(config, texts, learnt(texts.known, config.net.vocab or BYTE_PAIRS), compute)


FAMILY = Family(
    "gpt", FAMILIES["gpt"].title, {"laptop": SMALL, "gpu": LARGE, "course": ENGLISH},
    POEMS | PROSE | {"FILE": "a text file of your own (UTF-8), of any length"}, job,
    lambda path: (hub.load(path), Tokenizer.from_file(str(path / "tokenizer.json"))), ".",
    {"course": Shipped("english_gpt", "python")})
