"""BERT: a Transformer encoder that fills in hidden tokens, looking at both sides of each gap.

Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", https://arxiv.org/abs/1810.04805
Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", https://arxiv.org/abs/1606.08415

    loss = −mean over hidden positions t of log p(x_t | x with some positions hidden)           (section 3.1, task 1)

That is no p(x_1 … x_T): no order of writing follows from it, so BERT does not generate text as GPT does.

Legend
    B  sequences in a batch      T  positions      V  vocabulary      C  width of the model
    tokens (B, T) long, filled up with PAD on the right      segments (B, T): 0 for a first sentence, 1 for a second
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.data.text.vocabulary import PAD, SPECIAL
from aigc_course.errors import CourseError
from aigc_course.models.text.transformer import Block
from aigc_course.ranges import Depth, Part, Share, Size, Whole
from aigc_course.train import Nets, Turn

NOT_A_TARGET = -100
"""What `hide` gives where nothing is asked; torch's cross-entropy leaves it out."""


@dataclass(frozen=True)
class BERTConfig:
    """The defaults are BERT-base's."""

    vocab: Whole = 30_522
    """Tokens that it knows."""
    context: Size = 512
    """The longest sequence, in tokens."""
    width: Size = 768
    """Numbers for each token, from block to block."""
    layers: Depth = 12
    """Blocks, one on top of the other."""
    heads: Size = 12
    """Attention heads of each block, which share the width."""
    hidden: Size | None = None
    """Width inside the FFN; None means 4 · width."""
    segments: Size = 2
    """Kinds of sentences in a sequence: a first and a second one."""
    dropout: Share = 0.1
    """Share of the embeddings, attention weights and sublayer outputs that training sets to 0."""
    activation: Literal["relu", "gelu", "gelu_new"] = "gelu"
    """Inside the FFN: "relu", "gelu" or "gelu_new"."""
    eps: Part = 1e-12
    """Added to the variance in LayerNorm."""


class BERT(nn.Module):
    """Embeddings with LayerNorm, post-LN blocks that see everything but padding, and a head tied to the embedding."""

    def __init__(self, config: BERTConfig = BERTConfig()):
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocab, config.width)
        self.positions = nn.Embedding(config.context, config.width)
        self.segments = nn.Embedding(config.segments, config.width)
        self.norm = nn.LayerNorm(config.width, config.eps)
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            Block(config.width, config.heads, config.hidden, config.dropout, config.activation, eps=config.eps)
            for _ in range(config.layers)
        )
        self.transform = nn.Linear(config.width, config.width)
        self.transform_norm = nn.LayerNorm(config.width, config.eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab))
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def hidden(self, tokens: Tensor, segments: Tensor | None = None, real: Tensor | None = None) -> Tensor:
        """tokens (B, T) -> one vector for each position, (B, T, C), which depends on all tokens of its sequence.

        segments: (B, T); None puts all into the first. real: (B, T) bool, False at padding; None means `tokens` ≠ PAD.
        Raises: CourseError beyond the context.
        """
        length = tokens.shape[1]
        if length > self.config.context:
            raise CourseError(f"A sequence of {length} tokens does not fit BERT's context of {self.config.context}: "
                              "cut it, or build a model with a longer context.")
        segments = torch.zeros_like(tokens) if segments is None else segments
        real = tokens != PAD if real is None else real
        x = self.tokens(tokens) + self.positions.weight[:length] + self.segments(segments)
        x = self.dropout(self.norm(x))
        for block in self.blocks:
            x = block(x, mask=real[:, None, None])
        return x

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., C) -> (..., V)"""
        x = self.transform_norm(cast(Block, self.blocks[0]).mlp.activation(self.transform(hidden)))
        return F.linear(x, self.tokens.weight, self.bias)

    def forward(self, tokens: Tensor, segments: Tensor | None = None, real: Tensor | None = None) -> Tensor:
        """Logits (B, T, V) of the token at each position, hidden or not; the arguments are those of `hidden`."""
        return self.logits(self.hidden(tokens, segments, real))


# --- objective --------------------------------------------------------------------------------------------------------


def hide(tokens: Tensor, mask: int, vocab: int, share: float = 0.15) -> tuple[Tensor, Tensor]:
    """Choose tokens to ask for: (what BERT reads, what it should say), each (B, T).

    Of the chosen `share` of the tokens that are not special, 80 % become `mask`, 10 % another token drawn from the
    vocabulary, and 10 % stay, so that BERT must say something sensible about every token (appendix A.1). Positions that
    were not chosen have the target NOT_A_TARGET.
    """
    chosen = (torch.rand(tokens.shape, device=tokens.device) < share) & (tokens >= len(SPECIAL)) & (tokens != mask)
    dice = torch.rand(tokens.shape, device=tokens.device)
    drawn = torch.randint(len(SPECIAL), vocab, tokens.shape, device=tokens.device)
    given = tokens.masked_fill(chosen & (dice < 0.8), mask)
    given = torch.where(chosen & (dice >= 0.9), drawn, given)
    return given, tokens.masked_fill(~chosen, NOT_A_TARGET)


def bert_turns(nets: Nets, batch: Sequence[Tensor], step: int, *, mask: int,
               share: float = 0.15) -> Iterator[Turn]:
    """Mean nats per hidden token, weighted with their number.

    nets: "bert". batch: (tokens (B, T),), filled up with PAD on the right. mask: the id that stands for a hidden token,
    one that no text contains.
    """
    net = nets["bert"]
    given, wanted = hide(batch[0], mask, net.config.vocab, share)
    chosen = wanted != NOT_A_TARGET
    # The head is the larger part of a small BERT: it answers only where something is asked.
    logits = net.logits(net.hidden(given)[chosen])
    loss = F.cross_entropy(logits, wanted[chosen], reduction="sum") / chosen.sum().clamp(min=1)
    yield Turn("bert", loss, weight=chosen.sum())


@torch.no_grad()
def fill(net: BERT, tokens: Tensor, mask: int, banned: Sequence[int] = range(len(SPECIAL))) -> Tensor:
    """tokens (B, T) with every `mask` replaced by the likeliest token, all gaps at once.

    banned: what is no answer, `mask` besides: the special tokens, and those that the vocabulary does not know.
    """
    logits = net.eval()(tokens)
    logits[..., [*banned, mask]] = -torch.inf
    return torch.where(tokens == mask, logits.argmax(dim=-1), tokens)
