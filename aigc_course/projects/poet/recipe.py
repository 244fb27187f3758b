"""Training of the course's poet (`aigc_course.projects.poet.model`) on 《全唐诗》.

Quatrains are few. Before it reads them alone, the poet reads every longer poem in the same metre with them, cut into
pieces of two couplets. Each text has its header before it; every fifth stands without one as well, so that a bare
first line can be continued, too.

`aigc train poet` trains it: half an hour of one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from torch import Tensor

from aigc_course.compute import Compute
from aigc_course.data.text.streams import Documents
from aigc_course.data.text.tang import lines, rhymes_today, tang, tang_couplets, tang_split, to_simplified
from aigc_course.data.text.verse import check_verse
from aigc_course.data.text.verse.prosody import RHYMES
from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.metrics.text.language import bits_per_character, longest_copy
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, GPTConfig, nats
from aigc_course.projects.poet.model import FORMS, PIECE, QUATRAIN, UNRHYMED, Poem, Poet, header
from aigc_course.ranges import Bound, Count, Many, Rate, Seed, Share, Weight
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.text import gpt as gpt_recipe
from aigc_course.recipes.text.language_model import targets
from aigc_course.recipes.text.texts import fitted
from aigc_course.runs.job import Family, Job, Shipped

BARE = 5
"""Every fifth text is learnt without its header as well."""


@dataclass(frozen=True)
class PoetRecipe:
    """A `GPTRecipe` and the poet's own settings."""

    net: GPTConfig
    """Its vocab 0 is filled in: as many tokens as the characters of the data."""
    steps: Count = 5600
    """Rounds of training."""
    quatrains: Share = 0.125
    """Share of the rounds, the last ones, that read real quatrains alone."""
    tokens: Many = 1600
    """Positions of a batch, padding included."""
    lr: Rate = 2e-3
    """Highest learning rate of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    decay: Weight = 0.1
    """Weight decay of matrices and embeddings; gains and biases have none."""
    rarest: Many = 8
    """A character must occur so often in training to be a token."""
    seed: Seed = 0
    """Of the weights and of the order of the data."""


POET = PoetRecipe(GPTConfig(vocab=0, context=64, width=256, layers=4, heads=4, dropout=0.0))
"""The run behind the poet that comes with the course."""


# --- texts ------------------------------------------------------------------------------------------------------------


class Corpus(NamedTuple):
    """Poems in simplified characters, without headers; no line of a validation or test poem is in another part."""

    pieces: list[str]
    quatrains: list[str]
    validation: list[str]
    test: list[str]


def corpus() -> Corpus:
    """Every couplet of 《全唐诗》 in pieces of two, and its quatrains in the parts of `tang_split(tang())`.

    Left out of training: every poem that shares a line with a validation or test poem.
    Raises: CourseError for files that are damaged, missing or out of reach.
    """
    known, validation, test = ([to_simplified(poem) for poem in part] for part in tang_split(tang()))
    held_out = {line for poem in (*validation, *test) for line in lines(poem)}
    poems = [poem for poem in tang_couplets(simplified=True) if held_out.isdisjoint(lines("\n".join(poem)))]
    pieces = ["\n".join(pair) for poem in poems if len(poem) > 2 for pair in pairwise(poem)]
    known = [poem for poem in known if held_out.isdisjoint(lines(poem))]
    return Corpus(*(list(dict.fromkeys(part)) for part in (pieces, known, validation, test)))


def documents(poems: Sequence[str], kind: str = QUATRAIN) -> list[str]:
    """The texts to learn: each poem with its header, every `BARE`-th without as well."""
    return [*(header(poem, kind) + poem for poem in poems), *poems[::BARE]]


class Reading:
    """Batches of the pieces and quatrains together, and from step `turn` on of the quatrains alone."""

    def __init__(self, corpus: Corpus, vocabulary: Vocabulary, config: PoetRecipe, compute: Compute):
        def batches(texts: Sequence[str]) -> Documents:
            return gpt_recipe.batches(config, [vocabulary.encode(text) for text in texts], compute)

        quatrains = documents(corpus.quatrains)
        self.all = batches([*documents(corpus.pieces, PIECE), *quatrains])
        self.quatrains = batches(quatrains)
        self.turn = config.steps - round(config.steps * config.quatrains)

    def __getitem__(self, step: int) -> tuple[Tensor]:
        return self.all[step] if step < self.turn else self.quatrains[step - self.turn]


# --- training ---------------------------------------------------------------------------------------------------------


def vocabulary_of(corpus: Corpus, rarest: int) -> Vocabulary:
    """The signs of headers, and the characters that occur `rarest` times in the pieces and quatrains of training."""
    signs = ["".join((*FORMS.values(), QUATRAIN, PIECE, *RHYMES, UNRHYMED, "："))] * rarest
    return Vocabulary.of([*signs, *corpus.pieces, *corpus.quatrains], at_least=rarest)


# --- measuring --------------------------------------------------------------------------------------------------------


def bits(net: GPT, vocabulary: Vocabulary, poems: Sequence[str], headed: bool = True) -> float:
    """Bits per character of whole poems, EOS included; the header's bits are paid for, too, its characters not counted.

    The probability of header and poem together is at most that of the poem, so this is an upper bound.
    """
    texts = [(header(poem) if headed else "") + poem for poem in poems]
    return bits_per_character(nats(net, [vocabulary.encode(text) for text in texts]).sum().item(),
                              sum(map(len, poems)))


def figures(poems: Sequence[Poem], known: Sequence[str]) -> dict[str, float]:
    """Shares of poems in form, of those with a rhyme in their header that keep it, and what stands in `known` poems.

    "copied" is the mean length of the longest piece of a poem that is copied, "most copied" the largest; "old lines"
    is the share of all lines that stand in a known poem.
    """
    reports = [check_verse(poem.text) for poem in poems]
    asked = [poem for poem in poems if poem.header[2] != UNRHYMED]
    together, seen = "\n\n".join(known), {line for poem in known for line in lines(poem)}
    copies = [len(longest_copy(poem.text, together)) for poem in poems]
    written = [line for poem in poems for line in lines(poem.text)]
    return {
        "lines": sum(bool(r.lines and r.length) for r in reports) / len(poems),
        "punctuation": sum(bool(r.punctuation) for r in reports) / len(poems),
        "form asked for": sum({FORMS.get(len(line)) for line in lines(poem.text)} == {poem.header[0]}
                              for poem in poems) / len(poems),
        "rhymes today": sum(rhymes_today(poem.text) is True for poem in poems) / len(poems),
        "rhyme asked for": sum(in_rhyme(poem) for poem in asked) / max(len(asked), 1),
        "copied": sum(copies) / len(copies), "most copied": max(copies),
        "old lines": sum(line in seen for line in written) / max(len(written), 1),
    }


def in_rhyme(poem: Poem) -> bool:
    """Whether lines 2 and 4 rhyme today on the group that the header names."""
    verses = lines(poem.text)
    return len(verses) == 4 and len(verses[0]) in FORMS and header(poem.text)[2] == poem.header[2]


def quality(net: GPT, vocabulary: Vocabulary, texts: Corpus, n: int = 200) -> dict[str, float]:
    """Held-out bits, and form and copies of n samples at each temperature, beside those of n real poems."""
    found = {f"bits per character of test poems {name}": bits(net, vocabulary, texts.test, headed)
             for headed, name in ((True, "with headers"), (False, "without"))}
    known, poet = [*texts.pieces, *texts.quatrains], Poet(net, vocabulary)
    samples = {f"temperature {degree:g}": poet.write(n, temperature=degree) for degree in (1.0, 0.8, 0.5)}
    for name, poems in {"real, held out": [Poem(header(poem), poem) for poem in texts.test[:n]], **samples}.items():
        found |= {f"{name}: {key}": value for key, value in figures(poems, known).items()}
    return found


def job(config: PoetRecipe, data: str, compute: Compute) -> Job:
    """The poet."""
    texts = corpus()
    vocabulary = vocabulary_of(texts, config.rarest)
    config = replace(config, net=replace(config.net, vocab=fitted(config.net.vocab, len(vocabulary))))
    run = gpt_recipe.build(config, compute)
    net = run.nets["gpt"]
    return Job(run, Reading(texts, vocabulary, config, compute), "tokens", count=targets,
               samples=lambda: ["".join(poem) for poem in Poet(net, vocabulary).write(8)],
               measure=partial(quality, net, vocabulary, texts),
               save=lambda path: hub.save(net, path, vocabulary, half=True), hot=[net])


FAMILY = Family(
    "poet", FAMILIES["poet"].title, {"course": POET},
    {"tang": "《全唐诗》: its quatrains, and the couplets of its longer poems"}, job,
    lambda path: (hub.load(path), hub.load_vocabulary(path)), ".", {"course": Shipped("poet", "tang", "bf16")})
