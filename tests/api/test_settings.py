from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from api import settings, settings_file
from api.declarations import declarations
from graph.errors import DeclarationError
from graph.locality import Locality, Overrides
from graph.ontology import load as load_ontology
from graph.rules.book import Book


def write(folder: Path, text: str) -> None:
    (folder / settings.FILE).write_text(text, encoding="utf-8")


def refused(folder: Path, **environment: str) -> str:
    with pytest.raises(DeclarationError) as caught:
        settings_file.load(environment, folder)
    return str(caught.value)


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    loaded, source = settings_file.load({}, tmp_path)
    assert source is None
    assert loaded.locality() == Locality()


def test_a_file_decides(tmp_path: Path) -> None:
    write(tmp_path, '\ufeffhome = "丁市"\nbases = ["规上企业"]\n[viewer]\nname = "值班室"\nclearance = []\n')
    loaded, source = settings_file.load({}, tmp_path)
    assert source == tmp_path / settings.FILE
    assert (loaded.home, loaded.bases, loaded.viewer.name, loaded.viewer.clearance) == (
        "丁市",
        ["规上企业"],
        "值班室",
        [],
    )


def test_every_decision_reaches_what_rules_see() -> None:
    changed: dict[str, Any] = {}
    for f in fields(Locality):
        default = getattr(settings.Settings(), f.name) if f.name != "origins" else None
        match default:
            case bool():
                changed[f.name] = not default
            case int():
                changed[f.name] = default + 1
            case str():
                changed[f.name] = f"{default}甲"
            case list():
                changed[f.name] = [*default, "甲"]
    loaded = settings.Settings(**changed).locality()
    for name, value in changed.items():
        assert getattr(loaded, name) == (tuple(value) if isinstance(value, list) else value), name
    assert {f.name for f in fields(Locality)} - changed.keys() == {
        "origins", "thresholds", "severities", "switches", "divisions",
    }  # fmt: skip


def test_thresholds_are_read_with_and_without_quotes(tmp_path: Path) -> None:
    write(tmp_path, '[thresholds]\n"a.b" = 4\nc.d = 5\ne = 6\n')
    assert settings_file.load({}, tmp_path)[0].locality().thresholds == {"a.b": 4, "c.d": 5, "e": 6}


def test_a_division_decides_otherwise(tmp_path: Path) -> None:
    write(
        tmp_path,
        '[switches]\nterm_overdue = false\n[divisions."东镇".thresholds]\na.b = 4\n'
        '[divisions."130101".severities]\nterm_overdue = "high"\n',
    )
    expected = {
        "东镇": Overrides(thresholds={"a.b": 4}),
        "130101": Overrides(severities={"term_overdue": "high"}),
    }
    loaded = settings_file.load({}, tmp_path)[0].locality()
    assert (loaded.switches, loaded.divisions) == ({"term_overdue": False}, expected)
    environment = {
        "LIANGXIN_DIVISIONS": "东镇.thresholds.a.b=4，130101.severities.term_overdue=high",
        "LIANGXIN_SWITCHES": "term_overdue=否",
    }
    assert settings_file.load(environment, tmp_path / "none")[0].locality() == loaded
    assert "divisions" in refused(tmp_path / "none", LIANGXIN_DIVISIONS="东镇.switches.term_overdue=也许")


def test_every_key_is_also_a_variable_which_goes_first(tmp_path: Path) -> None:
    write(tmp_path, 'home = "丁市"\n')
    environment = {
        "LIANGXIN_HOME": "乙市",
        "LIANGXIN_BASES": "规上企业、社会组织",
        "LIANGXIN_BROAD_WORK_COVERAGE": "是",
        "LIANGXIN_LOG_DAYS": "365",
        "LIANGXIN_VIEWER_REGIONS": "东镇, 西镇",
        "LIANGXIN_THRESHOLDS": "org_min_members=4,officer_overloaded.officer_capacity=7",
        "LIANGXIN_STORE": "not a setting",
        "PATH": "/bin",
    }
    loaded, _ = settings_file.load(environment, tmp_path)
    assert loaded.home == "乙市"
    assert loaded.bases == ["规上企业", "社会组织"]
    assert loaded.broad_work_coverage
    assert loaded.log_days == 365
    assert loaded.viewer.regions == ["东镇", "西镇"]
    assert loaded.thresholds == {"org_min_members": 4, "officer_overloaded.officer_capacity": 7}
    assert {settings.variable(key) for key in settings.declared()} >= environment.keys() - {"LIANGXIN_STORE", "PATH"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('hoem = "丁市"', "不认识的设置“hoem”。是否想写 home"),
        ('[viewer]\nnaem = "x"', "不认识的设置“viewer.naem”。是否想写 viewer.name"),
        ("[nothing_like_it]\nx = 1", "不认识的设置“nothing_like_it”"),
        ("home = 3", "home 的值“3”写法不对。请写成文字"),
        ('bases = "规上企业"', "bases 的值“规上企业”写法不对。请写成名单"),
        ("bases = []", "bases 不能为空"),
        ('broad_work_coverage = "yes"', "请写成true 或 false"),
        ("log_days = 30", "log_days 的值 30 超出范围。请取不小于 184"),
        ("log_days = true", "log_days 的值“True”写法不对。请写成整数"),
        ("bases = [3]", "bases 的值“[3]”写法不对。请写成名单"),
        ("pairing_idle_months = 0", "请取不小于 1、不大于 36的整数"),
        ("[thresholds]\na = 2026-06-30", "thresholds 应为"),
        ("viewer = 3", "viewer 的值“3”写法不对。请写成一节"),
        ('thresholds = "x"', "thresholds 应为"),
        ("severities = 3", "severities 应为"),
        ("[switches]\nterm_overdue = 1", "switches 应为“规则 = true 或 false”"),
        ("divisions = 3", "divisions 写法不对"),
        ('[divisions."东镇".threshold]\na = 1', "divisions.东镇.threshold 写法不对"),
        ('home = "丁市"\nbases = [', "写法有误"),
        ('home = "丁市"\noffice = 两新工委\n', "第 2 行写法有误"),
    ],
)
def test_what_is_written_wrongly_is_refused_with_its_name(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    text = refused(tmp_path)
    assert message in text
    assert settings.FILE in text


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / settings.FILE).write_bytes('home = "丁市"'.encode("gb18030"))
    assert "UTF-8" in refused(tmp_path)


def test_a_variable_that_means_nothing_or_is_wrong_is_refused_by_name(tmp_path: Path) -> None:
    assert "不认识环境变量 LIANGXIN_HOEM。是否想写 LIANGXIN_HOME" in refused(tmp_path, LIANGXIN_HOEM="x")
    assert "环境变量 LIANGXIN_LOG_DAYS：log_days" in refused(tmp_path, LIANGXIN_LOG_DAYS="many")
    assert "nowhere.toml" in refused(tmp_path, LIANGXIN_SETTINGS=str(tmp_path / "nowhere.toml"))


def test_a_folder_of_rules_is_found_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "office.toml"
    path.write_text('rules_folder = "rules"', encoding="utf-8")
    loaded, _ = settings_file.load({"LIANGXIN_SETTINGS": str(path)}, Path("/nowhere"))
    assert Path(loaded.rules_folder) == tmp_path / "rules"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"bases": ["规上企叶"]}, "bases 中的“规上企叶”不存在。是否想写 规上企业"),
        ({"precedence": ["enterprise"]}, "precedence 中的“enterprise”不存在。是否想写 enterprises"),
        ({"viewer": {"clearance": ["names"]}}, "viewer.clearance 中的“names”不存在"),
        ({"thresholds": {"org_min_member": 3}}, "阈值“org_min_member”不存在"),
        ({"thresholds": {"org_min_members": "三"}}, "类型不对"),
        ({"severities": {"no_such": "high"}}, "严重程度的规则“no_such”不存在"),
        ({"severities": {"term_overdue": "急"}}, "term_overdue 的严重程度“急”不存在"),
        ({"switches": {"no_such": False}}, "启用的规则“no_such”不存在"),
        ({"divisions": {"东镇": {"thresholds": {"x": 1}}}}, "区划“东镇”的阈值“x”不存在"),
        (
            {"divisions": {"东镇": {"thresholds": {"min_staff": 9}}}},
            "“min_staff”是口径的参数，全县（市、区）只能有一个值",
        ),
        ({"divisions": {"东镇": {"thresholds": {"三有企业.min_staff": 9}}}}, "是口径的参数"),
        ({"divisions": {"东镇": {"severities": {"term_overdue": "急"}}}}, "区划“东镇”的规则 term_overdue"),
    ],
)
def test_names_in_the_settings_must_exist(data: dict[str, object], message: str) -> None:
    decided = settings_file.convert(data)
    with pytest.raises(DeclarationError, match=message) as caught:
        settings_file.check_names(decided, Path("liangxin.toml"), Book.load(), load_ontology())
    assert "liangxin.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bases = " + "[" * 1_500, "套叠太深"),
        ("\n".join(f"[{'.'.join(['a'] * 300)}.x{n}]" for n in range(40)), "套叠太深"),
        ("home = 1" + "0" * 1_990, "不是一个数|超出范围"),
        ("x = " + "a." * 2_000, "太长"),
        ("log_days = 9223372036854775808", "超出范围"),
        ("[thresholds]\norg_min_members = 99999999999999999999", "超出范围"),
        ("[thresholds]\norg_min_members = nan", "不是一个数"),
        ("[thresholds]\norg_min_members = -1", "小于 0"),
        ("[thresholds]\norg_min_members = inf", "不是一个数"),
        ('[divisions."东镇".thresholds]\norg_min_members = -3', "小于 0"),
        ("visit_interval_days = -1", "超出范围"),
        ("home = 1\nhome = 2", "写法有误"),
        ("home = 1979-99-99", "写法有误"),
    ],
)
def test_no_settings_are_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "liangxin.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=said) as caught:
        declarations()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1_000
