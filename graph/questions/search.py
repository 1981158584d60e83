"""查找: entities by parts of their name, code or division, or by pinyin initials."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Answer, Column, Field, Total
from graph.errors import QuestionError, UnknownError
from graph.ontology import Ontology
from graph.parameters import Parameter
from graph.privacy import OPEN
from graph.questions.asking import Question
from graph.questions.lookup import CODES
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

Q = Parameter("q", "名称、代码、拼音首字母或区划", required=True)
#: the most rows that are listed
MOST = 50
#: the most characters and words of a search
LONGEST, WORDS = 60, 6
#: the ways in which an entity may match, the best first; the numbers below are their ranks
HOW = (
    "编号、代码或名称相同", "开头相同", "名称中含有", "拼音首字母（从头起）", "拼音首字母", "拼音首字母（另一读音）", "位于该区划",
)  # fmt: skip
EXACT, STARTS, HOLDS, INITIALS, WITHIN, OTHERWISE, PLACE, MISS = range(8)

Ranks = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Names:
    """The entities that can be searched: columns id, name, code, region and type, '' for a blank."""

    table: pa.Table
    cypher: tuple[str, ...]

    @classmethod
    def read(cls, reader: Reader, ontology: Ontology) -> Names:
        """All listed entities of the types whose name is open.

        Types whose name is a person's name or a complaint are left out for every viewer, because a hit reveals that
        the entity exists even if its name is hidden.
        """
        queries, tables = [], []
        for kind in ontology.entities:
            if kind.called.sensitivity == OPEN:
                code = f"n.{CODES[kind.name]}" if kind.name in CODES else "''"
                region = "n.id" if kind.name == "Region" else "r.id"
                located = "" if kind.name == "Region" else " OPTIONAL MATCH (n)-[:LOCATED_IN]->(r:Region)"
                queries.append(
                    f"MATCH (n:{kind.name}) WHERE n.listed{located} "
                    # Ladybug mixes up columns where one expression is returned twice
                    f"RETURN n.id AS id, n.{kind.called.name} AS name, {code} AS code"
                    + ("" if region == "n.id" else f", {region} AS region")
                )
                table = reader.query(queries[-1])
                if kind.name == "Region":
                    table = table.append_column("region", table["id"])
                table = table.append_column("type", pa.array([kind.name] * table.num_rows, pa.string()))
                tables.append(table.select(["id", "name", "code", "region", "type"]))
        columns = ("id", "name", "code", "region", "type")
        plain = [pa.table({c: pc.fill_null(t[c].cast(pa.string()), "") for c in columns}) for t in tables]
        return cls(pa.concat_tables(plain), tuple(queries))

    def without(self, names: Collection[str]) -> Names:
        """The entities without the 暂缓 of these names, which say that a protected problem is there."""
        named = pc.is_in(self.table["name"], value_set=pa.array(sorted(names), pa.string()))
        deferring = pc.equal(self.table["type"], "Deferral")
        return self.of(_mask(pc.invert(pc.and_(named, deferring)))) if names else self

    def of(self, rows: npt.NDArray[np.bool_]) -> Names:
        """The entities of a mask."""
        return Names(self.table.filter(pa.array(rows)), self.cypher)

    def ranks(self, word: str, divisions: Regions) -> Ranks:
        """The rank of the best match of each entity with one word, MISS without a match."""
        rank = np.full(self.table.num_rows, MISS)
        lower = pc.utf8_lower(self.table["name"])
        codes = pc.utf8_lower(self.table["code"])
        places = [region for region, name in divisions.names.items() if word in name.lower()]
        rank[_mask(pc.is_in(self.table["region"], value_set=pa.array(places, pa.string())))] = PLACE
        if word.isascii() and word.isalpha():
            positions = _initials(self.table["name"].to_pylist(), word)
            for match, own in zip((OTHERWISE, WITHIN, INITIALS), positions, strict=True):
                rank[own] = match
        rank[_mask(pc.match_substring(lower, word))] = HOLDS
        rank[_mask(pc.or_(pc.starts_with(lower, word), pc.starts_with(codes, word)))] = STARTS
        same = pc.or_(pc.or_(pc.equal(lower, word), pc.equal(codes, word)), pc.equal(self.table["id"], word))
        rank[_mask(same)] = EXACT
        return rank


def search(reader: Reader, context: Inquiry) -> Answer:
    """The first entities that match every word of q, the best match first."""
    words = _words(context.parameters["q"])
    ontology, divisions = context.ontology, Regions.read(reader)
    names = Names.read(reader, ontology).without(context.book.titles_withheld)
    if context.scope:
        names = names.of(_mask(pc.is_in(names.table["region"], value_set=pa.array(context.scope, pa.string()))))
    rank = np.max([names.ranks(word, divisions) for word in words], axis=0)
    hits = np.flatnonzero(rank < MISS)
    matches = names.table.take(hits).append_column("rank", pa.array(rank[hits]))
    matches = matches.append_column("length", pc.utf8_length(matches["name"]))
    matches = matches.sort_by([(by, "ascending") for by in ("rank", "length", "name", "id")]).slice(0, MOST)
    rows = [
        {
            "name": row["name"] or row["id"],
            "type": ontology.nodes[row["type"]].label,
            "division": _place(divisions, row),
            "code": row["code"] or None,
            "how": HOW[row["rank"]],
            "open": "在图谱中展开",
            "id": row["id"],
        }
        for row in matches.to_pylist()
    ]
    return context.answer(
        reader,
        "search",
        f"查找“{context.parameters['q'][:LONGEST]}”",
        (
            Column("name", "名称", link=("*", "id")),
            Column("type", "类型"),
            Column("division", "所在区划"),
            Column("code", "代码"),
            Column("how", "与所查一致之处"),
            Column("open", "图谱", link=("explore", "id")),
        ),
        rows,
        totals=(Total("found", "找到", len(hits), "个"), Total("shown", "列出", len(rows), "个")),
        basis=(
            f"空格隔开的各词须同时符合；按{'、'.join(HOW)}依次排列，列出前 {MOST} 个。拼音首字母含多音字的各种读音。",
            "指导员、联系领导的姓名和清单事项不参与查找，对任何人都如此。",
        ),
        notes=("没有找到。请换一个词，或只输入名称中的几个字。",) if not rows else (),
        cypher=names.cypher,
        fields=(Field("q", Q.label),),
    )


def _place(divisions: Regions, row: Mapping[str, str]) -> str | None:
    """The name of the division of an entity; of a division, the name of the one above (None for a root)."""
    if row["type"] == "Region":
        above = divisions.parents.get(row["id"])
        return divisions.name(above) if above else None
    return divisions.name(row["region"])


def resolve(names: Names, ontology: Ontology, ids: Container[str], text: str, parameter: str) -> str:
    """The one of `ids` that an id, a code or a unique name of any type means. Only an id means a person.

    Raises UnknownError with similar names, or QuestionError with the candidates for a text that means several.
    `parameter` is the name of the parameter in these messages.
    """
    if text in ids:
        return text
    table = names.table
    same = _mask(pc.or_(pc.equal(table["name"], text), pc.equal(table["code"], text)))
    candidates = [row for row in table.filter(pa.array(same)).to_pylist() if row["id"] in ids]
    if len(candidates) == 1:
        return str(candidates[0]["id"])
    if candidates:
        listed = "；".join(f"{r['name']}（{ontology.nodes[r['type']].label}，{r['id']}）" for r in candidates[:8])
        raise QuestionError(f"{parameter} 的“{text[:60]}”不止一个：{listed}。请改用编号或代码。")
    near = table.filter(pc.match_substring(table["name"], text)).sort_by("name").to_pylist()
    hint = "、".join(row["name"] for row in [row for row in near if row["id"] in ids][:5])
    raise UnknownError(
        f"没有找到 {parameter} 的“{text[:60]}”，或不在所问范围内。"
        + (f"相近的有：{hint}。" if hint else "请先在“查找”中找到它，再使用其编号。")
    )


def _words(text: str) -> list[str]:
    words = unicodedata.normalize("NFKC", text[:LONGEST]).lower().split()[:WORDS]
    if not words:
        raise QuestionError("q 是空的。请输入名称、代码、拼音首字母或区划。")
    return words


@lru_cache(maxsize=1 << 16)
def _letters(point: int) -> tuple[int, int]:
    """The first letters of a character's usual reading and of all its readings, a bit for each letter."""
    char = chr(point).lower()
    if "a" <= char <= "z":
        return (1 << (ord(char) - ord("a")),) * 2
    # a command starts faster without the phrases that pypinyin loads with the readings
    from pypinyin.constants import PINYIN_DICT

    letters = []
    for reading in (PINYIN_DICT.get(point) or "").split(","):
        first = unicodedata.normalize("NFD", reading)[:1]
        letters.append(1 << (ord(first) - ord("a")) if "a" <= first <= "z" else 0)
    return letters[0], int(np.bitwise_or.reduce(letters))


def _initials(names: Sequence[str], word: str) -> tuple[Ranks, Ranks, Ranks]:
    """Positions of the names with these initials in a row: in any reading, in the usual one, and in it from the start."""
    # all names as one array of characters, separated by as many blanks as the word has letters
    gap = "\0" * len(word)
    points = np.frombuffer((gap.join(names) + gap).encode("utf-32-le"), np.uint32)
    each, where = np.unique(points, return_inverse=True)
    letters = np.array([_letters(int(point)) for point in each], np.int64)[where]
    last = max(len(points) - len(word) + 1, 0)
    fits = np.ones((last, 2), bool)
    for offset, letter in enumerate(word):
        fits &= (letters[offset : offset + last] >> (ord(letter) - ord("a"))) & 1 == 1
    lengths = np.array([len(name) + len(word) for name in names], np.int64)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    usual, any_ = np.flatnonzero(fits[:, 0]), np.flatnonzero(fits[:, 1])
    owner = np.searchsorted(starts, usual, side="right") - 1
    return np.searchsorted(starts, any_, side="right") - 1, owner, owner[usual == starts[owner]]


def _mask(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(column, False).to_numpy(), dtype=bool)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "search",
        "查找",
        "哪些单位、党组织、区划、产业链的名称、代码、拼音首字母或区划与所输入的一致。",
        search,
        (Q,),
    ),
)
