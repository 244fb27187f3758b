"""A tiny course of one notebook, in both languages, that keeps every rule."""

import base64
import io

import nbformat
import pytest
from PIL import Image

from aigc_course.authoring import lockstep, measured
from aigc_course.authoring.execute import code_hash
from aigc_course.authoring.normalise import KERNELSPEC
from aigc_course.authoring.places import Course, write
from aigc_course.authoring.quotes import fill

NAME = "03_algorithms/01_gan"
NUMBERS = {"modes": {"value": 8.0, "tol": 0.0}, "share": {"value": 0.9375, "tol": 0.01}}
ENGLISH = {
    "title": "# The GAN game\n\nThe generator covers <!--v:modes:d--><!--/v--> modes.",
    "plot": "A line that rises",
    "caption": "**Figure 1** A line, share <!--v:share:.2f--><!--/v-->.",
    "exercises": "## Exercises\n\n<!--x:gan-saturation--><!--/x-->",
}


def picture(width: int = 8, noise: int = 0) -> str:
    """A PNG as a notebook stores it."""
    import random
    image = Image.new("RGB", (width, width), "white")
    if noise:
        image.frombytes(random.Random(noise).randbytes(3 * width * width))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def markdown(cell_id: str, source: str):
    return nbformat.v4.new_markdown_cell(source, id=cell_id)


def code(cell_id: str, source: str, outputs=(), alt: str = ""):
    cell = nbformat.v4.new_code_cell(source, id=cell_id, outputs=list(outputs))
    if alt:
        cell.metadata["mystnb"] = {"image": {"alt": alt}}
    return cell


def chinese():
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}})
    shown = nbformat.v4.new_output("display_data", {"image/png": picture(), "text/plain": "<Figure>"})
    said = nbformat.v4.new_output("stream", name="stdout", text="3\n")
    asked = "\n".join(['predict("gan-modes", None)', 'check("gan-generator-loss", None)',
                       'check("gan-saturation", None)', 'check("gan-when-to-stop", None)'])
    nb.cells = [
        markdown("title", "# GAN 的博弈\n\n生成器（generator）覆盖了 <!--v:modes:d--><!--/v--> 个模式。"),
        code("sum", "print(1 + 2)", [said]),
        code("plot", "plot()", [shown], alt="一条上升的线"),
        markdown("caption", "**图 1** 一条线，占比 <!--v:share:.0%--><!--/v-->。"),
        markdown("exercises", "## 练习\n\n<!--x:gan-saturation--><!--/x-->"),
        code("ask", asked),
    ]
    for number, cell in enumerate([cell for cell in nb.cells if cell.cell_type == "code"], start=1):
        cell.execution_count = number
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = fill(cell.source, "zh", NUMBERS)
    return nb


@pytest.fixture
def course(tmp_path):
    """A course in which `check` finds nothing."""
    course = Course(tmp_path)
    course.terms.parent.mkdir(parents=True)
    course.terms.write_text("zh,en,symbol,avoid\n生成器,generator,$G$,产生器|generater\n", encoding="utf-8")
    zh = chinese()
    en = lockstep.sync(zh, None, lambda text: fill(text, "en", NUMBERS), ENGLISH)
    write(zh, course.notebook(NAME, "zh"))
    write(en, course.notebook(NAME, "en"))
    measured.remember(course, NAME, {"cpu_seconds": 12.3, "memory_mb": 456, "numbers": NUMBERS,
                                     "code": code_hash(zh), "versions": {"python": "3.11.7"}})
    return course
