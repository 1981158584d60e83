"""Declares every setting once; checking, environment variables and docs/settings.md derive from it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, get_type_hints

from graph.locality import Locality, Overrides

# _key returns a dataclass field, which copies a mutable default for each instance
# ruff: noqa: RUF009

FILE = "liangxin.toml"
PREFIX = "LIANGXIN_"
#: variables with our prefix that are not settings: locations and credentials
OTHER_VARIABLES = ("STORE", "SETTINGS", "NEO4J_USER", "NEO4J_PASSWORD", "NEO4J_PASSWORD_FILE", "TEST_NEO4J")

_DEFAULTS = Locality()


@dataclass(frozen=True, slots=True)
class Key:
    """One setting: its type, default, description and bounds; a `filled` list may not be empty.

    A `printed` text stands on pages and reports, without numbers of persons.
    """

    annotation: Any
    default: Any
    description: str = ""
    least: int | None = None
    most: int | None = None
    filled: bool = False
    printed: bool = False


def _key(default: Any, **options: Any) -> Any:
    """A dataclass field; `options` are the further fields of its Key."""
    metadata = {"default": default, **options}
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


@cache
def keys(section: type) -> dict[str, Key]:
    """The settings of a section, by name."""
    types = get_type_hints(section)
    return {f.name: Key(types[f.name], **f.metadata) for f in fields(section)}


@dataclass(frozen=True, slots=True)
class ViewerSettings:
    """The viewer of the web service, until accounts exist."""

    name: str = _key("", description="网页服务查看人的名称，记入访问日志。留空为操作系统用户")
    regions: list[str] = _key([], description="网页服务可见的区划（名称或代码，含其下级）。留空为全部")
    clearance: list[str] = _key(
        ["members"],
        description="网页服务可见的敏感级别：person（姓名）、phone（电话）、members（单个单位党员数）、case（诉求内容等）",
    )


@dataclass(frozen=True, slots=True)
class Neo4jSettings:
    """The connection to a Neo4j server, besides its address and credentials."""

    database: str = _key("", description="Neo4j 服务器上的数据库名称。留空为该用户的默认数据库")
    ca_file: str = _key(
        "", description="自签证书机构的证书文件（PEM），用于 bolt+s、neo4j+s。相对路径从设置文件所在处算起"
    )


_Thresholds = dict[str, bool | int | float | str | list[str]]


@dataclass(frozen=True, slots=True)
class DivisionSettings:
    """The settings that one division overrides."""

    thresholds: _Thresholds = _key({})
    severities: dict[str, str] = _key({})
    switches: dict[str, bool] = _key({})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a county; the defaults work without a file."""

    home: str = _key(
        _DEFAULTS.home,
        description="本办公室所在的区划（代码或名称）。台账未写区划的归入此处，留空为不指定；区划台账没有的名称，载入时不收",
    )
    office: str = _key(_DEFAULTS.office, printed=True, description="办公室的称谓，用于页面和报告")
    prepared_by: str = _key(_DEFAULTS.prepared_by, printed=True, description="制表单位，印在报告和表格上")
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
    clearing: list[str] = _key(
        list(_DEFAULTS.clearing),
        description="台账里表示“原来填的作废”的写法。空白的格子不改变以前载入的内容，填这些写法的才清除",
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
        """The settings that rules, questions and loaders use."""
        return Locality(**{f.name: _value_of(getattr(self, f.name)) for f in fields(Locality) if f.name != "origins"})


def _value_of(setting: Any) -> Any:
    """A setting as a Locality stores it: a list as a tuple, a division's settings as Overrides."""
    if isinstance(setting, list):
        return tuple(setting)
    if isinstance(setting, DivisionSettings):
        return Overrides(**{f.name: _value_of(getattr(setting, f.name)) for f in fields(Overrides)})
    return {k: _value_of(v) for k, v in setting.items()} if isinstance(setting, dict) else setting


#: settings that are sections of the file
SECTIONS: dict[str, type] = {"viewer": ViewerSettings, "neo4j": Neo4jSettings}


def declared() -> dict[str, Key]:
    """Every setting by its full name ("home", "viewer.name"), in the order of the documentation."""
    by_name: dict[str, Key] = {}
    for name, key in keys(Settings).items():
        if name in SECTIONS:
            by_name.update({f"{name}.{n}": k for n, k in keys(SECTIONS[name]).items()})
        else:
            by_name[name] = key
    return by_name


def variable(key: str) -> str:
    """The environment variable of a setting: viewer.name is LIANGXIN_VIEWER_NAME."""
    return PREFIX + key.replace(".", "_").upper()
