import multiprocessing

import pytest
import torch

if "forkserver" in multiprocessing.get_all_start_methods():
    # The server imports torch once; the processes that the tests start and kill are then forked in milliseconds.
    multiprocessing.set_forkserver_preload(["torch", "torch.distributed", "aigc_course.train"])


@pytest.fixture(autouse=True)
def one_thread():
    """Bit-exactness is promised for a fixed number of threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
