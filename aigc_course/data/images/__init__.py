"""Pictures: float32 (N, 1, H, W) in [0, 1], 1 is ink; labels int64 (N,)."""

from aigc_course.data.images.digits import digits
from aigc_course.data.images.ink import ALL, CHARACTERS, DIGITS, Hand, InkData, ink
from aigc_course.data.images.mnist import mnist

__all__ = ["ALL", "CHARACTERS", "DIGITS", "Hand", "InkData", "digits", "ink", "mnist"]
