"""Who belongs to a chain: the lists, the network and the table of chains count the firms of its segments alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

import pytest

from graph import chains, ontology
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.network import clusters, subgraphs
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph

AS_OF = dt.date(2026, 6, 30)
PARENTS = {"c2": "c1", "c3": "c1", "c4": "c3"}
CHAINS = ("c1", "c2", "c3", "c4", "c5")
ENDED = {"valid_to": dt.date(2025, 12, 31)}


def inquiry(chain: str = "") -> Inquiry:
    return Inquiry(AS_OF, Locality(), ontology.load(), chain=chain, book=book())


def below(chain: str) -> set[str]:
    return {chain}.union(*(below(child) for child, parent in PARENTS.items() if parent == chain))


@pytest.fixture(scope="module")
def graph() -> Graph:
    graph, random = Graph(), Random(16)
    graph.node("Region", "县", kind="县")
    for chain in CHAINS:
        graph.node("IndustryChain", chain)
    for child, parent in PARENTS.items():
        graph.edge(child, "PART_OF", parent)
    units = [graph.node("Unit", f"u{i:02}") for i in range(30)]
    for unit in units:
        graph.edge(unit, "LOCATED_IN", "县")
        for chain in random.sample(CHAINS, random.randrange(3)):
            graph.edge(unit, "IN_CHAIN", chain, **random.choice([{}, {}, ENDED]))
    for number in range(15):
        organization, officer = graph.node("PartyOrg", f"o{number:02}"), graph.node("GuidanceOfficer", f"g{number:02}")
        for unit in random.sample(units, 2):
            graph.edge(organization, "COVERS", unit, **random.choice([{}, {}, ENDED]))
            graph.edge(officer, "GUIDES", unit, **random.choice([{}, {"valid_to": dt.date(2026, 3, 31)}, ENDED]))
    for number, chain in enumerate(CHAINS):
        for leader in (units[number], f"o{number:02}", graph.node("PartnerUnit", f"n{number}")):
            graph.edge(leader, "LEADS_CHAIN", chain, **random.choice([{}, ENDED]))
    return graph


@pytest.fixture(scope="module")
def reader(module_store: Store, graph: Graph) -> Iterator[Reader]:
    with module_store.writer("测试", "产业链") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), AS_OF)
    with module_store.reader() as opened:
        yield opened


def tied(graph: Graph, edge: str, prefix: str, chain: str) -> set[str]:
    """Who is tied to a chain or one of its segments, by the plain data."""
    return {
        start
        for start, kind, end, dates in graph.edges
        if kind == edge and start.startswith(prefix) and end in below(chain) and dates != ENDED
    }


def test_segments_are_those_of_every_level(reader: Reader) -> None:
    assert chains.segments(reader) == {c: below(c) - {c} for c in CHAINS if len(below(c)) > 1}


@pytest.mark.parametrize("chain", CHAINS)
def test_lists_and_network_agree(reader: Reader, graph: Graph, chain: str) -> None:
    network, context = subgraphs.read(reader, inquiry()), inquiry(chain)
    members = chains.members(reader, context)
    assert members["IndustryChain"] == below(chain)
    assert members["Unit"] == tied(graph, "IN_CHAIN", "u", chain) | tied(graph, "LEADS_CHAIN", "u", chain)
    assert members["PartnerUnit"] == tied(graph, "LEADS_CHAIN", "n", chain)
    drawn = network.nodes.filter(subgraphs.within(network, context))["id"].to_pylist()
    assert drawn == sorted(frozenset[str]().union(*members.values()))
    (group,) = clusters.by_chain(network, context, network.of_type("Unit"))
    assert group.members.sum() == len(members["Unit"])


def test_the_table_of_chains_counts_the_firms_of_segments(reader: Reader, graph: Graph) -> None:
    questions = catalogue(book())
    rows = {row["id"]: row["firms"] for row in ask(questions, reader, inquiry(), "chains", {}).rows}
    assert rows == {chain: len(tied(graph, "IN_CHAIN", "u", chain)) for chain in CHAINS}
    for chain in CHAINS:
        assert ask(questions, reader, inquiry(), "chains", {"chain": chain}).total("firms").value == rows[chain]


@pytest.mark.parametrize("name", ["units", "gaps"])
def test_a_chain_of_a_facet_leaves_as_many_rows_as_it_says(reader: Reader, name: str) -> None:
    """Choosing a chain lists the firms of its segments, with who leads it and who covers or guides a firm."""
    questions = catalogue(book())
    (facet,) = (f for f in ask(questions, reader, inquiry(), name, {}).facets if f.parameter == "chain")
    promised = {choice.value: choice.count for choice in facet.choices}
    assert promised == {chain: len(ask(questions, reader, inquiry(), name, {"chain": chain}).rows) for chain in CHAINS}
