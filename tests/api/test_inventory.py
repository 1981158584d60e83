"""A rule as text to paste: what a server makes of it is what the rule's question answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import neo4j
import pytest
from neo4j.time import Date

from api import inventory
from api.cli.run import main
from api.declarations import declarations
from api.office import Office
from api.viewer import Viewer
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import FINDING, UNVERIFIED, VERDICTS
from graph.stores.base import Store
from loaders.sample import REFERENCE_DATE
from tests.conftest import Servers

CLERK = Viewer("经办人", (), frozenset({"person", "phone", "members", "case"}))
#: what tries a reader of text: quotes, the end of a statement, comments, escapes, a line's end, the second plane
ODD = ("a'b\";c", "// d", "\\u0041\\", "换\n行\t\x07", "𠮷", "$scope ${x} `e`")
_TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|(;)""")
_PARAM = re.compile(r":param (\w+) => (.+)")


@pytest.fixture(scope="module")
def server(servers: Servers, sample_on_server: Store) -> Iterator[neo4j.Driver]:
    """The server with the sample, spoken to by the vendor's driver alone."""
    found = servers.server("sample")
    with neo4j.GraphDatabase.driver(found.url, auth=(found.user, found.password)) as driver:
        yield driver


def statements(text: str) -> list[str]:
    """The text as Neo4j Browser takes it apart: no lines of comment, and an end at each semicolon."""
    text = re.sub(r"(?m)^//.*\n", "", text)
    ends = [token.start() for token in _TOKEN.finditer(text) if token[1]]
    assert not text[ends[-1] + 1 :].strip()
    return [text[start:end].strip("; \n") for start, end in zip([0, *ends], ends, strict=False)]


def parameters(server: neo4j.Driver, commands: list[str]) -> dict[str, Any]:
    """What the `:param` lines say, each expression evaluated by the server."""
    found = {}
    for command in commands:
        said = _PARAM.fullmatch(command)
        assert said, command
        with server.session() as session:
            (value,) = session.run(f"RETURN {said[2]} AS v").single(strict=True)
        found[said[1]] = value.to_native() if isinstance(value, Date) else value
    return found


def verdicts(server: neo4j.Driver, query: str, parameters: dict[str, Any]) -> dict[str, set[str]]:
    """The subjects of each verdict of a rule's query; one of several rows may stand under more than one."""
    by_verdict: dict[str, set[str]] = {verdict: set() for verdict in VERDICTS}
    with server.session() as session:
        for record in session.run(query, parameters):
            by_verdict[record["verdict"]].add(record["id"])
    return by_verdict


@pytest.mark.parametrize("rule_id", book().rules)
def test_a_pasted_rule_answers_as_its_question(
    rule_id: str, server: neo4j.Driver, sample_on_server: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", rule_id, "--as-of", REFERENCE_DATE.isoformat()]) == 0
    said = statements(capsys.readouterr().out)
    (query,) = (text for text in said if not text.startswith(":"))
    by_verdict = verdicts(server, query, parameters(server, [text for text in said if text.startswith(":")]))
    population, findings = set().union(*by_verdict.values()), by_verdict[FINDING]
    decided, rules = declarations()
    questions = catalogue(rules)
    office = Office(sample_on_server, decided, decided.locality(), rules, load_ontology(), questions, REFERENCE_DATE)
    answer = office.answer(rule_id, {}, CLERK)
    assert {row["subject_id"] for row in answer.rows} == findings
    # of the findings those that may wait are told
    shared = {total.denominator for total in answer.totals if total.denominator is not None}
    assert shared <= {len(population), len(findings)}
    undecided = office.answer(rule_id, {"state": "待核实"}, CLERK)
    assert {row["subject_id"] for row in undecided.rows} == by_verdict[UNVERIFIED] - findings


def test_parameters_arrive_as_they_are(server: neo4j.Driver) -> None:
    context = Inquiry(REFERENCE_DATE, Locality(pairing_sides=ODD), load_ontology(), book=book())
    text = inventory.pasted(book().rules["partner_missing"], context)
    commands = [s for s in statements(text) if s.startswith(":")]
    # cypher-shell ends a command at the end of its line
    assert set(commands) <= {line.rstrip(";") for line in text.splitlines()}
    assert parameters(server, commands) == book().parameters("partner_missing", context)
