"""What a large load does otherwise: rows kept in a file, portions, tables copied whole, ledgers in several files."""

from __future__ import annotations

import datetime as dt
import errno
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import InputError
from graph.locality import Locality
from graph.rules.book import book
from graph.stores import transfer
from graph.stores.ladybug import writing as ladybug_writing
from graph.stores.ladybug.store import EmbeddedStore
from graph.workbook import Workbook
from loaders import pipeline, sample
from loaders.recognize.ledgers import ledgers
from loaders.sample import splitting
from loaders.shape import rows
from loaders.shape.rows import Spool, as_json
from loaders.write import writing
from tests.loaders.desk import Desk, only

_VALUES = st.fixed_dictionaries(
    {"name": st.text(max_size=40)},
    optional={
        "staff": st.integers(-(2**53), 2**53),
        "revenue": st.integers(-(2**63), 2**63 - 1),
        "above_scale": st.booleans(),
        "founded_on": st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
        "main_products": st.lists(st.text(max_size=5), max_size=3),
        "longitude": st.floats(-180, 180),
    },
)


@settings(max_examples=60, deadline=None)
@given(sheets=st.lists(st.lists(_VALUES, max_size=5), max_size=4), in_memory=st.integers(0, 8), data=st.data())
def test_rows_say_the_same_in_memory_and_in_a_file(
    sheets: list[list[dict[str, object]]], in_memory: int, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "IN_MEMORY", in_memory)
        patch.setattr(rows, "AHEAD", data.draw(st.sampled_from([1, 40, 1000])))
        spool = Spool()
        enterprises = ledgers()["enterprises"]
        origins = [
            spool.origin("a.csv", str(n), enterprises, list(range(len(stated))), [as_json(v) for v in stated], stated)
            for n, stated in enumerate(sheets)
        ]
        positions = [(n, p) for n, stated in enumerate(sheets) for p in range(len(stated))]
        for n, p in data.draw(st.permutations(positions)) if positions else ():
            assert origins[n].values(p) == sheets[n][p]
            assert origins[n].texts[p] == as_json(sheets[n][p])


def test_a_temporary_folder_that_is_full_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(rows, "IN_MEMORY", 0)
    monkeypatch.setattr(rows.os, "write", full)
    before = desk.revision
    with pytest.raises(InputError, match=r"临时文件夹.*TMPDIR"):
        desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)))
    assert desk.revision == before


def test_a_large_load_makes_the_same_graph(
    sample_store: EmbeddedStore, sample_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = transfer.export(sample_store, tmp_path / "usual", "测试")
    monkeypatch.setattr(rows, "IN_MEMORY", 500)
    monkeypatch.setattr(writing, "PORTION", 400)
    monkeypatch.setattr(ladybug_writing, "STAGE_FROM", 300)
    store = EmbeddedStore(tmp_path / "large.lbug", create=True)
    pipeline.load(
        store, pipeline.LoadRequest([sample_dir], Locality(), author="测试", book=book(), as_of=sample.REFERENCE_DATE)
    )
    large = transfer.export(store, tmp_path / "large", "测试")
    differing = {a.name for a, b in zip(usual.files, large.files, strict=True) if a != b}
    assert differing == {"Change.parquet"}
    one, other = (pq.read_table(tmp_path / name / "Change.parquet").drop_columns("at") for name in ("usual", "large"))
    assert one.equals(other), "all but the time of the load"
    again = pipeline.load(store, pipeline.LoadRequest([sample_dir], Locality(), author="测试", book=book()))
    assert again.report.totals["unchanged"] == again.report.totals["accepted"]
    assert [p.name for p in tmp_path.glob("large.lbug*")] == ["large.lbug", "large.lbug.lock"]
    store.close()


def test_portions_of_known_nodes_are_merged_not_copied(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PORTION", 4)
    monkeypatch.setattr(ladybug_writing, "STAGE_FROM", 3)
    monkeypatch.setattr(ladybug_writing, "COPY_FROM", 2)
    rows = [(f"第{n}公司", "", "东镇", n) for n in range(10)]
    desk.load(desk.units("企业.csv", *rows))
    changed = [(name, code, town, staff + 100) for name, code, town, staff in rows] + [("新公司", "", "西镇", 1)]
    report = only(desk.load(desk.units("企业.csv", *changed)))
    assert (report.changed, report.new) == (10, 1)
    staff = {r["name"]: r["staff"] for r in desk.query("MATCH (u:Unit) RETURN u.name AS name, u.staff AS staff")}
    assert staff == {name: staff for name, _, _, staff in changed}


def test_a_ledger_too_long_for_one_file_comes_in_several(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def rows(workbook: Workbook) -> list[list[object]]:
        return [list(row) for row in workbook.sheets[0].rows]

    whole = {w.name: rows(w) for w in sample.generate("丁市", units=300)}
    monkeypatch.setattr(splitting, "LONGEST", 100)
    parts = {w.name: rows(w) for w in sample.generate("丁市", units=300)}
    names = [name for name in parts if "非公企业台账" in name]
    assert names == ["丁市/非公企业台账.xlsx", "丁市/非公企业台账（2）.xlsx", "丁市/非公企业台账（3）.xlsx"]
    head = 4
    records = [row for name in names for row in parts[name][head:-1]]
    assert records == whole["丁市/非公企业台账.xlsx"][head:-1], "each unit once, numbers going on"
    assert all(parts[name][:head] == whole["丁市/非公企业台账.xlsx"][:head] for name in names)
    assert all(parts[name][-1][0] == "合计" for name in names)
