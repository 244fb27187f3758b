import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files; tests that need it are skipped where it is not."""
    folder = os.environ.get("AIGC_DATA_MIRROR")
    if not folder:
        pytest.skip("needs real data: set AIGC_DATA_MIRROR to a folder that has it")
    return Path(folder)
