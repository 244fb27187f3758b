"""Writing the notebooks: text to edit, a run that is measured, two languages kept in lockstep.

A notebook itself needs only `record`; the rest is behind `aigc author`.
"""

from aigc_course.authoring.recording import record

__all__ = ["record"]
