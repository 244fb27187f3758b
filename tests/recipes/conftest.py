from __future__ import annotations

import pytest

from aigc_course.projects.poet import recipe
from tests.recipes.tiny import QUATRAINS, own_data


@pytest.fixture(scope="session")
def own(tmp_path_factory):
    """Data of a learner's own for every family: name -> what --data says."""
    with pytest.MonkeyPatch.context() as patch:            # 《全唐诗》 is not part of the course
        patch.setattr(recipe, "corpus", lambda: recipe.Corpus(QUATRAINS * 3, QUATRAINS * 2, QUATRAINS, QUATRAINS))
        yield own_data(tmp_path_factory.mktemp("own"))
