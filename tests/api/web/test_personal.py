"""Numbers of persons placed wherever text enters are found in nothing that is kept, shown or handed on."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pytest

from graph.stores import transfer
from graph.workbook import Sheet, Workbook
from tests.api.town import Town, end, town
from tests.loaders.desk import DIVISIONS
from tests.personal_tokens import IDENTITY, MOBILE, TOKENS, numbers_below, numbers_in, rows
from tests.places import CLERK, Place
from visualizations.sheets.writing import write

HEADER = [
    "企业名称",
    "所属镇街",
    "从业人数",
    "党员数",
    "经营地址",
    "经营范围",
    "成立日期",
    "信用代码",
    "备注",
    "联系方式",
]
PAGES = (
    "/", "/load", "/reviews", "/deferrals", "/answers/units", "/answers/units.json", "/answers/units.csv",
    "/answers/units.xlsx", "/answers/units.html", "/answers/loads", "/answers/loads.json", "/answers/reviews.json",
    "/answers/deferrals.json", "/answers/changes.json", "/answers/gaps.xlsx",
)  # fmt: skip


def _workbook(token: str) -> bytes:
    stream = io.BytesIO()
    sheet = [[f"非公企业台账 填报人{token}"], [f"说明：请致电{token}"], [*HEADER, f"其他{token}"]]
    sheet += [*rows(HEADER, TOKENS), [f"注：有问题请联系{token}"]]
    write(Workbook("非公企业台账.xlsx", [Sheet(f"台账{MOBILE}", sheet)]), stream)
    return stream.getvalue()


def _walk(made: Town, caplog: pytest.LogCaptureFixture, folder: Path) -> None:
    caplog.set_level(logging.INFO)
    files = [("区划.csv", DIVISIONS.encode()), (f"非公企业台账{MOBILE}.xlsx", _workbook(TOKENS[3]))]
    address = made.upload(*files)
    seen = {"inspected": made.client.get(address, accept="text/html").text}
    made.client.post(f"{address}/commit", {"division": f"东镇{MOBILE}"})
    seen["refused"] = made.client.settled(address)
    made.client.post(f"{address}/commit")
    seen["loaded"] = made.client.settled(address)
    assert "第0有限公司" in made.client.get("/answers/units.json").text
    seen["rejects"] = made.client.get(f"{address}/rejects.xlsx").content
    form = {"subject": "东镇", "rule": "coverage_blank", "reason": f"已约{TOKENS[1]}", "approved_by": f"组织部{IDENTITY}",
            "approved_on": "2026-01-01", "until": "2026-12-31"}  # fmt: skip
    assert made.client.post("/deferrals/set", form).status_code == 303
    for name in ("subject", "approved_on", "until", "rule"):
        seen[f"form {name}"] = made.client.post("/deferrals/set", {**form, name: MOBILE}, accept="text/html").text
    reviews = made.reviews()
    if reviews:
        sent = {f"decision-{reviews[0]['id']}-text": f"某公司{MOBILE}"}
        seen["decided"] = made.client.post("/reviews/decide", sent, accept="text/html").text
    for token in (IDENTITY, "138-0000-0036"):
        for url in ("/answers/units?q={}", "/answers/unit?unit={}", "/answers/{}", "/unit/{}", "/answers/units?{}=1",
                    "/answers/units?region={}", "/answers/units?as_of={}", "/answers/units?page={}", "/load/{}",
                    "/answers/units.json?region={}", "/answers/units.{}", "/answers/search?text={}", "/{}/x"):  # fmt: skip
            for accept in ("text/html", "application/json"):
                got = made.client.get(url.format(token), accept=accept)
                seen[f"{url} {accept}"] = got.content + repr(got.headers).encode()
    for page in PAGES:
        seen[page] = made.client.get(page, accept="text/html").content
    seen["logs"] = "\n".join(r.getMessage() for r in caplog.records if r.name == "liangxin.access")
    seen["note"] = repr(made.office.answer("loads", {}, CLERK))
    shown = {place: found for place, content in seen.items() if (found := numbers_in(content))}
    assert not shown, {
        place: str(content)[max(0, str(content).find("138") - 80) :][:200]
        for place, content in seen.items()
        if place in shown
    }
    made.uploads.close()
    transfer.export(made.office.store, folder / "export", "0")
    with made.office.store.reader() as reader:
        kept = {part.kind: numbers_in(repr(part.rows.to_pylist())) for part in transfer.portions(reader, made.office.ontology)}  # fmt: skip
        raw = repr(reader.query("MATCH (t:SourceRow) RETURN t.file AS f, t.sheet AS s, t.`values` AS v").to_pylist())
        raw += repr(reader.query("MATCH (c:Change) RETURN c.note AS note, c.author AS author").to_pylist())
        raw += repr(reader.query("MATCH (i:Import) RETURN i.report AS report").to_pylist())
    assert "第0有限公司" in raw
    assert not numbers_in(raw)
    assert not any(kept.values())
    assert not numbers_below(folder)


@pytest.mark.usefixtures("few_rules")
def test_no_number_leaves_the_door(place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    made = town(folder, CLERK, str(folder / "town.lbug") if place.engine.file else "")
    try:
        _walk(made, caplog, folder)
    finally:
        end(made)
