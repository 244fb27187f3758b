"""The graph of concepts: what it must say, what the documents' graphs wrongly said, and that it is drawn as it is."""

from graphlib import TopologicalSorter

import matplotlib.pyplot as plt
import pytest

from aigc_course.authoring.places import Course
from aigc_course.show.concepts import STYLES, load_concepts, show_concepts

GRAPH = load_concepts()
NODES = {node["id"]: node for node in GRAPH["node"]}
EDGES = {(kind, start, end) for kind, pairs in GRAPH["edges"].items() for start, end in pairs}


def reached(start: str, *kinds: str) -> set[str]:
    """All that edges of these kinds lead to."""
    found = {start}
    while more := {end for kind, a, end in EDGES if kind in kinds and a in found} - found:
        found |= more
    return found - {start}


def test_every_node_is_bilingual_and_every_edge_has_two_ends():
    assert len(NODES) == len(GRAPH["node"]) and GRAPH["edges"].keys() == STYLES.keys()
    assert sum(map(len, GRAPH["edges"].values())) == len(EDGES), "an edge stands twice"
    for node in NODES.values():
        assert node["zh"] and node["en"] and len(node["at"]) == 2
        assert ("year" in node) == ("source" in node)
    assert {end for _, *ends in EDGES for end in ends} == NODES.keys()
    assert len({(tuple(node["at"])) for node in NODES.values()}) == len(NODES)


@pytest.mark.parametrize("kind", STYLES)
def test_no_cycles(kind):
    order = TopologicalSorter()
    for start, end in GRAPH["edges"][kind]:
        order.add(start, end)
    order.prepare()  # raises CycleError


def test_artificial_intelligence_contains_all():
    assert reached("AI", "contains") == NODES.keys() - {"AI"}
    assert "DL" in reached("ML", "contains") and "ML" in reached("AI", "contains")


def test_fields_are_no_branches_of_deep_learning():
    """Erratum E-004-01 drew NLP under DL."""
    for field in ("NLP", "CV"):
        assert field not in reached("ML", "contains")
        assert field in reached("AI", "contains")
    used = reached("NLP", "uses")
    assert used & reached("DL", "contains") and used - reached("DL", "contains"), "with and without deep learning"


def test_vae_and_rnn_do_not_descend_from_gan():
    """Erratum E-003-03 drew both under the GAN."""
    below = reached("GAN", "contains", "descends from")
    assert below == {"DCGAN"}
    assert "GAN" not in reached("VAE", *STYLES) | reached("RNN", *STYLES)


def test_descendants_are_not_older_than_their_ancestors():
    for kind, young, old in EDGES:
        if kind == "descends from":
            assert NODES[young]["year"] >= NODES[old]["year"]


def test_every_source_is_known_and_no_younger_than_two_years():
    """A paper may come out up to two years after its preprint."""
    from pybtex.database import parse_file

    sources = parse_file(Course.here().root / "book" / "references.bib").entries
    for node in NODES.values():
        if "source" in node:
            assert 0 <= int(sources[node["source"]].fields["year"]) - node["year"] <= 2, node["id"]


def test_the_drawing_has_exactly_these_edges_and_nodes():
    ax = show_concepts(GRAPH)
    arrows = [text for text in ax.texts if text.get_gid()]
    assert len(arrows) == len(EDGES)
    assert {arrow.get_gid() for arrow in arrows} == {f"{kind}: {start} > {end}" for kind, start, end in EDGES}
    for arrow in arrows:
        start, end = arrow.get_gid().split(": ")[1].split(" > ")
        assert list(arrow.xy) == NODES[end]["at"] and list(arrow.xyann) == NODES[start]["at"]
    assert {text.get_text() for text in ax.texts if not text.get_gid()} == NODES.keys()
    plt.close("all")
