"""Where the notebooks, their texts and their measurements lie in a clone of the course."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from aigc_course.errors import CourseError
from aigc_course.files import write_whole

LANGUAGES = ("zh", "en")
NAME = re.compile(r"\d\d_[a-z0-9_]+/\d\d_[a-z0-9_]+")


@dataclass(frozen=True)
class Course:
    """A clone of the course. A notebook's name is its path below a language: `03_algorithms/01_gan`."""

    root: Path

    @classmethod
    def here(cls) -> "Course":
        """The clone that this package is installed from.

        Raises: CourseError if the package was installed from a wheel, which has no notebooks to write.
        """
        root = Path(__file__).resolve().parents[2]
        if not (root / "pyproject.toml").exists():
            raise CourseError("Notebooks are written in a clone of the repository: "
                              "clone it and run `make lab` there.")
        return cls(root)

    def notebook(self, name: str, language: str) -> Path:
        return self.root / "notebooks" / language / f"{name}.ipynb"

    @property
    def measured(self) -> Path:
        """CPU seconds, memory and recorded numbers of every notebook's last run."""
        return self.root / "book" / "measured.json"

    @property
    def terms(self) -> Path:
        return self.root / "book" / "terms.csv"

    @property
    def drafts(self) -> Path:
        """Notebooks as text, ignored by git: drafts/zh/….py (or .md) and drafts/en/….md."""
        return self.root / "drafts"

    def names(self) -> list[str]:
        """Every notebook that exists in either language, in reading order."""
        found = set()
        for language in LANGUAGES:
            folder = self.root / "notebooks" / language
            found |= {path.relative_to(folder).with_suffix("").as_posix()
                      for path in folder.glob("*/*.ipynb")}
        return sorted(found)

    def find(self, query: str) -> str:
        """The name that `query` means: a name, a short form (`03/01`) or a path to one of its files.

        Raises: CourseError if no notebook or more than one matches.
        """
        spelled = query.replace(os.sep, "/")
        written = NAME.search(spelled)
        names = self.names()
        if written and written.group() in names:
            return written.group()
        parts = spelled.split("/")
        matches = [name for name in names if len(parts) == 2
                   and all(mine.startswith(asked) for mine, asked in zip(name.split("/"), parts, strict=True))]
        if len(matches) == 1:
            return matches[0]
        known = ", ".join(names) or "none yet"
        raise CourseError(f"No single notebook is called {query!r}: name one of {known}.")

    def new_name(self, query: str) -> str:
        """A well-formed name for a notebook that may not exist yet.

        Raises: CourseError if `query` holds no name of the form 03_chapter/01_topic.
        """
        written = NAME.search(query.replace(os.sep, "/"))
        if not written:
            raise CourseError(f"{query!r} is not a notebook's name: write it like 03_algorithms/01_gan.")
        return written.group()


def read(path: Path):
    """The notebook at `path`, as nbformat 4.

    Raises: CourseError if there is none or it is damaged.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist: make it with `aigc author new` or `build`.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError) as error:
        raise CourseError(f"{path} is not a readable notebook ({error}): restore it from git.") from None


def write(nb, path: Path) -> None:
    """Writes the notebook with sorted keys, line by line for git, never half of it."""
    nbformat.validate(nb)
    write_text(nbformat.writes(nb) + "\n", path)


def write_text(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text)
