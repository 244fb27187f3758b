"""Files that appear whole or not at all, one writer for all of them, and names that stay in their folder."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest

from aigc_course.errors import CourseError
from aigc_course.files import STALE, SUMS, inside, read_whole, sweep, write_sums, write_whole, writing

ROOT = Path(__file__).parents[2]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_after_an_error_or_an_interrupt_the_old_file_is_there_alone(tmp_path):
    path = tmp_path / "file"
    write_whole(path, "月\n")
    assert path.read_bytes() == "月\n".encode()
    for error in (OSError, KeyboardInterrupt):
        with pytest.raises(error), writing(path) as partial:
            partial.write_text("half")
            raise error
        assert path.read_text("utf-8") == "月\n" and names(tmp_path) == ["file"]


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    """One ends while the other is still at it; then many at once."""
    path = tmp_path / "file"
    with writing(path) as slow:
        slow.write_text("slow, ")
        write_whole(path, "quick")
        assert path.read_text() == "quick"
        with open(slow, "a") as file:
            file.write("but whole")
    assert path.read_text() == "slow, but whole"
    failed: list[BaseException] = []

    def write(letter: str) -> None:
        try:
            for _ in range(30):
                write_whole(path, letter * 10_000)
        except BaseException as error:
            failed.append(error)

    writers = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert not failed and path.read_text() in {letter * 10_000 for letter in "abcd"} and names(tmp_path) == ["file"]


def test_what_a_killed_writer_left_is_swept_away(tmp_path):
    for name in (".file.0123abcd.tmp", ".file.4567abcd.tmp", ".other.0123abcd.tmp"):
        (tmp_path / name).write_text("half")
    begun = os.stat(tmp_path / ".file.0123abcd.tmp").st_mtime
    os.utime(tmp_path / ".file.0123abcd.tmp", (begun - STALE - 1, begun - STALE - 1))
    write_whole(tmp_path / "file", "whole")
    assert names(tmp_path) == [".file.4567abcd.tmp", ".other.0123abcd.tmp", "file"], "one may still be written"
    sweep(tmp_path)
    assert names(tmp_path) == ["file"]
    sweep(tmp_path / "none")


def test_there_is_one_writer():
    """`tools/setup_env.py` runs before the package is there; the notebooks' recipe moves a file that is whole."""
    apart = {"aigc_course/files.py", "tools/setup_env.py", "aigc_course/recipes/text/language_model.py"}
    found = {path.relative_to(ROOT).as_posix() for folder in ("aigc_course", "benchmarks", "book", "tools")
             for path in (ROOT / folder).rglob("*.py") if re.search(r"os\.(replace|rename)\(", path.read_text("utf-8"))}
    assert "aigc_course/files.py" in found and found <= apart


@pytest.mark.parametrize("name", ["../file", "a/../../file", "/etc/file", "C:\\file", "..\\file", "\\file", "C:x", ""])
def test_a_name_that_leads_out_of_its_folder_is_refused(tmp_path, name):
    with pytest.raises(CourseError, match="not inside of it"):
        inside(tmp_path, name)
    assert inside(tmp_path, "a/b..c") == tmp_path / "a" / "b..c"


def test_a_listed_file_is_the_one_that_was_listed(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    write_sums(tmp_path, ["a"])
    assert (tmp_path / SUMS).read_text().split() == [
        "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "a"]          # of `sha256sum`
    assert (read_whole(tmp_path / "a"), read_whole(tmp_path / "b")) == (b"a", b"b")
    (tmp_path / "a").write_text("b")
    with pytest.raises(CourseError, match="a is damaged, or another file than SHA256SUMS"):
        read_whole(tmp_path / "a")
