"""docs/own-rules.md is tried as a county would try it: what it shows is what happens."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from api.cli.run import main
from api.declarations import declarations
from api.office import open_office
from api.web.app import create_app
from graph.questions import catalogue
from tests.api.client import Client
from tests.places import CLERK, Place

PAGE = Path(__file__).resolve().parent.parent / "docs" / "own-rules.md"
TEXT = PAGE.read_text(encoding="utf-8")
RULE = "union_missing"
Capture = pytest.CaptureFixture[str]


def blocks(language: str) -> list[str]:
    """The blocks of the page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def lines(text: str) -> list[str]:
    """Without blanks at the ends, which a document does not keep."""
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The rule file of the page, in the folder that the settings of the page name, beside its ledgers."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "liangxin.toml").write_text(*blocks("toml"), encoding="utf-8")
    for name, text in zip(("区划.csv", "企业.csv"), blocks("csv"), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = tmp_path / "本地规则" / f"{RULE}.cypher"
    made.parent.mkdir()
    made.write_text(*blocks("cypher"), encoding="utf-8")
    return made


def test_the_rule_shown_finds_what_is_said(file: Path, capsys: Capture) -> None:
    (shown,) = blocks("sh")
    load, ask = (shlex.split(line)[1:] for line in shown.splitlines())
    assert main(load) == 0
    capsys.readouterr()
    assert main(ask) == 0
    # the note about the day of the load names today
    output = [line for line in lines(capsys.readouterr().out) if "早于首次载入" not in line]
    assert output == lines(blocks("text")[0])
    assert main(["ask", RULE, "state=待核实"]) == 0
    assert "演示丁有限公司" in capsys.readouterr().out
    # it is a rule like any other
    assert main(["ask", "gaps", f"rule={RULE}"]) == 0
    assert "演示己有限公司" in capsys.readouterr().out
    assert main(["ask", "rules", "columns=rule,findings,population", "--format", "csv"]) == 0
    assert f"{RULE},2,4" in capsys.readouterr().out
    # with the threshold of the page, one is left
    (inline,) = re.findall(r"`(thresholds = .*?)`", TEXT)
    file.parents[1].joinpath("liangxin.toml").write_text(f"{blocks('toml')[0]}{inline}\n", encoding="utf-8")
    assert main(["ask", RULE, "--as-of", "2026-06-30"]) == 0
    said = capsys.readouterr().out
    assert "演示己有限公司" in said
    assert "演示甲有限公司" not in said
    assert "须建工会的从业人数 300人（本地设置）" in said


@pytest.mark.parametrize(
    ("number", "right", "wrong"), [(1, "$min_staff\n", "$min_stuff\n"), (2, "severity: warn", "severity: 提醒")]
)
def test_a_broken_one_is_refused_at_start_as_shown(
    file: Path, capsys: Capture, number: int, right: str, wrong: str
) -> None:
    before, section, after = file.read_text(encoding="utf-8").partition("MATCH" if number == 1 else "// id")
    assert right in after
    file.write_text(before + section + after.replace(right, wrong, 1), encoding="utf-8")
    for command in (["rules"], ["ask", "gaps"], ["load", "企业.csv"]):
        assert main(command) == 2
        assert lines(capsys.readouterr().err) == lines(blocks("text")[number])
    assert not Path("liangxin.lbug").exists()


def test_one_that_the_graph_cannot_run_is_named_by_a_check_as_shown(file: Path, capsys: Capture) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("u.trade_union IS", "u.trade_unions IS", 1), encoding="utf-8")
    assert main(["rules", "--check"]) == 2
    assert lines(capsys.readouterr().err) == lines(blocks("text")[3])


def test_what_the_page_says_of_keys_and_folders_holds(file: Path) -> None:
    settings, book = declarations()
    assert Path(settings.rules_folder).resolve() == file.parent
    assert RULE in catalogue(book)
    for link in re.findall(r"\]\(([\w./-]+)\)", TEXT):
        assert (PAGE.parent / link).exists(), link


NEVER_ENDS = """// id: never_ends
// title: 没完没了
// severity: warn
// subject: Unit
// meaning: 算不完
// denominator: 全部单位
// basis: [测试]
// remedy: 不再问

UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS i UNWIND range(1, 1000) AS j WITH sum(i * j) AS n
MATCH (u:Unit) WHERE u.listed AND (size($scope) = 0 OR n = 0) RETURN u.id AS id, 'finding' AS verdict ORDER BY id;
"""


def test_one_that_never_ends_is_off_with_a_notice_and_all_else_works(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "规则").mkdir()
    (tmp_path / "规则" / "never_ends.cypher").write_text(NEVER_ENDS, encoding="utf-8")
    (tmp_path / "企业.csv").write_text(blocks("csv")[1], encoding="utf-8")
    place.use(monkeypatch, LIANGXIN_QUERY_SECONDS="2", LIANGXIN_RULES_FOLDER="规则")
    notice = "规则 never_ends（没完没了）出错，已停用，其问题没有计入，其他规则不受影响。never_ends.cypher 第 10 行"
    assert main(["load", "企业.csv"]) == 0
    loaded = capsys.readouterr()
    assert notice in loaded.out + loaded.err
    assert main(["ask", "loads", "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.strip().splitlines()) == 2
    assert main(["ask", "gaps"]) == 0
    said = capsys.readouterr().out
    assert notice in said
    assert "query_seconds" in said
    # asked for alone, there is no answer without it
    assert main(["ask", "never_ends"]) == 3
    assert "在 2 秒内没有答完" in capsys.readouterr().err
    # what it says to do helps
    (mend,) = re.findall(r"(\[switches\]) 中写 (never_ends = false)", said)
    (tmp_path / "liangxin.toml").write_text("\n".join(mend), encoding="utf-8")
    assert main(["ask", "gaps"]) == 0
    assert notice not in capsys.readouterr().out


def rule(name: str, query: str) -> str:
    """A rule file of this name."""
    keys = ("title", "meaning", "denominator", "basis", "remedy")
    front = [f"id: {name}", "severity: warn", "subject: Unit", *(f"{key}: {name}" for key in keys)]
    return "\n".join(f"// {line}" for line in front) + f"\n\n{query}\n"


SCOPED = "u.listed AND (size($scope) = 0 OR EXISTS { MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope })"
#: queries of rules that fail, each with the line of the file at fault and a word of what is said of it
FAULTY = {
    "unknown_type": (f"MATCH (u:Unit)\nMATCH (n:Nope) WHERE {SCOPED} RETURN u.id AS id, 'finding' AS verdict ORDER BY id", 11, "Nope"),
    "unknown_property": (f"MATCH (u:Unit) WHERE {SCOPED}\n  AND u.nope = 1 RETURN u.id AS id, 'finding' AS verdict ORDER BY id", 11, "nope"),
    "no_cypher": (f"MATCH (u:Unit) WHERE {SCOPED}\nAND AND RETURN u.id AS id, 'finding' AS verdict ORDER BY id", 0, "(读不懂|没有定义)"),
    "numbers_as_ids": (f"MATCH (u:Unit) WHERE {SCOPED} RETURN u.staff AS id, 'finding' AS verdict ORDER BY id", 10, "不是文字"),
    "no_ids": (f"MATCH (u:Unit) WHERE {SCOPED} RETURN u.credit_code AS id, 'finding' AS verdict ORDER BY id", 10, "空"),
    "other_ids": (f"MATCH (u:Unit)-[:LOCATED_IN]->(q:Region) WHERE {SCOPED} RETURN q.id AS id, 'finding' AS verdict ORDER BY id", 10, "编号"),
    "no_verdict": (f"MATCH (u:Unit) WHERE {SCOPED} RETURN u.id AS id, CASE WHEN u.staff > 200 THEN 'finding' END AS verdict ORDER BY id", 10, "verdict"),
    "by_zero": (f"MATCH (u:Unit) WHERE {SCOPED} AND 1 / (u.staff - u.staff) > 0 RETURN u.id AS id, 'finding' AS verdict ORDER BY id", 10, "0"),
    "fact_of_another_type": (f"MATCH (u:Unit) WHERE {SCOPED} RETURN u.id AS id, 'finding' AS verdict, u.name AS staff ORDER BY id", 10, "staff"),
}  # fmt: skip


def test_a_faulty_rule_of_each_kind_stops_nothing_else(
    file: Path, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    place.use(monkeypatch)
    for name, (query, _, _) in FAULTY.items():
        (file.parent / f"{name}.cypher").write_text(rule(name, query), encoding="utf-8")
    assert main(["load", "区划.csv", "企业.csv", "--as-of", "2026-06-30"]) == 0
    loaded = capsys.readouterr()
    said = {"load": loaded.out + loaded.err}
    assert main(["rules", "--check"]) == 2
    said["check"] = capsys.readouterr().err
    for question in ("gaps", "overview", "rules"):
        assert main(["ask", question, "--as-of", "2026-06-30"]) == 0
        said[question] = capsys.readouterr().out
    for name, (_, line, word) in FAULTY.items():
        where = rf"{name}\.cypher 第 {line or '[0-9]+'} 行：[^\n]*{word}[^\n]*。请"
        for command, text in said.items():
            assert re.search(where, text), (command, name, text)
        assert main(["ask", name]) == 0
        assert re.search(where, capsys.readouterr().out)
    # a rule beside them finds what it finds alone
    assert main(["ask", "rules", "columns=rule,findings,population", "--format", "csv", "--as-of", "2026-06-30"]) == 0
    figures = capsys.readouterr().out
    assert f"{RULE},2,4" in figures
    assert all(f"{name},," in figures for name in FAULTY)
    # a figure that is missing is not 0
    for question in ("trends", "changes"):
        assert main(["ask", question]) == 0
        assert "规则 no_verdict（no_verdict）在第 1 版计量时出错" in capsys.readouterr().out
    assert main(["ask", "trends", "rule=no_verdict", "columns=no_verdict", "--format", "csv"]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1].strip('"') == ""
    with closing(open_office(place.location, as_of=dt.date(2026, 6, 30))) as office:
        client = Client(create_app(office, CLERK))
        for address in ("/", "/answers/gaps", "/answers/rules", "/answers/no_verdict"):
            page = client.get(address)
            assert page.status_code == 200
            assert "no_verdict.cypher 第 10 行" in page.text
        client.app.state.uploads.close()


def test_a_check_runs_the_rules_on_what_is_there(file: Path, capsys: Capture) -> None:
    assert main(["rules", RULE, "--check"]) == 0
    assert "空图库" in capsys.readouterr().out
    assert not Path("liangxin.lbug").exists()
    assert main(["load", "区划.csv", "企业.csv"]) == 0
    capsys.readouterr()
    assert main(["rules", RULE, "--check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"rule": RULE, "title": "百人以上未建工会", "fault": None}]
    # wrong only with data: what is returned as the id is a number
    file.write_text(
        file.read_text(encoding="utf-8").replace("RETURN u.id AS id", "RETURN u.staff AS id"), encoding="utf-8"
    )
    assert main(["rules", "--check"]) == 2
    assert f"{RULE}.cypher 第 16 行：规则 {RULE} 的 id 不是文字" in capsys.readouterr().err
