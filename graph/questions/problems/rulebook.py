"""规则目录: every rule in words and in Cypher, with its thresholds in force, its findings and its denominator.

The question `rules`, the command `liangxin rules` and docs/rules.md render the same description.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph.answers import Answer, Column, Total
from graph.locality import Locality
from graph.ontology import Ontology
from graph.parameters import SEVERITY
from graph.questions.asking import Question
from graph.questions.facets import By, narrow
from graph.questions.problems.findings import LEVEL, by_severity, titled
from graph.rules.book import Book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import UNVERIFIED, Rule, fill
from graph.rules.verdicts import Force
from graph.stores.base import Reader


@dataclass(frozen=True, slots=True)
class Described:
    """A rule as people read it: its texts, with the thresholds in force in place of their names.

    `subject` holds the labels of the types of its subjects, `cypher` its query.
    """

    rule: Rule
    subject: str
    meaning: str
    denominator: str
    basis: tuple[str, ...]
    remedy: str
    force: Force
    cypher: str


def described(rule: Rule, book: Book, locality: Locality, ontology: Ontology) -> Described:
    """The description of a rule under the decisions of `locality`."""
    force = book.force(rule, locality)
    values = force.values
    return Described(
        rule,
        "、".join(ontology.nodes[subject].label for subject in rule.subjects),
        fill(rule.meaning, values),
        fill(rule.denominator, values),
        tuple(fill(text, values) for text in rule.basis),
        fill(rule.remedy, values),
        force,
        rule.query.cypher,
    )


def rules(reader: Reader, context: Inquiry) -> Answer:
    """Each rule, of the severity and the level asked about if any, with its findings and its denominator counted."""
    book, level = context.book, context.parameters.get(LEVEL.name, "")
    of_severity = [r for r in book.rules.values() if context.severity in ("", *book.severities(r, context.locality))]
    listed = [r for r in of_severity if level in ("", r.level)]
    # the facet counts the rules of other levels too, without asking them
    _, facets = narrow(
        [{"level": r.level} for r in of_severity],
        (By(LEVEL.name, LEVEL.label, lambda row: [(row["level"], row["level"])], names=LEVEL.choices),),
        {LEVEL.name: level},
    )
    rows, queries, severities = [], list[str](), list[str]()
    for rule, outcome in zip(listed, book.outcomes(reader, [r.id for r in listed], context), strict=True):
        texts = described(rule, book, context.locality, context.ontology)
        severities += [f.severity for f in outcome.findings]
        queries.append(f"// {rule.id} {rule.title}\n{texts.cypher}")
        rows.append(
            {
                "rule": rule.id,
                "title": titled(outcome) if outcome.fault else rule.title,
                "severity": texts.force.severity,
                "subject": texts.subject,
                "meaning": texts.meaning,
                "denominator": texts.denominator,
                "findings": None if outcome.fault else len(outcome.findings),
                "population": None if outcome.fault else len(outcome.population),
                # a rule without the verdict checks no missing facts, which differs from finding none missing
                "unverified": len(outcome.unverified) if UNVERIFIED in rule.verdicts and not outcome.fault else None,
                "parameters": [str(p) for p in outcome.parameters],
                "basis": "；".join(texts.basis),
                "level": rule.level,
                "remedy": texts.remedy,
            }
        )
    return context.answer(
        reader, "rules", "规则目录",
        (
            Column("title", "规则", link=("rule", "rule")),
            Column("severity", "严重程度", role="severity"),
            Column("findings", "问题数", "integer", link=("rule", "rule")),
            Column("population", "总数", "integer"),
            Column("unverified", "待核实数", "integer"),
            Column("meaning", "什么算问题"),
            Column("basis", "依据"),
            Column("level", "依据层级"),
            Column("remedy", "处理建议"),
            Column("parameters", "参数", "strings"),
            Column("denominator", "总数指什么"),
            Column("subject", "对象"),
            Column("rule", "编号"),
        ),
        rows,
        totals=(
            Total("rules", "规则", len(listed), "条"),
            Total("findings", "问题", len(severities), "项", listed=("gaps", (("level", level),) if level else ())),
            *by_severity(severities, {LEVEL.name: level}),
        ),
        basis=("每条规则的依据见“依据”一列；本地规则由县（市、区）自己的规则文件给出。",),
        cypher=tuple(queries),
        notes=(
            "参数后注“默认”的为系统默认值，注“本地设置”的由设置文件 thresholds 一节给出。",
            "待核实：所需的数据未填，不能认定是不是问题，不计入问题数。",
        ),
        facets=facets,
    )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question(
        "rules",
        "规则目录",
        "有哪些规则，各依据什么、参数是多少，现在在多少个对象中查出多少个问题",
        rules,
        (LEVEL, SEVERITY),
    ),
)
