"""The course's poet: a small GPT that has read 《全唐诗》 and writes quatrains of five or seven characters a line.

    poet = load_poet()
    poet.write(3, form="七", rhyme="庚")
    poet.write(1, first="空山新雨后，", temperature=0.8)

A quatrain is learnt with a header before it, in plain characters, which a reader can write as well:

    七绝庚：朝辞白帝彩云间，……        seven characters a line, a quatrain (绝), rhyming on the group 庚 of 《中华新韵》

Left to right, a rhyme is a bet: when line 2 ends, nothing says which sound line 4 will find a word for. The header
settles it in advance. Where a reader leaves parts of it open, the model's own p(header, first line) draws them.
Control by a prefix: Keskar et al. 2019, "CTRL", https://arxiv.org/abs/1909.05858.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch

from aigc_course.compute import aside
from aigc_course.data.text.tang import lines, rhyme_today, to_simplified
from aigc_course.data.text.verse.prosody import RHYMES
from aigc_course.data.text.vocabulary import BOS, UNK, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, generate
from aigc_course.models.text.likelihood import token_nats
from aigc_course.models.text.sampling import silent
from aigc_course.resources import resource

FOLDER = "models/poet"
FORMS = {5: "五", 7: "七"}
QUATRAIN, PIECE = "绝", "言"
"""What a text is: a quatrain, or two couplets of a longer poem."""
UNRHYMED = "无"
"""Stands for the rhyme where lines 2 and 4 do not rhyme today."""
LONGEST = 4 * 8 + 1
"""Characters of the longest quatrain, signs and line end included."""


def header(poem: str, kind: str = QUATRAIN) -> str:
    """What stands before a quatrain: its form, its kind, the rhyme of lines 2 and 4 today, and "："."""
    verses = lines(poem)
    groups = {rhyme_today(line[-1]) for line in verses[1::2]}
    rhyme = groups.pop() if len(groups) == 1 else None
    return f"{FORMS[len(verses[0])]}{kind}{rhyme or UNRHYMED}："


class Poem(NamedTuple):
    header: str
    text: str


class Step(NamedTuple):
    """One character as the model saw it coming."""

    character: str
    p: float
    """Its probability, given all before it."""
    likeliest: list[tuple[str, float]]
    """The likeliest characters at this place, with their probabilities; the end of the poem is "∎"."""


@dataclass
class Poet:
    net: GPT
    vocabulary: Vocabulary

    def write(self, n: int = 1, first: str = "", form: str | None = None, rhyme: str | None = None, seed: int = 0,
              **settings) -> list[Poem]:
        """n quatrains that begin with `first`, with random numbers of their own.

        first: nothing, a beginning, or a first line; traditional characters are simplified. form: "五" or "七". rhyme:
        one of `RHYMES`, or "无" for none. settings: temperature, top_k and top_p of `generate`.
        Raises: CourseError for characters that the poet does not know, another form or rhyme, or too long a beginning.
        """
        first = self.opening(first)
        with aside(seed):
            heads = self.headers(n, first, form, rhyme)
            prompts = [self.vocabulary.encode(head + first) for head in heads]
            written = generate(self.net, prompts, max(1, LONGEST + 1 - len(first)),
                               banned=silent(len(self.vocabulary), self.net.config.vocab), **settings)
        return [Poem(head, self.vocabulary.decode(ids[len(head):])) for head, ids in zip(heads, written, strict=True)]

    def opening(self, first: str) -> str:
        """A beginning as the poet reads it: simplified, and a whole line of 5 or 7 characters ends with "，"."""
        first = to_simplified(first.strip())
        if unknown := "".join(dict.fromkeys(c for c in first if self.vocabulary.encode(c) == [UNK])):
            raise CourseError(f"The poet does not know {unknown!r}: begin with other characters.")
        return f"{first}，" if first.isalpha() and len(first) in FORMS else first

    def headers(self, n: int, first: str, form: str | None = None, rhyme: str | None = None) -> list[str]:
        """n headers that agree with form and rhyme, drawn from p(header | first) ∝ p(header, first)."""
        if form not in (None, *FORMS.values()) or rhyme not in (None, *RHYMES, UNRHYMED):
            raise CourseError(f"There is no form {form!r} with the rhyme {rhyme!r}: choose one of "
                              f"{'、'.join(FORMS.values())} and one of {'、'.join((*RHYMES, UNRHYMED))}.")
        if "，" in first:
            form = FORMS.get(first.index("，"), form)
        found = [f"{one}{QUATRAIN}{other}：" for one in ([form] if form else FORMS.values())
                 for other in ([rhyme] if rhyme else (*RHYMES, UNRHYMED))]
        log_p = -self.nats([head + first for head in found])
        return [found[i] for i in torch.multinomial(log_p.softmax(0), n, replacement=True)]

    @property
    def device(self) -> torch.device:
        """Where the net is."""
        return self.net.tokens.weight.device

    @torch.no_grad()
    def nats(self, texts: Sequence[str]) -> torch.Tensor:
        """−log p of beginnings of one length, without an end: (N,) nats."""
        tokens = torch.tensor([[BOS, *self.vocabulary.encode(text)] for text in texts], device=self.device)
        return token_nats(self.net.eval()(tokens[:, :-1]), tokens[:, 1:]).sum(1)

    @torch.no_grad()
    def trace(self, poem: Poem, likeliest: int = 5) -> list[Step]:
        """Every character of a poem with its probability and what else was likely, from one pass over the whole."""
        ids = [BOS, *self.vocabulary.encode("".join(poem))]
        logits = self.net.eval()(torch.tensor([ids[:-1]], device=self.device))[0, len(poem.header):]     # (T, V)
        probabilities = logits.softmax(-1)
        top = probabilities.topk(likeliest)
        names = [*("∎" if token.startswith("<") else token for token in self.vocabulary.tokens)]
        return [
            Step(character, row[token].item(), [(names[i], p) for i, p in zip(places, values, strict=True)])
            for character, token, row, places, values in zip(
                poem.text, ids[1 + len(poem.header):], probabilities, top.indices.tolist(), top.values.tolist(),
                strict=True)
        ]


def load_poet(folder: str | Path | None = None) -> Poet:
    """The poet that comes with the course (data/models/poet.md), or one of a folder of recipes.poet.

    Raises: CourseError when the folder lacks something, or holds another kind of model.
    """
    folder = folder or resource(FOLDER)
    return Poet(hub.load_as(GPT, folder), hub.load_vocabulary(folder))
