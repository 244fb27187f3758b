"""What `aigc lab` hands to JupyterLab."""

from aigc_course.cli.lab import one_thread


def test_kernels_get_one_thread_unless_told_otherwise():
    assert one_thread({"HOME": "x"}) == {"HOME": "x", "OMP_NUM_THREADS": "1"}
    assert one_thread({"OMP_NUM_THREADS": "4"}) == {"OMP_NUM_THREADS": "4"}
