"""The parts of benchmarks/gpu.py: each yields what it measured, row by row, and at last the answer to its question."""

from __future__ import annotations

import copy
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import loops
import torch
from race import interleaved
from report import middle

from aigc_course import checkpoint
from aigc_course.compute import Compute, deterministic
from aigc_course.models.images.dcgan import DCGANConfig
from aigc_course.models.images.vae import VAEConfig
from aigc_course.models.text.gpt import GPT, GPTConfig, for_decoding, generate
from aigc_course.recipes.text import gpt as gpt_recipe
from aigc_course.speed import Speed, speed_up
from aigc_course.train import Run, train


@dataclass(frozen=True)
class Sizes:
    matrices: Sequence[int] = (4096, 8192, 16384)
    gpt: gpt_recipe.GPTRecipe = gpt_recipe.LARGE
    windows: Sequence[int] = (32, 64)
    """Sequences in a batch."""
    steps: int = 10
    """Steps in a turn."""
    turns: int = 5
    images: int = 60_000
    batches: tuple[int, int] = (64, 2048)
    """Images in a batch: as a naive loop has them, and as a card wants them."""
    small: GPTConfig = GPTConfig(vocab=512, context=128, width=384, layers=6, heads=6, dropout=0.1)
    small_batch: int = 128
    fp16_steps: int = 2000
    new: int = 128
    """Tokens to be written."""


TINY = Sizes(matrices=(64, 128), steps=1, turns=2, images=64, batches=(4, 16), windows=(2,), small_batch=4, new=4,
             gpt=gpt_recipe.GPTRecipe(GPTConfig(64, 16, 16, 1, 2, dropout=0.0)), fp16_steps=12,
             small=GPTConfig(64, 16, 16, 1, 2))
Rows = Iterator[tuple[str, str]]
"""What was measured and the result; the last row is the answer to the part's question."""


def told(error: BaseException) -> str:
    """The error in one line that a table can hold."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:150]}".replace("|", "/")


def clock() -> float:
    """Seconds, after the device has done all it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def variants(tiny: bool, **wanted: Speed) -> dict[str, Speed]:
    """In miniature there are no CUDA graphs, and what is compiled runs as written: compiling takes longer than all."""
    return {name: replace(speed, graphs=False, compile=False) if tiny else speed for name, speed in wanted.items()}


# --- the parts --------------------------------------------------------------------------------------------------------


def matrix_peak(sizes: Sizes, compute: Compute, turns: int) -> dict[int, list[float]]:
    """FLOP/s of bf16 products of square matrices, by their size."""
    found = {}
    for n in sizes.matrices:
        a, b = (torch.randn(n, n, dtype=torch.bfloat16, device=compute.device) for _ in range(2))
        often = max(1, 10 * sizes.steps * 8192**2 // n**2) if compute.device.type == "cuda" else 1

        def multiply(a=a, b=b, often=often) -> None:
            for _ in range(often):
                a @ b

        spent, _ = interleaved({"it": multiply}, turns, clock)
        found[n] = [2 * n**3 * often / t for t in spent["it"]]
    return found


def peak(sizes: Sizes, compute: Compute) -> Rows:
    """The yardstick: what the card's bf16 products reach, not what its data sheet promises."""
    found = matrix_peak(sizes, compute, sizes.turns)
    for n, flops in found.items():
        yield f"bf16 product of {n} × {n}, TFLOP/s", middle([f / 1e12 for f in flops], 1)
    yield "", f"{max(map(statistics.median, found.values())) / 1e12:.1f} TFLOP/s"


def flops_per_token(config: GPTConfig, parameters: int) -> tuple[float, float]:
    """Of a training step: 6 for each parameter but the positions, and attention, counted causal and in full.

    Scores and means are 2 · 2 · T · C a layer forward, thrice that with the backward pass, and the half of it causal.
    """
    matrices = 6 * (parameters - config.context * config.width)
    full = 12 * config.layers * config.context * config.width
    return matrices + full / 2, matrices + full


def gpt(sizes: Sizes, compute: Compute) -> Rows:
    """The recipe's large preset, on random tokens: tokens per second, and the share of the matrix peak (MFU)."""
    tiny, config, best = compute.device.type == "cpu", sizes.gpt.net, 0.0
    for windows in sizes.windows:
        tokens = torch.randint(4, config.vocab, (4 * windows, config.context + 1), device=compute.device)
        for name, speed in variants(tiny, eager=Speed(), compiled=Speed(compile=True)).items():
            before = max(map(statistics.median, matrix_peak(sizes, compute, 3).values()))
            run = gpt_recipe.build(sizes.gpt, compute)
            speed_up(run, run.nets.values(), speed)
            batches = loops.Batches((tokens,), windows)
            spent, _ = interleaved({"it": partial(loops.more, run, batches, sizes.steps)}, sizes.turns, clock)
            after = max(map(statistics.median, matrix_peak(sizes, compute, 3).values()))
            rates = [sizes.steps * windows * config.context / t for t in spent["it"]]
            parameters = sum(p.numel() for p in run.nets["gpt"].parameters())
            causal, full = ([f * rate / ((before + after) / 2) for rate in rates]
                            for f in flops_per_token(config, parameters))
            memory = torch.cuda.max_memory_allocated() / 2**30 if compute.device.type == "cuda" else 0.0
            yield (f"{parameters / 1e6:.1f} M parameters, {windows} × {config.context} tokens, bf16, {name}",
                   f"{middle(rates, 0)} tokens/s; MFU {middle([100 * m for m in causal], 1)} %, attention counted in "
                   f"full {middle([100 * m for m in full], 1)} %; {memory:.0f} GiB")
            best = max(best, statistics.median(causal))
            del run, batches
            torch.compiler.reset()
            gc.collect()
            if compute.device.type == "cuda":
                torch.cuda.empty_cache()
                torch.cuda.reset_peak_memory_stats()
    yield "", f"{100 * best:.1f} %"


def pictures(sizes: Sizes, compute: Compute) -> Rows:
    """Images per second of a DCGAN and a VAE, against the naive loop on the same card."""
    tiny, examples, answers = compute.device.type == "cpu", torch.rand(sizes.images, 1, 28, 28), []
    fp32, (few, many) = Compute(compute.device), sizes.batches
    for name, model in loops.models(DCGANConfig(), VAEConfig(), GPTConfig(8, 8, 8, 1, 1)).items():
        if name == "GPT":
            continue
        contestants: dict[str, tuple[Callable, int]] = {
            f"naive, batch {few}": (loops.naive(model, examples, few, compute.device), few)}
        plain = Speed(channels_last=name == "DCGAN")
        for size, precision in ((few, fp32), (many, compute)):
            for how, speed in variants(tiny, eager=plain, compiled=replace(plain, compile=True),
                                       graphs=replace(plain, graphs=True)).items():
                run, batches = loops.packaged(model, examples, size, precision)
                hot = [run.nets["vae"].stem, run.nets["vae"].encoder, run.nets["vae"].decoder] if name == "VAE" \
                    else run.nets.values()
                label = f"ours, batch {size}, {precision.precision}, {how}"
                try:
                    speed_up(run, hot, speed)
                    loops.more(run, batches, 3)
                except Exception as error:                             # one that cannot be had leaves the others
                    yield f"{name}, {label}", f"failed: {told(error)}"
                    continue
                contestants[label] = partial(loops.more, run, batches), size
        steps = 5 * sizes.steps
        spent, _ = interleaved({who: partial(play, steps) for who, (play, _) in contestants.items()}, sizes.turns,
                               clock)
        rates = {who: [steps * size / t for t in spent[who]] for who, (_, size) in contestants.items()}
        slow, best = rates[f"naive, batch {few}"], 0.0
        for who, found in rates.items():
            ratios = [a / b for a, b in zip(found, slow, strict=True)]
            best = max(best, statistics.median(ratios))
            yield f"{name}, {who}", f"{middle(found, 0)} images/s, {middle(ratios, 1)} × naive"
        answers.append(f"{name} {best:.1f} ×")
    yield "", ", ".join(answers)


def bits(run: Run) -> list[torch.Tensor]:
    """Everything a checkpoint holds of nets and optimisers."""
    found: list[torch.Tensor] = []
    for learner in run.learners.values():
        found += [t.detach().cpu() for t in learner.net.state_dict().values()]
        found += [t.detach().cpu() for state in learner.opt.state.values() for t in state.values()]
    return found


def resume(sizes: Sizes, compute: Compute) -> Rows:
    """20 rounds in one go, and 10, a checkpoint, a fresh run and 10 more: the same bits?"""
    deterministic()
    exact = []
    try:
        made = loops.models(DCGANConfig(), VAEConfig(), sizes.small)
        for name, model in made.items():
            examples = torch.rand(512, 1, 28, 28) if name != "GPT" else \
                torch.randint(4, sizes.small.vocab, (512, sizes.small.context + 1))
            build = partial(loops.packaged, model, examples, 64)
            for precision in (Compute(compute.device), compute):
                whole, batches = build(precision)
                loops.more(whole, batches, 20)
                half, _ = build(precision)
                loops.more(half, batches, 10)
                with tempfile.TemporaryDirectory() as folder:
                    checkpoint.save(half, Path(folder) / "run.pt")
                    again, _ = build(precision)
                    checkpoint.load(again, Path(folder) / "run.pt")
                loops.more(again, batches, 10)
                pairs = list(zip(bits(whole), bits(again), strict=True))
                same = sum(torch.equal(a, b) for a, b in pairs)
                exact.append(same == len(pairs))
                yield f"{name}, {precision.precision}, deterministic", f"{same} of {len(pairs)} tensors bit-identical"
    finally:
        deterministic(False)
    yield "", "yes" if all(exact) else "no"


def fp16(sizes: Sizes, compute: Compute) -> Rows:
    """A GPT on the course's verse in fp16 with loss scaling, and in fp32: losses, and updates left out."""
    known = gpt_recipe.documents("verse", 2000, 0).known
    vocabulary = gpt_recipe.Vocabulary.of(known)
    config = gpt_recipe.GPTRecipe(replace(sizes.small, vocab=len(vocabulary), context=max(sizes.small.context, 40)),
                                  steps=sizes.fp16_steps, tokens=sizes.small_batch * 40, lr=1e-3)
    ends, finite = {}, True
    for dtype in (torch.float32, torch.float16):
        precision = Compute(compute.device, dtype)
        run = gpt_recipe.build(config, precision)
        speed_up(run, run.nets.values())
        batches = gpt_recipe.batches(config, [vocabulary.encode(poem) for poem in known], precision)
        losses, scales = [], [run.learners["gpt"].scaler.get_scale()]
        for log in train(run, batches, config.steps):
            losses.append(log["gpt"].float())
            scales.append(run.learners["gpt"].scaler.get_scale())
        losses = torch.stack(losses).cpu()
        name, tail = precision.precision, max(1, config.steps // 20)
        finite &= bool(losses.isfinite().all()) and all(p.isfinite().all() for p in run.nets["gpt"].parameters())
        ends[name] = losses[-tail:].mean().item()
        skipped = sum(after < before for before, after in zip(scales, scales[1:], strict=False))
        yield (f"{config.steps} rounds in {name}", f"loss {losses[0]:.2f} → {ends[name]:.3f} (mean of the last {tail})"
               + (f"; {skipped} updates left out, scale {scales[-1]:g}" if name == "fp16" else ""))
    yield "", f"{'all finite' if finite else 'NOT FINITE'}; loss over fp32's {ends['fp16'] / ends['fp32']:.3f}"


def decoding(sizes: Sizes, compute: Compute) -> Rows:
    """Greedy continuation of one prompt of 8 tokens: ours against `generate` of transformers, the same weights."""
    from decoding import gpt2

    torch.manual_seed(0)
    net = GPT(sizes.gpt.net).to(compute.device).eval()
    with torch.no_grad():
        net.positions.weight.mul_(10)                                  # or a fresh net repeats one token
    prompt, best = torch.randint(4, sizes.gpt.net.vocab, (1, 8), device=compute.device), 0.0

    def theirs(model) -> list:
        return model.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=sizes.new, do_sample=False,
                              pad_token_id=0, eos_token_id=None)[0].tolist()

    def ours(net: GPT) -> list:
        return generate(net, prompt.tolist(), sizes.new, temperature=0, bos=None, eos=None, banned=())[0]

    for dtype in (torch.float32, torch.bfloat16):
        contestants = {f"transformers, {how}": partial(theirs, gpt2(net, how).to(compute.device, dtype).eval())
                       for how in ("eager", "sdpa")}
        contestants |= {"ours": partial(ours, copy.deepcopy(net).to(dtype)),
                        "ours, for_decoding": partial(ours, for_decoding(net, dtype))}
        spent, texts = interleaved(contestants, sizes.turns, clock)
        fastest = min(("transformers, eager", "transformers, sdpa"), key=lambda who: statistics.median(spent[who]))
        for who, times in spent.items():
            ratios = [a / b for a, b in zip(spent[fastest], times, strict=True)]
            same = sum(a == b for a, b in zip(texts[who], texts[fastest], strict=True)) / len(texts[who])
            best = max(best, statistics.median(ratios))
            yield (f"{str(dtype).removeprefix('torch.')}, {who}",
                   f"{middle([sizes.new / t for t in times], 0)} tokens/s, {middle(ratios)} × transformers' faster "
                   f"one; {same:.0%} of the tokens as its")
    yield "", f"{best:.2f} ×"
