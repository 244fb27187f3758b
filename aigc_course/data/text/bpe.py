"""Byte-level byte-pair encoding, trained and applied from scratch.

Sennrich, Haddow & Birch 2016, "Neural Machine Translation of Rare Words with Subword Units",
https://arxiv.org/abs/1508.07909 (the algorithm: Gage 1994); over bytes as in GPT-2 (Radford et al. 2019, section 2.2).

A text is cut into words by GPT-2's regular expression. A word begins as its UTF-8 bytes; the merges then join
neighbours, the earliest merge first. Nothing is unknown: whatever has no merges stays bytes.
    BPE(train_bpe(texts, 500))      text <-> token numbers, the same as the library `tokenizers` gives (`BPE.library`)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

import regex

from aigc_course.data.text.vocabulary import BOS, EOS, PAD, SPECIAL
from aigc_course.errors import CourseError

WORD = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
"""Letters, digits or other signs, each with one space before it; runs of white space. Every character is in one."""

PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
ALPHABET = PRINTABLE + [byte for byte in range(256) if byte not in PRINTABLE]
"""The 256 bytes in GPT-2's order; the last 68 are shown as the characters from U+0100 on, so that all can be seen."""
LETTER = {byte: chr(byte if place < len(PRINTABLE) else 0x100 + place - len(PRINTABLE))
          for place, byte in enumerate(ALPHABET)}

LONGEST = 64
"""Characters of a word that merges are learnt from. Scripts without spaces have words of any length, and counting the
pairs of a word anew takes as long as the word."""
SHORT_WORD = regex.compile(WORD.pattern.replace("+", f"{{1,{LONGEST}}}"))
"""`WORD`, but longer words in pieces."""

Pair = tuple[bytes, bytes]


def words(text: str, word: regex.Pattern = WORD) -> list[bytes]:
    """The words of a text, in which no merge crosses a border, as UTF-8. Raises: CourseError for half a surrogate."""
    try:
        return [found.encode() for found in word.findall(text)]
    except UnicodeEncodeError:
        place = next(i for i, character in enumerate(text) if "\ud800" <= character <= "\udfff")
        raise CourseError(f"Character {place} of the text is U+{ord(text[place]):X}, half of a surrogate pair and no "
                          "Unicode character: read the file again as UTF-8 or leave that character out.") from None


def train_bpe(texts: Iterable[str], merges: int) -> list[Pair]:
    """The merges that byte-pair encoding learns, in order: always the most frequent pair of neighbours within words.

    Of equally frequent pairs the one whose tokens are older is taken. There are fewer merges when no pair is left.
    Pairs across the borders of `SHORT_WORD` do not count.
    Raises: CourseError for a single string or a negative number.
    """
    if isinstance(texts, str) or merges < 0:
        raise CourseError("train_bpe expects a list of texts and a number of merges: write train_bpe([text], 100).")
    counted = Counter(word for text in texts for word in words(text, SHORT_WORD))
    parts = [[bytes([byte]) for byte in word] for word in counted]
    often = list(counted.values())
    age = {bytes([byte]): place for place, byte in enumerate(ALPHABET)}
    count, where = Counter(), defaultdict(set)                      # of each pair: how often, in which words
    for i, part in enumerate(parts):
        for pair in pairwise(part):
            count[pair] += often[i]
            where[pair].add(i)
    learnt = []
    while count and len(learnt) < merges:
        most = max(count.values())
        best = min((pair for pair in count if count[pair] == most), key=lambda pair: (age[pair[0]], age[pair[1]]))
        learnt.append(best)
        age.setdefault(best[0] + best[1], len(age))
        for i in where[best]:                                       # recount the words that hold the pair
            for pair in pairwise(parts[i]):
                count[pair] -= often[i]
                if not count[pair]:
                    del count[pair]
            parts[i] = _join(parts[i], best)
            for pair in pairwise(parts[i]):
                count[pair] += often[i]
                where[pair].add(i)
        del where[best]
    return learnt


def _join(parts: list[bytes], pair: Pair) -> list[bytes]:
    joined, i = [], 0
    while i < len(parts):
        both = tuple(parts[i:i + 2]) == pair
        joined.append(parts[i] + parts[i + 1] if both else parts[i])
        i += 2 if both else 1
    return joined


class BPE:
    """The tokens of `merges`: the four special ones of `vocabulary`, 256 bytes, then what each merge makes.

    tokens: the bytes of each token, V = 260 + merges of them (fewer when two merges make the same token).
    """

    def __init__(self, merges: Sequence[Pair]):
        self.merges = [tuple(pair) for pair in merges]
        made = [bytes([byte]) for byte in ALPHABET] + [left + right for left, right in self.merges]
        self.tokens = [name.encode() for name in SPECIAL] + list(dict.fromkeys(made))
        self._number = {token: len(SPECIAL) + i for i, token in enumerate(self.tokens[len(SPECIAL):])}
        self._rank = {pair: rank for rank, pair in enumerate(self.merges)}
        if any(part not in self._number for pair in self.merges for part in pair):
            raise CourseError("A merge joins tokens that no merge before it makes: give all merges, in their order.")
        self._word = lru_cache(maxsize=2**16)(self._encode_word)

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """Token numbers, without BOS and EOS. Time grows with the square of the longest word."""
        return [number for word in words(text) for number in self._word(word)]

    def _encode_word(self, word: bytes) -> list[int]:
        parts, never = [bytes([byte]) for byte in word], len(self.merges)
        while len(parts) > 1:
            ranks = [self._rank.get(pair, never) for pair in pairwise(parts)]
            first = min(ranks)
            if first == never:
                break
            i = ranks.index(first)                                  # the earliest merge, at its leftmost place
            parts[i:i + 2] = [parts[i] + parts[i + 1]]
        return [self._number[part] for part in parts]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of ids: PAD and BOS are skipped, EOS ends it, bytes that are no UTF-8 become "�"."""
        found = []
        for number in map(int, ids):
            if number == EOS:
                break
            if not 0 <= number < len(self.tokens):
                raise CourseError(f"No token has the number {number}: this encoding has 0 to {len(self) - 1}.")
            if number not in (PAD, BOS):
                found.append(self.tokens[number])
        return b"".join(found).decode(errors="replace")

    def library(self):
        """The same encoding as a `tokenizers.Tokenizer`, which is written in Rust and much faster."""
        from tokenizers import Tokenizer, decoders, models, pre_tokenizers

        shown = [*SPECIAL, *(visible(token) for token in self.tokens[len(SPECIAL):])]
        model = models.BPE({token: number for number, token in enumerate(shown)},
                           [(visible(left), visible(right)) for left, right in self.merges])
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        return tokenizer


def visible(token: bytes) -> str:
    """One printable character for each byte, as vocabulary files of GPT-2 show them: b" a" is "Ġa"."""
    return "".join(LETTER[byte] for byte in token)
