"""What many cards cost on paper: the time of an all-reduce, of a training step, and the memory for a net's state.

    n  cards      S  bytes      α  seconds a message takes before its first byte arrives      β  seconds a byte takes
    Ψ  parameters of the net

A message of S bytes takes α + βS seconds (Hockney 1994); cards send and receive at once, and adding up is free.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    """A connection from one card to another."""

    alpha: float
    """Seconds until the first byte of a message arrives."""
    beta: float
    """Seconds for each byte: 1 / bandwidth."""


@dataclass(frozen=True)
class Cluster:
    """Cards in machines. The defaults are an assumption, near eight H200 in a machine on a 400 Gb/s network each."""

    flops: float = 400e12
    """Operations a second that a card sustains in training, about 40 % of what its data sheet promises in bfloat16."""
    per_machine: int = 8
    inside: Link = field(default=Link(5e-6, 1 / 400e9))
    """Between two cards of a machine."""
    across: Link = field(default=Link(20e-6, 1 / 50e9))
    """Between two cards of different machines."""


H200 = Cluster()
"""What the lesson calculates with."""


def star(n: int, size: float, link: Link) -> float:
    """Seconds for an all-reduce of `size` bytes through card 0: it receives from the others in turn, then sends."""
    return 2 * (n - 1) * (link.alpha + link.beta * size)


def ring(n: int, size: float, link: Link) -> float:
    """Seconds for a ring: 2 (n − 1) messages of size / n each, all cards at once (Patarasuk & Yuan 2009)."""
    return 2 * (n - 1) * (link.alpha + link.beta * size / n)


def halving(n: int, size: float, link: Link) -> float:
    """Seconds for recursive halving and doubling: as many bytes as a ring in 2 ⌈log₂ n⌉ messages (Thakur et al. 2005).

    Exact for powers of two.
    """
    return 2 * math.ceil(math.log2(n)) * link.alpha + 2 * (n - 1) / n * link.beta * size


def two_levels(n: int, size: float, cluster: Cluster) -> float:
    """Seconds for a ring inside each machine around rings across: card k of every machine reduces the k-th part."""
    local = min(n, cluster.per_machine)
    machines = math.ceil(n / local)
    return ring(local, size, cluster.inside) + ring(machines, size / local, cluster.across)


def step_seconds(parameters: float, tokens: float, communication: float, flops: float,
                 overlap: bool = True) -> float:
    """Seconds for a step of a Transformer on `tokens` tokens of one card: 6 Ψ operations a token.

    communication: seconds for the gradients. overlap: they travel while the backward pass (two thirds of the
    operations) still runs, so that only what is longer than it is waited for.
    """
    compute = 6 * parameters * tokens / flops
    return compute + max(0.0, communication - (2 / 3 * compute if overlap else 0.0))


def state_bytes(parameters: float, n: int, stage: int) -> float:
    """Bytes of a net's state on each of n cards under Adam in mixed precision (Rajbhandari et al. 2020, Figure 1).

    2 bytes a parameter for the weights, 2 for the gradients, 12 for the optimiser (weights, mean and square in
    float32). stage 0: every card holds all; 1: the optimiser is shared out; 2: the gradients too; 3: the weights too,
    as FSDP does.
    Raises: ValueError for a stage that there is not.
    """
    if stage not in range(4):
        raise ValueError(f"there are the stages 0 to 3, not {stage}")
    parts = ((2, stage >= 3), (2, stage >= 2), (12, stage >= 1))
    return parameters * sum(size / n if shared else size for size, shared in parts)


@dataclass(frozen=True)
class Plan:
    """What a step of data-parallel training comes to. Seconds, bytes."""

    compute: float
    communication: float
    step: float
    state: float
    """Bytes of the net's state on each card; activations come on top."""
    rate: float
    """Tokens a second of all cards together."""

    @property
    def efficiency(self) -> float:
        """Share of the step in which a card computes, 0..1."""
        return self.compute / self.step


def plan(parameters: float, n: int, tokens: float, stage: int = 0, cluster: Cluster = H200) -> Plan:
    """A step in which each of n cards reads `tokens` tokens: gradients in 2 bytes, summed on two levels, overlapped.

    stage: as in `state_bytes`. Stages 1 and 2 send as many bytes as none (half of an all-reduce spreads the sums of
    the gradients, half collects the new weights); stage 3 collects the weights twice, which makes 1.5 times as many
    (Rajbhandari et al. 2020, section 7).
    """
    communication = two_levels(n, 2 * parameters, cluster) * (1.5 if stage == 3 else 1.0)
    compute = 6 * parameters * tokens / cluster.flops
    step = step_seconds(parameters, tokens, communication, cluster.flops)
    return Plan(compute, communication, step, state_bytes(parameters, n, stage), n * tokens / step)
