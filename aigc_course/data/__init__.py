"""Data of the course: images are float32 (N, 1, H, W) in [0, 1], labels int64 (N,)."""

from aigc_course.data import toy
from aigc_course.data.batches import Batches
from aigc_course.data.digits import digits
from aigc_course.data.ink import ALL, CHARACTERS, DIGITS, Hand, InkData, ink
from aigc_course.data.mnist import mnist

__all__ = ["ALL", "CHARACTERS", "DIGITS", "Batches", "Hand", "InkData", "digits", "ink", "mnist", "toy"]
