"""规则目录: the description that the command uses too, and the numbers of the answers of the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from api import inventory
from graph.answers import Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import UNVERIFIED
from graph.stores.base import Reader


def test_every_rule_is_listed_with_its_findings_and_its_population(
    county: Reader, asked: Callable[..., Answer], context: Inquiry
) -> None:
    answer = asked("rules")
    assert [row["rule"] for row in answer.rows] == list(book().rules)
    for row in answer.rows:
        own = asked(row["rule"])
        assert row["findings"] == own.total("findings").value == len(own.rows)
        assert row["population"] == own.total("population").value
        # a rule that never says 待核实 knows of no missing fact
        known = UNVERIFIED in book().rules[row["rule"]].verdicts
        assert row["unverified"] == (own.total("unverified").value if known else None)
    assert answer.total("findings").value == len(asked("gaps").rows) > 0
    of_town = asked("rules", region="东镇")
    assert sum(row["population"] for row in of_town.rows) < sum(row["population"] for row in answer.rows)
    assert {row["severity"] for row in asked("rules", severity="high").rows} == {"high"}
    # each query stands under the rule it is of, and can be pasted as it is
    assert len(answer.cypher) == len(book().rules)
    assert all(text.startswith("// ") for text in answer.cypher)


def test_the_catalogue_and_the_command_agree_on_the_county(county: Reader, context: Inquiry) -> None:
    decided = Locality(thresholds={"org_should_exist.org_min_members": 7})
    own = replace(context, locality=decided)
    rows = {row["rule"]: row for row in ask(catalogue(book()), county, own, "rules", {}).rows}
    said = {r["id"]: r for r in inventory.rules(book().rules.values(), book(), decided, own.ontology)}
    assert rows.keys() == said.keys()
    for name, row in rows.items():
        for key in ("title", "severity", "subject", "meaning", "denominator", "remedy"):
            assert row[key] == said[name][key], (name, key)
        assert row["basis"] == "；".join(said[name]["basis"])
        assert all(p["label"] in t for p, t in zip(said[name]["params"], row["parameters"], strict=True))
    assert rows["org_should_exist"]["parameters"] == ["应建党组织的正式党员数 7人（本地设置）"]
    assert "7" in rows["org_should_exist"]["meaning"]
    assert said["org_should_exist"]["params"][0] | {"value": 7, "default": 3} == said["org_should_exist"]["params"][0]
    assert said["org_should_exist"]["cypher"] == book().rules["org_should_exist"].query.cypher
