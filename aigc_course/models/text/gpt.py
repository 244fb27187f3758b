"""GPT: a Transformer decoder without an encoder, which predicts the next token of any text. With its defaults, GPT-2.

Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training" (GPT, post-LN)
Radford et al. 2019, "Language Models are Unsupervised Multitask Learners" (GPT-2, pre-LN, section 2.3)
Brown et al. 2020, "Language Models are Few-Shot Learners" (GPT-3), https://arxiv.org/abs/2005.14165

    h_0 = E[x] + P,   h_l = Block(h_{l−1}),   p(x_{t+1} | x_1 … x_t) = softmax(LN(h_L) Eᵀ)_t

The matrix E embeds the tokens and reads the answer off (weight tying: Press & Wolf 2017, https://arxiv.org/abs/1608.05859).

Legend
    B  sequences in a batch      T  positions read now      S  positions read so far, T included      V  vocabulary
    C  width of the model        tokens (B, T) long         logits (B, T, V): position t predicts token t + 1
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.data.text.sequences import pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError
from aigc_course.models.attention import KVCache, causal_mask, rotation
from aigc_course.models.text.likelihood import document_nats, token_nats
from aigc_course.models.text.sampling import SILENT, next_token
from aigc_course.models.text.transformer import Block
from aigc_course.ranges import Depth, Part, Share, Size, Whole
from aigc_course.train import Nets, Turn


@dataclass(frozen=True)
class GPTConfig:
    """The defaults are GPT-2's smallest size: 124,439,808 parameters."""

    vocab: Whole = 50_257
    """Tokens that it knows."""
    context: Size = 1024
    """The longest sequence, prompt and answer together."""
    width: Size = 768
    """Numbers for each token, from block to block."""
    layers: Depth = 12
    """Blocks, one on top of the other."""
    heads: Size = 12
    """Attention heads of each block, which share the width."""
    hidden: Size | None = None
    """Width inside the FFN; None means 4 · width."""
    dropout: Share = 0.1
    """Share of the embeddings, attention weights and sublayer outputs that training sets to 0."""
    positions: Literal["learned", "rotary", "none"] = "learned"
    """"learned" as in GPT-2, "rotary" as in Llama, or "none"."""
    activation: Literal["relu", "gelu", "gelu_new"] = "gelu_new"
    """Inside the FFN: "relu", "gelu", or "gelu_new", its approximation in GPT-2."""
    eps: Part = 1e-5
    """Added to the variance in LayerNorm."""

    def __post_init__(self):
        if self.positions not in ("learned", "rotary", "none"):
            raise CourseError(f"positions is {self.positions!r}: choose 'learned', 'rotary' or 'none'.")


class GPT(nn.Module):
    """Embeddings, pre-LN causal blocks, a last LayerNorm, and the embedding again as output layer."""

    def __init__(self, config: GPTConfig = GPTConfig()):
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocab, config.width)
        self.positions = nn.Embedding(config.context, config.width) if config.positions == "learned" else None
        self.dropout = nn.Dropout(config.dropout)
        self.blocks = nn.ModuleList(
            Block(config.width, config.heads, config.hidden, config.dropout, config.activation, pre_norm=True,
                  eps=config.eps)
            for _ in range(config.layers)
        )
        self.norm = nn.LayerNorm(config.width, config.eps)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                # 2 · layers sums run into the residual path: scaled, their variance does not grow with depth (§ 2.3).
                last = name.endswith(("attention.out.weight", "mlp.down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * config.layers) ** 0.5 if last else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def hidden(self, tokens: Tensor, real: Tensor | None = None, caches: Sequence[KVCache] | None = None) -> Tensor:
        """tokens (B, T) -> LN(h_L), (B, T, C).

        real: (B, S) bool, False where a shorter sequence is filled up; positions count the real tokens alone, and
            nobody looks at the others. None means that all are real.
        caches: one for each block, of the S − T tokens that were read before; `tokens` holds the new ones alone.
        Raises: CourseError beyond the context.
        """
        start = caches[0].length if caches else 0
        new, end = tokens.shape[1], start + tokens.shape[1]
        if end > self.config.context:
            raise CourseError(f"A sequence of {end} tokens does not fit GPT's context of {self.config.context}: "
                              "shorten the prompt, ask for fewer new tokens, or build a model with a longer context.")
        if real is None:
            places, mask = torch.arange(start, end, device=tokens.device), None
        else:
            places = (real.cumsum(dim=1) - 1).clamp(min=0)[:, -new:]
            mask = real[:, None, None] & causal_mask(new, end, tokens.device)               # (B, 1, T, S)
            mask = mask | torch.eye(end, dtype=torch.bool, device=tokens.device)[-new:]     # padding sees itself alone
        x, turn = self.tokens(tokens), None
        if self.positions is not None:
            x = x + self.positions(places)
        elif self.config.positions == "rotary":
            cos, sin = rotation(places, self.config.width // self.config.heads)
            turn = cos.unsqueeze(-3), sin.unsqueeze(-3)                                     # the same for every head
        x = self.dropout(x)
        for block, cache in zip(self.blocks, caches or [None] * len(self.blocks), strict=True):
            x = block(x, mask=mask, causal=mask is None, rotation=turn, cache=cache)
        return self.norm(x)

    def forward(self, tokens: Tensor, real: Tensor | None = None, caches: Sequence[KVCache] | None = None) -> Tensor:
        """Logits (B, T, V) of the token after each of tokens (B, T); the arguments are those of `hidden`."""
        return self.logits(self.hidden(tokens, real, caches))

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., C) -> (..., V)"""
        return F.linear(hidden, self.tokens.weight)


# --- objective --------------------------------------------------------------------------------------------------------


def gpt_turns(nets: Nets, batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Mean nats per token, weighted with the number of tokens, so that k accumulated batches equal one large one.

    nets: "gpt". batch: (tokens (B, T + 1),), sequences of any lengths filled up with PAD on the right, where causal
    attention never looks; PAD is no target.
    """
    (tokens,) = batch
    targets = tokens[:, 1:]
    weight = (targets != PAD).sum()
    yield Turn("gpt", token_nats(nets["gpt"](tokens[:, :-1]), targets).sum() / weight.clamp(min=1), weight=weight)


@torch.no_grad()
def nats(net: GPT, documents: Sequence[Sequence[int]], size: int = 64) -> Tensor:
    """−log p of whole documents, EOS included, given BOS: nats (N,). Puts the net in evaluation mode.

    documents: lists of ids without BOS and EOS; `size` of similar lengths are read at a time.
    """
    net.eval()
    return document_nats(lambda tokens: token_nats(net(tokens[:, :-1]), tokens[:, 1:]), documents, size,
                         net.tokens.weight.device)


# --- generation -------------------------------------------------------------------------------------------------------


@torch.inference_mode()
def generate(net: GPT, prompts: Sequence[Sequence[int]], new: int, temperature: float = 1.0, top_k: int = 0,
             top_p: float = 1.0, *, bos: int | None = BOS, eos: int | None = EOS, banned: Sequence[int] = SILENT,
             cached: bool = True) -> list[list[int]]:
    """Continue every prompt, all in one batch, until EOS or for `new` tokens; each prompt with what was written.

    prompts: ids, of any lengths; shorter ones are filled up on the left, so that all end where the answer begins.
    temperature 0 is greedy; the other settings are those of `sampling.next_token`. bos: written before each prompt and
    left out of the answer, or None. eos: ends a sequence and is left out, or None. banned: ids never drawn;
    add those that the vocabulary does not know (`sampling.silent`).
    cached: False reads the whole sequence again for every token; the same answer, slowly.
    Raises: CourseError for an empty prompt without bos, or for more tokens than the context holds.
    """
    net.eval()
    device = net.tokens.weight.device
    given = [[*([] if bos is None else [bos]), *prompt] for prompt in prompts]
    tokens = pad(given, left=True).to(device)                                              # (B, S)
    lengths, total = torch.tensor([len(row) for row in given]), tokens.shape[1] + max(new, 0)
    if total > net.config.context:
        raise CourseError(f"A prompt of {tokens.shape[1]} tokens and {new} new ones do not fit GPT's context of "
                          f"{net.config.context}: shorten the prompt, or ask for fewer.")
    real = None
    if lengths.min() < lengths.max():
        real = (torch.arange(total) >= tokens.shape[1] - lengths[:, None]).to(device)      # (B, total)
    caches = [KVCache(total) for _ in net.blocks] if cached else None
    ended = torch.zeros(len(given), dtype=torch.bool, device=device)
    for step in range(new):
        unread = tokens[:, -1:] if cached and step else tokens
        seen = None if real is None else real[:, :tokens.shape[1]]
        logits = net.logits(net.hidden(unread, seen, caches)[:, -1]).float()
        if banned:
            logits[:, list(banned)] = -torch.inf
        token = next_token(logits, temperature, top_k, top_p)
        if eos is not None:
            token = token.masked_fill(ended, eos)
            ended |= token == eos
        tokens = torch.cat([tokens, token[:, None]], dim=1)
        if eos is not None and ended.all():
            break
    answers = tokens[:, lengths.max():].tolist()
    answers = [answer[:answer.index(eos)] if eos in answer else answer for answer in answers]
    return [[*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True)]


def for_decoding(net: GPT, dtype: torch.dtype = torch.float32) -> GPT:
    """A frozen copy that generates faster on a CPU, where the time goes into reading every matrix once for each token.

    The matrices lie in memory column by column, the order in which a product with a single row reads them fastest; the
    shapes, and up to rounding the answers, stay the same. torch.bfloat16 halves what is read, at about 3 digits.
    """
    copied = copy.deepcopy(net).eval().requires_grad_(False).to(dtype)
    for parameter in copied.parameters():
        if parameter.ndim == 2:
            parameter.data = parameter.data.T.contiguous().T
    return copied
