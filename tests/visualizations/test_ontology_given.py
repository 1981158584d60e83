"""What is drawn and linked comes from the ontology that is handed down; visualizations read none of their own."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import visualizations
from graph import ontology
from graph.answers import Column, Node, Subgraph
from graph.ontology import reading
from tests.visualizations.conftest import listing
from visualizations.html.markup import Site
from visualizations.network.picture import svg
from visualizations.pages.links import href
from visualizations.pages.page import page, single_file
from visualizations.report.report import ReportInput, report

COLOUR = "#123456"


def test_no_module_of_visualizations_loads_the_ontology() -> None:
    for path in Path(visualizations.__file__).parent.glob("**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "graph.ontology":
                assert {name.name for name in node.names} <= {"Ontology", "Style"}, path
            if isinstance(node, ast.ImportFrom) and node.module == "graph":
                assert "ontology" not in {name.name for name in node.names}, path


def test_every_rendering_follows_the_ontology_it_is_given(county: ReportInput) -> None:
    text = reading.PATH.read_text(encoding="utf-8").replace('color: "#2f6f9f"', f'color: "{COLOUR}"')
    other = ontology.parse(text.replace("    prefix: u\n", "    prefix: uu\n"))
    answer = replace(listing(), graph=Subgraph((Node("uu1", "Unit", "甲公司"),)))
    for made in (
        page(answer, Site((), "/answers/x", "n"), other),
        single_file(answer, other),
        svg(answer, other),
        report(replace(county, network=answer.graph), other),
    ):
        assert COLOUR in made
    assert href({"x": "uu1"}, Column("x", "x", link=("*", "x")), other) == "/units/uu1"


def test_a_cell_leads_to_the_type_of_its_id_and_to_no_page_where_the_ontology_has_none() -> None:
    column = Column("x", "x", link=("*", "x"))
    cases = {"u1": "/units/u1", "o1": "/orgs/o1", "1": "", "甲公司": ""}
    assert {x: href({"x": x}, column, ontology.load()) for x in cases} == cases
