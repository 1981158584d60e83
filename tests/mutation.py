"""Flips every comparison of every rule, one at a time: `python -m tests.mutation [RULE…]` proves that a case fails.

A flip that no case of the rule notices is printed with its file, section and line, and the exit status is 1: the
cases leave open what the rule should say there.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from api.cache import Remembering, Tables
from graph.locality import Locality
from graph.rules.book import Book, book
from graph.rules.files import Query, Rule
from graph.stores.base import Reader
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.rules.building import Graph
from tests.graph.rules.cases import CASES, Case, at_odds, context_of, tells

_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'")
#: what is flipped, and into what: a boundary moves by one, a comparison turns round, a condition is denied
_FLIPS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), made)
    for pattern, made in (
        (r"<=", ("<", ">")),
        (r">=", (">", "<")),
        (r"(?<![-<])<(?![=>-])", ("<=", ">=")),
        (r"(?<![-<>])>(?!=)", (">=", "<=")),
        (r"<>", ("=",)),
        (r"(?<![<>])=", ("<>",)),
        (r"\bIS NOT NULL\b", ("IS NULL",)),
        (r"\bIS NULL\b", ("IS NOT NULL",)),
        (r"\bNOT EXISTS\b", ("EXISTS",)),
        (r"(?<!NOT )\bEXISTS\b", ("NOT EXISTS",)),
    )
)
_SECTIONS = ("population", "finding", "unverified")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule with one flip: in which section, and how its line reads now."""

    rule: Rule
    section: str
    line: str


def mutants(rule: Rule) -> Iterator[Mutant]:
    """The rule with each of its comparisons flipped, one at a time."""
    for section in _SECTIONS:
        query: Query | None = getattr(rule, section)
        if query is None:
            continue
        bare = _TEXT.sub(lambda m: " " * len(m.group()), query.cypher)
        for pattern, made in _FLIPS:
            for found in pattern.finditer(bare):
                for other in made:
                    text = query.cypher[: found.start()] + other + query.cypher[found.end() :]
                    line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
                    flipped = replace(rule, **{section: replace(query, cypher=text)})  # type: ignore[arg-type]
                    yield Mutant(flipped, section, line.strip())


def noticed(reader: Reader, rules: Book, mutant: Mutant, cases: list[Case]) -> bool:
    """Whether any case of the rule fails, asked of everything or of its own town."""
    rule = mutant.rule
    flipped = replace(rules, rules={**rules.rules, rule.id: rule})
    contexts = {repr(context): context for context in map(context_of, cases)}
    return (
        any(not holds(reader, flipped, case, scoped) for scoped in (False, True) for case in cases)
        or any(not tells(reader, flipped, case) for case in cases)
        or any(at_odds(reader, rule, rules.parameters(rule.id, context)) for context in contexts.values())
    )


def holds(reader: Reader, rules: Book, case: Case, scoped: bool) -> bool:
    """Whether a rule says of a case what the case says."""
    context = context_of(case)
    if scoped:
        regions = [case.prefix + name for name in case.spec.get("Region", ())]
        context = replace(context, scope=(case.town, *regions))
    outcome = rules.run(reader, case.rule, context)

    def own(ids: Iterator[str]) -> set[str]:
        return {i for i in ids if i.startswith(case.prefix)} if not scoped else set(ids)

    said = {name: case.named(name) for name in ("finding", "unverified", "clear")}
    return (
        own(f.subject for f in outcome.findings) == said["finding"]
        and own(f.subject for f in outcome.unverified) == said["unverified"]
        and own(iter(outcome.population)) == said["finding"] | said["unverified"] | said["clear"]
    )


def main(wanted: list[str]) -> int:
    """The number of flips that no case notices, as an exit status of 0 or 1."""
    rules = book()
    tried, missed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder) / "cases.lbug", create=True)
        graph = Graph()
        for case in CASES:
            case.add_to(graph)
        with store.writer("测试", "案例") as writer:
            graph.write(writer)
            rules.refresh(writer, Locality())
        with store.reader() as opened:
            reader = Remembering(opened, Tables())
            for rule in rules.rules.values():
                if wanted and rule.id not in wanted:
                    continue
                cases = [case for case in CASES if case.rule == rule.id]
                for mutant in mutants(rule):
                    tried += 1
                    if not noticed(reader, rules, mutant, cases):
                        missed += 1
                        print(f"{rule.source} {mutant.section}: {mutant.line}", flush=True)
        store.close()
    print(f"{tried} 处比较逐一改动，{missed} 处没有案例发现。", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
