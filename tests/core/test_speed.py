"""Options that make a run faster or smaller: that they change what they say, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from aigc_course.checkpoint import CheckpointError, load, save
from aigc_course.compute import PRECISIONS, Compute, deterministic, rng_state, seed_all
from aigc_course.costs.memory import saved_for_backward
from aigc_course.data.batches import Batches
from aigc_course.errors import CourseError
from aigc_course.models.images import dcgan, gan
from aigc_course.models.images.vae import VAE, VAEConfig, vae_turns
from aigc_course.models.parameters import moving_average
from aigc_course.models.text.bert import BERT, BERTConfig, bert_turns
from aigc_course.models.text.gpt import GPT, GPTConfig, gpt_turns
from aigc_course.models.text.transformer import Transformer, TransformerConfig, transformer_turns
from aigc_course.speed import (
    OneGraphRound,
    Speed,
    compiler_trouble,
    eager,
    fuse,
    speed_up,
)
from aigc_course.train import Learner, Run, Turn, train
from tests.core.families import FAMILIES, batches, generator, same, weights

TOKENS = torch.randint(4, 40, (64, 13), generator=generator(1))
TOKENS[::4, 9:] = 0                                              # padding, which a mask hides
IMAGES = torch.rand(64, 1, 8, 8, generator=generator(2))
GPT_CONFIG = GPTConfig(vocab=40, context=16, width=16, layers=2, heads=2, dropout=0.0)


def adamw(net: nn.Module, **options) -> torch.optim.Optimizer:
    return torch.optim.AdamW(net.parameters(), 1e-3, **options)


def gpt(compute: Compute = Compute(), dropout: float = 0.0, layers: int = 2) -> tuple[Run, Batches, list[nn.Module]]:
    seed_all(0)
    net = GPT(replace(GPT_CONFIG, dropout=dropout, layers=layers))
    return Run(gpt_turns, {"gpt": Learner(net, adamw(net), clip=1.0)}, compute), Batches((TOKENS,), 8), [net]


def bert(compute: Compute = Compute(), dropout: float = 0.0) -> tuple[Run, Batches, list[nn.Module]]:
    seed_all(0)
    net = BERT(BERTConfig(vocab=41, context=16, width=16, layers=2, heads=2, dropout=dropout))

    def turns(nets, batch, step):
        return bert_turns(nets, batch, step, mask=40)

    return Run(turns, {"bert": Learner(net, adamw(net))}, compute), Batches((TOKENS,), 8), [net]


def transformer(compute: Compute = Compute(), dropout: float = 0.0) -> tuple[Run, Batches, list[nn.Module]]:
    seed_all(0)
    net = Transformer(TransformerConfig(40, 40, width=16, layers=2, heads=2, dropout=dropout))
    run = Run(transformer_turns, {"transformer": Learner(net, adamw(net))}, compute)
    return run, Batches((TOKENS, TOKENS.roll(1, 0)), 8), [net]


def vae(compute: Compute = Compute()) -> tuple[Run, Batches, list[nn.Module]]:
    seed_all(0)
    net = VAE(VAEConfig(shape=(1, 8, 8), z_dim=4, hidden=(16,), width=4))
    run = Run(vae_turns, {"vae": Learner(net, adamw(net))}, compute)
    return run, Batches((IMAGES,), 8), [net.stem, net.encoder, net.decoder]


def images(compute: Compute = Compute()) -> tuple[Run, Batches, list[nn.Module]]:
    """A DCGAN of 8×8 images with a moving average."""
    seed_all(0)
    config = dcgan.DCGANConfig(size=8, z_dim=4, width=8)
    g, d = dcgan.Generator(config), dcgan.Discriminator(config)
    learners = {"g": Learner(g, adamw(g), ema=moving_average(g, 0.9)), "d": Learner(d, adamw(d))}
    return Run(gan.gan_turns, learners, compute), Batches((IMAGES * 2 - 1,), 8), [g, d]


RUNS = {"gpt": gpt, "bert": bert, "transformer": transformer, "vae": vae, "dcgan": images}


def play(run: Run, given: Batches, steps: int) -> list[dict[str, float]]:
    return [{key: float(value) for key, value in log.items()} for log in train(run, given, steps)]


# --- devices and precisions -------------------------------------------------------------------------------------------


@pytest.fixture
def card(monkeypatch):
    """A machine with one CUDA card, as far as torch's questions go; it computes in bf16 when the list says so."""
    able = [True]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: able[0] or including_emulation)
    return able


def test_devices_and_precisions_by_name(card):
    assert Compute.choose() == Compute.best() == Compute(torch.device("cuda"), torch.bfloat16)
    assert Compute.choose("cpu") == Compute()
    assert Compute.choose("cuda:0", "fp16") == Compute(torch.device("cuda:0"), torch.float16)
    assert [Compute.choose("cpu", name).precision for name in PRECISIONS] == list(PRECISIONS)
    card[0] = False                                              # an older card: bf16 would be emulated, slowly
    assert Compute.choose() == Compute(torch.device("cuda"), torch.float32)
    with pytest.raises(CourseError, match="does not compute in bf16: choose --precision fp16"):
        Compute.choose("cuda", "bf16")
    with pytest.raises(CourseError, match="has no device 'cuda:1'"):
        Compute.choose("cuda:1")


def test_what_is_not_there_is_told_in_one_sentence(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert Compute.choose() == Compute()
    for device, words in {"cuda": "has no device 'cuda'", "mps": "has no device 'mps'", "gpu": "no device 'gpu'",
                          "cuda:x": "no device 'cuda:x'", "cpu:0": "no device 'cpu:0'"}.items():
        with pytest.raises(CourseError, match=words):
            Compute.choose(device)
    with pytest.raises(CourseError, match="no precision 'half': choose auto, fp32, bf16, fp16"):
        Compute.choose("cpu", "half")


@pytest.mark.slow
def test_importing_the_package_asks_nothing_of_cuda():
    """Whoever asks CUDA at import makes a context on every card, and breaks processes that fork later."""
    code = """
import importlib, pkgutil, sys, traceback
import torch
import aigc_course
asked = []
for name in ("_lazy_init", "init", "is_available", "device_count", "current_device", "is_bf16_supported"):
    def ask(*_, was=getattr(torch.cuda, name), name=name, **__):
        stack = traceback.extract_stack()
        asked.extend(f"{name}: {f.filename}:{f.lineno}" for f in stack[:-1] if "aigc_course" in f.filename)
        return was(*_, **__)
    setattr(torch.cuda, name, ask)
modules = [m.name for m in pkgutil.walk_packages(aigc_course.__path__, "aigc_course.") if "__main__" not in m.name]
for name in modules:
    importlib.import_module(name)
torch.cuda.is_initialized() and asked.append("CUDA is initialised")
assert len(modules) > 50 and not asked, asked
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.slow                                                # torch imports its compiler to tell it
def test_deterministic_is_a_switch():
    workspace = "CUBLAS_WORKSPACE_CONFIG"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(workspace, "")
        patch.delenv(workspace)
        try:
            deterministic()
            import os
            assert torch.are_deterministic_algorithms_enabled() and os.environ[workspace] == ":4096:8"
            assert not torch.utils.deterministic.fill_uninitialized_memory
        finally:
            deterministic(False)
    assert not torch.are_deterministic_algorithms_enabled() and torch.utils.deterministic.fill_uninitialized_memory


# --- fp16 -------------------------------------------------------------------------------------------------------------


def tiny_gradient(nets, batch, step):
    """A loss whose gradient at the layer's output is 1e-6 / 512, less than fp16 can hold."""
    (x,) = batch
    yield Turn("net", nets["net"](x).float().mean() * 1e-6)


@pytest.mark.parametrize("scaled", [True, False])
def test_loss_scaling_keeps_gradients_that_fp16_rounds_to_nothing(scaled):
    torch.manual_seed(0)
    net = nn.Linear(64, 64)
    learner = Learner(net, torch.optim.SGD(net.parameters(), 1.0))
    run = Run(tiny_gradient, {"net": learner}, Compute(dtype=torch.float16))
    if scaled:
        assert "fp16 with loss scaling" in speed_up(run, [])
    given = batches("gan", 8)
    play(run, given, 1)
    wanted = given[0][0].mean(0).expand(64, -1) * 1e-6 / 64      # ∂ loss / ∂ W, a closed form
    if scaled:
        torch.testing.assert_close(net.weight.grad, wanted, rtol=0.02, atol=1e-12)
    else:
        assert (net.weight.grad == 0).all()


def test_an_overflow_in_fp16_costs_one_update_and_halves_the_scale():
    run, given, hot = gpt(Compute(dtype=torch.float16))
    learner, usual = run.learners["gpt"], run.objective
    assert speed_up(run, hot) == ["cpu", "fp16 with loss scaling", "fused optimiser"]
    learner.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)

    def turns(nets, batch, step):
        (turn,) = usual(nets, batch, step)
        yield turn._replace(loss=turn.loss * torch.inf) if step == 2 else turn

    run.objective = turns
    play(run, given, 2)
    before, scale = weights(run), learner.scaler.get_scale()
    play(run, given, 3)
    assert same(weights(run), before) and learner.scaler.get_scale() == scale / 2
    logs = play(run, given, 30)
    assert learner.scaler.get_scale() == scale / 2
    assert all(value.isfinite().all() for value in weights(run).values()) and logs[-1]["gpt"] < 3.7      # ln 40 = 3.69


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@pytest.mark.parametrize("name", RUNS)
def test_every_family_learns_in_low_precision_as_in_fp32(name, precision):
    losses = {}
    for one in ("fp32", precision):
        run, given, hot = RUNS[name](Compute.choose("cpu", one))
        speed_up(run, hot)
        for learner in run.learners.values():                    # 65,536 costs the first update or two
            if learner.scaler.is_enabled():
                learner.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**8)
        losses[one] = play(run, given, 12)
        assert all(p.dtype is torch.float32 and p.grad.dtype is torch.float32 for net in run.nets.values()
                   for p in net.parameters())
        for learner in run.learners.values():
            assert learner.scaler.is_enabled() == (one == "fp16")
            assert not learner.scaler.is_enabled() or learner.scaler.get_scale() == 2**8
    for a, b in zip(losses["fp32"], losses[precision], strict=True):
        for who in run.learners:
            assert b[who] == pytest.approx(a[who], rel=0.03, abs=0.03)


def test_an_fp16_run_resumes_with_its_scale_and_no_other_precision_takes_it(tmp_path):
    path = tmp_path / "run.pt"

    def build(precision: str) -> tuple[Run, Batches]:
        run, given, hot = gpt(Compute.choose("cpu", precision), dropout=0.1)
        speed_up(run, hot)
        run.learners["gpt"].scaler._growth_interval = 3          # so that the scale changes within the test
        return run, given

    straight, given = build("fp16")
    play(straight, given, 4)
    save(straight, path)
    play(straight, given, 9)
    resumed, given = build("fp16")
    load(resumed, path)
    play(resumed, given, 9)
    assert same(weights(straight), weights(resumed))
    assert straight.learners["gpt"].scaler.state_dict() == resumed.learners["gpt"].scaler.state_dict()

    other, _ = build("fp32")
    before = weights(other)
    with pytest.raises(CheckpointError, match="saved with loss scaling for 'gpt', unlike this run: choose the prec"):
        load(other, path)
    assert same(weights(other), before) and other.step == 0


# --- compilation ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def compiler():
    if trouble := compiler_trouble("cpu"):
        pytest.skip(f"torch.compile does not work here: {trouble}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt", "vae", "dcgan"])
def test_a_compiled_run_trains_alike_and_swaps_checkpoints_with_a_plain_one(name, compiler, tmp_path):
    plain, given, hot = RUNS[name]()
    speed_up(plain, hot)
    compiled, _, hot = RUNS[name]()
    assert speed_up(compiled, hot, Speed(compile=True))[-1] == "compiled"
    assert weights(plain).keys() == weights(compiled).keys()
    seed_all(1)
    wanted = play(plain, given, 4)
    seed_all(1)
    for a, b in zip(wanted, play(compiled, given, 4), strict=True):
        assert a == pytest.approx(b, rel=1e-4)
    for one, other in ((plain, compiled), (compiled, plain)):
        save(one, tmp_path / "run.pt")
        load(other, tmp_path / "run.pt")
        assert same(weights(one), weights(other))
        logs = []
        for run in (one, other):
            load(run, tmp_path / "run.pt")
            logs.append(play(run, given, run.step + 1)[0])
        assert logs[0] == pytest.approx(logs[1], rel=1e-4)


class Tattler(nn.Module):
    def forward(self, x):
        return x * 0 if torch.compiler.is_compiling() else x


@pytest.mark.slow
def test_what_is_looked_at_runs_as_written(compiler):
    net = Tattler()
    run = Run(gpt_turns, {"gpt": Learner(net, torch.optim.SGD([nn.Parameter(torch.ones(1))], 0.1))})
    speed_up(run, [net], Speed(compile=True))
    assert net(torch.ones(2)).sum() == 0
    with eager():
        assert net(torch.ones(2)).sum() == 2
    assert net(torch.ones(2)).sum() == 0


def test_cuda_graphs_are_told_of_rounds_not_of_micro_batches(monkeypatch):
    marks = []
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: marks.append(run.step))
    run, given, _ = gpt()
    run.objective = OneGraphRound(run.objective)
    list(train(run, given, 3, accumulate=2))
    assert marks == [0, 1, 2]


# --- layout, optimisers, memory ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vae", "dcgan"])
def test_channels_last_changes_the_layout_alone(name, tmp_path):
    plain, given, _ = RUNS[name]()
    turned, _, hot = RUNS[name]()
    speed_up(turned, hot, Speed(channels_last=True, fused=False))
    assert same(weights(plain), weights(turned))
    nets = [net for one in turned.learners.values() for net in (one.net, one.ema) if net is not None]
    maps = [p for net in nets for p in net.parameters() if p.ndim == 4]
    assert maps and all(p.is_contiguous(memory_format=torch.channels_last) for p in maps)
    seed_all(1)
    wanted = play(plain, given, 5)
    seed_all(1)
    for a, b in zip(wanted, play(turned, given, 5), strict=True):
        assert a == pytest.approx(b, rel=1e-4)
    save(turned, tmp_path / "run.pt")
    load(plain, tmp_path / "run.pt")
    assert same(weights(plain), weights(turned))


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD])
def test_a_fused_optimiser_makes_the_same_updates_with_the_same_settings(kind):
    runs = []
    for fused in (False, True):
        run, given, hot = gpt()
        net = hot[0]
        groups = [{"params": [p for p in net.parameters() if p.ndim == 2], "weight_decay": 0.1, "lr": 2e-3},
                  {"params": [p for p in net.parameters() if p.ndim < 2], "weight_decay": 0.0}]
        extra = {"momentum": 0.9} if kind is torch.optim.SGD else {"betas": (0.5, 0.9), "eps": 1e-6}
        run.learners["gpt"].opt = kind(groups, lr=1e-3, **extra)
        done = speed_up(run, hot, Speed(fused=fused))
        assert ("fused optimiser" in done) == fused
        opt = run.learners["gpt"].opt
        assert type(opt) is kind and all(bool(group["fused"]) == fused for group in opt.param_groups)
        play(run, given, 8)
        runs.append(run)
    for key, value in weights(runs[0]).items():
        torch.testing.assert_close(weights(runs[1])[key], value, rtol=1e-5, atol=1e-6)


def test_an_optimiser_without_a_fused_form_stays():
    run, _, hot = gpt()
    opt = run.learners["gpt"].opt = torch.optim.RMSprop(hot[0].parameters(), 1e-3)
    assert "fused optimiser" not in speed_up(run, hot) and run.learners["gpt"].opt is opt
    fused = run.learners["gpt"].opt = adamw(hot[0], fused=True)
    assert fuse(run) and run.learners["gpt"].opt is fused


@pytest.mark.parametrize("name", ["gpt", "bert", "transformer"])
def test_computing_blocks_again_gives_the_same_training_bit_for_bit(name):
    ends = []
    for recompute in (False, True):
        run, given, hot = RUNS[name](dropout=0.2)
        done = speed_up(run, hot, Speed(recompute=recompute))
        blocks = 4 if name == "transformer" else 2
        assert (f"{blocks} blocks computed again going back" in done) == recompute
        logs = play(run, given, 4)
        grads = {key: p.grad for key, p in run.nets[name].named_parameters()}
        ends.append((weights(run), grads, logs, rng_state()["torch"]))
    (plain, grads, logs, stream), (again, other_grads, other_logs, other_stream) = ends
    assert same(plain, again) and same(grads, other_grads) and logs == other_logs and torch.equal(stream, other_stream)


def test_what_is_kept_is_what_enters_each_block():
    """B·T·C numbers a block when it is computed again; all that the sublayers remember when not."""
    grown = {}
    for recompute in (False, True):
        kept = []
        for layers in (2, 5):
            run, given, hot = gpt(layers=layers)
            speed_up(run, hot, Speed(recompute=recompute))
            with saved_for_backward(*hot) as saved:
                play(run, given, 1)
            kept.append(saved.peak)
        grown[recompute] = (kept[1] - kept[0]) // 3
    entering = 8 * 12 * 16 * 4
    assert grown[True] == entering
    assert grown[False] > 8 * entering


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_options_that_cannot_be_had_leave_the_run_as_it_was(monkeypatch):
    monkeypatch.setattr("aigc_course.speed.compiler_trouble", lambda device: "InvalidCxxCompiler: none")
    for name, options, words in (
        ("gpt", Speed(graphs=True), "CUDA graphs need a CUDA card, this run is on cpu"),
        ("vae", Speed(recompute=True), "no Transformer blocks"),
        ("dcgan", Speed(compile=True), r"does not work here \(InvalidCxxCompiler: none\): install a C\+\+ compiler"),
    ):
        run, given, hot = RUNS[name](Compute(dtype=torch.float16))
        opts = [learner.opt for learner in run.learners.values()]
        with pytest.raises(CourseError, match=words):
            speed_up(run, hot, replace(options, channels_last=True))
        assert [learner.opt for learner in run.learners.values()] == opts
        assert not any(learner.scaler.is_enabled() for learner in run.learners.values())


def test_a_run_that_has_begun_is_refused():
    run, given, hot = gpt()
    play(run, given, 1)
    with pytest.raises(CourseError, match="has begun"):
        speed_up(run, hot)


def test_a_machine_without_a_compiler_is_noticed(monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("No working C++ compiler found\nand a long story")

    monkeypatch.setattr(torch, "compile", fail)
    compiler_trouble.cache_clear()
    try:
        assert compiler_trouble("cpu") == "RuntimeError: No working C++ compiler found"
    finally:
        compiler_trouble.cache_clear()


def test_families_of_the_loop_keep_their_bits_under_default_options():
    """Fused updates aside, the defaults change nothing on a CPU."""
    for build in FAMILIES.values():
        seed_all(0)
        one = build()
        seed_all(0)
        other = build()
        speed_up(other, [], Speed(fused=False))
        name = next(key for key, value in FAMILIES.items() if value is build)
        for run in (one, other):
            seed_all(1)
            play(run, batches(name), 3)
        assert same(weights(one), weights(other))


def test_cross_entropy_is_fp32_under_autocast():
    """The loss that is scaled must not be fp16 itself: 65,536 is infinite there."""
    run, given, _ = gpt(Compute(dtype=torch.float16))
    with run.compute.autocast():
        turn = next(run.objective(run.nets, given[0], 0))
    assert turn.loss.dtype is torch.float32
    assert F.cross_entropy(torch.zeros(1, 3), torch.tensor([0])).dtype is torch.float32
