"""Text to notebook and back."""

import nbformat
import pytest

from aigc_course.authoring import actions, form
from aigc_course.authoring.places import read
from aigc_course.errors import CourseError
from tests.authoring.authoring_course import NAME, chinese

TEXT = '''\
# %% [markdown] id="title"
# # 标题
#
# 一句“话”。

# %% id="draw" alt="一条\\"线\\"" tags=["hide-input"] course={"ignore_reason": "speed"}
# a comment stays
plot([1, 2]);

# %%
x = 1
'''


def bare(nb):
    return [(cell.id, cell.cell_type, cell.source, cell.metadata) for cell in nb.cells]


@pytest.mark.parametrize("suffix", [".py", ".md"])
def test_a_notebook_survives_the_round_trip(suffix):
    nb = chinese()
    nb.cells[1].metadata.update(tags=["hide-input"], course={"not_compared": "live"})
    text = form.to_text(nb, suffix)
    again = form.from_text(text, suffix, nb)
    assert nbformat.writes(again) == nbformat.writes(nb)
    assert "not_compared" not in text and "上升" in text


def test_what_a_header_says_goes_where_the_tools_look():
    nb = form.from_text(TEXT, ".py")
    assert [cell.id for cell in nb.cells][:2] == ["title", "draw"]
    assert nb.cells[0].source == "# 标题\n\n一句“话”。"
    assert nb.cells[1].source == "# a comment stays\nplot([1, 2]);"
    assert nb.cells[1].metadata == {"mystnb": {"image": {"alt": '一条"线"'}}, "tags": ["hide-input"],
                                    "course": {"ignore_reason": "speed"}}
    assert bare(form.from_text(form.to_text(nb, ".py"), ".py")) == bare(nb)


def test_an_unnamed_cell_keeps_its_id_while_it_is_edited():
    first = form.from_text(TEXT, ".py")
    longer = TEXT.replace("x = 1\n", "x = 1  # one\n").replace("# %% [markdown]", "# %%\ny = 22\n\n# %% [markdown]")
    second = form.from_text(longer, ".py", first)
    assert [cell.id for cell in second.cells][1:] == [cell.id for cell in first.cells]
    assert second.cells[0].id not in [cell.id for cell in first.cells]
    assert bare(form.from_text(longer, ".py", first)) == bare(second), "ids depend on the text alone"


def test_outputs_survive_until_code_changes():
    nb = chinese()
    prose = form.to_text(nb, ".py").replace("一条线", "一根线")
    kept = form.from_text(prose, ".py", nb)
    assert kept.cells[1].outputs == nb.cells[1].outputs and kept.cells[1].execution_count == 1
    changed = form.from_text(prose.replace("print(1 + 2)", "print(1 + 3)"), ".py", nb)
    assert all(not cell.outputs and cell.execution_count is None for cell in changed.cells
               if cell.cell_type == "code")


@pytest.mark.parametrize(("text", "what"), [
    (TEXT.replace('id="draw"', 'id="title"'), "Two cells"),
    (TEXT.replace('id="draw"', 'id="dr aw"'), "no cell id"),
    ("# %% [raw]\n# x\n", "raw"),
])
def test_a_text_that_cannot_be_a_notebook(text, what):
    with pytest.raises(CourseError, match=what):
        form.from_text(text, ".py")


def test_english_blocks():
    said = form.from_blocks('before\n<!-- cell: a -->\n# A\n\n<!-- a remark -->\ntext\n\n'
                            '<!-- cell: p alt="a \\"b\\" c" -->\n\n<!-- cell: c missing -->\n\n<!-- zh:\n中\n-->\n')
    assert said == {"a": "# A\n\n<!-- a remark -->\ntext", "p": 'a "b" c'}
    with pytest.raises(CourseError, match="two blocks"):
        form.from_blocks("<!-- cell: a -->\nx\n<!-- cell: a -->\ny")
    with pytest.raises(CourseError, match="no block"):
        form.from_blocks("# A")


def test_editing_english_round_trip(course):
    before = course.notebook(NAME, "en").read_bytes()
    path = actions.edit(course, NAME, "en")
    assert "stale" not in path.read_text() and "missing" not in path.read_text()
    actions.build(course, path)
    assert course.notebook(NAME, "en").read_bytes() == before


def test_editing_english_shows_what_to_translate(course):
    zh = actions.edit(course, "03/01")
    zh.write_text(zh.read_text().replace("# GAN 的博弈", "# 新的博弈") + '\n# %% [markdown] id="more"\n# 更多。\n')
    actions.build(course, zh)
    en = actions.edit(course, "03/01", "en")
    text = en.read_text()
    assert "<!-- cell: title stale -->" in text and "# 新的博弈" in text
    assert "<!-- cell: more missing -->" in text and "更多。" in text
    with pytest.raises(CourseError, match="exists"):
        actions.edit(course, "03/01", "en")
    text = text.replace("<!-- cell: more missing -->\n", "<!-- cell: more missing -->\nMore.\n")
    en.write_text(text.replace("# The GAN game", "# The new game"))
    actions.build(course, en)
    nb = read(course.notebook(NAME, "en"))
    assert nb.cells[-1].source == "More." and nb.cells[0].source.startswith("# The new game")
    assert "zh:" not in "".join(cell.source for cell in nb.cells)


def test_a_draft_for_a_cell_that_is_not_there(course):
    path = actions.draft_path(course, NAME, "en")
    path.parent.mkdir(parents=True)
    path.write_text("<!-- cell: titel -->\nx\n")
    with pytest.raises(CourseError, match="titel"):
        actions.build(course, path)
    with pytest.raises(CourseError, match="not in"):
        actions.build(course, course.root / "03_algorithms" / "01_gan.md")


def test_a_new_notebook_is_built_from_the_anatomy(course):
    for suffix in (".py", ".md"):
        name = f"05_projects/0{len(suffix)}_{'py' if suffix == '.py' else 'md'}"
        for path in actions.new(course, name, suffix):
            actions.build(course, path)
        zh, en = (read(course.notebook(name, language)) for language in ("zh", "en"))
        assert [cell.id for cell in zh.cells] == [cell.id for cell in en.cells]
        assert all(cell.source for cell in en.cells) and len(zh.cells) > 10
        with pytest.raises(CourseError, match="exists"):
            actions.new(course, name, suffix)


def test_names(course):
    assert course.find("03/01") == course.find(f"notebooks/en/{NAME}.ipynb") == course.find("03_a/01_g") == NAME
    for query in ("04/01", "03", "gan", "03/02", "03_algorithms/02_vae"):
        with pytest.raises(CourseError, match=NAME):
            course.find(query)
    with pytest.raises(CourseError, match="03_algorithms/01_gan"):
        course.new_name("my notebook")
