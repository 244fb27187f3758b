"""The loop: what it computes, that watching it changes nothing, and that a resumed run is the same run."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from aigc_course.checkpoint import CheckpointError, load, save, seal
from aigc_course.compute import Compute, aside, rng_state, seed_all
from aigc_course.errors import CourseError
from aigc_course.show.progress import autosave, history, progress
from aigc_course.train import Learner, Run, Turn, train
from tests.core.families import (
    FAMILIES,
    Counts,
    LanguageModel,
    MicroBatches,
    batches,
    counted,
    deterministic_gan,
    gan,
    generator,
    learner,
    mlp,
    same,
    weights,
)

PRECISIONS = {"fp32": Compute(), "bf16": Compute(dtype=torch.bfloat16)}


def play(run: Run, name: str, steps: int) -> None:
    for _ in train(run, batches(name), steps):
        pass


def test_gan_equals_the_hand_written_loop():
    seed_all(0)
    ours = gan()
    play(ours, "gan", 30)

    seed_all(0)
    hand = gan()
    g, d = hand.nets["g"], hand.nets["d"]
    opt_g, opt_d, ema = hand.learners["g"].opt, hand.learners["d"].opt, hand.learners["g"].ema
    data = batches("gan")
    for step in range(30):
        (x,) = data[step]
        fake = g(torch.randn(len(x), 8))
        loss_d = F.softplus(-d(x)).mean() + F.softplus(d(fake.detach())).mean()
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
        loss_g = F.softplus(-d(fake)).mean()
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()
        ema.update_parameters(g)
    assert same(weights(ours), weights(hand))


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", FAMILIES)
def test_resume_is_bit_exact_mid_epoch(name, precision, tmp_path):
    compute, path = PRECISIONS[precision], tmp_path / "run.pt"
    seed_all(0)
    straight = FAMILIES[name](compute)
    play(straight, name, 41)

    seed_all(0)
    stopped = FAMILIES[name](compute)
    for log in autosave(train(stopped, batches(name), 25), stopped, path, every=100):
        if log["step"] == 23:                      # an epoch has 16 rounds
            break
    seed_all(99)
    resumed = FAMILIES[name](compute)
    load(resumed, path)
    assert resumed.step == 23
    play(resumed, name, 41)
    assert same(weights(straight), weights(resumed))
    assert not same(weights(straight), weights(stopped))


@pytest.mark.parametrize("name", FAMILIES)
def test_watching_never_changes_the_run(name):
    seed_all(0)
    plain = FAMILIES[name]()
    play(plain, name, 20)

    seed_all(0)
    watched = FAMILIES[name]()
    seen: dict = {}
    for log in progress(history(train(watched, batches(name), 20), seen), steps=20):
        for net in watched.nets.values():
            net.eval()                             # as looking at samples does
        with aside():
            torch.randn(7)
        if log["step"] == 7:
            break
    play(watched, name, 20)
    assert same(weights(plain), weights(watched))
    assert all(len(values) == 7 for who, values in seen.items() if who != "g" or name != "wgan")


def test_the_live_plot_changes_nothing_and_ends_as_one_figure(monkeypatch):
    from aigc_course.show import live
    shown = []
    monkeypatch.setattr(live, "display", shown.append)
    seed_all(0)
    plain = gan()
    play(plain, "gan", 20)
    seed_all(0)
    watched = gan()
    for _ in live.live_plot(train(watched, batches("gan"), 20), 20, draw=lambda ax: ax.plot(torch.randn(3)), every=5,
                            seconds=0.0):
        pass
    assert same(weights(plain), weights(watched))
    assert len(shown) >= 2
    monkeypatch.setenv("AIGC_STATIC", "1")
    shown.clear()
    for _ in live.live_plot(train(gan(), batches("gan"), 20), 20, every=5, seconds=0.0):
        pass
    assert len(shown) == 1


@pytest.mark.parametrize("able", [True, False])
def test_the_fastest_cpu_arithmetic_depends_on_its_instructions(monkeypatch, able):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: able)
    assert Compute.fastest() == Compute(dtype=torch.bfloat16 if able else torch.float32)
    assert Compute.best() == Compute()


def test_aside_moves_no_stream():
    import random

    import numpy as np
    seed_all(5)
    before = rng_state()
    with aside(1):
        random.random(), np.random.rand(), torch.randn(3)
    after = rng_state()
    assert before["python"] == after["python"] and before["numpy"] == after["numpy"]
    assert torch.equal(before["torch"], after["torch"])


@pytest.mark.parametrize("parts", [2, 4])
def test_accumulated_micro_batches_equal_one_batch(parts):
    one, many = deterministic_gan(), deterministic_gan()
    one_logs = list(train(one, batches("gan"), 10))
    many_logs = list(train(many, MicroBatches(batches("gan"), parts), 10, accumulate=parts))
    for key, value in weights(one).items():
        torch.testing.assert_close(weights(many)[key], value, rtol=1e-10, atol=1e-12)
    for a, b in zip(one_logs, many_logs, strict=True):
        torch.testing.assert_close(a["d"], b["d"])


def test_micro_batches_of_unequal_token_counts_equal_one_batch():
    ids = torch.randint(1, 32, (16, 17), generator=generator(5))
    for row in range(16):
        ids[row, 3 + row:] = 0                     # padding: 3 to 17 real tokens

    def turns(nets, batch, step):
        (x,) = batch
        target = x[:, 1:]
        real = target != 0
        logits = nets["lm"](x[:, :-1])[real]
        yield Turn("lm", F.cross_entropy(logits, target[real]), weight=real.sum())

    def build() -> Run:
        torch.manual_seed(0)
        net = LanguageModel(drop=0.0).double()
        return Run(turns, {"lm": Learner(net, torch.optim.SGD(net.parameters(), 0.1))})

    class Whole:
        def __getitem__(self, step):
            return (ids,)

    one, four = build(), build()
    first = list(train(one, Whole(), 5))
    second = list(train(four, MicroBatches(Whole(), 4), 5, accumulate=4))
    for key, value in weights(one).items():
        torch.testing.assert_close(weights(four)[key], value, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(first[-1]["lm"], second[-1]["lm"], rtol=1e-6, atol=1e-7)


def test_batch_norm_is_where_accumulation_differs():
    """Shown, not hidden: statistics of a micro-batch are not those of the whole batch."""
    def turns(nets, batch, step):
        (x,) = batch
        yield Turn("net", nets["net"](x).square().mean())

    def build() -> Run:
        torch.manual_seed(0)
        net = nn.Sequential(nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
        return Run(turns, {"net": Learner(net, torch.optim.SGD(net.parameters(), 0.1))})

    one, four = build(), build()
    list(train(one, batches("gan"), 3))
    list(train(four, MicroBatches(batches("gan"), 4), 3, accumulate=4))
    assert not torch.allclose(weights(one)["net.net.0.weight"], weights(four)["net.net.0.weight"], atol=1e-4)


def test_an_overflow_skips_the_step_and_lowers_the_scale():
    net = nn.Linear(64, 1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    blow_up = {"now": True}

    def turns(nets, batch, step):
        (x,) = batch
        loss = nets["net"](x).mean()
        yield Turn("net", loss * float("inf") if blow_up["now"] else loss)

    run = Run(turns, {"net": Learner(net, torch.optim.SGD(net.parameters(), 0.1), scaler=scaler)})
    before = net.weight.detach().clone()
    list(train(run, batches("gan"), 1))
    assert torch.equal(net.weight, before) and scaler.get_scale() == 2.0**15
    blow_up["now"] = False
    list(train(run, batches("gan"), 2))
    assert not torch.equal(net.weight, before)


def test_learning_rate_clipping_and_logs():
    run = FAMILIES["lm"]()
    logs = list(train(run, batches("lm"), 3))
    assert run.learners["lm"].opt.param_groups[0]["lr"] == pytest.approx(3e-4)
    assert [log["step"] for log in logs] == [1, 2, 3]
    assert not logs[0]["lm"].requires_grad
    squares = sum(p.grad.square().sum() for p in run.nets["lm"].parameters() if p.grad is not None)
    assert squares.sqrt() <= 1.0 + 1e-4


@pytest.mark.parametrize("scale", [None, 2.0**10])
def test_a_long_gradient_is_cut_to_its_length_and_no_wider(scale):
    """A step of SGD with the rate 1 is as long as the gradient: the loss scale is out of it before it is cut."""
    net = nn.Linear(64, 1)
    options = {} if scale is None else {"scaler": torch.amp.GradScaler("cpu", init_scale=scale)}
    run = Run(lambda nets, batch, step: iter([Turn("net", 1000 * nets["net"](batch[0]).mean())]),
              {"net": Learner(net, torch.optim.SGD(net.parameters(), 1.0), clip=0.5, **options)})
    before = torch.cat([p.detach().clone().flatten() for p in net.parameters()])
    (log,) = train(run, batches("gan"), 1)
    after = torch.cat([p.detach().flatten() for p in net.parameters()])
    assert (after - before).norm().item() == pytest.approx(0.5, rel=1e-4)
    assert log["net/grad"].item() > 1000, "what is reported is the length before"


def test_wrong_objectives_are_told_in_one_sentence():
    run = gan()
    run.objective = lambda nets, batch, step: iter([Turn("x", torch.zeros((), requires_grad=True))])
    with pytest.raises(CourseError, match="names 'x', which is no learner"):
        list(train(run, batches("gan"), 1))

    def ragged(nets, batch, step):
        yield Turn("d", nets["d"](batch[0]).mean())
        if batch[0][0, 0] > batches("gan")[0][0][8, 0]:
            yield Turn("g", nets["g"](batch[0][:, :8]).mean())

    run = gan()
    run.objective = ragged
    with pytest.raises(CourseError, match="different numbers of turns"):
        for _ in range(8):
            list(train(run, MicroBatches(batches("gan"), 2), run.step + 1, accumulate=2))
    with pytest.raises(ValueError, match="at least 1"):
        next(train(run, batches("gan"), 9, accumulate=0))


# --- checkpoints ---


@pytest.fixture
def saved(tmp_path) -> Path:
    seed_all(0)
    run = gan()
    play(run, "gan", 3)
    save(run, tmp_path / "run.pt")
    return tmp_path / "run.pt"


def refuse(run: Run, path: Path, words: str) -> None:
    before, step = weights(run), run.step
    with pytest.raises(CheckpointError, match=words) as caught:
        load(run, path)
    assert path.name in str(caught.value)
    assert same(weights(run), before) and run.step == step


def test_damaged_checkpoints_are_refused_by_name(saved):
    whole = saved.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"not a checkpoint", whole[:200] + b"\0" * 300 + whole[500:]):
        saved.write_bytes(damaged)
        refuse(gan(), saved, "damaged|no checkpoint of this course")
    refuse(gan(), saved.with_name("none.pt"), "there is no checkpoint")


def test_foreign_checkpoints_are_refused_by_name(saved, tmp_path):
    refuse(FAMILIES["vae"](), saved, "learners g, d; this run has vae")
    wider = gan()
    wider.learners["d"] = learner(mlp(64, 65, 1))
    refuse(wider, saved, "shape")
    deeper = gan()
    deeper.learners["d"] = learner(mlp(64, 64, 64, 1))
    refuse(deeper, saved, "in only one of the two")
    other = gan()
    other.learners["d"].opt = torch.optim.SGD(other.nets["d"].parameters(), 0.1)
    refuse(other, saved, "optimiser AdamW")
    no_average = gan()
    no_average.learners["g"].ema = None
    refuse(no_average, saved, "part 'ema'")
    with open(tmp_path / "foreign.pt", "wb+") as file:
        torch.save({"weights": torch.zeros(3)}, file)
        seal(file)
    refuse(gan(), tmp_path / "foreign.pt", "no checkpoint of this course")


class Bomb:
    def __reduce__(self):
        return Path.touch, (Path(Bomb.target),)


def test_loading_executes_no_code(tmp_path):
    Bomb.target = str(tmp_path / "executed")
    with open(tmp_path / "bomb.pt", "wb+") as file:
        torch.save({"format": Bomb()}, file)
        seal(file)
    refuse(gan(), tmp_path / "bomb.pt", "damaged or is no checkpoint")
    assert not (tmp_path / "executed").exists()
    pickle.loads(pickle.dumps(Bomb()))             # the bomb is real: unpickled plainly, it goes off
    assert (tmp_path / "executed").exists()


def test_a_failed_save_keeps_the_old_file(saved, monkeypatch):
    before = saved.read_bytes()
    run = gan()

    def full_disk(state, file):
        file.write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(CheckpointError, match="could not be written.*No space left"):
        save(run, saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]


def test_an_interrupt_inside_a_round_saves_nothing_half_done(tmp_path):
    run, path = gan(), tmp_path / "run.pt"
    plain = run.objective

    def interrupted(nets, batch, step):
        turns = plain(nets, batch, step)
        yield next(turns)
        if step == 7:
            raise KeyboardInterrupt
        yield from turns

    run.objective = interrupted
    with pytest.raises(KeyboardInterrupt):
        for _ in autosave(train(run, batches("gan"), 20), run, path, every=5):
            pass
    fresh = gan()
    load(fresh, path)
    assert fresh.step == 5



# --- rounds without items ---


def everything(run: Run) -> str:
    one = run.learners["net"]
    return str([weights(run), one.opt.state_dict(), one.ema.state_dict(), one.scaler.state_dict()])


@pytest.mark.parametrize("scaled", [False, True])
def test_a_round_without_items_moves_nobody(scaled):
    run = counted(scaled=scaled)
    list(train(run, Counts(16, 0, 5), 1))
    before = everything(run)
    (log,) = train(run, Counts(16, 0, 5), 2)
    assert log == {"step": 2} and everything(run) == before
    (log,) = train(run, Counts(16, 0, 5), 3)
    assert all(torch.isfinite(torch.as_tensor(value)) for value in log.values()) and "net" in log
    assert everything(run) != before and run.learners["net"].opt.param_groups[0]["lr"] == pytest.approx(1e-2 / 3)
    assert int(run.learners["net"].ema.n_averaged) == 2


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_empty_micro_batch_among_full_ones_counts_for_nothing(scaled, place):
    class Without(Counts):
        def __getitem__(self, step):
            return super().__getitem__(step if step < place else step + 1)

    counts = [7, 16]
    counts.insert(place, 0)
    three, two = counted(scaled=scaled), counted(scaled=scaled)
    (log,) = train(three, Counts(*counts), 1, accumulate=3)
    (wanted,) = train(two, Without(*counts), 1, accumulate=2)
    assert same(weights(three), weights(two)) and str(log) == str(wanted)


def test_a_round_of_empty_micro_batches_moves_nobody():
    run = counted()
    list(train(run, Counts(3, 4), 1, accumulate=2))
    before = everything(run)
    (log,) = train(run, Counts(3, 4, 0, 0), 2, accumulate=2)
    assert log == {"step": 2} and everything(run) == before


def test_the_courses_objectives_survive_a_batch_without_a_target():
    """Texts of padding alone, and three-letter names of which BERT happens to hide nothing."""
    from aigc_course.models.text import bert, gpt, rnn, seq2seq, transformer
    from aigc_course.runs.trace import floats
    nothing = torch.zeros(2, 6, dtype=torch.long)
    filled = torch.randint(4, 12, (2, 6), generator=generator(0))
    nets = {
        "bert": (bert.BERT(bert.BERTConfig(12, 8, 8, 1, 2)), lambda *a: bert.bert_turns(*a, mask=11), (nothing,)),
        "gpt": (gpt.GPT(gpt.GPTConfig(12, 8, 8, 1, 2)), gpt.gpt_turns, (nothing,)),
        "lm": (rnn.LanguageModel(rnn.LanguageModelConfig(12, "gru", 8, 8)), rnn.lm_turns, (nothing,)),
        "seq2seq": (seq2seq.Seq2Seq(seq2seq.Seq2SeqConfig(12, 12, 8, 8)), seq2seq.seq2seq_turns, (filled, nothing)),
        "transformer": (transformer.Transformer(transformer.TransformerConfig(12, 12, 8, 8, 2, 1)),
                        transformer.transformer_turns, (filled, nothing)),
    }
    for name, (net, objective, batch) in nets.items():
        run = Run(objective, {name: learner(net)})
        before = weights(run)
        (log,) = train(run, [batch], 1)
        assert log == {"step": 1} and same(weights(run), before) and floats(log) == {}, name
