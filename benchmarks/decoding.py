"""Our GPT against `GPT2LMHeadModel` with the same weights: tokens per second, one training step, and which attention.

    python benchmarks/decoding.py [--runs N]

Everything runs in one process on one core; the contestants take turns in every run, and CPU time is counted, so that a
machine whose speed drifts slows all alike. Ratios are taken run by run.
"""

from __future__ import annotations

import argparse
import ctypes
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import torch
from race import interleaved
from report import middle, write

from aigc_course.models.attention import attention, use_attention
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, GPTConfig, for_decoding, generate, gpt_turns

MINUTES = 6
TABLES = {
    "decoding":
        "`for_decoding` writes {against transformers @ 1, ours, for_decoding} × the tokens of transformers at "
        "batch 1, {against transformers @ 16, ours, for_decoding} × at batch 16",
    "gpt_step":
        "{against transformers' equal @ ours, plain} × transformers, eager; {against transformers' equal @ ours, "
        "fused} × transformers, sdpa",
    "attention":
        "the fused kernel trains {training @ float32, 64} × as fast at length 64 in fp32, "
        "{training @ bfloat16, 64} × in bf16",
    "gpt_memory":
        "1,024 new tokens grow a process by {growth at its peak, MB @ 1024} MB, {size of the cache, MB @ 1024} of "
        "them the cache",
}
CONFIG = GPTConfig(vocab=3000, context=320, width=256, layers=4, heads=4)
NEW = 256
"""Tokens to be written."""


def gpt2(net: GPT, how: str):
    """`GPT2LMHeadModel` with the weights of `net`; how: "eager" or "sdpa"."""
    from transformers import GPT2Config, GPT2LMHeadModel

    options, weights = hub.export(net)
    model = GPT2LMHeadModel._from_config(GPT2Config(**options), attn_implementation=how)
    model.load_state_dict(weights, strict=False)
    model.tie_weights()
    return model


def decoding(runs: int) -> list[list[str]]:
    torch.manual_seed(0)
    net = GPT(CONFIG).eval()
    with torch.no_grad():
        net.positions.weight.mul_(10)                        # or a fresh net repeats one token
    model = gpt2(net, "eager").eval()

    def theirs(prompt: torch.Tensor) -> list:
        return model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=NEW, do_sample=False,
                              pad_token_id=0, eos_token_id=None).tolist()

    def ours(prompt: torch.Tensor, net: GPT) -> list:
        return generate(net, prompt.tolist(), NEW, temperature=0, bos=None, eos=None, banned=())

    nets = {"ours": net, "ours, for_decoding": for_decoding(net),
            "ours, for_decoding(bfloat16)": for_decoding(net, torch.bfloat16)}
    rows = []
    for batch in (1, 16):
        prompt = torch.randint(4, CONFIG.vocab, (batch, 8))
        contestants = {"transformers": partial(theirs, prompt)}
        contestants |= {name: partial(ours, prompt, one) for name, one in nets.items()}
        spent, results = interleaved(contestants, runs)
        wanted = torch.tensor(results["transformers"])[:, 8:]
        for name, times in spent.items():
            same = (torch.tensor(results[name])[:, 8:] == wanted).float().mean().item()
            ratio = [other / mine for other, mine in zip(spent["transformers"], times, strict=True)]
            rows.append([batch, name, middle([batch * NEW / t for t in times], 0), middle(ratio), f"{same:.0%}"])
    return rows


def training(runs: int) -> list[list[str]]:
    """One step each: forward, backward, AdamW; 16 sequences of 64 targets, dropout 0.1 unless the row says none."""
    tokens, steps = torch.randint(4, CONFIG.vocab, (16, 65)), {}

    def ours(how: str = "auto", dropout: float = 0.1, dtype: torch.dtype | None = None, fused: bool = True,
             activation: str = "gelu_new") -> Callable:
        torch.manual_seed(0)
        net = GPT(GPTConfig(**{**vars(CONFIG), "dropout": dropout, "activation": activation}))
        use_attention(net, how)
        opt = torch.optim.AdamW(net.parameters(), 1e-3, fused=fused)

        def step() -> None:
            opt.zero_grad()
            with torch.autocast("cpu", dtype or torch.bfloat16, enabled=dtype is not None):
                (turn,) = gpt_turns({"gpt": net}, (tokens,), 0)
            turn.loss.backward()
            opt.step()
        return step

    def theirs(how: str, dropout: float = 0.1) -> Callable:
        torch.manual_seed(0)
        model = gpt2(GPT(GPTConfig(**{**vars(CONFIG), "dropout": dropout})), how).train()
        opt = torch.optim.AdamW(model.parameters(), 1e-3, fused=True)

        def step() -> None:
            opt.zero_grad()
            model(tokens, labels=tokens).loss.backward()
            opt.step()
        return step

    for dropout in (0.1, 0.0):
        note = "" if dropout else ", no dropout"
        steps |= {f"transformers, eager{note}": theirs("eager", dropout), f"ours, plain{note}": ours("plain", dropout),
                  f"transformers, sdpa{note}": theirs("sdpa", dropout), f"ours, fused{note}": ours("fused", dropout)}
    bf16 = torch.bfloat16
    steps |= {"ours, auto": ours(), "ours, auto, AdamW not fused": ours(fused=False),
              "ours, auto, exact GELU": ours(activation="gelu"), "ours, auto, ReLU": ours(activation="relu"),
              "ours, auto, bf16": ours(dtype=bf16), "ours, auto, no dropout": ours(dropout=0.0),
              "ours, auto, bf16, no dropout": ours(dropout=0.0, dtype=bf16),
              "ours, fused, bf16, no dropout": ours("fused", 0.0, bf16)}
    spent, _ = interleaved(steps, runs)
    rows = []
    for name, times in spent.items():
        note = ", no dropout" if "no dropout" in name else ""
        kind = "sdpa" if "fused" in name.split(",")[1] or "sdpa" in name else "eager"
        ratios = [middle([t / mine for t, mine in zip(spent[rival], times, strict=True)])
                  for rival in (f"transformers, {kind}{note}", f"ours, auto{note}")]
        rows.append([name, middle([1e3 * t for t in times], 0), *ratios])
    return rows


def lengths(runs: int) -> list[list[str]]:
    """Seconds of the plain formula / seconds of the fused kernel, for each dtype and length."""
    rows = []
    for dtype, length in product((torch.float32, torch.bfloat16), (8, 16, 32, 48, 64, 96, 128, 256)):
        qkv = [torch.randn(16, 4, length, 64, dtype=dtype, requires_grad=True) for _ in range(3)]
        one = [x.detach()[:, :, -1:] if i == 0 else x.detach() for i, x in enumerate(qkv)]
        often, row = max(1, 20_000 // length**2), [str(dtype).removeprefix("torch."), length]

        def learn(how: str, dropout: float, qkv=qkv, often=often) -> None:
            for _ in range(often):
                torch.autograd.grad(attention(*qkv, causal=True, dropout=dropout, how=how).sum(), qkv)

        def look(how: str, qkv, often=20 * often) -> None:
            with torch.no_grad():
                for _ in range(often):
                    attention(*qkv, causal=True, how=how)

        for work in (partial(learn, dropout=0.0), partial(learn, dropout=0.1), partial(look, qkv=qkv),
                     partial(look, qkv=one)):
            spent, _ = interleaved({how: partial(work, how) for how in ("plain", "fused")}, runs)
            row.append(middle([a / b for a, b in zip(spent["plain"], spent["fused"], strict=True)]))
        rows.append(row)
    return rows


def megabytes(field: str) -> float:
    """A line of this process's status on Linux: "VmRSS", memory in use, or "VmHWM", the most since it was reset."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def growth(new: int, cached: bool) -> float:
    """MB by which the process grows while it generates; a process of its own asks for it."""
    torch.set_num_threads(1)
    net = for_decoding(GPT(replace(CONFIG, context=1100)))
    work = partial(generate, net, [list(range(4, 12))], temperature=0, bos=None, eos=None, cached=cached)
    work(new=4)
    ctypes.CDLL(None).malloc_trim(0)                             # give back what importing has freed
    before = megabytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")                # the peak starts anew
    work(new=new)
    return megabytes("VmHWM") - before


def memory() -> list[list[str]]:
    rows = []
    for new, cached in ((64, True), (256, True), (1024, True), (64, False), (192, False)):
        cache = 2 * CONFIG.layers * (8 + new) * CONFIG.width * 4 / 2**20 if cached else 0.0
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            grown = pool.submit(growth, new, cached).result()
        rows.append([new, "yes" if cached else "no", f"{cache:.2f}", f"{grown:.2f}", f"{grown - cache:.2f}"])
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=["decoding", "training", "lengths", "memory"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    note = "Medians (and ranges) of {} interleaved runs; ratios run by run, above 1 means {}."
    faster, size = note.format("{}", "faster"), "4 layers, 256 wide, vocabulary 3,000, fp32"
    if options.only in (None, "decoding"):
        write("decoding", f"Writing {NEW} tokens greedily after a prompt of 8 ({size})",
              ["batch", "who", "tokens per CPU second", "against transformers", "tokens as theirs"],
              decoding(options.runs), f"{faster.format(options.runs)} transformers: `generate`, eager attention, its "
              "own cache. Bars: at least 1.5 at batch 1, never below 1 at batch 16.")
    if options.only in (None, "training"):
        write("gpt_step", f"One training step, 16 sequences of 64 tokens ({size})",
              ["who", "CPU ms", "against transformers' equal", "against ours, auto, with the same dropout"],
              training(3 * options.runs),
              f"{faster.format(3 * options.runs)} The first ratio is against the same attention (eager for plain and "
              "auto, sdpa for fused) and the same dropout; both use a fused AdamW unless the row says otherwise. Bar: "
              "never below 1.")
    if options.only in (None, "lengths"):
        write("attention", "The fused kernel against the plain formula, 16 causal sequences, 4 heads of 64",
              ["numbers", "length", "training", "training, dropout 0.1", "reading", "one query, as in decoding"],
              lengths(options.runs), note.format(options.runs, "that the kernel is faster"))
    if options.only in (None, "memory"):
        write("gpt_memory", f"What a process grows by while it generates from a prompt of 8 ({size}, batch 1)",
              ["new tokens", "cache", "size of the cache, MB", "growth at its peak, MB", "without the cache, MB"],
              memory(), "Peak of the resident memory over that before, each in a process of its own (Linux); the size "
              "of the cache is 2 · layers · positions · width · 4 bytes. tests/costs/test_memory.py counts the "
              "bytes of all living tensors.")


if __name__ == "__main__":
    main()
