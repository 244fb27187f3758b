"""The timeline of 01/01: in order, in both languages, each entry with a source that the bibliography has."""

import tomllib

from aigc_course.authoring.places import Course
from aigc_course.resources import resource

EVENTS = tomllib.loads(resource("timeline.toml").read_text("utf-8"))["event"]


def test_events_are_in_order_and_complete():
    assert [event["year"] for event in EVENTS] == sorted(event["year"] for event in EVENTS)
    assert len({event["name"] for event in EVENTS}) == len(EVENTS)
    for event in EVENTS:
        assert event.keys() == {"year", "name", "zh", "en", "media", "kind", "source"}
        assert event["kind"] in ("rules", "counts", "network")
        assert set(event["media"]) <= {"text", "image", "audio", "video"}
        assert event["zh"].endswith("。") and event["en"].endswith(".")


def test_every_source_is_known_and_no_younger_than_its_event_says():
    """A paper may come out up to two years after its preprint; a lecture of 1913 was translated in 2006."""
    from pybtex.database import parse_file

    sources = parse_file(Course.here().root / "book" / "references.bib").entries
    for event in EVENTS:
        source = sources[event["source"]]
        if event["source"] != "markov1913":
            assert 0 <= int(source.fields["year"]) - event["year"] <= 2, event["name"]
