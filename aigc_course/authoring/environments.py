"""The kinds of arithmetic in which a lesson is run, so that what it claims holds on processors we do not have.

Where another processor adds in another order, a float32 differs in its last bits; a net in training then drifts apart
until only what does not hang on those bits is the same. How far a number moves from one environment to another is its
spread: a tolerance, or a claim's margin, must be several times as large.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aigc_course.errors import CourseError

LAST_BITS = '''\
"""Changes the last two bits or so of every gradient before an optimiser takes its step."""
from torch import float32, int32, strided
from torch.optim.optimizer import register_optimizer_step_pre_hook

def _nudge(optimiser, *_, size=2**-22):
    for group in optimiser.param_groups:
        for p in group["params"]:
            if p.grad is not None and p.grad.dtype == float32 and p.grad.layout == strided:
                bits = p.grad.detach().contiguous().view(int32)
                sign = (((bits * {factor}) >> 16) & 1) * 2 - 1    # of each number its own, and the same in each run
                p.grad.detach().mul_(1 + size * sign)

register_optimizer_step_pre_hook(_nudge)
del _nudge
'''


@dataclass(frozen=True)
class Environment:
    """How a kernel computes. variables: set for its process. startup: Python that it runs before the first cell."""

    name: str
    stands_for: str
    variables: Mapping[str, str] = field(default_factory=dict)
    startup: str = ""


PLAIN = Environment("plain", "this processor as it is, one thread: what is stored")

OTHERS = (
    Environment("avx2", "a processor of the last ten years: 256-bit vectors", {
        "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}),
    Environment("default", "a processor without long vectors: sums in another order", {
        "ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "MKL_CBWR": "COMPATIBLE"}),
    Environment("two threads", "a learner's laptop, where sums are split between cores", {"OMP_NUM_THREADS": "2"}),
    # The next two stand for training on processors that we cannot imitate (AVX-512, AMX, ARM).  They change each
    # gradient by 2⁻²² of itself, up or down by its own bits: the same gradient is always changed alike, so that what
    # must be equal (a resumed run, two ways to one gradient) stays equal.  Hundreds of steps make it another run, about
    # as another seed would; few steps leave it where it was, as they do on another processor.  They do not stand
    # for other data or another draw of the first weights, nor reach nets that are only loaded, float64, updates
    # written by hand, or processes that a lesson starts.
    Environment("last bits", "training on another processor", startup=LAST_BITS.replace("{factor}", "40503")),
    Environment("other bits", "training on yet another one", startup=LAST_BITS.replace("{factor}", "60493")),
)


def others() -> tuple[Environment, ...]:
    """The environments other than plain that compute differently on this processor."""
    import torch
    widest = torch.backends.cpu.get_cpu_capability().lower()
    return tuple(one for one in OTHERS if one.variables.get("ATEN_CPU_CAPABILITY") != widest)


def environment_named(name: str) -> Environment:
    """Raises: CourseError if there is none."""
    known = {one.name: one for one in (PLAIN, *OTHERS)}
    if name not in known:
        raise CourseError(f"There is no environment {name!r}: choose among {', '.join(known)}.")
    return known[name]
