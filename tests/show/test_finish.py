"""A run taken to its end, as the recipes do it on the command line."""

import re

from aigc_course.show.progress import finish


def test_the_whole_run_is_taken_and_its_cost_printed(capsys):
    taken = []

    def logs():
        for step in range(1, 46):
            taken.append(step)
            yield {"step": step, "loss": 1 / step}

    finish(logs(), 45, "net")
    written = capsys.readouterr()
    assert taken == list(range(1, 46))
    assert re.fullmatch(r"net: \d+ CPU seconds\n", written.out)
    assert "net: 100%" in written.err and "loss=0.025" in written.err        # of step 40: every 20th is read
