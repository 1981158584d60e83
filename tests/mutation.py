"""Flips every comparison of every rule, one at a time: `python -m tests.mutation [RULE…]` proves that a case fails.

A flip that no case of the rule notices is printed with its line and with the file of cases that lacks one, and the
exit status is 1: the cases leave open what the rule should say there. `--since REVISION` tries the rules whose file or
cases changed since that git revision, `--changed` since the one that `base` chooses; `--seconds N` begins no further
rule after so long and names those left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from graph.locality import Locality
from graph.rules.book import Book, book
from graph.rules.rule import Rule
from graph.stores.base import Reader
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.lexing import code
from tests.graph.rules.building import Graph
from tests.graph.rules.cases import CASES, Case, at_odds, context_of, tells

ROOT = Path(__file__).parent.parent
_FOLDERS = ("graph/rules/catalogue", "tests/rule_cases")
#: where the rest of a repository is, under the names it may have in a clone
_MAIN = ("origin/HEAD", "origin/main", "main")
_DAY = 24 * 3600
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
        (r"\bWHEN (?=\w+ THEN\b)", ("WHEN NOT ",)),
    )
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule with one flip, and how its line reads now."""

    rule: Rule
    line: str


def mutants(rule: Rule) -> Iterator[Mutant]:
    """The rule with each of its comparisons flipped, one at a time."""
    cypher = rule.query.cypher
    bare = code(cypher)
    for pattern, made in _FLIPS:
        for found in pattern.finditer(bare):
            for other in made:
                text = cypher[: found.start()] + other + cypher[found.end() :]
                line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
                yield Mutant(replace(rule, query=replace(rule.query, cypher=text)), line.strip())


def changed(since: str) -> set[str]:
    """The rules whose file or cases differ from those of a git revision, those not committed yet included."""
    listings = (("diff", "--name-only", since, "--"), ("ls-files", "--others", "--exclude-standard", "--"))
    names: list[str] = []
    for listing in listings:
        done = _git("-c", "core.quotePath=false", *listing, *_FOLDERS)
        if done.returncode:
            raise SystemExit(f"无法与版本“{since}”比较：{done.stderr.strip()}。请指明一个存在的版本，如 HEAD^。")
        names += done.stdout.splitlines()
    return {path.stem for path in map(Path, names) if path.parent.as_posix() in _FOLDERS}


def base() -> str:
    """The git revision to compare with: where this branch left main, or on main itself the last of the day before.

    '' where there is none, as in a clone without history.
    """
    head = _git("rev-parse", "HEAD").stdout.strip()
    for main in _MAIN:
        left = _git("merge-base", "HEAD", main).stdout.strip()
        if left and left != head:
            return left
    committed = _git("show", "--no-patch", "--format=%ct", "HEAD").stdout.strip()
    return _git("rev-list", "-1", f"--before={int(committed) - _DAY}", "HEAD").stdout.strip() if committed else ""


def _git(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)


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


def main(arguments: list[str] | None = None) -> int:
    """1 where a flip is noticed by no case, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("rules", nargs="*", metavar="RULE")
    parser.add_argument("--since", metavar="REVISION")
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    options = parser.parse_args(arguments)
    rules = book()
    if unknown := sorted(set(options.rules) - rules.rules.keys()):
        parser.error(f"没有规则 {'、'.join(unknown)}")
    wanted = [rule for rule in rules.rules.values() if not options.rules or rule.id in options.rules]
    since = options.since or (base() if options.changed else "")
    if since:
        differing = changed(since)
        wanted = [rule for rule in wanted if rule.id in differing]
        if not wanted:
            print(f"与 {since[:12]} 相比没有规则或案例改动，不必试。", file=sys.stderr)
            return 0
        print(f"与 {since[:12]} 相比，规则或案例有改动：{'、'.join(rule.id for rule in wanted)}。", file=sys.stderr)
    elif options.changed:
        print("没有可以比较的版本（如没有历史的浅克隆），试全部规则。", file=sys.stderr)
    ends, left = time.monotonic() + options.seconds, list[str]()
    tried, missed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder) / "cases.lbug", create=True)
        graph = Graph()
        for case in CASES:
            case.add_to(graph)
        with store.writer("测试", "案例") as writer:
            graph.write(writer)
            rules.refresh(writer, Locality(), dt.date(2026, 6, 30))
        with store.reader() as opened:
            reader = CachingReader(opened, TableCache())
            for rule in wanted:
                if time.monotonic() > ends:
                    left.append(rule.id)
                    continue
                cases = [case for case in CASES if case.rule == rule.id]
                for mutant in mutants(rule):
                    tried += 1
                    if not noticed(reader, rules, mutant, cases):
                        missed += 1
                        print(
                            f"{rule.source}: {mutant.line}\n  没有案例发现这处改动。"
                            f"请在 tests/rule_cases/{rule.id}.yaml 加一个只差在这里的案例。",
                            flush=True,
                        )
        store.close()
    print(f"{len(wanted) - len(left)} 条规则的 {tried} 处比较逐一改动，{missed} 处没有案例发现。", file=sys.stderr)
    if left:
        print(f"{options.seconds:g} 秒内没有试到：{'、'.join(left)}。", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
