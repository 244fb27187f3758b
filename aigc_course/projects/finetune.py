"""Pre-training pays when labels are few: the course's BERT of verse, fine-tuned to name a poem's tone pattern.

    documents, labels = labelled(vocabulary, 100, seed=1)
    run = build(FineTune(), bert)                                # or build(FineTune(), BERT(bert.config)): from scratch
    for log in train(run, rounds(FineTune(), documents, labels), FineTune().steps): ...
    classifier.accuracy(run.nets["classifier"], *labelled(vocabulary, 500, seed=3))

Devlin et al. 2019, "BERT", section 3.2 and figure 4b, https://arxiv.org/abs/1810.04805: the vector of the first token,
through one linear layer, names the class, and all weights learn.

The label is 平起 or 仄起: whether the second character of the poem is level or oblique in tone. Tones are not written;
they have to be known of every character, or guessed from the company that it keeps.

Legend
    B  poems in a batch      T  positions      C  width of the net      L  classes
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.compute import Compute, seed_all
from aigc_course.data.batches import Batches
from aigc_course.data.text.sequences import pad
from aigc_course.data.text.verse import tones, verse
from aigc_course.data.text.vocabulary import BOS, EOS, Vocabulary
from aigc_course.models.text.bert import BERT
from aigc_course.recipes.learning import learner
from aigc_course.train import Nets, Run, Turn


@dataclass(frozen=True)
class FineTune:
    steps: int = 100
    size: int = 16
    """Poems of a batch, fewer when there are fewer labels."""
    lr: float = 1e-3
    """Highest learning rate of one cycle."""
    clip: float = 1.0
    decay: float = 0.01
    frozen: bool = False
    """Whether the pre-trained net stays as it is, so that the last layer alone learns."""
    seed: int = 0


class ToneClassifier(nn.Module):
    """One linear layer on BERT's vector of the first token: tokens (B, T) -> logits (B, L)."""

    def __init__(self, bert: BERT, classes: int = 2):
        super().__init__()
        self.bert = bert
        self.head = nn.Linear(bert.config.width, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.bert.hidden(tokens)[:, 0])


def labelled(vocabulary: Vocabulary, n: int, seed: int) -> tuple[Tensor, Tensor]:
    """n poems as ids (n, T), and their labels (n,): 1 where the second character is level (平起), else 0."""
    poems = verse(n, seed=seed, length=5)
    tokens = pad([[BOS, *vocabulary.encode(poem), EOS] for poem in poems])
    return tokens, torch.tensor([int(tones(poem[1]) == "平") for poem in poems])


def build(config: FineTune, bert: BERT, compute: Compute = Compute()) -> Run:
    """A classifier, learner "classifier", that begins with a copy of `bert`; train it with `rounds`."""
    seed_all(config.seed)
    net = ToneClassifier(copy.deepcopy(bert)).to(compute.device)
    net.bert.requires_grad_(not config.frozen)
    learning = [p for p in net.parameters() if p.requires_grad]
    learners = {"classifier": learner(net, config, weights=learning, weight_decay=config.decay, fused=True)}
    return Run(class_turns, learners, compute)


def rounds(config: FineTune, tokens: Tensor, labels: Tensor) -> Batches:
    """The labelled poems, shuffled each epoch."""
    return Batches((tokens, labels), min(config.size, len(labels)), config.seed)


def class_turns(nets: Nets, batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Cross-entropy of the labels."""
    tokens, labels = batch
    yield Turn("classifier", F.cross_entropy(nets["classifier"](tokens), labels))
