"""One training step of a DCGAN, a VAE and a GPT in three loops: ours, a careful one by hand, and the naive one.

The naive loop is what first scripts do: a DataLoader without workers that collates image by image, every batch carried
to the device, the optimiser's defaults, `.item()` after every loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from aigc_course.compute import Compute, seed_all
from aigc_course.data.batches import Batches
from aigc_course.data.text.vocabulary import PAD
from aigc_course.models.images import dcgan, gan
from aigc_course.models.images.vae import VAE, VAEConfig, vae_turns
from aigc_course.models.text.gpt import GPT, GPTConfig, gpt_turns
from aigc_course.train import Learner, Objective, Run, train

Step = Callable[[Sequence[nn.Module], Sequence[torch.optim.Optimizer], Tensor], Tensor]
"""(nets, their optimisers, a batch) -> a loss to report."""


@dataclass(frozen=True)
class Model:
    """A kind of model to be timed."""

    objective: Objective
    nets: Callable[[], dict[str, nn.Module]]
    step: Step
    """The same step by hand."""
    optimiser: Callable[..., torch.optim.Optimizer]


def dcgan_step(nets: Sequence[nn.Module], opts: Sequence[torch.optim.Optimizer], x: Tensor) -> Tensor:
    (g, d), (opt_g, opt_d) = nets, opts
    fake = g(torch.randn(len(x), g.z_dim, device=x.device)).detach()
    loss_d = (F.softplus(-d(x)) + F.softplus(d(fake))).mean()
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = F.softplus(-d(g(torch.randn(len(x), g.z_dim, device=x.device)))).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    return loss_g


def vae_step(nets: Sequence[nn.Module], opts: Sequence[torch.optim.Optimizer], x: Tensor) -> Tensor:
    (net,), (opt,) = nets, opts
    mean, log_var = net.encode(x)
    logits = net.decode(mean + torch.randn_like(mean) * (log_var / 2).exp())
    rec = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var).sum()
    loss = (rec + kl) / len(x)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss


def gpt_step(nets: Sequence[nn.Module], opts: Sequence[torch.optim.Optimizer], tokens: Tensor) -> Tensor:
    (net,), (opt,) = nets, opts
    loss = F.cross_entropy(net(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD)
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss


def transformers_step(nets: Sequence[nn.Module], opts: Sequence[torch.optim.Optimizer], tokens: Tensor) -> Tensor:
    (net,), (opt,) = nets, opts
    loss = net(tokens[:, :-1], labels=tokens[:, :-1]).loss         # it shifts the labels itself
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss


def models(images: dcgan.DCGANConfig, codes: VAEConfig, text: GPTConfig) -> dict[str, Model]:
    adam = partial(torch.optim.Adam, lr=2e-4, betas=(0.5, 0.99))
    return {
        "DCGAN": Model(gan.gan_turns, lambda: {"g": dcgan.Generator(images), "d": dcgan.Discriminator(images)},
                       dcgan_step, adam),
        "VAE": Model(vae_turns, lambda: {"vae": VAE(codes)}, vae_step, partial(torch.optim.Adam, lr=1e-3)),
        "GPT": Model(gpt_turns, lambda: {"gpt": GPT(text)}, gpt_step, partial(torch.optim.AdamW, lr=1e-3)),
    }


# --- the loops --------------------------------------------------------------------------------------------------------


def packaged(model: Model, examples: Tensor, size: int, compute: Compute = Compute()) -> tuple[Run, Batches]:
    """Our loop: the data on the device, a fused optimiser; `more(run, batches, steps)` plays it."""
    seed_all(0)
    nets = {name: net.to(compute.device) for name, net in model.nets().items()}
    learners = {name: Learner(net, model.optimiser(net.parameters(), fused=True)) for name, net in nets.items()}
    return Run(model.objective, learners, compute), Batches((examples.to(compute.device),), size)


def more(run: Run, batches, steps: int) -> None:
    """So many rounds more."""
    for _ in train(run, batches, run.step + steps):
        pass


def by_hand(model: Model, examples: Tensor, size: int, device: str = "cpu") -> Callable[[int], None]:
    """A careful loop in fp32 without the package: `play(steps)`."""
    seed_all(0)
    nets = [net.to(device) for net in model.nets().values()]
    opts = [model.optimiser(net.parameters(), fused=True) for net in nets]
    examples = examples.to(device)

    def endless() -> Iterator[Tensor]:
        while True:
            yield from (examples[rows] for rows in torch.randperm(len(examples), device=device).split(size))

    given = endless()

    def play(steps: int) -> None:
        for _ in range(steps):
            model.step(nets, opts, next(given))

    return play


def naive(model: Model, examples: Tensor, size: int, device: str = "cpu") -> Callable[[int], None]:
    """The naive loop, in fp32: `play(steps)`."""
    seed_all(0)
    nets = [net.to(device) for net in model.nets().values()]
    opts = [model.optimiser(net.parameters()) for net in nets]
    losses: list[float] = []

    def endless() -> Iterator[Tensor]:
        loader = DataLoader(TensorDataset(examples), batch_size=size, shuffle=True, drop_last=True)
        while True:
            for (batch,) in loader:
                yield batch.to(device)

    given = endless()

    def play(steps: int) -> None:
        for _ in range(steps):
            losses.append(model.step(nets, opts, next(given)).item())

    return play
