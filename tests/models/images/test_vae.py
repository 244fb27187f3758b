"""The VAE's terms against torch and closed forms, its bounds where log p(x) is known, its turns."""

from __future__ import annotations

import copy
from functools import partial

import pytest
import torch
import torch.distributions as D
import torch.nn.functional as F
from torch import Tensor

from aigc_course.data.batches import Batches
from aigc_course.errors import CourseError
from aigc_course.models.images import vae
from aigc_course.models.images.vae import VAE, VAEConfig, ae_turns, elbo_terms, vae_turns
from aigc_course.models.inputs import latent
from aigc_course.schedules import warm_up
from aigc_course.train import Learner, Run, train

TINY = VAEConfig(shape=(1, 4, 4), z_dim=3, hidden=(8,))


def value_and_gradient(function, *inputs: Tensor) -> list[Tensor]:
    leaves = [one.clone().requires_grad_() for one in inputs]
    value = function(*leaves)
    return [value, *torch.autograd.grad(value.sum(), leaves)]


def play(net: VAE, objective, data: tuple, steps: int, batch: int = 64, lr: float = 2e-3,
         falling: bool = False) -> dict:
    """Train `net`; the means of the last tenth's logs."""
    opt = torch.optim.Adam(net.parameters(), lr)
    run = Run(objective, {"vae": Learner(net, opt, lr=(lambda step: lr * (1 - step / steps)) if falling else None)})
    last = [log for log in train(run, Batches(data, batch), steps) if log["step"] > 0.9 * steps]
    return {key: sum(float(log[key]) for log in last) / len(last) for key in last[0] if key != "step"}


# --- the terms --------------------------------------------------------------------------------------------------------

MEAN = torch.tensor([[0.0, 1.0, -3.0], [0.2, -0.5, 8.0]])
LOG_VAR = torch.tensor([[0.0, -4.0, 2.0], [1.0, -0.3, -9.0]])


def normal(mean: Tensor, log_var: Tensor) -> D.Normal:
    return D.Normal(mean, log_var.exp().sqrt())


def test_kl_equals_torch_in_value_and_gradient():
    def reference(mean: Tensor, log_var: Tensor) -> Tensor:
        return D.kl_divergence(normal(mean, log_var), D.Normal(0.0, 1.0))

    ours = value_and_gradient(vae.kl_to_prior, MEAN, LOG_VAR)
    torch.testing.assert_close(ours, value_and_gradient(reference, MEAN, LOG_VAR))
    assert ours[0].shape == MEAN.shape and (ours[0] >= 0).all() and ours[0][0, 0] == 0


def test_kl_equals_its_monte_carlo_estimate():
    """KL = E_q [log q(z) − log p(z)], estimated from 200,000 samples of the net's own sampler."""
    torch.manual_seed(0)
    mean, log_var = torch.tensor([0.5, -1.0, 0.0]), torch.tensor([-1.0, 0.4, 0.0])
    z = vae.reparameterise(mean.expand(200_000, 3), log_var.expand(200_000, 3))
    difference = vae.log_normal(z, mean, log_var) - vae.log_normal(z, 0.0, torch.zeros(3))
    error = 4 * difference.std(dim=0) / 200_000**0.5 + 1e-6                      # four standard errors
    assert ((difference.mean(dim=0) - vae.kl_to_prior(mean, log_var)).abs() < error).all()


def test_gaussian_density_equals_torch_in_value_and_gradient():
    x = torch.tensor([[0.1, 2.0, -4.0], [0.0, -1.0, 8.1]])
    ours = value_and_gradient(vae.log_normal, x, MEAN, LOG_VAR)
    torch.testing.assert_close(ours, value_and_gradient(lambda x, m, v: normal(m, v).log_prob(x), x, MEAN, LOG_VAR))


def test_bernoulli_equals_cross_entropy_in_value_and_gradient():
    logits = torch.tensor([-300.0, -20.0, -0.5, 0.0, 0.5, 3.0, 20.0, 300.0])
    x = torch.tensor([0.0, 1.0, 0.3, 0.5, 1.0, 0.0, 0.9, 1.0])
    ours = value_and_gradient(lambda logits: vae.log_bernoulli(x, logits), logits)
    theirs = value_and_gradient(lambda logits: -F.binary_cross_entropy_with_logits(logits, x, reduction="none"), logits)
    torch.testing.assert_close(ours, theirs)


def test_learnt_variance_rests_where_it_equals_the_squared_error():
    net, x, decoded = VAE(VAEConfig((6,), 2, (), likelihood="gaussian")), torch.randn(50, 6), torch.randn(50, 6)
    with torch.no_grad():
        net.log_var.copy_((x - decoded).square().mean().log())
    (slope,) = torch.autograd.grad(net.log_likelihood(x, decoded).mean(), net.log_var)
    assert abs(slope.item()) < 1e-5


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_terms_are_sums_over_pixels_and_dimensions(likelihood):
    net, x = VAE(VAEConfig((1, 4, 4), 3, (8,), likelihood=likelihood)), torch.rand(5, 1, 4, 4)
    torch.manual_seed(1)
    rec, kl = elbo_terms(net, x)
    torch.manual_seed(1)
    mean, log_var = net.encode(x)
    decoded = net.decode(mean + torch.randn_like(mean) * log_var.exp().sqrt())
    pixels = D.Bernoulli(logits=decoded, validate_args=False) if likelihood == "bernoulli" else D.Normal(decoded, 1.0)
    torch.testing.assert_close(rec, -pixels.log_prob(x).reshape(5, 16).sum(1))
    torch.testing.assert_close(kl, D.kl_divergence(normal(mean, log_var), D.Normal(0.0, 1.0)))
    torch.manual_seed(1)
    (turn,) = vae_turns({"vae": net}, (x,), 0)
    torch.testing.assert_close(turn.loss, rec.sum() / 5 + kl.sum() / 5)
    torch.testing.assert_close((turn.log["rec"], turn.log["kl"]), (rec.mean(), kl.sum(1).mean()))


# --- the gradient through a sample ------------------------------------------------------------------------------------


def test_reparameterised_gradient_equals_the_score_function_gradient():
    """∇ E_q f(z) = E_q [f(z) ∇ log q(z)] (Williams 1992): two estimators of one gradient, and its closed form."""
    torch.manual_seed(0)
    mean = torch.tensor([0.5, -1.0], requires_grad=True)
    log_var = torch.tensor([-1.0, 0.3], requires_grad=True)
    draws = 400_000

    def f(z: Tensor) -> Tensor:
        return z.square().sum(dim=1) + z[:, 0] * z[:, 1]

    z = vae.reparameterise(mean.expand(draws, 2), log_var.expand(draws, 2))
    through_sample = torch.autograd.grad(f(z).mean(), (mean, log_var))
    z = z.detach()
    weight = f(z) - f(z).mean()                                                  # a baseline: less noise, same mean
    score = torch.autograd.grad((weight * vae.log_normal(z, mean, log_var).sum(dim=1)).mean(), (mean, log_var))
    exact = (2 * mean + mean.flip(0)).detach(), log_var.exp().detach()
    torch.testing.assert_close(through_sample, exact, atol=0.02, rtol=0.0)
    torch.testing.assert_close(score, exact, atol=0.05, rtol=0.0)


def test_reconstruction_alone_moves_both_heads_of_the_encoder():
    net = VAE(TINY)
    (turn,) = vae_turns({"vae": net}, (torch.rand(6, 1, 4, 4),), 0, beta=0.0)
    turn.loss.backward()
    means, log_vars = net.encoder[-1].weight.grad.chunk(2)
    assert means.abs().max() > 1e-4 and log_vars.abs().max() > 1e-5
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())


# --- where log p(x) is known: probabilistic PCA -----------------------------------------------------------------------


class PCA:
    """x = W z + b + noise with orthogonal columns in W, so that the exact posterior is a diagonal Gaussian."""

    def __init__(self, noise: float = 0.5):
        torch.manual_seed(0)
        self.net = VAE(VAEConfig(shape=(5,), z_dim=2, hidden=(), likelihood="gaussian"))
        w = torch.linalg.qr(torch.randn(5, 2)).Q * torch.tensor([2.0, 1.0])
        self.b = torch.randn(5)
        self.precision = w.square().sum(0) / noise**2 + 1                        # (2,) of the posterior
        with torch.no_grad():
            linear = self.net.decoder[0]
            linear.weight.copy_(w)
            linear.bias.copy_(self.b)
            self.net.log_var.fill_(2 * torch.tensor(noise).log())
            self.exact_weight = w.T / noise**2 / self.precision[:, None]
            self.net.encoder[-1].weight.copy_(torch.cat([self.exact_weight, torch.zeros(2, 5)]))
            self.net.encoder[-1].bias.copy_(torch.cat([-self.exact_weight @ self.b, -self.precision.log()]))
        self.marginal = D.MultivariateNormal(self.b, w @ w.T + noise**2 * torch.eye(5))
        self.x = self.marginal.sample((400,))

    def elbo(self) -> Tensor:
        """(400,), each averaged over 400 samples of z."""
        rec, kl = vae.elbo(self.net, self.x.repeat(400, 1), size=20_000)
        return -(rec + kl.sum(1)).unflatten(0, (400, -1)).mean(0)


def test_at_the_exact_posterior_the_bounds_are_the_likelihood():
    pca = PCA()
    truth = pca.marginal.log_prob(pca.x)
    for samples in (1, 7):                                                       # all weights p(x, z)/q(z|x) equal p(x)
        torch.testing.assert_close(vae.importance_weighted_bound(pca.net, pca.x, samples=samples), truth, atol=1e-4,
                                   rtol=1e-4)
    torch.testing.assert_close(pca.elbo(), truth, atol=0.4, rtol=0.0)            # one x: 400 samples of the noise
    assert (pca.elbo() - truth).mean().abs() < 0.02


def test_elsewhere_the_elbo_lacks_the_divergence_and_more_samples_close_the_gap():
    pca = PCA()
    truth, posterior = pca.marginal.log_prob(pca.x), normal(*pca.net.encode(pca.x))
    with torch.no_grad():
        pca.net.encoder[-1].bias += torch.tensor([0.3, -0.3, 1.0, 0.7])                 # a shifted, too wide encoder
    gap = D.kl_divergence(normal(*pca.net.encode(pca.x)), posterior).sum(1).mean()
    elbo = pca.elbo().mean()
    assert gap > 0.5 and elbo.item() == pytest.approx((truth.mean() - gap).item(), abs=0.03)
    bounds = [vae.importance_weighted_bound(pca.net, pca.x, samples=s).mean() for s in (2, 10, 100, 1000)]
    assert all(a < b for a, b in zip([elbo, *bounds], [*bounds, truth.mean() + 0.02], strict=True))
    assert truth.mean() - bounds[-1] < 0.02


def test_training_the_encoder_finds_the_exact_posterior():
    pca = PCA(noise=1.0)
    wanted = copy.deepcopy(pca.net.encoder[-1])
    for p in pca.net.encoder[-1].parameters():
        torch.nn.init.zeros_(p)                                                  # at first every posterior is the prior
    pca.net.decoder.requires_grad_(False)
    pca.net.log_var.requires_grad_(False)
    play(pca.net, vae_turns, (pca.marginal.sample((4096,)),), 600, batch=256, lr=0.05, falling=True)
    torch.testing.assert_close(pca.net.encoder[-1].weight, wanted.weight, atol=0.05, rtol=0.0)
    torch.testing.assert_close(pca.net.encoder[-1].bias, wanted.bias, atol=0.08, rtol=0.0)


def test_bound_equals_its_definition_and_decodes_few_rows_at_a_time():
    torch.manual_seed(0)
    net, x = VAE(TINY), torch.rand(6, 1, 4, 4).round()
    torch.manual_seed(3)
    bound = vae.importance_weighted_bound(net, x, samples=50)
    torch.manual_seed(3)
    with torch.no_grad():
        mean, log_var = net.encode(x)
        z = mean + torch.randn(50, 6, 3) * log_var.exp().sqrt()
        log_p = D.Bernoulli(logits=net.decode(z.flatten(0, 1))).log_prob(x.repeat(50, 1, 1, 1)).flatten(1).sum(1)
        log_w = log_p.view(50, 6) + (D.Normal(0.0, 1.0).log_prob(z) - normal(mean, log_var).log_prob(z)).sum(2)
    torch.testing.assert_close(bound, log_w.logsumexp(0) - torch.tensor(50.0).log())

    seen = []
    net.decoder.register_forward_pre_hook(lambda module, inputs: seen.append(len(inputs[0])))
    few = vae.importance_weighted_bound(net, x, samples=5000, rows=100)
    assert max(seen) <= 100 and sum(seen) == 6 * 5000
    many = vae.importance_weighted_bound(net, x, samples=5000, rows=6000)
    torch.testing.assert_close(few, many, atol=0.2, rtol=0.0)                    # other noise, the same bound
    uneven = vae.importance_weighted_bound(net, x, samples=400, rows=4)          # fewer rows than images
    torch.testing.assert_close(uneven, many, atol=0.8, rtol=0.0)
    with pytest.raises(CourseError, match="at least 1"):
        vae.importance_weighted_bound(net, x, samples=0)


# --- options of the objective -----------------------------------------------------------------------------------------


def seeded_turn(net: VAE, step: int = 0, **options):
    torch.manual_seed(1)
    (turn,) = vae_turns({"vae": net}, (torch.rand(6, 1, 4, 4),), step, **options)
    return turn


def test_beta_weighs_the_divergence_alone_and_warm_up_raises_it():
    net = VAE(TINY)
    plain = seeded_turn(net)
    for beta, weight, step in ((4.0, 4.0, 0), (partial(warm_up, steps=10, peak=2.0), 1.0, 5),
                               (partial(warm_up, steps=10, peak=1.0), 1.0, 99)):
        turn = seeded_turn(net, step, beta=beta)
        torch.testing.assert_close(turn.loss, plain.log["rec"] + weight * plain.log["kl"])
        torch.testing.assert_close((turn.log["rec"], turn.log["kl"]), (plain.log["rec"], plain.log["kl"]))
    assert [warm_up(step, 4, 1.0) for step in (0, 1, 4, 5)] == [0, 0.25, 1, 1]


def test_free_bits_stop_the_push_towards_collapse_and_nothing_else():
    net = VAE(TINY)
    plain, free, without = seeded_turn(net), seeded_turn(net, free_bits=2.0), seeded_turn(net, beta=0.0)
    assert plain.log["kl"] == free.log["kl"] < 3                                 # below 3 dimensions × 2 nats
    torch.testing.assert_close(free.loss, plain.log["rec"] + 3 * 2.0)
    weight = net.encoder[-1].weight
    torch.testing.assert_close(torch.autograd.grad(free.loss, weight), torch.autograd.grad(without.loss, weight))
    one_by_one = seeded_turn(net, free_bits=1e-6)
    torch.testing.assert_close(one_by_one.loss, plain.loss)


def test_active_units_by_hand():
    mean = torch.tensor([[0.0, 1.0, 0.05], [0.0, -1.0, -0.05], [0.0, 1.0, 0.05]])
    assert vae.active_units(mean).tolist() == [False, True, False]


# --- the variants -----------------------------------------------------------------------------------------------------


def test_a_plain_autoencoder_draws_no_sample_and_keeps_the_target_clean():
    net, x = VAE(TINY), torch.rand(5, 1, 4, 4)
    before = torch.get_rng_state()
    (turn,) = ae_turns({"vae": net}, (x,), 0)
    assert torch.equal(before, torch.get_rng_state())
    reconstruction = net.decode(net.encode(x)[0])
    torch.testing.assert_close(turn.loss, F.binary_cross_entropy_with_logits(reconstruction, x, reduction="sum") / 5)
    (blind,) = ae_turns({"vae": net}, (x,), 0, corrupt=torch.zeros_like)
    reconstruction = net.decode(net.encode(torch.zeros_like(x))[0])
    torch.testing.assert_close(blind.loss, F.binary_cross_entropy_with_logits(reconstruction, x, reduction="sum") / 5)


def test_equals_the_loop_written_by_hand_bit_for_bit():
    torch.manual_seed(0)
    net, x = VAE(TINY), torch.rand(32, 1, 4, 4)
    other, data = copy.deepcopy(net), Batches((x,), 8)
    torch.manual_seed(7)
    play(net, vae_turns, (x,), 5, batch=8)
    torch.manual_seed(7)
    opt = torch.optim.Adam(other.parameters(), 2e-3)
    for step in range(5):
        (batch,) = data[step]
        mean, log_var = other.encode(batch)
        logits = other.decode(mean + (log_var / 2).exp() * torch.randn_like(mean))
        kl = (mean.square() + log_var.exp() - 1 - log_var) / 2
        loss = (F.softplus(logits) - batch * logits).flatten(1).sum(1).mean() + kl.mean(0).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    for a, b in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-7, rtol=1e-6)


# --- nets -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [
    VAEConfig(), VAEConfig(hidden=(), z_dim=2), VAEConfig(width=4, hidden=(16,), classes=10), VAEConfig((1, 8, 8), 2),
    VAEConfig(width=2, activation="gelu"),
    VAEConfig((3, 16, 12), 5, (), width=2, likelihood="gaussian"), VAEConfig((2,), 2, (8, 8), likelihood="gaussian"),
])
def test_shapes_and_ranges(config):
    net, x = VAE(config), torch.rand(3, *config.shape)
    y = (torch.arange(3),) if config.classes else ()
    mean, log_var = net.encode(x, *y)
    assert mean.shape == log_var.shape == (3, config.z_dim)
    assert net.decode(mean, *y).shape == vae.reconstruct(net, x, *y).shape == x.shape
    rec, kl = vae.elbo(net, x, *y, size=2)
    assert rec.shape == (3,) and kl.shape == (3, config.z_dim)
    if config.likelihood == "bernoulli":
        image = vae.sample(net, latent(net, 3) * 50, *y)
        assert image.min() >= 0 and image.max() <= 1


def test_the_documents_net_has_its_size():
    sizes = [tuple(p.shape) for p in VAE(VAEConfig()).parameters() if p.ndim == 2]
    assert sizes == [(400, 784), (40, 400), (400, 20), (784, 400)]


def test_impossible_configurations_and_missing_labels_are_refused():
    for options, words in (({"likelihood": "laplace"}, "gaussian"), ({"width": 4, "shape": (2,)}, "width=None"),
                           ({"width": 4, "shape": (1, 30, 28)}, "multiples of 4"), ({"activation": "tanh"}, "gelu")):
        with pytest.raises(CourseError, match=words):
            VAEConfig(**options)
    with pytest.raises(CourseError, match="labels"):
        VAE(VAEConfig(classes=10)).encode(torch.rand(2, 1, 28, 28))
    with pytest.raises(CourseError, match="no classes"):
        VAE(VAEConfig()).decode(torch.zeros(2, 20), torch.tensor([1, 2]))


def test_noise_leaves_no_pixel_outside_0_to_1_and_has_its_spread():
    torch.manual_seed(0)
    noisy = vae.add_noise(torch.tensor([0.0, 0.5, 1.0]).repeat(20_000, 1), sd=0.1)
    assert noisy.min() == 0 and noisy.max() == 1
    assert noisy[:, 1].std().item() == pytest.approx(0.1, rel=0.03)
    assert (noisy[:, 0] == 0).float().mean().item() == pytest.approx(0.5, abs=0.02)
