"""What trained autoencoders do: class, denoising, collapse and its repair; the recipes and the course's own weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from aigc_course.data.images import ink
from aigc_course.errors import CourseError
from aigc_course.models.images import vae
from aigc_course.models.images.classifier import load_classifier
from aigc_course.models.images.vae import VAE, VAEConfig
from aigc_course.models.inputs import latent
from aigc_course.recipes.images.vae import VAERecipe, batches, build, build_plain, held_out_loss, samples
from aigc_course.train import Run, train

SMALL = VAEConfig(z_dim=4, hidden=(64,))
DIGITS = ink(1500, seed=3)


def trained(run: Run, config: VAERecipe) -> VAE:
    data = (DIGITS.images, DIGITS.labels) if config.net.classes else (DIGITS.images,)
    for _ in train(run, batches(config, *data), config.steps):
        pass
    return run.nets["vae"]


@pytest.mark.slow
def test_collapse_is_detected_and_free_bits_repair_it():
    config = VAERecipe(net=SMALL, steps=300, batch=64, lr=2e-3, beta=60.0)
    collapsed, repaired = [trained(build(one), one) for one in (config, replace(config, free_bits=1.0))]
    kl = [vae.elbo(net, DIGITS.images)[1].mean(0) for net in (collapsed, repaired)]
    assert not vae.active_units(vae.encode(collapsed, DIGITS.images)[0]).any() and kl[0].max() < 0.05
    assert vae.active_units(vae.encode(repaired, DIGITS.images)[0]).all() and kl[1].sum() > 2
    change = [vae.sample(net, torch.randn(50, 4)).std(0).max() for net in (collapsed, repaired)]
    assert change[0] < 0.1 < 0.2 < change[1]                                     # the first decoder ignores z


@pytest.mark.slow
def test_the_class_decides_which_digit_is_drawn():
    config = VAERecipe(net=VAEConfig(z_dim=4, hidden=(128,), classes=10), steps=300, batch=64, lr=4e-3)
    net = trained(build(config), config)
    y = torch.arange(300) % 10
    with torch.no_grad():
        right = (load_classifier()(vae.sample(net, latent(net, 300), y)).argmax(1) == y).float().mean()
    assert right > 0.6, right                                                    # 0.1 by chance
    z = latent(net, 1).repeat(2, 1)
    same, other = vae.sample(net, z, torch.tensor([3, 3])), vae.sample(net, z, torch.tensor([3, 1]))
    torch.testing.assert_close(same[0], same[1])
    assert (other[0] - other[1]).abs().max() > 0.3
    codes = [vae.encode(net, DIGITS.images[:5], DIGITS.labels[:5] * keep)[0] for keep in (0, 1)]
    assert not torch.allclose(*codes)


@pytest.mark.slow
def test_denoising_removes_noise_that_a_plain_autoencoder_keeps():
    config = VAERecipe(net=VAEConfig(z_dim=16, hidden=(128,)), steps=250, batch=64, lr=2e-3)
    plain, denoising = [trained(build_plain(config, noise=noise), config) for noise in (0.0, 0.5)]
    clean = ink(200, seed=9).images
    noisy = vae.add_noise(clean, 0.5)
    error = [(image - clean).square().mean() for image in
             (noisy, vae.reconstruct(plain, noisy), vae.reconstruct(denoising, noisy))]
    assert error[2] < 0.85 * error[1] and error[2] < 0.5 * error[0], error
    assert noisy.min() == 0 and noisy.max() == 1


# --- the nets that come with the course -------------------------------------------------------------------------------


def test_the_courses_conditional_vae_draws_what_is_asked():
    net, y = vae.load_vae(), torch.arange(300) % 10
    assert not net.training and not any(p.requires_grad for p in net.parameters())
    with torch.no_grad():
        right = (load_classifier()(samples(net, 300)).argmax(1) == y).float().mean()
    assert right >= 0.93                                                         # 0.974 of 2,000 (its card)
    assert held_out_loss(net, DIGITS.images[:300], DIGITS.labels[:300])[0] < 105


def test_the_courses_map_tells_digits_apart_in_two_dimensions():
    net = vae.load_vae(config=vae.TRAINED_MAP)
    assert net.z_dim == 2 and sum(p.numel() for p in net.decoder.parameters()) * 2 < 150_000
    assert held_out_loss(net, DIGITS.images[:300])[0] < 160
    before = torch.get_rng_state()
    assert torch.equal(samples(net, 3, seed=4), samples(net, 3, seed=4)) and torch.equal(before, torch.get_rng_state())


def test_images_out_of_range_are_refused_for_bernoulli_pixels():
    with pytest.raises(CourseError, match="rescale"):
        batches(VAERecipe(), DIGITS.images * 2 - 1)
    batches(VAERecipe(net=replace(SMALL, likelihood="gaussian")), DIGITS.images * 2 - 1)


def test_recipe_options_reach_the_objective():
    x = DIGITS.images[:64]
    for config, words in ((VAERecipe(net=SMALL, beta=0.0), "rec"), (VAERecipe(net=SMALL, warm_up=10), "rec"),
                          (VAERecipe(net=SMALL), "elbo")):
        run = build(config)
        (turn,) = run.objective(run.nets, (x,), 0)
        wanted = turn.log["rec"] + (turn.log["kl"] if words == "elbo" else 0)
        torch.testing.assert_close(turn.loss, wanted)
    run = build(VAERecipe(net=SMALL, cycle=True, steps=100, lr=0.01))
    rates = [run.learners["vae"].lr(step) for step in range(100)]
    assert max(rates) == pytest.approx(0.01) and rates[0] < 0.001 and rates[-1] < 0.001
    plain, noisy = build_plain(VAERecipe(net=SMALL)), build_plain(VAERecipe(net=SMALL), noise=0.5)
    losses = [next(iter(run.objective(run.nets, (x,), 0))).loss for run in (plain, noisy)]
    assert all(map(torch.equal, plain.nets["vae"].parameters(), noisy.nets["vae"].parameters()))
    assert losses[0] != losses[1]
