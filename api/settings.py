"""The county's settings: one declaration from which checking, environment variables and docs/settings.md derive."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, NoReturn, get_args, get_origin, get_type_hints

from graph.errors import DeclarationError
from graph.locality import Locality, Overrides
from graph.ontology import Ontology

if TYPE_CHECKING:
    from graph.rules.book import Book

# _key is a field in every case: a default that can change is made anew
# ruff: noqa: RUF009

FILE = "liangxin.toml"
PREFIX = "LIANGXIN_"
#: variables that are not settings: where things are, and how to get in
OTHER_VARIABLES = ("STORE", "SETTINGS", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_PASSWORD_FILE", "TEST_NEO4J")

_DEFAULTS = Locality()
_BOOLEANS = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
_SEPARATOR = re.compile(r"[、，,；;]")


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its type, its default, what it decides, its bounds, and whether a list may not be empty."""

    annotation: Any
    default: Any
    description: str = ""
    least: int | None = None
    most: int | None = None
    filled: bool = False


def _key(default: Any, **about: Any) -> Any:
    """A field of a section; `about` are the further fields of its Key."""
    about |= {"default": default}
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata=about)
    return field(default=default, metadata=about)


@cache
def keys(section: type) -> dict[str, Key]:
    """The settings of a section, by name."""
    types = get_type_hints(section)
    return {f.name: Key(types[f.name], **f.metadata) for f in fields(section)}


@dataclass(frozen=True, slots=True)
class ViewerSettings:
    """Who looks at the pages of the web service until accounts exist."""

    name: str = _key("", description="网页服务查看人的名称，记入访问日志。留空为操作系统用户")
    regions: list[str] = _key([], description="网页服务可见的区划（名称或代码，含其下级）。留空为全部")
    clearance: list[str] = _key(
        ["members"],
        description="网页服务可见的敏感级别：person（姓名）、phone（电话）、members（单个单位党员数）、case（诉求内容等）",
    )


@dataclass(frozen=True, slots=True)
class Neo4jSettings:
    """How a Neo4j server is reached, besides its address and credentials."""

    database: str = _key("", description="Neo4j 服务器上的数据库名称。留空为该用户的默认数据库")
    ca_file: str = _key(
        "", description="自签证书机构的证书文件（PEM），用于 bolt+s、neo4j+s。相对路径从设置文件所在处算起"
    )


_Thresholds = dict[str, bool | int | float | str | list[str]]


@dataclass(frozen=True, slots=True)
class DivisionSettings:
    """What one division decides otherwise."""

    thresholds: _Thresholds = _key({})
    severities: dict[str, str] = _key({})
    switches: dict[str, bool] = _key({})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a county decides, with defaults that work without a file."""

    home: str = _key(
        _DEFAULTS.home, description="本办公室所在的区划（代码或名称）。台账未写区划的归入此处，留空为不指定"
    )
    office: str = _key(_DEFAULTS.office, description="办公室的称谓，用于页面和报告")
    prepared_by: str = _key(_DEFAULTS.prepared_by, description="制表单位，印在报告和表格上")
    bases: list[str] = _key(
        list(_DEFAULTS.bases),
        filled=True,
        description="上报所用的口径，企业和社会组织各一个",
    )
    key_chains: list[str] = _key(
        list(_DEFAULTS.key_chains), description="重点产业链名单。产业链台账中标为重点的，不必重复列出"
    )
    pairing_sides: list[str] = _key(
        list(_DEFAULTS.pairing_sides),
        description="结对共建方案要求结对的一方：村（社区）的认定类别、联组、行业党组织",
    )
    precedence: list[str] = _key(
        list(_DEFAULTS.precedence),
        description="台账说法不一时以谁为准，排在前的优先。名称见 docs/ontology.md 的“台账”",
    )
    key_industries: list[str] = _key(
        list(_DEFAULTS.key_industries),
        description="本地点名要建行业党委的行业，如物业、快递外卖、互联网。留空则不查“行业未建党委”",
    )
    visit_interval_days: int = _key(
        _DEFAULTS.visit_interval_days,
        least=0,
        most=3660,
        description="指导员、联络员至少多少天走访一次。0 为本地未规定，不查“走访逾期”",
    )
    posting_grace_quarters: int = _key(
        _DEFAULTS.posting_grace_quarters,
        least=0,
        most=4,
        description="指导员任期届满后，再算有效几个季度（标注到期待续派）",
    )
    pairing_idle_months: int = _key(
        _DEFAULTS.pairing_idle_months,
        least=1,
        most=36,
        description="结对双方几个月没有开展共建活动即列入“结对未活动”",
    )
    broad_work_coverage: bool = _key(_DEFAULTS.broad_work_coverage, description="工作覆盖是否也计工会、共青团、妇联")
    temporary_branches_cover: bool = _key(_DEFAULTS.temporary_branches_cover, description="临时党支部是否计入组织覆盖")
    rules_folder: str = _key(
        "",
        description="本地规则文件夹，放入一个 .cypher 文件即多一条规则。相对路径从设置文件所在处算起",
    )
    query_seconds: int = _key(
        60, least=1, most=3600, description="一次查询最多用多少秒，超过即报告未答完；导入时每条规则也以此为限"
    )
    log_days: int = _key(184, least=184, description="日志保存天数。《网络安全法》要求不少于六个月")
    thresholds: _Thresholds = _key(
        {}, description="规则参数：“规则.参数 = 值”，或对所有规则“参数 = 值”。liangxin rules 列出各规则的参数和默认值"
    )
    severities: dict[str, str] = _key(
        {}, description="规则的严重程度：“规则 = 级别”，级别为 high（高）、medium（中）、warn（提醒）、suggest（建议）"
    )
    switches: dict[str, bool] = _key(
        {}, description="规则的启用：“规则 = false”即停用，停用的规则不查问题，清单中注明“已停用”"
    )
    divisions: dict[str, DivisionSettings] = _key(
        {},
        description="某一区划（名称或代码）另设的上面三项，用于其中的对象，下级区划优先："
        '一节写成 [divisions."某镇".thresholds]，另两项为 severities、switches。'
        "环境变量写成“某镇.switches.规则=否”，多项用逗号隔开",
    )
    viewer: ViewerSettings = _key(ViewerSettings(), description="网页服务的查看人（帐号功能启用之前）")
    neo4j: Neo4jSettings = _key(Neo4jSettings(), description="图库在 Neo4j 服务器上时的连接")

    def locality(self) -> Locality:
        """What rules, questions and loaders see of the settings."""
        return Locality(**{f.name: _value_of(getattr(self, f.name)) for f in fields(Locality) if f.name != "origins"})


def _value_of(setting: Any) -> Any:
    """A setting as a Locality holds it: names as a tuple, a division's own decisions as Overrides."""
    if isinstance(setting, list):
        return tuple(setting)
    if isinstance(setting, DivisionSettings):
        return Overrides(**{f.name: _value_of(getattr(setting, f.name)) for f in fields(Overrides)})
    return {k: _value_of(v) for k, v in setting.items()} if isinstance(setting, dict) else setting


#: settings that are a section of their own
SECTIONS: dict[str, type] = {"viewer": ViewerSettings, "neo4j": Neo4jSettings}


def declared() -> dict[str, Key]:
    """Every key as "section.key", the thresholds as one; the order is that of the documentation."""
    every: dict[str, Key] = {}
    for name, key in keys(Settings).items():
        if name in SECTIONS:
            every.update({f"{name}.{n}": k for n, k in keys(SECTIONS[name]).items()})
        else:
            every[name] = key
    return every


def variable(key: str) -> str:
    """The environment variable of a key: viewer.name is LIANGXIN_VIEWER_NAME."""
    return PREFIX + key.replace(".", "_").upper()


def load(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> tuple[Settings, Path | None]:
    """The settings in force and the file they came from (None without one).

    A variable of the environment goes before the file. Raises DeclarationError naming the file or variable,
    the key and what to write.
    """
    environment = os.environ if environment is None else environment
    named = environment.get(PREFIX + "SETTINGS", "")
    path = Path(named) if named else (folder or Path()) / FILE
    data: dict[str, Any] = {}
    if path.is_file():
        data = _read(path)
    elif named:
        raise DeclarationError(f"没有找到设置文件 {path}（由 {PREFIX}SETTINGS 指定）。请检查路径，或去掉该环境变量。")
    origin: dict[str, str] = {}
    for key, value in _from_environment(environment).items():
        section, _, name = key.rpartition(".")
        target = data.setdefault(section, {}) if section else data
        if not isinstance(target, dict):
            raise DeclarationError(f"设置文件 {path}：{section} 应为一节。请写成 [{section}]，各键写在其下。")
        target[name] = value
        origin[key] = f"环境变量 {variable(key)}"
    divisions = data.get("divisions")
    for section in (data, *(divisions.values() if isinstance(divisions, dict) else ())):
        if isinstance(section, dict) and isinstance(section.get("thresholds"), dict):
            section["thresholds"] = _flat(section["thresholds"])
    settings = checked(data, str(path), origin)
    if path.is_file():
        # what a file names stands beside it
        if settings.rules_folder:
            settings = replace(settings, rules_folder=str(path.parent / settings.rules_folder))
        if settings.neo4j.ca_file:
            beside = replace(settings.neo4j, ca_file=str(path.parent / settings.neo4j.ca_file))
            settings = replace(settings, neo4j=beside)
    return settings, path if path.is_file() else None


def check(settings: Settings, source: Path | None, book: Book, ontology: Ontology) -> None:
    """Names used in the settings must exist; DeclarationError names the key, the value and what may stand there."""
    admitted = (
        ("bases", settings.bases, list(book.bases)),
        ("precedence", settings.precedence, list(ontology.ledgers)),
        ("viewer.clearance", settings.viewer.clearance, list(ontology.sensitivities)),
    )
    for key, values, known in admitted:
        for value in values:
            if value not in known:
                raise DeclarationError(f"{source or '设置'}：{key} 中的“{value}”不存在。{_hint(value, known)}")
    try:
        book.check(settings.locality())
    except DeclarationError as error:
        raise DeclarationError(f"{source or '设置'}：{error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DeclarationError(f"设置文件 {path} 不是 UTF-8 编码。请在记事本中另存为 UTF-8 后重试。") from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        where = f"第 {found[1]} 行" if found else "末尾"
        raise DeclarationError(
            f'设置文件 {path} {where}写法有误。请写成 键 = "值" 的形式，文字加引号，多项写成 ["甲", "乙"]。'
        ) from error
    except OSError as error:
        raise DeclarationError(f"设置文件 {path} 读不出来（{error.strerror}）。请检查权限。") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Values of the environment by key; a variable with our prefix that means nothing is refused."""
    known = {variable(key): key for key in declared()}
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name.removeprefix(PREFIX) in OTHER_VARIABLES:
            continue
        if name not in known:
            others = [*known, *(PREFIX + other for other in OTHER_VARIABLES)]
            raise DeclarationError(f"不认识环境变量 {name}。{_hint(name, others)}")
        values[known[name]] = _value(declared()[known[name]].annotation, text)
    return values


def _value(kind: Any, text: str) -> Any:
    """The text of a variable as its key's type; what cannot be read is left for the check to refuse."""
    if kind == list[str]:
        return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    if kind is bool:
        return _BOOLEANS.get(text.strip().lower(), text)
    if kind is int:
        return int(text) if re.fullmatch(r"\s*-?\d{1,9}\s*", text) else text
    if kind is str:
        return text
    pairs = (part.partition("=") for part in _SEPARATOR.split(text) if part.strip())
    stated = {name.strip(): value.strip() for name, _, value in pairs}
    if kind == dict[str, bool]:
        return {name: _BOOLEANS.get(value.lower(), value) for name, value in stated.items()}
    if kind != dict[str, DivisionSettings]:
        return {name: _number(value) for name, value in stated.items()}
    divisions: dict[str, Any] = {}
    for name, value in stated.items():
        division, _, rest = name.partition(".")
        part, _, key = rest.partition(".")
        own = keys(DivisionSettings).get(part)
        known = _value(own.annotation, f"{key}={value}") if own else {key: value}
        divisions.setdefault(division, {}).setdefault(part, {}).update(known)
    return divisions


def _number(text: str) -> int | float | str:
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,15}\.\d+", text) else text


def _flat(thresholds: dict[str, Any]) -> dict[str, Any]:
    """TOML reads `rule.parameter = 3` without quotes as a section of its own; both spellings mean the same."""
    flat: dict[str, Any] = {}
    for name, value in thresholds.items():
        flat.update({f"{name}.{n}": v for n, v in value.items()} if isinstance(value, dict) else {name: value})
    return flat


_SHAPES = {
    "str": '文字，如 "丁市"',
    "int": "整数，如 1",
    "bool": "true 或 false",
    "list[str]": '名单，如 ["甲", "乙"]',
    "ViewerSettings": "一节，写成 [viewer]",
    "Neo4jSettings": "一节，写成 [neo4j]",
}


def checked(data: Any, file: str = FILE, origin: Mapping[str, str] | None = None) -> Settings:
    """The settings of what a file and the environment say; DeclarationError names the first key that is wrong.

    `origin` says where a key comes from that the file does not name.
    """

    def section(kind: type, values: Any, path: tuple[str, ...]) -> Any:
        if not isinstance(values, dict):
            fail(path, values)
        every = keys(kind)
        own = {name: fitting(key, values[name], (*path, name)) for name, key in every.items() if name in values}
        for name in values:
            if name not in every:
                fail((*path, name), values[name], "unknown")
        return kind(**own)

    def fitting(key: Key, value: Any, path: tuple[str, ...]) -> Any:
        """The value, if it is one that the key may have."""
        if isinstance(key.annotation, type) and is_dataclass(key.annotation):
            return section(key.annotation, value, path)
        if get_origin(key.annotation) is dict and isinstance(value, dict):
            each = Key(get_args(key.annotation)[1], None)
            return {name: fitting(each, own, (*path, name)) for name, own in value.items()}
        if not _is(value, key.annotation):
            fail(path, value)
        if key.filled and not value:
            fail(path, value, "empty")
        if (key.least is not None and value < key.least) or (key.most is not None and value > key.most):
            fail(path, value, "bounds")
        return value

    def fail(path: tuple[str, ...], value: Any, problem: str = "type") -> NoReturn:
        raise DeclarationError(_explain(path, value, problem, file, origin or {}))

    settings: Settings = section(Settings, data, ())
    return settings


def _is(value: Any, kind: Any) -> bool:
    """Whether a value is of a type; true and false are no numbers."""
    if isinstance(kind, UnionType):
        return any(_is(value, one) for one in get_args(kind))
    if kind == list[str]:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return type(value) is kind


def _explain(path: tuple[str, ...], value: Any, problem: str, file: str, origin: Mapping[str, str]) -> str:
    name = ".".join(path[:2] if path[0] in SECTIONS else path[:1])
    where = origin.get(name, f"设置文件 {file}")
    if name == "divisions":
        sections = "、".join(f'[divisions."某镇".{part}]' for part in keys(DivisionSettings))
        return f"{where}：{'.'.join(path)} 写法不对。请写成 {sections} 一节，各键一行。"
    if problem == "unknown":
        return f"{where}：不认识的设置“{name}”。{_hint(name, [*declared(), *SECTIONS])}"
    if name == "thresholds":
        return f"{where}：thresholds 应为“规则.参数 = 数值”各一行。请写成 [thresholds] 一节。"
    if name in ("severities", "switches"):
        admitted = "级别（high、medium、warn、suggest）" if name == "severities" else "true 或 false"
        return f"{where}：{name} 应为“规则 = {admitted}”各一行。请写成 [{name}] 一节。"
    key = declared().get(name) or keys(Settings)[name]
    if problem == "bounds":
        bounds = (("不小于", key.least), ("不大于", key.most))
        limits = "、".join(f"{words} {bound}" for words, bound in bounds if bound is not None)
        return f"{where}：{name} 的值 {value} 超出范围。请取{limits}的整数。"
    if problem == "empty":
        return f"{where}：{name} 不能为空。请至少写一项，默认为 {key.default}。"
    shape = _SHAPES["list[str]" if key.annotation == list[str] else key.annotation.__name__]
    return f"{where}：{name} 的值“{str(value)[:60]}”写法不对。请写成{shape}。"


def _hint(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"是否想写 {'、'.join(near)}？" if near else f"可用：{'、'.join(known)}。"
