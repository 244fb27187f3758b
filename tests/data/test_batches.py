import pytest
import torch

from aigc_course.data.batches import Batches
from aigc_course.errors import CourseError


def test_a_batch_depends_on_seed_and_step_alone():
    examples = (torch.arange(103), torch.arange(103) * 2)
    forwards = [Batches(examples, size=10, seed=4)[step] for step in range(40)]
    one = Batches(examples, size=10, seed=4)
    backwards = [one[step] for step in reversed(range(40))][::-1]
    for (x, y), (again, twice) in zip(forwards, backwards, strict=True):
        assert torch.equal(x, again) and torch.equal(y, twice)
        assert torch.equal(y, 2 * x)  # example n of each tensor stays with example n


def test_drawing_a_batch_leaves_the_random_state_alone():
    torch.manual_seed(0)
    before = torch.get_rng_state()
    Batches((torch.arange(9),), size=2)[100]
    assert torch.equal(before, torch.get_rng_state())


def test_every_example_comes_once_per_epoch():
    batches = Batches((torch.arange(60),), size=12, seed=1)
    assert len(batches) == 5
    epochs = [torch.cat([batches[5 * epoch + k][0] for k in range(5)]) for epoch in range(3)]
    for epoch in epochs:
        assert torch.equal(epoch.sort().values, torch.arange(60))
        assert not torch.equal(epoch, torch.arange(60))
    assert not torch.equal(epochs[0], epochs[1]) and not torch.equal(epochs[1], epochs[2])
    assert not torch.equal(Batches((torch.arange(60),), size=12, seed=2)[0][0], batches[0][0])


def test_the_ragged_tail_is_dropped_and_every_example_has_its_turn():
    batches = Batches((torch.arange(25),), size=10)
    seen = [
        set(torch.cat([batches[2 * epoch][0], batches[2 * epoch + 1][0]]).tolist()) for epoch in range(20)
    ]
    assert all(len(epoch) == 20 for epoch in seen)  # 20 different examples, five left out
    assert set().union(*seen) == set(range(25))


def test_iterating_is_one_epoch():
    batches = Batches((torch.arange(25),), size=10)
    assert [x.shape for (x,) in batches] == [(10,), (10,)]


@pytest.mark.parametrize(
    ("tensors", "size", "says"),
    [
        ((), 1, "needs a tuple"),
        (torch.zeros(4, 2), 1, "needs a tuple"),
        ((torch.zeros(0, 2),), 1, "0 examples"),
        ((torch.zeros(4),), 5, "choose a size from 1 to 4"),
        ((torch.zeros(4),), 0, "choose a size"),
        ((torch.zeros(4), torch.zeros(5)), 2, "one length"),
    ],
)
def test_what_cannot_be_cut_into_batches_is_refused(tensors, size, says):
    with pytest.raises(CourseError, match=says):
        Batches(tensors, size)
