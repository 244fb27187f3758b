"""The quality bars of the VAE chapter.

    python benchmarks/vae.py [mnist] [binary] [classes] [rate] [factors] [--seeds 3]

mnist:   held-out −ELBO against a plain 784-400-20 VAE at equal CPU seconds (9,000 real digits, 1,000 held out).
binary:  the same after fixed binarisation, where the nats are those of a probability.
classes: a conditional VAE's digits read by a classifier that learnt from the same 9,000 digits.
rate:    rate and distortion of a β-sweep against quantised principal components, on ink.
factors: mutual information gap of slant, thickness and size for β = 1, 4, 10, on ink.
mnist, binary and classes need AIGC_DATA_MIRROR or a network.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import torch
from race import Racer, race
from report import middle, parse, write

from aigc_course.data.batches import Batches
from aigc_course.data.images import ink, mnist
from aigc_course.data.images.ink import Hand
from aigc_course.metrics.disentanglement import mutual_information_gap
from aigc_course.metrics.fidelity import class_accuracy, report
from aigc_course.metrics.images.compression import fit_pca, quantised_pca
from aigc_course.models.images.vae import VAEConfig, encode, importance_weighted_bound, reparameterise, sample
from aigc_course.recipes.images import classifier
from aigc_course.recipes.images.classifier import ClassifierRecipe, accuracy
from aigc_course.recipes.images.vae import CONDITIONAL, REAL, VAERecipe, batches, build, held_out_loss, samples
from aigc_course.schedules import one_cycle
from aigc_course.train import train

MINUTES = 6
TABLES = {
    "vae_mnist":
        "−ELBO of unseen digits: {−ELBO, held out @ the recipe: convolutional} nats, plain {−ELBO, held out @ "
        "784-400-20, Adam 0.001, batch 128}",
    "vae_mnist_binary":
        "−ELBO of unseen digits: {−ELBO, held out @ the recipe: convolutional} nats, plain {−ELBO, held out @ "
        "784-400-20, Adam 0.001, batch 128}",
    "vae_classes": "read as asked: {read as asked @ row 1}",
    "vae_rate": "β = 3: error {VAE over PCA @ 3.0} of that of PCA at the same rate",
    "vae_factors": "mutual information gap: {mean @ 1.0} at β = 1, {mean @ 10.0} at β = 10",
}
SECONDS = 60
GREY = "Pixels are grey levels: the reconstruction term is a cross-entropy in nats per image."
BINARY = ("Each pixel was drawn once, 1 with its grey level as probability (seed 0), and stays so: the nats are those "
          "of a probability.")


def racer_of(recipe: VAERecipe, data: tuple, seconds: float = SECONDS) -> Racer:
    """The recipe with CPU seconds for rounds."""
    rate = (lambda share: one_cycle(share * seconds, seconds, recipe.lr)) if recipe.cycle else None
    return Racer(build(recipe), batches(recipe, *data), seconds, rate)


def shown(values, digits: int = 2) -> str:
    """Median and range, or the one value there is."""
    return middle(values, digits) if len(values) > 1 else f"{values[0]:.{digits}f}"


def real_digits() -> tuple[tuple, tuple]:
    """The 10,000 test images, 9,000 to train and 1,000 held out by a permutation: the halves of the file differ."""
    x, y = mnist("test")
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
    return (x[order[:9000]], y[order[:9000]]), (x[order[9000:]], y[order[9000:]])


def likelihood(seeds: range, binary: bool = False) -> None:
    (known, _), (unseen, _) = real_digits()
    if binary:
        coin = torch.Generator().manual_seed(0)
        known, unseen = torch.bernoulli(known, generator=coin), torch.bernoulli(unseen, generator=coin)
    recipes = {"784-400-20, Adam 0.001, batch 128": VAERecipe(), "the recipe: convolutional": REAL}
    found: dict[str, list] = {name: [] for name in recipes}
    for seed in seeds:
        racers = {name: racer_of(replace(recipe, seed=seed), (known,)) for name, recipe in recipes.items()}
        race(list(racers.values()))
        for name, racer in racers.items():
            loss, kl = held_out_loss(racer.run.nets["vae"], unseen)
            bound = -importance_weighted_bound(racer.run.nets["vae"], unseen[:100], samples=500).mean().item()
            training, _ = held_out_loss(racer.run.nets["vae"], known[:1000])
            found[name].append((racer.run.step, racer.spent, training, loss, kl, bound))
            print(seed, name, found[name][-1], flush=True)
    rows = [[name, *[shown(column, digits) for column, digits in zip(zip(*runs, strict=True), (0, 1, 2, 2, 2, 2),
                                                                       strict=True)]] for name, runs in found.items()]
    gain = [a[3] - b[3] for a, b in zip(*found.values(), strict=True)]
    write("vae_mnist_binary" if binary else "vae_mnist",
          f"VAEs on real{' binarised' if binary else ''} digits, {len(seeds)} seed(s), equal CPU seconds in turns",
          ["net", "rounds", "CPU seconds", "−ELBO, training", "−ELBO, held out", "KL, held out", "bound, 500 samples"],
          rows, (BINARY if binary else GREY) + " −ELBO averaged over 10 samples of z; the last column is minus the "
          f"importance-weighted bound of the first 100 held-out images. The recipe lies {shown(gain)} "
          "nats below the plain VAE. It was chosen on 1,000 of the 9,000 training images, never on the held-out ones.")


def classes(seeds: range) -> None:
    known, unseen = real_digits()
    recipe = ClassifierRecipe(steps=6 * (len(known[0]) // ClassifierRecipe.batch), images=len(known[0]))
    judged = classifier.build(recipe)
    for _ in train(judged, Batches(known, recipe.batch), recipe.steps):
        pass
    judge = judged.nets["classifier"]
    own = accuracy(judge, *unseen)                                 # leaves the judge in evaluation mode
    right, spent, found = [], [], None
    for seed in seeds:
        racer = racer_of(replace(CONDITIONAL, seed=seed), known)
        racer.advance(SECONDS)
        images = samples(racer.run.nets["vae"], 1000)
        with torch.no_grad():
            right.append(class_accuracy(judge(images).argmax(1), torch.arange(1000) % 10))
            found = found or report(unseen[0], known[0][:1000], images, judge.features, "its own classifier")
        spent.append(racer.spent)
        print(seed, right[-1], held_out_loss(racer.run.nets["vae"], *unseen), flush=True)
    write("vae_classes", f"Conditional VAE on real digits, {len(seeds)} seed(s)",
          ["read as asked", "the judge on held-out digits", "bar", "coverage", "coverage of other real digits",
           "density", "CPU seconds"],
          [[shown(right, 4), f"{own:.4f}", f"{min(0.97, own - 0.01):.4f}", f"{found.fake.coverage:.3f}",
            f"{found.floor.coverage:.3f}", f"{found.fake.density:.3f}", shown(spent, 0)]],
          "1,000 samples, 100 of each class; the judge learnt from the same 9,000 digits, 6 epochs. Coverage and "
          "density in the judge's features, seed 0, against the 1,000 held-out digits: a class that is always drawn in "
          "one style would show as low coverage. The other real digits are training digits, the judge's as well.")


def rate(seeds: range, betas: tuple = (0.3, 1.0, 3.0, 10.0, 30.0)) -> None:
    known, unseen = ink(10_000, seed=1).images, ink(1000, seed=101).images
    pca, points = fit_pca(known.flatten(1), 400), []
    for step in (0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8, 12):
        cost, decoded = quantised_pca(pca, known.flatten(1), unseen.flatten(1), step)
        points.append((cost, (decoded - unseen.flatten(1)).square().mean().item()))
    points.sort()
    rows = []
    for beta in betas:
        found = []
        for seed in seeds:
            recipe = VAERecipe(net=VAEConfig(z_dim=32), lr=3e-3, cycle=True, beta=beta, seed=seed)
            racer = racer_of(recipe, (known,), 20)
            racer.advance(20)
            net = racer.run.nets["vae"]
            _, kl = held_out_loss(net, unseen, draws=1)
            torch.manual_seed(0)
            error = (sample(net, reparameterise(*encode(net, unseen))) - unseen).square().mean().item()
            found.append((kl, error, interpolate(points, kl), error / interpolate(points, kl)))
            print(beta, seed, found[-1], flush=True)
        rows.append([beta, *[shown(column, digits) for column, digits in zip(zip(*found, strict=True), (1, 4, 4, 2),
                                                                               strict=True)]])
    curve = "; ".join(f"{cost:.1f}: {error:.4f}" for cost, error in points)
    write("vae_rate", f"Rate and distortion on ink: β-VAE against quantised principal components, {len(seeds)} seed(s)",
          ["β", "rate: KL, nats", "error of the VAE", "error of PCA at that rate", "VAE over PCA"], rows,
          "Errors: mean squares per pixel of 1,000 unseen digits, of decoded *samples* of q(z|x). 784-400-32, "
          "Bernoulli pixels, 20 CPU seconds each. The KL is the rate that bits-back coding approaches, on "
          "average over many images, not a file's length; PCA's rate is an ideal entropy code's, also without a "
          f"header. PCA's curve (nats: error): {curve}.")


def interpolate(points: list[tuple[float, float]], at: float) -> float:
    """The curve through sorted (rate, error) points, straight between two of them, flat beyond its ends."""
    for (a, low), (b, high) in zip(points, points[1:], strict=False):
        if a <= at <= b:
            return low + (high - low) * (at - a) / (b - a)
    return points[0][1] if at < points[0][0] else points[-1][1]


def factors(seeds: range) -> None:
    hand = Hand(size=(17.0, 1.5))                                  # by default nearly all signs have one size
    known, unseen = ink(10_000, seed=1, hand=hand), ink(5000, seed=101, hand=hand, factors=True)
    names = ("slant", "thickness", "size")
    causes = torch.stack([unseen.factors[name] for name in names], dim=1)
    rows = []
    for beta in (1.0, 4.0, 10.0):
        gaps = []
        for seed in seeds:
            racer = racer_of(VAERecipe(net=VAEConfig(z_dim=10, classes=10), lr=3e-3, cycle=True, beta=beta, seed=seed),
                          (known.images, known.labels), 20)
            racer.advance(20)
            codes, _ = encode(racer.run.nets["vae"], unseen.images, unseen.labels)
            gaps.append(mutual_information_gap(codes, causes).tolist())
            print(beta, seed, gaps[-1], flush=True)
        rows.append([beta, *[shown(values) for values in zip(*gaps, strict=True)],
                     shown([sum(values) / len(values) for values in gaps])])
    write("vae_factors", f"Disentanglement on ink: mutual information gap, {len(seeds)} seed(s)",
          ["β", *names, "mean"], rows,
          "0…1, of the means of q(z|x, class) on 5,000 unseen digits whose size varies (17 ± 1.5 pixels). Conditional "
          "784-400-10 VAE, 20 CPU seconds each.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    options = parse(parser, ["mnist", "binary", "classes", "rate", "factors"], ["rate", "factors"])
    torch.set_num_threads(1)
    seeds = range(options.seeds)
    if "mnist" in options.parts:
        likelihood(seeds)
    if "binary" in options.parts:
        likelihood(seeds, binary=True)
    if "classes" in options.parts:
        classes(seeds)
    if "rate" in options.parts:
        rate(seeds)
    if "factors" in options.parts:
        factors(seeds)


if __name__ == "__main__":
    main()
