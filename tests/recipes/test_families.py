"""Every family that `aigc train` knows: it trains, shows and measures itself aside, and what it saves is loaded."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from aigc_course.compute import Compute, rng_state
from aigc_course.data.text.vocabulary import EOS
from aigc_course.errors import CourseError
from aigc_course.models.images.classifier import load_classifier
from aigc_course.models.images.dcgan import DCGANConfig, load_generator
from aigc_course.models.images.gan import MLPConfig, MLPGenerator
from aigc_course.models.images.vae import VAEConfig, load_vae
from aigc_course.models.text import hub
from aigc_course.models.text.bert import BERTConfig
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.models.text.rnn import LanguageModelConfig, load_language_model
from aigc_course.models.text.translator import Translator
from aigc_course.recipes.catalogue import PLACES, TITLES, family
from aigc_course.recipes.images import classifier, gan, vae
from aigc_course.recipes.learning import learner
from aigc_course.recipes.text import bert, gpt, language_model, seq2seq, transformer, translate
from aigc_course.runs.options import settings
from aigc_course.train import train
from aigc_course.weights import load_weights

WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "while", "nobody", "looks"]


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """Data of a learner's own: a folder of pictures in two classes, texts, and pairs."""
    draw, root = np.random.default_rng(0), tmp_path_factory.mktemp("own")
    for kind in ("bright", "dark"):
        (root / "pictures" / kind).mkdir(parents=True)
        for number in range(25):
            pixels = draw.integers(128 * (kind == "bright"), 128 + 128 * (kind == "bright"), (30, 40, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(root / "pictures" / kind / f"{number}.png")
    lines = [" ".join(draw.choice(WORDS, 5)) for _ in range(60)]
    (root / "lines.txt").write_text("\n".join(lines), "utf-8")
    (root / "pairs.tsv").write_text("\n".join(f"{line}\t{line[::-1]}" for line in lines), "utf-8")
    return root


TINY = {
    "gan": (gan.MLPRecipe(MLPConfig((1, 28, 28), 3, (8,)), batch=4), "pictures"),
    "dcgan": (gan.DCGANRecipe(DCGANConfig(z_dim=3, width=2, classes=10), batch=4), "pictures"),
    "vae": (vae.VAERecipe(VAEConfig(z_dim=3, hidden=(8,), classes=10), batch=4), "pictures"),
    "classifier": (classifier.ClassifierRecipe(batch=4), "pictures"),
    "lstm": (language_model.LanguageModelRecipe(LanguageModelConfig(vocab=0, embed=8, width=8), tokens=200),
             "lines.txt"),
    "seq2seq": (seq2seq.Seq2SeqRecipe(embedding=8, hidden=8, tokens=300), "pairs.tsv"),
    "transformer": (transformer.TransformerRecipe(width=8, heads=2, layers=1, context=64, tokens=300), "pairs.tsv"),
    "translate": (translate.TranslateRecipe(width=8, heads=2, layers=1, tokens=300), "pairs.tsv"),
    "gpt": (gpt.GPTRecipe(GPTConfig(vocab=300, context=16, width=8, layers=1, heads=2, dropout=0.0), tokens=64),
            "lines.txt"),
    "bert": (bert.BERTRecipe(BERTConfig(vocab=0, context=64, width=8, layers=1, heads=2), tokens=300), "lines.txt"),
}


def load(name, config, folder, made):
    """The net that a family saved, by the loader of the course; made: the one that it was saved from."""
    if name == "gan":
        return load_weights(MLPGenerator(config.net), folder / gan.FILE, "a generator", "aigc_course.recipes gan")
    if name == "dcgan":
        return load_generator(folder / gan.FILE, replace(config.net, classes=2))
    if name == "vae":
        return load_vae(folder / vae.FILE, replace(config.net, classes=2))
    if name == "classifier":
        return load_classifier(folder / classifier.FILE, replace(config.net, classes=2))
    if name == "lstm":
        return load_language_model(folder / language_model.FILE)[0]
    if name == "seq2seq":
        return Translator.load(folder / seq2seq.FILE).net
    if name == "transformer":
        return transformer.load_transformer(folder / transformer.FILE)[0]
    return translate.load(folder / translate.FILE)[0] if name == "translate" else hub.load(folder)


def kept(run):
    """The net of a run that is worth keeping."""
    return gan.final(run) if "g" in run.nets else next(iter(run.nets.values()))


@pytest.mark.parametrize("name", PLACES)
def test_a_family_trains_shows_measures_and_saves_what_the_course_loads(name, own, tmp_path):
    config, data = TINY[name]
    config = replace(config, steps=3)
    job = family(name).job(config, str(own / data), Compute())
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

    job.save(tmp_path)
    loaded = load(name, config, tmp_path, kept(job.run)).state_dict()
    made = {key.removeprefix("module."): value for key, value in kept(job.run).state_dict().items()}
    assert loaded.keys() == made.keys()
    for key, value in made.items():
        torch.testing.assert_close(loaded[key].to(value.dtype), value, rtol=1e-3, atol=1e-5, msg=key)


@pytest.mark.parametrize("name", PLACES)
def test_presets_are_of_one_kind_and_every_setting_says_what_it_is(name):
    found = family(name)
    assert found.name == name and found.title == TITLES[name]
    assert list(found.presets) == ["laptop", "gpu"] and found.data
    laptop, gpu = found.presets.values()
    assert type(laptop) is type(gpu) and laptop != gpu and laptop.seed == gpu.seed == 0
    for config in (laptop, gpu):
        assert config.steps > 0 and [one.path for one in settings(config) if not one.help] == []


@pytest.mark.parametrize("name", ["dcgan", "vae"])
def test_pictures_without_classes_train_nets_without_classes(name, own):
    config, _ = TINY[name]
    job = family(name).job(config, str(own / "pictures" / "dark"), Compute())
    assert len(job.batches[0]) == 1 and len(family(name).job(config, str(own / "pictures"), Compute()).batches[0]) == 2
    list(train(job.run, job.batches, 1))
    with pytest.raises(CourseError, match="have no classes: sort them"):
        family("classifier").job(TINY["classifier"][0], str(own / "pictures" / "dark"), Compute())


def test_the_kinds_of_translator_and_of_text_that_are_left(own, tmp_path):
    config, data = TINY["translate"]
    job = translate.job(replace(config, kind="seq2seq", attention=None, steps=2), str(own / data), Compute())
    list(train(job.run, job.batches, 2))
    job.save(tmp_path)
    net, source, target = translate.load(tmp_path / translate.FILE)
    assert net.config.attention is None and len(translate.translated(net, source, target, ["the lazy dog"])) == 1
    assert source.tokens[4:] and set(source.tokens[4:]) <= set(WORDS)
    with pytest.raises(CourseError, match="No sentence has less than 2 tokens"):
        translate.job(replace(config, context=2), str(own / data), Compute())
    with pytest.raises(CourseError, match="set the context to"):
        transformer.job(replace(TINY["transformer"][0], context=8), str(own / data), Compute())
    config, data = TINY["bert"]
    with pytest.raises(CourseError, match="set its context to"):
        bert.job(replace(config, net=replace(config.net, context=8)), str(own / data), Compute())
    with pytest.raises(CourseError, match="leave it at 0"):
        bert.job(replace(config, net=replace(config.net, vocab=999)), str(own / data), Compute())


def test_a_translator_is_measured_without_the_smoothing_that_it_was_trained_with(own):
    config, data = TINY["translate"]
    plain, smoothed = (translate.job(replace(config, dropout=0.0, smoothing=smoothing), str(own / data), Compute())
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
    config, data = TINY["dcgan"]
    plain = gan.dcgan_job(config, str(own / data), Compute())
    sloped = gan.dcgan_job(replace(config, variant="wgan-gp", net=replace(config.net, d_norm="none")), str(own / data),
                           Compute())
    assert len(plain.hot) == 2 and [*sloped.hot] == [sloped.run.nets["g"]]


def test_passages_hold_no_token_that_the_vocabulary_lacks(own):
    config, data = TINY["gpt"]
    texts = gpt.prose(str(own / "lines.txt"))
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
    net, config = torch.nn.Linear(3, 2), TINY["gpt"][0]
    made = learner(net, replace(config, steps=10, lr=0.5, clip=2.0), weights=[net.bias], betas=(0.5, 0.6))
    assert made.clip == 2.0 and max(map(made.lr, range(10))) == 0.5 == made.lr(3) and made.lr(9) < 0.05
    assert [[p.shape for p in group["params"]] for group in made.opt.param_groups] == [[(2,)]]
    assert made.opt.defaults["betas"] == (0.5, 0.6) and isinstance(made.opt, torch.optim.AdamW)
    assert len(learner(net, config, torch.optim.Adam).opt.param_groups[0]["params"]) == 2
