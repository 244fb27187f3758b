"""A vocabulary: every token, most often a character, has a number; four numbers are kept for the model's own use."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import SupportsInt

from aigc_course.errors import CourseError
from aigc_course.files import write_whole

PAD, BOS, EOS, UNK = 0, 1, 2, 3
"""Padding, beginning and end of a sequence, and any token that the vocabulary does not know."""
SPECIAL = ("<pad>", "<bos>", "<eos>", "<unk>")
UNKNOWN = "□"
"""How a decoded text shows an unknown token."""


class Vocabulary:
    """tokens: V distinct strings in the order of their numbers, of which the first four are `SPECIAL`.

    A text is a string, whose tokens are its characters, or a list of strings, whose tokens are its items.
    """

    def __init__(self, tokens: Sequence[str]):
        self.tokens = list(tokens)
        self._number = {token: number for number, token in enumerate(self.tokens)}
        if tuple(self.tokens[:4]) != SPECIAL or len(self._number) != len(self.tokens):
            raise CourseError(f"A vocabulary is a list of distinct tokens that begins with {', '.join(SPECIAL)}: "
                              "make it with Vocabulary.of(texts).")

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]], at_least: int = 1, size: int | None = None) -> Vocabulary:
        """The tokens that occur `at_least` times in texts, the frequent ones first, equal ones in code point order.

        size: the largest V allowed, the four special ones included; the rarest tokens are left out.
        Raises: CourseError for a single string (its characters would each be a text) or a size below 5.
        """
        if isinstance(texts, str):
            raise CourseError("Vocabulary.of expects a list of texts, not one text: write Vocabulary.of([text]).")
        if size is not None and size <= len(SPECIAL):
            raise CourseError(f"A vocabulary of {size} has no room for a token beside the four special ones: "
                              "give a size of 5 or more.")
        counts = Counter(token for text in texts for token in text if token not in SPECIAL)
        often = sorted((token for token in counts if counts[token] >= at_least), key=lambda t: (-counts[t], t))
        return cls([*SPECIAL, *often][:size])

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return f"Vocabulary({len(self)} tokens)"

    def encode(self, text: Sequence[str]) -> list[int]:
        """One number for each token, without BOS and EOS."""
        return [self._number.get(token, UNK) for token in text]

    def decode(self, ids: Iterable[SupportsInt]) -> str:
        """The text of ids (integers or a 1-D tensor): PAD and BOS are skipped, EOS ends it, UNK becomes "□".

        Raises: CourseError for a number that no token has.
        """
        text = []
        for number in map(int, ids):
            if number == EOS:
                break
            if not 0 <= number < len(self.tokens):
                raise CourseError(f"No token has the number {number}: this vocabulary has 0 to {len(self) - 1}; "
                                  "decode with the vocabulary that encoded.")
            if number not in (PAD, BOS):
                text.append(UNKNOWN if number == UNK else self.tokens[number])
        return "".join(text)

    def save(self, path: str | Path) -> None:
        """Write the tokens as a JSON list."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(self.tokens))

    @classmethod
    def load(cls, path: str | Path) -> Vocabulary:
        """What `save` wrote. Raises: CourseError if the file is missing or holds something else."""
        try:
            tokens = json.loads(Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CourseError(f"{path} holds no vocabulary ({error}): save one there first.") from None
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise CourseError(f"{path} holds no vocabulary: expected a JSON list of strings.")
        return cls(tokens)
