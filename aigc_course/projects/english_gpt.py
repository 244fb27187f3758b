"""A small GPT of English over byte-level BPE, as GPT-2 is a large one: trained on what Python's library says of itself.

    net, tokenizer = load()
    continued(net, tokenizer, "Return the", temperature=0)          # greedy: it soon repeats itself

`aigc train gpt --preset course` trains it.
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer

from aigc_course.compute import aside
from aigc_course.data.text.vocabulary import EOS
from aigc_course.files import read_whole
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, generate
from aigc_course.models.text.sampling import silent
from aigc_course.resources import resource_root

FOLDER = Path("models/english_gpt")


def load(folder: Path | None = None) -> tuple[GPT, Tokenizer]:
    """A GPT of prose and its byte-level BPE, the course's own without a folder. Raises: CourseError when damaged."""
    folder = folder or resource_root() / FOLDER
    return hub.load_as(GPT, folder), Tokenizer.from_str(read_whole(folder / "tokenizer.json").decode())


def continued(net: GPT, tokenizer: Tokenizer, prompt: str, n: int = 1, new: int = 100, seed: int = 0,
              **settings) -> list[list[int]]:
    """n continuations of the prompt, `new` ids each, the prompt left out; settings as for `generate`, EOS never."""
    ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    with aside(seed):
        texts = generate(net, [ids] * n, new, bos=EOS, eos=None,
                         banned=(EOS, *silent(tokenizer.get_vocab_size(), net.config.vocab)), **settings)
    return [text[len(ids):] for text in texts]
