"""From text to text: a trained Seq2Seq net with its two vocabularies, in memory and in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import Tensor

from aigc_course.data.text.sequences import Text, pad
from aigc_course.data.text.vocabulary import EOS, Vocabulary
from aigc_course.models.text.sampling import silent
from aigc_course.models.text.seq2seq import Seq2Seq, Seq2SeqConfig, align, beam_search, generate
from aigc_course.weights import expecting, read_weights, save_weights


@dataclass
class Translator:
    """A trained net with its two vocabularies."""

    net: Seq2Seq
    source: Vocabulary
    target: Vocabulary

    def save(self, path: Path) -> None:
        """Write weights, settings and vocabularies into one small file."""
        save_weights(self.net, path, {"config": asdict(self.net.config), "source": self.source.tokens,
                                      "target": self.target.tokens})

    @classmethod
    def load(cls, path: Path) -> Translator:
        """What `save` wrote, in evaluation mode, frozen. Raises: CourseError when the file is missing or damaged."""
        with expecting("a translator of this course", path, "aigc train seq2seq --preset course"):
            state, about = read_weights(path)
            net = Seq2Seq(Seq2SeqConfig(**about["config"]))
            net.load_state_dict(state)
            return cls(net.eval().requires_grad_(False), Vocabulary(about["source"]), Vocabulary(about["target"]))


def translate(model: Translator, texts: Sequence[Text], beam: int = 1, alpha: float = 1.0, limit: int | None = None,
              size: int = 256) -> list[str]:
    """Each text in the other language: greedy, or the best hypothesis of a beam search; `size` texts at a time."""
    ids = [[*model.source.encode(text), EOS] for text in texts]
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))                     # little padding
    written, banned = [""] * len(ids), silent(len(model.target), model.net.config.target)
    for start in range(0, len(order), size):
        rows = order[start:start + size]
        source = pad([ids[n] for n in rows]).to(model.net.head.weight.device)
        found = (generate(model.net, source, limit, banned=banned) if beam == 1 else
                 beam_search(model.net, source, beam, alpha, limit, banned).ids[:, 0])
        for n, line in zip(rows, found.tolist(), strict=True):
            written[n] = model.target.decode(line)
    return written


def alignment(model: Translator, text: Text) -> tuple[list[str], list[str], Tensor]:
    """How one text is translated, greedily: source tokens, target tokens and the attention weights (T, S) between
    them, each with its EOS at the end, as `aigc_course.show.text.attention.AttentionViewer` wants them."""
    source = pad([[*model.source.encode(text), EOS]]).to(model.net.head.weight.device)
    ids = generate(model.net, source, banned=silent(len(model.target), model.net.config.target))
    rows = [model.target.tokens[number] for number in ids[0].tolist()]
    return [*text, model.source.tokens[EOS]], rows, align(model.net, source, ids)[0]
