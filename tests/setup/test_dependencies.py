"""Every dependency is declared where it is needed, explained in the ADR, and pinned in constraints.txt."""

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Where the name to import differs from the name to install.
INSTALLED_AS = {
    "sklearn": "scikit-learn", "PIL": "pillow", "markdown_it": "markdown-it-py", "IPython": "ipykernel",
    "jupyter_client": "ipykernel", "mpl_toolkits": "matplotlib", "docutils": "sphinx",
    "huggingface_hub": "transformers", "zmq": "ipykernel",
}  # fmt: skip
AUTHORS_TOOLS = "aigc_course/authoring", "aigc_course/cli/author.py"


def names(requirements):
    found = (re.match(r"[\w-]+", text)[0].lower() for text in requirements)
    return {name for name in found if name != "aigc-course"}


CORE = names(PROJECT["dependencies"])
EXTRAS = {extra: names(wanted) for extra, wanted in PROJECT["optional-dependencies"].items()}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def undeclared(files, declared):
    own = {"aigc_course"} | {path.stem for path in files} | set(sys.stdlib_module_names)
    found = {(name, path.relative_to(ROOT).as_posix()) for path in files for name in imports(path) if name not in own}
    return sorted((name, file) for name, file in found if INSTALLED_AS.get(name, name).lower() not in declared)


def test_the_package_imports_only_what_it_declares():
    files = sorted((ROOT / "aigc_course").rglob("*.py"))
    learners = [path for path in files if not path.relative_to(ROOT).as_posix().startswith(AUTHORS_TOOLS)]
    assert not undeclared(learners, CORE | EXTRAS["lab"])
    assert not undeclared(files, CORE | EXTRAS["lab"] | EXTRAS["test"])


def test_the_book_imports_only_what_it_declares():
    files = [path for path in (ROOT / "book").rglob("*.py") if "_build" not in path.parts]
    assert not undeclared(files, CORE | EXTRAS["lab"] | EXTRAS["book"] | {"jinja2", "pygments", "nbformat"})


def test_every_dependency_is_explained():
    rows = (ROOT / "docs/adr/0002-dependencies.md").read_text("utf-8").lower()
    wanted = CORE.union(*EXTRAS.values())
    assert not sorted(name for name in wanted if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", rows))


def test_every_dependency_is_pinned_but_torch():
    pins = {line.split("==")[0].lower() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()}
    wanted = CORE.union(*EXTRAS.values())
    assert wanted - pins == {"torch", "torchvision"}
