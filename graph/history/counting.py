"""Counts the problems of a graph by division and severity, from the measurements of the revision where they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from graph.history.commit import sorting
from graph.regions import Located
from graph.rules.inquiry import Inquiry
from graph.rules.overrides import parts
from graph.stores.base import Reader

# an id begins with its revision, so that an engine with an index of ids looks through one revision alone; the row of no
# an id begins with its revision, so that an engine with an index of ids looks through one revision alone; the row of no
# division is always there, shows that the rule was measured, and names the revision that has the rows of the divisions
_MEASURED = """MATCH (k:Measurement)
WHERE k.id STARTS WITH $of_revision AND k.revision = $revision AND k.as_of = $as_of AND k.base = '' AND k.division = ''
  AND k.fault IS NULL
RETURN k.rule AS rule, k.rule_digest AS digest, k.findings AS findings,
  coalesce(k.unchanged_since, k.revision) AS since
ORDER BY rule"""
_OF_DIVISIONS = """MATCH (k:Measurement)
WHERE k.revision IN $revisions AND k.base = '' AND k.division <> '' AND k.findings > 0
RETURN k.revision AS revision, k.rule AS rule, k.division AS division, k.findings AS findings
ORDER BY revision, rule, division"""


def problem_counts(reader: Reader, context: Inquiry, located: Located) -> Counter[tuple[str, str]]:
    """The number of findings of all rules by division ('' for none) and severity.

    Only the severity asked about is counted, if any. A rule is asked where its figures were not measured.
    """
    book, locality = context.book, context.locality
    rules = [rule for rule in book.rules.values() if context.severity in ("", *book.severities(rule, locality))]
    measured = _measured(reader, context)
    # a measurement depends on thresholds and switches, and not on severities
    decisions = {region: part.locality for part in parts(reader, locality) for region in part.regions}
    counts: Counter[tuple[str, str]] = Counter()
    for rule in rules:
        for division, findings in measured.get(rule.id, {}).items():
            counts[division, book.severity(rule, decisions.get(division, locality))] += findings
    if unmeasured := [rule.id for rule in rules if rule.id not in measured]:
        for each in book.each(reader, unmeasured, lambda mine, rule: book.findings(mine, rule, context)):
            counts.update((located.by_id.get(finding.subject, ""), finding.severity) for finding in each)
    return Counter({key: n for key, n in counts.items() if n and context.severity in ("", key[1])})


def _measured(reader: Reader, context: Inquiry) -> Mapping[str, Mapping[str, int]]:
    """The findings by rule and division of the rules that the write of the revision measured for this day as they are.

    Another file, parameter or switch makes a rule another one. A question narrowed to a scope, a chain or a base has
    no measurements: a rule may find there what lies elsewhere. Nor has a graph whose units were sorted by other bases
    when it was measured.
    """
    book = context.book
    if context.scope or context.chain or context.base or sorting(reader) != book.bases_digest(context.locality):
        return {}
    revision = reader.revision
    parameters = {
        "revision": revision,
        "of_revision": f"{context.ontology.nodes['Measurement'].prefix}{revision}.",
        "as_of": context.as_of,
    }
    since: dict[str, int] = {}
    by_rule: dict[str, dict[str, int]] = {}
    for row in reader.query(_MEASURED, parameters).to_pylist():
        rule = row["rule"]
        if rule in book.rules and row["digest"] == book.rule_digest(rule, context):
            since[rule], by_rule[rule] = row["since"], {"": row["findings"]}
    if since:
        for row in reader.query(_OF_DIVISIONS, {"revisions": sorted({*since.values()})}).to_pylist():
            if since.get(row["rule"]) == row["revision"]:
                by_rule[row["rule"]][row["division"]] = row["findings"]
    return by_rule
