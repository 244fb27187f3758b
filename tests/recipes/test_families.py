"""Every family that `aigc train` knows: it trains, shows and measures itself aside, and what it saves is loaded."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from aigc_course.compute import Compute, rng_state
from aigc_course.data.text.vocabulary import EOS
from aigc_course.errors import CourseError
from aigc_course.models.images.gan import MLPConfig
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.recipes.catalogue import FAMILIES, family
from aigc_course.recipes.images import gan
from aigc_course.recipes.learning import learner
from aigc_course.recipes.text import bert, gpt, transformer, translate
from aigc_course.runs.options import settings, values, with_values
from aigc_course.train import train
from tests.recipes.tiny import WORDS, tiny


def kept(run):
    """The net of a run that is worth keeping."""
    return gan.final(run) if "g" in run.nets else next(iter(run.nets.values()))


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_trains_shows_measures_and_saves_what_the_course_loads(name, own, tmp_path):
    config = tiny(name, steps=3)
    job = family(name).job(config, own[name], Compute())
    before = [p.detach().clone() for p in kept(job.run).parameters()]
    logs = list(train(job.run, job.batches, 3))
    assert all(math.isfinite(float(log[who])) for log in logs for who in job.run.learners)
    assert any(not torch.equal(a, b) for a, b in zip(before, kept(job.run).parameters(), strict=True))
    streams = rng_state()
    shown, measured = job.samples(), job.measure()
    assert torch.equal(rng_state()["torch"], streams["torch"])
    assert rng_state()["numpy"] == streams["numpy"] and rng_state()["python"] == streams["python"]
    if isinstance(shown, torch.Tensor):
        assert shown.ndim == 4 and shown.min() >= 0 and shown.max() <= 1
    else:
        assert shown and all(isinstance(text, str) for text in shown)
    assert all(math.isfinite(value) for value in measured.values()) and (measured or name in ("gan", "dcgan"))
    assert 0 < job.count(job.batches[0]) <= getattr(config, "tokens", 4)
    assert job.hot and all(isinstance(module, torch.nn.Module) for module in job.hot)

    path = tmp_path / family(name).file
    job.save(path)
    loaded = family(name).load(path)[0].state_dict()
    made = {key.removeprefix("module."): value for key, value in kept(job.run).state_dict().items()}
    assert loaded.keys() == made.keys()
    for key, value in made.items():
        torch.testing.assert_close(loaded[key].to(value.dtype), value, rtol=1e-3, atol=1e-5, msg=key)


@pytest.mark.parametrize("name", FAMILIES)
def test_presets_are_of_one_kind_and_every_setting_says_what_it_is(name):
    found = family(name)
    assert found.name == name and found.title == FAMILIES[name].title and found.data
    first, *others = found.presets.values()
    assert others or found.course.keys() == found.presets.keys()
    for preset, config in found.presets.items():
        assert type(config) is type(first) and config.seed == 0 < config.steps
        assert [one.path for one in settings(config) if not one.help] == []
        assert with_values(config, values(config)) == config, "a preset is within the ranges"
        assert with_values(found.options(preset), values(found.options(preset))) == found.options(preset)


@pytest.mark.parametrize("name", ["dcgan", "vae"])
def test_pictures_without_classes_train_nets_without_classes(name, own):
    config, dark = tiny(name), f"{own[name]}/dark"
    job = family(name).job(config, dark, Compute())
    assert len(job.batches[0]) == 1 and len(family(name).job(config, own[name], Compute()).batches[0]) == 2
    list(train(job.run, job.batches, 1))
    with pytest.raises(CourseError, match="have no classes: sort them"):
        family("classifier").job(tiny("classifier"), dark, Compute())


def test_the_kinds_of_translator_and_of_text_that_are_left(own, tmp_path):
    config, data = tiny("translate"), own["translate"]
    job = translate.job(replace(config, kind="seq2seq", attention=None, steps=2), data, Compute())
    list(train(job.run, job.batches, 2))
    job.save(tmp_path / translate.FILE)
    net, source, target = translate.load(tmp_path / translate.FILE)
    assert net.config.attention is None and len(translate.translated(net, source, target, ["the lazy dog"])) == 1
    assert source.tokens[4:] and set(source.tokens[4:]) <= set(WORDS)
    with pytest.raises(CourseError, match="No sentence has less than 2 tokens"):
        translate.job(replace(config, context=2), data, Compute())
    with pytest.raises(CourseError, match="set the context to"):
        transformer.job(replace(tiny("transformer"), context=8), own["transformer"], Compute())
    config, data = tiny("bert"), own["bert"]
    with pytest.raises(CourseError, match="set its context to"):
        bert.job(replace(config, net=replace(config.net, context=8)), data, Compute())
    with pytest.raises(CourseError, match="leave it at 0"):
        bert.job(replace(config, net=replace(config.net, vocab=999)), data, Compute())


def test_a_translator_is_measured_without_the_smoothing_that_it_was_trained_with(own):
    config, data = tiny("translate"), own["translate"]
    plain, smoothed = (translate.job(replace(config, dropout=0.0, smoothing=smoothing), data, Compute())
                       for smoothing in (0.0, 0.3))
    assert plain.measure() == smoothed.measure()
    losses = [next(iter(job.run.objective(job.run.nets, job.batches[0], 0))).loss.item() for job in (plain, smoothed)]
    assert losses[0] != losses[1]


@pytest.mark.slow
def test_verse_is_judged_by_its_rules():
    config = gpt.GPTRecipe(GPTConfig(vocab=600, context=32, width=8, layers=1, heads=2), tokens=100, examples=60)
    job = gpt.job(config, "verse", Compute())
    assert {"perplexity of unseen texts (per character)", "samples that keep the form (0 to 1)"} <= job.measure().keys()
    assert job.run.nets["gpt"].config.vocab == 600                    # more than there are characters: none is drawn
    with pytest.raises(CourseError, match="set its context to 2"):
        gpt.job(replace(config, net=replace(config.net, context=20)), "verse", Compute())


def test_points_are_judged_by_their_truth():
    ring = gan.mlp_job(gan.MLPRecipe(MLPConfig(z_dim=2, hidden=(4,)), batch=8, examples=100), "ring", Compute())
    assert ring.samples().shape == (1000, 2) and ring.measure()["modes covered (of 8)"] == 0
    grid = gan.mlp_job(gan.MLPRecipe(MLPConfig(z_dim=2, hidden=(4,)), batch=8, examples=100), "grid", Compute())
    assert "modes covered (of 25)" in grid.measure() and grid.unit == "examples"


def test_a_critic_whose_slope_is_a_loss_is_not_compiled(own):
    config, data = tiny("dcgan"), own["dcgan"]
    plain = gan.dcgan_job(config, data, Compute())
    sloped = gan.dcgan_job(replace(config, variant="wgan-gp", net=replace(config.net, d_norm="none")), data,
                           Compute())
    assert len(plain.hot) == 2 and [*sloped.hot] == [sloped.run.nets["g"]]


def test_passages_hold_no_token_that_the_vocabulary_lacks(own):
    config = tiny("gpt")
    texts = gpt.prose(own["gpt"])
    bpe = gpt.learnt(texts.known, 262)
    job = gpt.prose_job(replace(config, net=replace(config.net, vocab=5000)), texts, bpe, Compute())
    net = job.run.nets["gpt"]
    assert len(bpe) == 262 and net.config.vocab == 5000
    rows = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(bpe), "decode", lambda self, row: rows.append(row) or "")
        gpt.passages(net, bpe, 30)
    assert rows and all(len(row) == 15 and max(row) < 262 and EOS not in row for row in rows)


def test_gaps_are_counted_where_they_are(monkeypatch):
    texts = ["abc，def。", "gh，ij。"] * 40
    monkeypatch.setattr(bert, "filled", lambda net, vocabulary, texts, places: texts)
    assert set(bert.quality(None, None, texts).values()) == {1.0}
    monkeypatch.setattr(bert, "filled", lambda net, vocabulary, texts, places: [
        text if text[place].isalnum() else text[:place] + "?" + text[place + 1:]
        for text, place in zip(texts, places, strict=True)])
    assert bert.quality(None, None, texts) == {"hidden characters found (0 to 1)": 1.0,
                                               "hidden signs found (0 to 1)": 0.0}


def test_a_learner_goes_through_one_cycle_and_moves_what_it_may():
    net, config = torch.nn.Linear(3, 2), tiny("gpt")
    made = learner(net, replace(config, steps=10, lr=0.5, clip=2.0), weights=[net.bias], betas=(0.5, 0.6))
    assert made.clip == 2.0 and max(map(made.lr, range(10))) == 0.5 == made.lr(3) and made.lr(9) < 0.05
    assert [[p.shape for p in group["params"]] for group in made.opt.param_groups] == [[(2,)]]
    assert made.opt.defaults["betas"] == (0.5, 0.6) and isinstance(made.opt, torch.optim.AdamW)
    assert len(learner(net, config, torch.optim.Adam).opt.param_groups[0]["params"]) == 2
