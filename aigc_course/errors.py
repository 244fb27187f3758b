"""The one error that learners see."""


class CourseError(Exception):
    """Something a learner can put right.

    The message is one sentence, or two, that says what is wrong and what to do about it.  The command
    line prints it without a traceback.
    """
