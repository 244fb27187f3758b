"""`aigc train`: every trained thing of the course, at any size."""

from aigc_course.runs.command import app as app
