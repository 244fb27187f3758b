"""Six small runs, one per family of the course, that the tests of the loop play: 64 numbers or 17 tokens an example."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from aigc_course.compute import Compute
from aigc_course.data.batches import Batches
from aigc_course.train import Learner, Run, Turn

VOCAB = 32
CPU = Compute()


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


VECTORS = torch.randn(257, 64, generator=generator(1))
TOKENS = torch.randint(VOCAB, (257, 17), generator=generator(2))


def batches(name: str, size: int = 16) -> Batches:
    tensors = {"lm": (TOKENS,), "seq2seq": (TOKENS, TOKENS.flip(1))}.get(name, (VECTORS,))
    return Batches(tensors, size, seed=3)


def mlp(*widths: int, drop: float = 0.1) -> nn.Sequential:
    layers: list[nn.Module] = []
    for a, b in zip(widths, widths[1:], strict=False):
        layers += [nn.Linear(a, b), nn.GELU(), nn.Dropout(drop)]
    return nn.Sequential(*layers[:-2])


def learner(net: nn.Module, average: bool = False, **options) -> Learner:
    ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.99)) if average else None
    return Learner(net, torch.optim.AdamW(net.parameters(), 1e-3), ema=ema, **options)


def gan_turns(nets, batch, step):
    g, d, (x,) = nets["g"], nets["d"], batch
    fake = g(torch.randn(len(x), 8))
    yield Turn("d", F.softplus(-d(x)).mean() + F.softplus(d(fake.detach())).mean())
    yield Turn("g", F.softplus(-d(fake)).mean())


def gan(compute: Compute = CPU) -> Run:
    return Run(gan_turns, {"g": learner(mlp(8, 64, 64, drop=0.0), average=True), "d": learner(mlp(64, 64, 1))}, compute)


def wgan_turns(nets, batch, step, n_critic: int = 3):
    g, d, (x,) = nets["g"], nets["d"], batch
    fake = g(torch.randn(len(x), 8)).to(x.dtype)
    mix = torch.lerp(x, fake.detach(), torch.rand(len(x), 1)).requires_grad_()
    slope, = torch.autograd.grad(d(mix).sum(), mix, create_graph=True)
    penalty = (slope.norm(dim=1) - 1).square().mean()
    yield Turn("d", d(fake.detach()).mean() - d(x).mean() + 10 * penalty, {"penalty": penalty})
    if step % n_critic == n_critic - 1:
        yield Turn("g", -d(fake).mean())


def wgan(compute: Compute = CPU) -> Run:
    nets = {"g": learner(mlp(8, 64, 64, drop=0.0)), "d": learner(mlp(64, 64, 1, drop=0.0))}
    return Run(wgan_turns, nets, compute)


def vae_turns(nets, batch, step):
    net, (x,) = nets["vae"], batch
    mean, log_var = net["encoder"](x).float().chunk(2, -1)
    z = mean + torch.randn_like(mean) * (log_var / 2).exp()
    reconstruction = 0.5 * (net["decoder"](z) - x).square().sum(-1).mean()
    kl = 0.5 * (mean.square() + log_var.exp() - 1 - log_var).sum(-1).mean()
    yield Turn("vae", reconstruction + kl, {"kl": kl})


def vae(compute: Compute = CPU) -> Run:
    net = nn.ModuleDict({"encoder": mlp(64, 64, 16), "decoder": mlp(8, 64, 64)})
    return Run(vae_turns, {"vae": learner(net, clip=1.0)}, compute)


class LanguageModel(nn.Module):
    def __init__(self, width: int = 32, length: int = 16, drop: float = 0.1):
        super().__init__()
        self.embed, self.place = nn.Embedding(VOCAB, width), nn.Embedding(length, width)
        self.block = nn.TransformerEncoderLayer(width, 4, 4 * width, drop, batch_first=True, norm_first=True)
        self.head = nn.Linear(width, VOCAB)

    def forward(self, ids: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(ids.size(1))
        x = self.embed(ids) + self.place.weight[: ids.size(1)]
        return self.head(self.block(x, src_mask=mask.to(x.dtype), is_causal=True))


def lm_turns(nets, batch, step):
    (ids,) = batch
    yield Turn("lm", F.cross_entropy(nets["lm"](ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()))


def lm(compute: Compute = CPU) -> Run:
    return Run(lm_turns, {"lm": learner(LanguageModel(), clip=1.0, lr=lambda s: 1e-3 * min(1, (s + 1) / 10))}, compute)


class Seq2Seq(nn.Module):
    def __init__(self, width: int = 32):
        super().__init__()
        self.embed, self.drop = nn.Embedding(VOCAB, width), nn.Dropout(0.1)
        self.encoder, self.decoder = nn.GRU(width, width, batch_first=True), nn.GRU(width, width, batch_first=True)
        self.head = nn.Linear(width, VOCAB)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        _, state = self.encoder(self.drop(self.embed(source)))
        return self.head(self.decoder(self.drop(self.embed(target)), state)[0])


def seq2seq_turns(nets, batch, step):
    source, target = batch
    yield Turn("net", F.cross_entropy(nets["net"](source, target[:, :-1]).flatten(0, 1), target[:, 1:].flatten()))


def seq2seq(compute: Compute = CPU) -> Run:
    return Run(seq2seq_turns, {"net": learner(Seq2Seq(), clip=1.0)}, compute)


SIGNAL = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 100), 0)


def diffusion_turns(nets, batch, step):
    (x,) = batch
    t = torch.randint(len(SIGNAL), (len(x),))
    signal, noise = SIGNAL[t][:, None], torch.randn_like(x)
    noisy = signal.sqrt() * x + (1 - signal).sqrt() * noise
    guess = nets["noise"](torch.cat([noisy, t[:, None] / len(SIGNAL)], 1))
    yield Turn("noise", F.mse_loss(guess.float(), noise))


def diffusion(compute: Compute = CPU) -> Run:
    return Run(diffusion_turns, {"noise": learner(mlp(65, 128, 64), average=True)}, compute)


FAMILIES = {"gan": gan, "wgan": wgan, "vae": vae, "lm": lm, "seq2seq": seq2seq, "diffusion": diffusion}


def weights(run: Run) -> dict[str, Tensor]:
    """Every parameter and buffer of the nets and their averages."""
    return {
        f"{name}.{part}.{key}": value.detach().clone()
        for name, one in run.learners.items()
        for part in ("net", "ema") if getattr(one, part) is not None
        for key, value in getattr(one, part).state_dict().items()
    }


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def deterministic_gan() -> Run:
    """A GAN in double precision without dropout or batch statistics, whose noise is part of the batch."""
    torch.manual_seed(0)
    g, d = mlp(8, 64, 64, drop=0.0).double(), mlp(64, 64, 1, drop=0.0).double()

    def turns(nets, batch, step):
        (x,) = (t.double() for t in batch)
        fake = nets["g"](x[:, :8])
        yield Turn("d", F.softplus(-nets["d"](x)).mean() + F.softplus(nets["d"](fake.detach())).mean())
        yield Turn("g", F.softplus(-nets["d"](fake)).mean())

    nets = {"g": g, "d": d}
    return Run(turns, {name: Learner(net, torch.optim.SGD(net.parameters(), 0.1)) for name, net in nets.items()})


def counted(compute: Compute = CPU, scaled: bool = False) -> Run:
    """A net with momentum, weight decay, an average and a clipped gradient, whose batches say how many rows count."""
    torch.manual_seed(0)
    net = mlp(64, 8, 1, drop=0.0)
    options = {"scaler": torch.amp.GradScaler("cpu", init_scale=4.0)} if scaled else {}

    def turns(nets, batch, step):
        x, count = batch
        rows = nets["net"](x)[:count].square()
        yield Turn("net", rows.mean(), {"most": rows.sum() / count}, weight=torch.tensor(count))

    return Run(turns, {"net": learner(net, average=True, clip=0.5, lr=lambda step: 1e-2 / (step + 1), **options)},
               compute)


class Counts:
    """Batches of 16 rows, of which these numbers count."""

    def __init__(self, *counts: int):
        self.counts = counts

    def __getitem__(self, step: int):
        return batches("gan")[step][0], self.counts[step]


class Shard:
    """The `part`-th of `parts` equal slices of every batch: what one process, or one micro-batch, sees."""

    def __init__(self, whole: Batches, part: int, parts: int):
        self.whole, self.part, self.parts = whole, part, parts

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        return tuple(t.chunk(self.parts)[self.part] for t in self.whole[step])


class MicroBatches:
    """Every batch cut into `parts` consecutive ones, as gradient accumulation wants them."""

    def __init__(self, whole: Batches, parts: int):
        self.whole, self.parts = whole, parts

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        return Shard(self.whole, step % self.parts, self.parts)[step // self.parts]
