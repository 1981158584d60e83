"""docs/own-rules.md is tried as a county would try it: what it shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from api.cli.run import main
from api.declarations import declarations
from graph.questions import catalogue
from tests.places import Place

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

UNWIND range(1, 1000000) AS i UNWIND range(1, 1000000) AS j WITH sum(i * j) AS n
MATCH (u:Unit) WHERE u.listed AND (size($scope) = 0 OR n = 0) RETURN u.id AS id, 'finding' AS verdict ORDER BY id;
"""


def test_one_that_never_ends_refuses_a_load_by_name_until_it_is_off(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "规则").mkdir()
    (tmp_path / "规则" / "never_ends.cypher").write_text(NEVER_ENDS, encoding="utf-8")
    (tmp_path / "企业.csv").write_text(blocks("csv")[1], encoding="utf-8")
    place.use(monkeypatch, LIANGXIN_QUERY_SECONDS="2", LIANGXIN_RULES_FOLDER="规则")
    assert main(["load", "企业.csv"]) == 3
    said = capsys.readouterr().err
    assert "规则 never_ends（没完没了） 在 2 秒内没有答完" in said
    assert "query_seconds" in said
    # nothing of it is left, and what it says to do helps
    (mend,) = re.findall(r"(\[switches\]) 中写 (never_ends = false)", said)
    (tmp_path / "liangxin.toml").write_text("\n".join(mend), encoding="utf-8")
    assert main(["load", "企业.csv"]) == 0
    capsys.readouterr()
    assert main(["ask", "loads", "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.strip().splitlines()) == 2
    # asked all the same, it is ended as well
    (tmp_path / "liangxin.toml").unlink()
    assert main(["ask", "never_ends"]) == 3
    assert "query_seconds" in capsys.readouterr().err
