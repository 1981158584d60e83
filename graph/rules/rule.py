"""What a rule and a base (口径) are, as their files declare them: thresholds, queries, verdicts, severities, actions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.answers import Column
from graph.rules.clearing import Turn
from graph.rules.dated import dated
from graph.rules.scope import everywhere

SEVERITIES = ("high", "medium", "warn", "suggest")
#: the level of what a rule rests on, the most binding first; a rule that states none rests on local practice
LEVELS = ("党内法规", "规范性文件", "地方做法", "数据质量")
LOCAL_PRACTICE = LEVELS[2]
#: the verdicts of a query on a subject of the population; of several rows of one subject, the verdict first in this
#: order decides
VERDICTS = FINDING, UNVERIFIED, CLEAR = ("finding", "unverified", "clear")
#: what mends a finding, as data beside the words of `remedy`, and what it is called
ACTIONS: Mapping[str, str] = {
    "found_branch": "成立党支部",
    "joint_branch": "成立联合党支部",
    "by_members": "按正式党员数组建",
    "by_place": "建立楼宇商圈党组织",
    "verify": "核实",
    "transfer": "转接组织关系",
    "assign_officer": "选派指导员",
    "assign_units": "安排联系单位",
    "reassign": "调整联系单位",
    "renew": "续派",
    "replace": "改派",
    "visit": "走访",
    "propose_committee": "成立党委",
    "link": "与产业链党委联建",
    "attach": "明确隶属",
    "group": "编入联组",
    "appoint": "配齐人员",
    "election": "换届",
    "by_election": "补选",
    "elect_committee": "选举支委会",
    "raise": "调整设置层级",
    "split": "拆分",
    "close": "调整或撤销",
    "build": "建设阵地",
    "accept": "验收阵地",
    "hold": "开展并录入",
    "complete": "补齐措施",
    "pair": "安排结对",
    "arrange": "安排活动",
    "match": "对接资源",
    "contact": "联户",
    "plan": "制定方案",
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A parameter of a rule that a county may override; its default says its type."""

    name: str
    label: str
    default: Any
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """Cypher without comments, the line of the file it starts on, the names it returns, the parameters it uses.

    `lines` are the lines of the file that its own lines are from.
    """

    cypher: str
    line: int
    returns: tuple[str, ...]
    parameters: frozenset[str]
    lines: tuple[int, ...] = ()

    def text(self, parameters: Mapping[str, Any]) -> str:
        """The query to run with these parameters, its units dated.

        Without a scope it has no condition on it and takes a quarter of the time.
        """
        return dated(self.cypher if parameters["scope"] else everywhere(self.cypher))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as its file declares it. `facts` are the columns that its query returns beside `id` and `verdict`.

    `query` gives a row for each subject of the population. `verdicts` are those of VERDICTS that it can say.
    `via` maps facts that rest on edges of the subject to the type of edge. `sensitivity` is the class of being found by
    the rule: a viewer without it sees how many subjects there are, not which. `turns` are changes of facts, each of
    which alone clears a finding. `level` is the one of LEVELS that `basis` has; of several the first in that order.
    """

    id: str
    title: str
    severity: str
    subjects: tuple[str, ...]
    meaning: str
    denominator: str
    basis: tuple[str, ...]
    level: str
    remedy: str
    params: Mapping[str, Threshold]
    given: tuple[str, ...]
    facts: Mapping[str, Column]
    via: Mapping[str, str]
    #: facts that only `why` shows, not the lists of findings: steps towards the verdict
    conditions: frozenset[str]
    #: facts that only lists of 待核实 show
    unverified_facts: frozenset[str]
    sensitivity: str
    query: Query
    verdicts: frozenset[str]
    source: str
    digest: str
    turns: tuple[Turn, ...] = ()
    #: one of ACTIONS, '' where the file names none
    action: str = ""
    #: whether it is a county's own, which no test of ours has run
    own: bool = False

    def listed(self, verdict: str) -> Mapping[str, Column]:
        """The facts that a list of findings shows, or one of 待核实: all but the conditions, and for it some more."""
        left_out = self.conditions if verdict != FINDING else self.conditions | self.unverified_facts
        return {name: column for name, column in self.facts.items() if name not in left_out}


@dataclass(frozen=True, slots=True)
class Base:
    """A base (口径): the units in it, and those on which its filter cannot be decided."""

    id: str
    kind: str
    meaning: str
    params: Mapping[str, Threshold]
    given: tuple[str, ...]
    member: Query
    undecided: Query
    source: str
    digest: str
    #: whether it is a county's own, which no test of ours has run
    own: bool = False


def fill(template: str, values: Mapping[str, Any]) -> str:
    """A text of a rule or base with thresholds in place of their names in braces."""

    def text(match: re.Match[str]) -> str:
        value = values[match.group(1)]
        return "、".join(map(str, value)) if isinstance(value, list) else str(value)

    return re.sub(r"\{(\w+)\}", text, template)
