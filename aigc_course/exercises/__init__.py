"""Exercises that grade themselves: `check`, `hint`, and predictions made before a run."""

from aigc_course.exercises.ask import check, hint, predict, predicted

__all__ = ["check", "hint", "predict", "predicted"]
