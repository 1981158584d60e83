"""A clerk's desk: ledgers written in a line or two, loaded into a store of their own, and looked up."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc

from graph.load_report import FileReport
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import book
from graph.stores.base import Store
from graph.stores.cypher import node_columns
from graph.stores.ladybug.store import EmbeddedStore
from graph.workbook import Cell, Sheet, Span, Workbook
from loaders import pipeline
from loaders.shape.shaping import Shaped
from tests.places import ENGINES
from visualizations.sheets.writing import write

#: a few rules: what they find is counted with each load, which need not take long for what is no matter of rules
FEW = replace(
    book(),
    rules={
        rule: book().rules[rule]
        for rule in ("coverage_blank", "org_should_exist", "org_should_join", "org_suspected", "term_overdue")
    },
)


def ask_few(patch: pytest.MonkeyPatch) -> None:
    """Have an office, commands and what they start count what those few find, and no others."""
    patch.setenv("LIANGXIN_SWITCHES", "，".join(f"{rule}=否" for rule in book().rules if rule not in FEW.rules))


#: a county with three towns, two of whose villages have one name
DIVISIONS = """代码,名称,上级,类别
990001,甲县,,县
990001101,东镇,甲县,镇街
990001102,西镇,甲县,镇街
990001103,南街道,甲县,镇街
990001101201,河口村,东镇,村
990001102201,河口村,西镇,村
"""


def credit_code(number: int, prefix: str = "91") -> str:
    """A valid 统一社会信用代码 of an unassigned division."""
    body = f"{prefix}990001{number:09d}"
    return body + uscc.calc_check_digit(body)


#: for a test of `desk` that runs on both engines
ON_EITHER = pytest.mark.parametrize("desk", ENGINES, indirect=True, ids=str)


class Desk:
    """A folder of ledgers and a store."""

    def __init__(self, folder: Path, store: Path | Store, home: str = "甲县") -> None:
        """`store` is a store, or the file of one to be copied."""
        self.folder = folder
        self.path = folder / "county.lbug"
        if isinstance(store, Path):
            shutil.copyfile(store, self.path)
            store = EmbeddedStore(self.path)
        self.store = store
        self.locality = Locality(home=home)

    def csv(self, name: str, text: str) -> Path:
        """A .csv of this text."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def units(self, name: str, *rows: Sequence[Any], more: Sequence[str] = ()) -> Path:
        """A 非公企业台账: 企业名称, 统一社会信用代码, 所属镇街, 从业人员数量 and further columns."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["企业名称", "统一社会信用代码", "所属镇街", "从业人员数量", "年营业收入（万元）", *more])
            for row in rows:
                fields = list(row)
                writer.writerow([*fields[:4], 10, *fields[4:]])
        return path

    def xlsx(self, name: str, rows: Sequence[Sequence[Cell]], merges: Sequence[Span] = (), sheet: str = "表") -> Path:
        """A workbook of one sheet."""
        path = self.folder / name
        write(Workbook(name, [Sheet(sheet, rows, merges)]), path)
        return path

    def load(self, *paths: Path, **options: Any) -> pipeline.LoadResult:
        """Load these files; see pipeline.load."""
        request = pipeline.LoadRequest(paths, options.pop("locality", self.locality), "测试", FEW, **options)
        return pipeline.load(self.store, request)

    def undo(self, as_of: dt.date | None = None) -> int:
        """Take the last load back."""
        load = pipeline.last_load(self.store).number
        return pipeline.undo(self.store, "测试", FEW, self.locality, as_of, load=load)

    def query(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query."""
        with self.store.reader() as reader:
            return reader.query(cypher, parameters).to_pylist()

    @property
    def revision(self) -> int:
        """The store's revision."""
        with self.store.reader() as reader:
            return reader.revision

    def listed(self, node_type: str = "Unit") -> dict[str, str]:
        """Ids of the listed nodes of a type by name."""
        rows = self.query(f"MATCH (n:{node_type}) WHERE n.listed RETURN n.id AS id, n.name AS name ORDER BY id")
        assert len({r["name"] for r in rows}) == len(rows), "two of one name: ask by id"
        return {row["name"]: row["id"] for row in rows}

    def edges(self, edge: str, a: str, b: str) -> set[tuple[str, str]]:
        """Names of the ends of all edges of a type."""
        rows = self.query(f"MATCH (x:{a})-[:{edge}]->(y:{b}) RETURN x.name AS x, y.name AS y")
        return {(row["x"], row["y"]) for row in rows}

    def reviews(self, state: str = "open") -> list[dict[str, Any]]:
        """Reviews in a state."""
        columns = ", ".join(f"v.`{name}` AS `{name}`" for name in node_columns(load_ontology().nodes["Review"]))
        return self.query(f"MATCH (v:Review) WHERE v.state = $state RETURN {columns} ORDER BY id", state=state)

    def decide(self, name: str, *decisions: tuple[str, str]) -> Path:
        """The workbook that `ask reviews --format xlsx` gives, with 处理决定 filled in."""
        header = ["待核实编号", "类别", "待核实事项", "所在区划", "文件", "工作表", "行", "处理决定"]
        rows: list[list[Cell]] = [["待核实清单"], header]
        rows += [
            [id_, "疑似同一单位", "是不是同一家单位？", "东镇", "企业.csv", "企业", 3, said] for id_, said in decisions
        ]
        return self.xlsx(name, rows, sheet="待核实清单")

    def everything(self) -> dict[str, Any]:
        """What the graph says: nodes that are listed and edges, without the product's own books."""
        found: dict[str, Any] = {}
        for kind in load_ontology().entities:
            columns = ", ".join(f"n.`{name}` AS `{name}`" for name in node_columns(kind))
            rows = self.query(f"MATCH (n:{kind.name}) WHERE n.listed RETURN {columns} ORDER BY id")
            found[kind.name] = [{k: v for k, v in row.items() if v is not None} for row in rows]
        for edge in load_ontology().edges.values():
            for a, b in edge.ends:
                found[f"{a} {edge.name} {b}"] = self.query(
                    f"MATCH (x:{a})-[e:{edge.name}]->(y:{b}) RETURN x.id AS x, y.id AS y, e.key AS key ORDER BY key"
                )
        return found


def only(result: pipeline.LoadResult) -> FileReport:
    """The report of the one sheet there is."""
    (report,) = result.report.files
    return report


def shaped_files(paths: Sequence[Path], **options: Any) -> tuple[list[Shaped], list[FileReport]]:
    """The sheets of files as a load shapes them, and what it skips."""
    return pipeline.shape_files(pipeline.LoadRequest(paths, Locality(), "测试", FEW, **options))


def shaped(path: Path) -> Shaped:
    """The one sheet of a file, shaped."""
    (one,), _ = shaped_files([path])
    return one
