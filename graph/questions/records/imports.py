"""待核实, 载入记录 and 现行台账行: the reviews, the changes of the store, and the ledger rows of each file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Answer, Column, Total
from graph.context import Context
from graph.parameters import Parameter
from graph.privacy import OPEN, UNDECLARED, classes, protects
from graph.questions.asking import Question
from graph.stores.base import Reader

KINDS = {
    "dangling": "指向不明",
    "lookalike": "疑似同一单位",
    "division": "区划不明",
    "ends": "两端类型不符",
    "contradiction": "说法不一",
    "dates": "日期颠倒",
}
STATES = {"open": "待处理", "decided": "已处理", "closed": "已办结"}
STATE = Parameter("state", "状态", default="open", values=STATES)
CHANGES = {"load": "载入", "undo": "撤销", "bases": "更新口径", "decide": "处理待核实"}
IMPORT_STATES = {"applying": "写入中", "done": "已生效"}
#: the decisions that 处理决定 may hold, beside the name, code or id of an entity
DECISIONS = ("合并", "分开", "忽略")

_REVIEWS = """MATCH (v:Review)
WHERE v.state = $state
RETURN v.id AS id, v.kind AS kind, v.question AS question, v.evidence_for AS evidence_for,
  v.evidence_against AS evidence_against, v.file AS file, v.sheet AS sheet, v.line AS line,
  v.division AS division, v.subject AS subject_id, v.other AS other_id, v.decision AS decision,
  v.sensitivity AS sensitivity
ORDER BY file, sheet, line, id"""
_REGIONS = "MATCH (r:Region) RETURN r.id AS id, r.name AS name"


def reviews(reader: Reader, context: Context) -> Answer:
    """The reviews in one state with their evidence; the last column holds the decision, or is for it."""
    state = context.parameters[STATE.name]
    regions = {r["id"]: r["name"] for r in reader.query(_REGIONS).to_pylist()}
    scope = set(context.scope)
    inside = [
        r
        for r in reader.query(_REVIEWS, {"state": state}).to_pylist()
        if (not scope or r["division"] in scope) and not protects(r["sensitivity"] or "", context.protected)
    ]
    names, queries = _names(reader, context, [r[end] for r in inside for end in ("subject_id", "other_id")])
    rows = []
    for review in inside:
        subject, other = (names.get(review[end] or "", ("", OPEN)) for end in ("subject_id", "other_id"))
        decision, quoted = review["decision"], review["sensitivity"] or UNDECLARED
        rows.append(
            review
            | {
                # a decision in free words may name anyone
                "decision_sensitivity": OPEN if decision in DECISIONS else classes((quoted, "person")),
                "sensitivity": quoted,
                "kind": KINDS.get(review["kind"], review["kind"]),
                "review_type": review["kind"],
                "division": regions.get(review["division"], review["division"]),
                "subject": subject[0],
                "subject_sensitivity": subject[1],
                "other": other[0],
                "other_sensitivity": other[1],
            }
        )

    def quoting(name: str) -> Column:
        return replace(context.ontology.column(f"Review.{name}"), sensitivity_from="sensitivity")

    return context.answer(
        reader,
        "reviews",
        "待核实清单" if state == "open" else f"待核实清单（{STATES[state]}）",
        [
            Column("id", "待核实编号"),
            Column("kind", "类别"),
            quoting("question"),
            quoting("evidence_for"),
            quoting("evidence_against"),
            Column("subject", "对象", sensitivity_from="subject_sensitivity", link=("*", "subject_id")),
            Column("other", "另一对象", sensitivity_from="other_sensitivity", link=("*", "other_id")),
            Column("division", "所在区划"),
            Column("file", "文件"),
            Column("sheet", "工作表"),
            Column("line", "行", "integer"),
            Column("decision", "处理决定", sensitivity_from="decision_sensitivity", role="decision"),
        ],
        rows,
        totals=(Total("reviews", f"{STATES[state]}事项", len(rows), "项"), *_by_kind(rows)),
        basis=("能证明为同一对象的才合并；相似而不能证明的分开保留，由人决定。",),
        notes=(
            f"可在网页“待核实”逐项处理；或导出为 xlsx，在最后一列“处理决定”填写{'、'.join(DECISIONS)}，再导入该文件（网页“数据导入”，或 liangxin load）即生效，"
            "以后载入仍然记得。",
            "合并：两者是同一对象；分开：确是两个对象；忽略：不再提示。指向不明的也可填正确的名称、代码或编号。"
            "说法不一、日期颠倒的，请改正台账后重新载入；属实的填忽略。未填的仍为待处理，要撤回已填的决定，填清空。",
        ),
        cypher=(_REVIEWS, _REGIONS, *queries),
    )


def _by_kind(rows: list[dict[str, Any]]) -> list[Total]:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    return [Total(f"reviews_{kind}", kind, number, "项") for kind, number in sorted(counts.items())]


def _names(
    reader: Reader, context: Context, ids: list[str | None]
) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    """The name and the sensitivity of the name of entities of any type, by id, and the queries: one for each type."""
    by_type: dict[str, list[str]] = {}
    for entity in sorted({i for i in ids if i}):
        by_type.setdefault(context.ontology.type_of(entity), []).append(entity)
    names: dict[str, tuple[str, str]] = {}
    queries: list[str] = []
    for kind in context.ontology.entities:
        if own := by_type.get(kind.name):
            name = kind.called
            queries.append(f"UNWIND $ids AS i MATCH (n:{kind.name} {{id: i}}) RETURN i AS id, n.{name.name} AS name")
            for row in reader.query(queries[-1], {"ids": own}).to_pylist():
                names[row["id"]] = (row["name"], name.sensitivity)
    return names, tuple(queries)


_CHANGES = """MATCH (c:Change)
OPTIONAL MATCH (m:Import) WHERE m.change = c.number
RETURN c.number AS number, c.kind AS kind, c.author AS author, c.at AS at, c.note AS note, m.state AS state,
  m.report AS report, c.undoes AS undoes
ORDER BY number DESC"""
_COUNTS = (
    ("rows", "数据行"),
    ("accepted", "收下"),
    ("new", "其中新增"),
    ("changed", "其中变更"),
    ("unchanged", "其中未变"),
    ("merged", "并入"),
    ("rejected", "拒收"),
    ("retired", "不再列入"),
    ("reviews", "待核实"),
)
_ROWS = """MATCH (t:SourceRow)
RETURN t.file AS file, t.sheet AS sheet, t.ledger AS ledger, t.entity AS entity, t.division AS division,
  t.brought AS brought, t.ended AS ended, t.retired AS retired"""
_IN_SCOPE = "UNWIND $scope AS s MATCH (n)-[:LOCATED_IN]->(r:Region {id: s}) RETURN n.id AS id"


def _source_rows(reader: Reader, context: Context) -> pa.Table:
    """The ledger rows, live or ended, about the entities in the scope; a row of a relation counts where its ledger lies."""
    table = reader.query(_ROWS)
    if not context.scope:
        return table
    scope = pa.array(context.scope, pa.string())
    inside = reader.query(_IN_SCOPE, {"scope": list(context.scope)})["id"].combine_chunks().cast(pa.string())
    relations = pa.array([name for name, spec in context.ontology.ledgers.items() if "edge" in spec], pa.string())
    return table.filter(
        pc.or_(
            pc.is_in(table["entity"], value_set=pa.concat_arrays([inside, scope])),
            pc.and_(pc.is_in(table["ledger"], value_set=relations), pc.is_in(table["division"], value_set=scope)),
        )
    )


def loads(reader: Reader, context: Context) -> Answer:
    """Every committed change, the latest first, with its author and its counts; in a scope, the changes of its rows."""
    changes = reader.query(_CHANGES).to_pylist()
    undone = {change.pop("undoes") for change in changes}
    reports = {change["number"]: json.loads(change.pop("report") or "{}") for change in changes}
    files = {n: list(dict.fromkeys(f["file"] for f in report.get("files", []))) for n, report in reports.items()}
    totals = {n: report.get("totals", {}) for n, report in reports.items()}
    if context.scope:
        files, totals = _touched(_source_rows(reader, context)), {}
        changes = [change | {"note": None} for change in changes if change["number"] in files]
    rows = [
        change
        | {
            "kind": CHANGES.get(change["kind"], change["kind"]),
            "change_type": change["kind"],
            "undone": change["number"] in undone,
            "state": "已撤销" if change["number"] in undone else IMPORT_STATES.get(change["state"], change["state"]),
            "files": files[change["number"]],
        }
        | {name: totals.get(change["number"], {}).get(name) for name, _ in _COUNTS}
        for change in changes
    ]
    return context.answer(
        reader,
        "loads",
        "载入记录",
        [
            Column("number", "版本", "integer"),
            Column("at", "时间"),
            context.ontology.column("Change.author"),
            Column("kind", "类别"),
            Column("state", "状态"),
            Column("files", "文件", "strings"),
            *(Column(name, label, "integer", "行") for name, label in _COUNTS),
            Column("note", "说明"),
        ],
        rows,
        totals=(Total("changes", "变更", len(rows), "次"),),
        basis=("数据行 = 收下 + 并入 + 拒收；收下 = 新增 + 变更 + 未变。",),
        notes=("限定区划时，只列涉及该区划的变更及有关文件；行数是整次载入的，不列。",) if context.scope else (),
        cypher=(_CHANGES, *((_ROWS, _IN_SCOPE) if context.scope else ())),
    )


def _touched(source_rows: pa.Table) -> dict[int, list[str]]:
    """The files of the rows that each change brought, ended or retired, by the number of the change."""
    files: dict[int, set[str]] = {}
    for event in ("brought", "ended", "retired"):
        pairs = source_rows.filter(source_rows[event].is_valid()).group_by([event, "file"]).aggregate([])
        for number, file in zip(pairs[event].to_pylist(), pairs["file"].to_pylist(), strict=True):
            files.setdefault(number, set()).add(file)
    return {number: sorted(names) for number, names in files.items()}


def rows(reader: Reader, context: Context) -> Answer:
    """The number of live ledger rows by file, sheet and ledger."""
    labels = {name: str(spec["label"]) for name, spec in context.ontology.ledgers.items()}
    live = _source_rows(reader, context)
    live = live.filter(live["ended"].is_null())
    counted = live.group_by(["file", "sheet", "ledger"]).aggregate(
        [([], "count_all"), ("retired", "count"), ("brought", "max")]
    )
    listed = [
        {
            "file": row["file"],
            "sheet": row["sheet"],
            "ledger": labels.get(row["ledger"], row["ledger"]),
            "rows": row["count_all"],
            "retired": row["retired_count"],
            "brought": row["brought_max"],
        }
        for row in counted.sort_by([("file", "ascending"), ("sheet", "ascending"), ("ledger", "ascending")]).to_pylist()
    ]
    return context.answer(
        reader,
        "rows",
        "现行台账行",
        [
            Column("file", "文件"),
            Column("sheet", "工作表"),
            Column("ledger", "台账"),
            Column("rows", "现行行数", "integer", "行"),
            Column("retired", "其中不再列入", "integer", "行"),
            Column("brought", "最近载入版本", "integer"),
        ],
        listed,
        totals=(Total("rows", "现行台账行", sum(int(r["rows"]) for r in listed), "行"),),
        basis=("各项内容由现行台账行合成；被更正或撤销的行保留但不再现行。",),
        notes=("限定区划时，只计所述对象位于该区划的行。",) if context.scope else (),
        cypher=(_ROWS, *((_IN_SCOPE,) if context.scope else ())),
    )


QUESTIONS: tuple[Question, ...] = (
    Question(
        "reviews",
        "待核实清单",
        "哪些事项需要人来核实，依据是什么；导出后填写“处理决定”再载入即可处理。",
        reviews,
        (STATE,),
        by_date=False,
    ),
    Question("loads", "载入记录", "何时、何人载入了什么，各收下、拒收多少行。", loads, by_date=False),
    Question("rows", "现行台账行", "全部回答所依据的台账行，按文件和工作表。", rows, by_date=False),
)
