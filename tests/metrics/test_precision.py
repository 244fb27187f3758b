"""No metric notices the dtype of its input or where the data lie; a shape that it does not understand is refused."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.metrics import disentanglement, fidelity, toy
from aigc_course.metrics.checks import distances
from aigc_course.metrics.images.compression import fit_pca, quantised_pca
from aigc_course.metrics.images.sharpness import laplacian_variance

DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
          torch.uint8]


def whole(n: int, columns: int, seed: int, spread: float = 20.0) -> Tensor:
    """Whole numbers 0..255, which every dtype holds exactly: what differs is the arithmetic."""
    drawn = torch.randn(n, columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (128 + spread * drawn).round().clamp(0, 255)


REAL, FAKE = whole(300, 4, 0), whole(300, 4, 1, spread=18.0)
CENTRES = torch.tensor([[100.0, 100.0], [150.0, 150.0]], dtype=torch.float64)


def compressed(real: Tensor, fake: Tensor) -> list[float]:
    rate, decoded = quantised_pca(fit_pca(real, 3), real, fake, 5.0)
    return [rate, (decoded - fake).square().mean().item()]


METRICS = {
    "frechet": lambda a, b: [fidelity.frechet_distance(a, b)],
    "kernel": lambda a, b: [fidelity.kernel_distance(a, b)],
    "density and coverage": lambda a, b: [*fidelity.density_coverage(a, b)],
    "modes": lambda a, b: [*toy.modes(a[:, :2], CENTRES.to(a), 10.0)[:2]],
    "information": lambda a, b: disentanglement.mutual_information(a, b, bins=5).flatten().tolist(),
    "gap": lambda a, b: disentanglement.mutual_information_gap(a, b, bins=5).tolist(),
    "pca": compressed,
    "sharpness": lambda a, b: laplacian_variance(a.view(3, 1, 20, 20)).tolist(),
}


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", METRICS)
def test_every_dtype_gives_the_same(name, dtype):
    wanted = METRICS[name](REAL, FAKE)
    assert METRICS[name](REAL.to(dtype), FAKE.to(dtype)) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_equal_points_are_at_distance_0_however_far_from_0_they_lie():
    rows = torch.randn(40, 3, generator=torch.Generator().manual_seed(5), dtype=torch.float64) + 1e6
    assert distances(rows, rows).diagonal().max() == 0
    assert distances(rows, rows)[0, 1].item() == pytest.approx((rows[0] - rows[1]).norm().item())


@pytest.mark.parametrize("name", sorted({*METRICS} - {"kernel", "modes", "sharpness"}))     # these know where 0 is
@pytest.mark.parametrize("shift", [100.0, -4096.0, 1e6])
def test_where_the_data_lie_does_not_matter(name, shift):
    """In float32, which holds these numbers exactly, multiples of 1/16 around the shift."""
    real, fake = (REAL / 16).float(), (FAKE / 16).float()
    wanted = METRICS[name](real.double(), fake.double())
    assert METRICS[name](real + shift, fake + shift) == pytest.approx(wanted, rel=1e-6, abs=1e-8)


def test_density_far_from_the_origin_is_that_of_exact_distances():
    draw = torch.Generator().manual_seed(0)
    real, fake = (100 + 0.1 * torch.randn(200, 16, generator=draw) for _ in range(2))
    assert fidelity.density_coverage(real, fake) == pytest.approx(
        fidelity.density_coverage(real.double() - 100, fake.double() - 100))
    assert fidelity.density_coverage(real, fake)[1] > 0.9


def test_modes_move_with_their_centres():
    wanted = toy.modes(REAL[:, :2], CENTRES, 10.0)
    found = toy.modes((REAL[:, :2] + 1e6).float(), (CENTRES + 1e6).float(), 10.0)
    assert found.covered == wanted.covered and found.counts.tolist() == wanted.counts.tolist()
    assert toy.modes(torch.tensor([[1, 0]]), torch.tensor([[0.5, 0.0]]), 0.5, within=1).covered == 1


def test_balls_of_density_are_open_and_those_of_modes_closed():
    """A fake as far away as the k-th neighbour is outside; one three sigma from a centre is of high quality."""
    real = torch.tensor([[0.0], [3.0], [10.0]])
    assert fidelity.density_coverage(real, torch.tensor([[-3.0], [6.0]]), k=1) == (0.5, 1 / 3)   # 6 in the ball of 10
    assert fidelity.density_coverage(real, torch.tensor([[-2.9]]), k=1) == (1.0, 1 / 3)
    assert fidelity.density_coverage(torch.zeros(3, 1), torch.zeros(2, 1), k=1) == (0.0, 0.0)    # a ball of radius 0
    assert toy.modes(torch.tensor([[3.0, 0.0]]), torch.zeros(1, 2), 1.0).high_quality == 1.0
    assert toy.modes(torch.tensor([[3.001, 0.0]]), torch.zeros(1, 2), 1.0).high_quality == 0.0


def test_a_tie_of_two_centres_counts_once():
    found = toy.modes(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), 1.0)
    assert found.covered == 1 and found.counts.tolist() == [1, 0]


def test_equal_numbers_share_a_cell_however_they_are_counted():
    column = torch.tensor([0, 0, 0, 0, 0, 1, 1, 2])[:, None]
    assert disentanglement.cells(column, 4).flatten().tolist() == [2, 2, 2, 2, 2, 3, 3, 3]     # edges 0, 0 and 1


def test_a_distance_of_a_set_from_itself_is_not_below_0():
    assert all(0 <= fidelity.frechet_distance(whole(60, 5, seed), whole(60, 5, seed)) < 1e-6 for seed in range(20))


@pytest.mark.parametrize(("predicted", "asked"), [((10,), (10, 1)), ((10, 1), (10,)), ((10, 1), (10, 1)), ((1,), (10,)),
                                                  ((10, 3), (10,)), ((), ()), ((0,), (0,))])
def test_accuracy_compares_one_label_with_one(predicted, asked):
    with pytest.raises(CourseError, match="shapes|0 examples"):
        fidelity.class_accuracy(torch.zeros(predicted), torch.zeros(asked))


def test_accuracy_of_any_dtype():
    labels = torch.arange(10)
    for dtype in (torch.int32, torch.float32, torch.bfloat16, torch.uint8):
        assert fidelity.class_accuracy(labels.to(dtype), labels) == 1.0


@pytest.mark.parametrize("wrong", [
    lambda: fidelity.frechet_distance(REAL, FAKE[:, :3]), lambda: fidelity.kernel_distance(REAL, FAKE[:, :1]),
    lambda: fidelity.density_coverage(REAL[:, :1], FAKE), lambda: toy.modes(REAL, CENTRES, 1.0),
    lambda: fidelity.frechet_distance(REAL[:, :0], FAKE[:, :0]),
    lambda: fidelity.frechet_distance(torch.ones(()), FAKE),
    lambda: fidelity.kernel_distance(REAL[0], FAKE), lambda: toy.modes(REAL[:, :2], CENTRES[0], 1.0),
    lambda: toy.modes(REAL[:, :2], CENTRES[:0], 1.0), lambda: fidelity.kernel_distance(REAL.to(torch.complex64), FAKE),
    lambda: fidelity.density_coverage(REAL, FAKE, k=0), lambda: fidelity.density_coverage(REAL[None], FAKE),
    lambda: disentanglement.mutual_information(REAL, FAKE[:200], bins=5),
    lambda: disentanglement.mutual_information(REAL, FAKE[:, 0], bins=5),
    lambda: disentanglement.mutual_information(REAL, FAKE, bins=1),
    lambda: disentanglement.dimensions(torch.ones(3), REAL, {"a": FAKE[:, 0]}),
    lambda: disentanglement.dimensions(torch.ones(4), REAL, {"a": FAKE[:, 0], "b": FAKE[:9, 0]}),
    lambda: disentanglement.dimensions(torch.ones(4), REAL, {}),
    lambda: fit_pca(REAL[0], 1), lambda: fit_pca(REAL, 2).encode(FAKE[:, :3]), lambda: fit_pca(REAL, 2).decode(FAKE),
    lambda: quantised_pca(fit_pca(REAL, 2), REAL, FAKE[:, :1], 1.0),
    lambda: quantised_pca(fit_pca(REAL, 2), REAL, FAKE, 0.0), lambda: laplacian_variance(torch.ones(2, 1, 0, 5)),
    lambda: laplacian_variance(torch.ones(2, 3, 5, 5)), lambda: laplacian_variance(torch.ones(1, 5, 5))])
def test_a_shape_that_means_nothing_is_refused(wrong):
    with pytest.raises(CourseError) as error:
        wrong()
    assert str(error.value).endswith(".") and str(error.value).count("\n") == 0
