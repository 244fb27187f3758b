"""English from Python's own library: prose, in stable order, from any supported Python."""

import re
import sysconfig

import pytest

from aigc_course.data.text import english as module
from aigc_course.data.text.english import english, prose
from aigc_course.errors import CourseError

SOURCE = b'''"""Nothing here is ever run; the text of the first docstring is long enough.

    >>> examples, with code, are not prose that anybody would read aloud or learn from.

and a paragraph that begins with a small letter is the rest of something else, so it goes.
"""
raise SystemExit

# This comment stands on lines of its own, and it
# goes on over two of them.
x = 1  # This one follows code, and stays behind, however long it may be, because it is a note.

class A:
    def method(self):
        """Return what the other one returns, whatever
        that may be today.

        - A list is no paragraph of prose, even if its items are long enough to be one.
        """
        if x:
            def inner():
                "Written in any string, and at any depth, a docstring counts."
'''


def test_paragraphs_of_prose_are_found_and_nothing_is_run():
    assert prose(SOURCE) == [
        "Nothing here is ever run; the text of the first docstring is long enough.",
        "Return what the other one returns, whatever that may be today.",
        "Written in any string, and at any depth, a docstring counts.",
        "This comment stands on lines of its own, and it goes on over two of them.",
    ]


@pytest.mark.parametrize("source", [b"def (", b"\xff\xfe", b"\x00", b""])
def test_what_is_no_python_has_no_prose(source):
    assert prose(source) == []


@pytest.mark.slow
def test_the_library_is_read_in_order_up_to_the_size():
    documents = english(size=20_000)
    assert 20_000 <= sum(map(len, documents.values())) < 200_000
    assert list(documents) == sorted(documents) and documents == english(size=20_000)
    paragraphs = [line for text in documents.values() for line in text.split("\n\n")]
    assert len(paragraphs) == len(set(paragraphs))
    for line in paragraphs:
        assert line.isascii() and len(line) >= 40 and "  " not in line and ">>>" not in line
    folder = sysconfig.get_path("stdlib")
    assert not any(folder in line for line in paragraphs)


@pytest.mark.slow
def test_the_whole_library_is_a_corpus():
    documents = english()
    text = "\n\n".join(documents.values())
    assert 800_000 < len(text) < 4_000_000 and len(documents) > 200
    assert {"argparse", "json.decoder", "random", "threading"} <= documents.keys()
    words = re.findall(r"[a-z]+", text.lower())
    assert 0.04 < words.count("the") / len(words) < 0.1  # as English has it
    paragraphs = text.split("\n\n")
    assert len(paragraphs) == len(set(paragraphs))


def test_a_python_without_its_sources_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(module.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(CourseError, match="no sources .* use one that has"):
        english()
