"""The value that a mark in a column of its own states: 单独 under 组建方式, 是 and 否, 已建党组织 beside 未建党组织."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from loaders.recognize.heads import key
from loaders.recognize.ledgers import Field, Ledger

#: columns of their own under a question: 是 and 否, each to be ticked
_YES_OR_NO = {"是": ("有", "已建", "已成立"), "否": ("无", "未建", "未成立")}
#: what the heading of a column says of a question before it names it
_ANSWER = re.compile("(?:(?P<yes>已经?|有|是)|(?P<no>尚未|还未|暂未|未|没有?|无|非|不是|不))(?P<rest>.*)")
_VERBS = {
    "建": "(?:建成|建立|成立|组建|设立|建设|建)(?:了)?",
    "派": "(?:选派|派驻|派出|派|配备|配)(?:了)?",
    "盖": "覆盖",
}
_QUESTION = re.compile("^(?:是否|有无|有没有)(?:有)?|(?:情况|与否|状态|（是/否）)$")
_SAME = (
    ("党的组织", "党组织"),
    ("党支部", "党组织"),
    ("党建工作指导员", "指导员"),
    ("党建指导员", "指导员"),
    ("党建联络员", "联络员"),
)


def tick(path: tuple[str, ...], ledger: Ledger) -> tuple[str, str] | None:
    """(field, value) where a mark under this header states a value of an enumerated field."""
    leaf = key(path[-1])
    for one in ledger.fields.values():
        values = _YES_OR_NO if one.property.type == "boolean" else one.property.values
        if not values:
            continue
        under = len(path) > 1 and key(path[-2]) in {key(h).rpartition("/")[2] for h in one.headers}
        if not under and not one.property.bare_ticks:
            continue
        for value, synonyms in values.items():
            if leaf in (key(value), *map(key, synonyms)):
                return one.name, value
        if under and one.property.open_values:
            return one.name, path[-1]
    return None


def paired_ticks(columns: Sequence[tuple[int, tuple[str, ...]]], ledger: Ledger) -> dict[int, tuple[str, str]]:
    """(field, 是 or 否) of the columns that answer one question together: 已建党组织 and 未建党组织, 规上 and 规下.

    `columns` are those that state nothing else, with their paths. One of a pair alone states nothing.
    """
    sides: dict[str, dict[str, list[int]]] = {}
    for index, path in columns:
        for field, answer in _answers(path, ledger):
            sides.setdefault(field, {}).setdefault(answer, []).append(index)
    ticks: dict[int, tuple[str, str]] = {}
    for field, by_answer in sides.items():
        if len(by_answer) == 2 and all(len(indices) == 1 for indices in by_answer.values()):
            for answer, indices in by_answer.items():
                ticks.setdefault(indices[0], (field, answer))
    return ticks


def _answers(path: tuple[str, ...], ledger: Ledger) -> Iterator[tuple[str, str]]:
    """The boolean fields that a heading may answer, each with 是 or 否."""
    leaf = key(path[-1])
    match = _ANSWER.fullmatch(leaf)
    for one in ledger.fields.values():
        if one.property.type != "boolean":
            continue
        word = next((v for v, synonyms in one.property.values.items() if leaf in (key(w) for w in synonyms)), "")
        if word:
            yield one.name, word
        elif match:
            verb, thing = _asked(match["rest"])
            if not thing and len(path) > 1:
                above, thing = _asked(key(path[-2]))
                verb = verb or above
            if thing:
                meant = any(thing == asked and (not verb or not by or verb == by) for by, asked in _questions(one))
            else:
                # 已选派 alone: there is one question of sending
                meant = verb != "" and [one.name] == _asking(verb, ledger)
            if meant:
                yield one.name, "是" if match["yes"] else "否"


def _asking(verb: str, ledger: Ledger) -> list[str]:
    """The fields whose questions have this kind of verb."""
    booleans = (one for one in ledger.fields.values() if one.property.type == "boolean")
    return [one.name for one in booleans if any(by == verb for by, _ in _questions(one))]


def _questions(one: Field) -> tuple[tuple[str, str], ...]:
    return tuple(question for header in one.headers if (question := _asked(key(header).rpartition("/")[2]))[1])


@lru_cache(maxsize=1 << 12)
def _asked(text: str) -> tuple[str, str]:
    """What a heading asks: the kind of verb, '' for none, and the thing. 是否成立党的组织 and 党组织组建情况 ask one."""
    while (rest := _QUESTION.sub("", text)) != text:
        text = rest
    kind = ""
    for verb, pattern in _VERBS.items():
        if match := re.match(pattern, text) or re.search(f"{pattern}$", text):
            kind, text = verb, text[: match.start()] + text[match.end() :]
            break
    for word, same in _SAME:
        text = text.replace(word, same)
    return kind, text
