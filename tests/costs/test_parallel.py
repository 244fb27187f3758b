"""The cost of many cards on paper: against messages that are really counted, and against published numbers."""

from __future__ import annotations

import pytest
import torch

from aigc_course.costs.parallel import Cluster, Link, halving, plan, ring, star, state_bytes, step_seconds, two_levels

LINK = Link(alpha=1e-5, beta=1e-9)


def played(n: int, size: int, rounds) -> float:
    """Seconds that the rounds take: each as long as its largest message. Fails unless every card holds the sum."""
    cards = [torch.randint(9, (size,)).double() for _ in range(n)]
    wanted = sum(cards)
    seconds = sum(LINK.alpha + LINK.beta * 8 * longest for longest in rounds(cards))
    for card in cards:
        assert torch.equal(card, wanted)
    return seconds


def star_rounds(cards):
    for card in cards[1:]:
        cards[0] += card
        yield card.numel()
    for card in cards[1:]:
        card.copy_(cards[0])
        yield card.numel()


def ring_rounds(cards):
    n = len(cards)
    chunks = [card.tensor_split(n) for card in cards]
    for step in range(2 * (n - 1)):
        letters = [chunks[rank][(rank - step) % n].clone() for rank in range(n)]
        for rank, letter in enumerate(letters):
            chunk = chunks[(rank + 1) % n][(rank - step) % n]
            chunk.copy_(chunk + letter if step < n - 1 else letter)
        yield max(letter.numel() for letter in letters)


def halving_rounds(cards):
    n = len(cards)
    chunks = [card.tensor_split(n) for card in cards]
    distances = [n >> k for k in range(1, n.bit_length())]
    for adding in (True, False):
        for distance in distances if adding else reversed(distances):
            letters = {}
            for rank in range(n):
                other = rank ^ distance
                keeper = other if adding else rank             # whose chunks travel: those of its side of the cut
                first = keeper // distance * distance
                letters[rank] = (other, first, [c.clone() for c in chunks[rank][first:first + distance]])
            for other, first, letter in letters.values():
                for chunk, part in zip(chunks[other][first:first + distance], letter, strict=True):
                    chunk.copy_(chunk + part if adding else part)
            yield sum(part.numel() for part in letters[0][2])


@pytest.mark.parametrize("n", [2, 4, 8, 16])
@pytest.mark.parametrize("model, rounds", [(star, star_rounds), (ring, ring_rounds), (halving, halving_rounds)])
def test_the_formula_is_what_counting_gives(n, model, rounds):
    torch.manual_seed(0)
    size = 16 * n
    assert model(n, 8 * size, LINK) == pytest.approx(played(n, size, rounds), rel=1e-12)


def test_two_levels_are_a_ring_in_the_machine_and_one_across():
    same = Cluster(inside=LINK, across=LINK)
    assert two_levels(8, 1e6, same) == ring(8, 1e6, LINK)
    assert two_levels(64, 1e6, same) == pytest.approx(ring(8, 1e6, LINK) + ring(8, 1e6 / 8, LINK))
    assert two_levels(1, 1e6, same) == ring(1, 1e6, LINK) == star(1, 1e6, LINK) == halving(1, 1e6, LINK) == 0
    # one bandwidth throughout: the bytes are those of one large ring, (7 / 8 + 7 / 64) = 63 / 64
    assert two_levels(64, 1e15, same) == pytest.approx(ring(64, 1e15, LINK), rel=1e-6)


def test_only_what_the_backward_pass_does_not_hide_is_waited_for():
    compute = 6 * 1e9 * 1000 / 1e14                                               # 0.06 s, 0.04 of it backwards
    assert step_seconds(1e9, 1000, 0.039, 1e14) == pytest.approx(compute)
    assert step_seconds(1e9, 1000, 0.05, 1e14) == pytest.approx(compute + 0.01)
    assert step_seconds(1e9, 1000, 0.05, 1e14, overlap=False) == pytest.approx(compute + 0.05)


def test_state_is_what_the_paper_prints():
    """Rajbhandari et al. 2020, Figure 1: 7.5 billion parameters on 64 cards, in GB."""
    assert [round(state_bytes(7.5e9, 64, stage) / 1e9, 1) for stage in range(4)] == [120.0, 31.4, 16.6, 1.9]
    assert len({state_bytes(1e9, 1, stage) for stage in range(4)}) == 1           # nobody to share with
    with pytest.raises(ValueError, match="0 to 3"):
        state_bytes(1e9, 8, 4)


def test_a_plan_adds_up():
    cluster = Cluster(flops=1e14, inside=LINK, across=LINK)
    alone, many, shared = (plan(1e9, n, 4096, stage, cluster) for n, stage in ((1, 0), (64, 0), (64, 3)))
    assert (alone.efficiency, alone.communication) == (1, 0) and alone.rate == pytest.approx(1e14 / 6e9)
    assert many.communication == pytest.approx(two_levels(64, 2e9, cluster))
    assert many.step == pytest.approx(many.compute / 3 + many.communication)      # two thirds are hidden
    assert many.rate == pytest.approx(64 * 4096 / many.step) and many.efficiency < 1
    assert shared.communication == pytest.approx(1.5 * many.communication) and shared.state == many.state / 64
