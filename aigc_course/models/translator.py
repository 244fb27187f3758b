"""From text to text: a trained Seq2Seq net with its two vocabularies, in memory and in one file."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from aigc_course.data.sequences import Text, pad
from aigc_course.data.vocabulary import EOS, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.seq2seq import Seq2Seq, Seq2SeqConfig, align, beam_search, generate


@dataclass
class Translator:
    """A trained net with its two vocabularies."""

    net: Seq2Seq
    source: Vocabulary
    target: Vocabulary

    def save(self, path: Path) -> None:
        """Write everything into one safetensors file, floats in half precision, which halves it."""
        about = {"config": asdict(self.net.config), "source": self.source.tokens, "target": self.target.tokens}
        state = {name: tensor.half().contiguous() for name, tensor in self.net.state_dict().items()}
        partial = path.with_name(path.name + ".tmp")
        save_file(state, partial, metadata={"translator": json.dumps(about)})
        os.replace(partial, path)

    @classmethod
    def load(cls, path: Path) -> Translator:
        """What `save` wrote, in evaluation mode, frozen. Raises CourseError when the file is missing or damaged."""
        try:
            with safe_open(path, "pt") as file:
                about = json.loads(file.metadata()["translator"])
                state = {name: file.get_tensor(name) for name in file.keys()}      # noqa: SIM118, the file is no dict
            net = Seq2Seq(Seq2SeqConfig(**about["config"]))
            net.load_state_dict(state)
        except (OSError, SafetensorError, RuntimeError, KeyError, TypeError, ValueError) as error:
            raise CourseError(f"{path} does not hold a translator of this course: restore it with `git checkout`, or "
                              "train it again with `python -m aigc_course.recipes.seq2seq`.") from error
        return cls(net.eval().requires_grad_(False), Vocabulary(about["source"]), Vocabulary(about["target"]))


def translate(model: Translator, texts: Sequence[Text], beam: int = 1, alpha: float = 1.0, limit: int | None = None,
              size: int = 256) -> list[str]:
    """Each text in the other language: greedy, or the best hypothesis of a beam search; `size` texts at a time."""
    ids = [[*model.source.encode(text), EOS] for text in texts]
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))                     # little padding
    written = [""] * len(ids)
    for start in range(0, len(order), size):
        rows = order[start:start + size]
        source = pad([ids[n] for n in rows]).to(model.net.head.weight.device)
        found = (generate(model.net, source, limit) if beam == 1 else
                 beam_search(model.net, source, beam, alpha, limit).ids[:, 0])
        for n, line in zip(rows, found.tolist(), strict=True):
            written[n] = model.target.decode(line)
    return written


def alignment(model: Translator, text: Text) -> tuple[list[str], list[str], Tensor]:
    """How one text is translated, greedily: source tokens, target tokens and the attention weights (T, S) between
    them, each with its EOS at the end, as `aigc_course.show.attention.AttentionViewer` wants them."""
    source = pad([[*model.source.encode(text), EOS]]).to(model.net.head.weight.device)
    ids = generate(model.net, source)
    rows = [model.target.tokens[number] for number in ids[0].tolist()]
    return [*text, model.source.tokens[EOS]], rows, align(model.net, source, ids)[0]
