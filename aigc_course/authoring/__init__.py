"""Writing the notebooks: text to edit, a run that is measured, two languages kept in lockstep.

A notebook itself needs only `record` and `recorded`; the rest is behind `aigc author`.
"""

from aigc_course.authoring.recording import record, recorded

__all__ = ["record", "recorded"]
