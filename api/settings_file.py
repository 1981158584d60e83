"""Reads the settings from a file and the environment; each mistake is refused by its key, with how to write it."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, NoReturn, get_args, get_origin

from api.settings import (
    FILE,
    OTHER_VARIABLES,
    PREFIX,
    SECTIONS,
    DivisionSettings,
    Key,
    Settings,
    declared,
    keys,
    variable,
)
from graph.errors import DeclarationError
from graph.ontology import Ontology
from graph.ontology.declaration import DEEPEST, shortened, unfit
from graph.personal import clean
from graph.plain_files import read_text, shown_path, trouble

if TYPE_CHECKING:
    from graph.rules.book import Book

_BOOLEANS = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}
_TOO_DEEP = f"套叠太深（超过 {DEEPEST} 层）。请减少层次。"
#: most characters of a line, because the time to read a dotted key grows with the square of its length
_LONGEST_LINE = 2_000
_SEPARATOR = re.compile(r"[、，,；;]")


def load(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> tuple[Settings, Path | None]:
    """The settings in force, and the file they came from (None without one).

    An environment variable goes before the file. Raises DeclarationError that names the file or variable, the key
    and what to write.
    """
    environment = os.environ if environment is None else environment
    location = environment.get(PREFIX + "SETTINGS", "")
    path = Path(location) if location else (folder or Path()) / FILE
    if problem := trouble(path, "设置文件"):
        raise DeclarationError(problem)
    if there := path.is_file():
        data = _read(path)
    elif location:
        raise DeclarationError(
            f"没有找到设置文件 {shown_path(path)}（由 {PREFIX}SETTINGS 指定）。请检查路径，或去掉该环境变量。"
        )
    else:
        data = {}
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
    settings = convert(data, str(path), origin)
    if there:
        # paths in a file are relative to it
        if settings.rules_folder:
            settings = replace(settings, rules_folder=str(path.parent / settings.rules_folder))
        if settings.neo4j.ca_file:
            beside = replace(settings.neo4j, ca_file=str(path.parent / settings.neo4j.ca_file))
            settings = replace(settings, neo4j=beside)
    return settings, path if there else None


def check_names(settings: Settings, source: Path | None, book: Book, ontology: Ontology) -> None:
    """Check that names in the settings exist.

    Raises DeclarationError that names the key, the value and the names it may have.
    """
    named = (
        ("bases", settings.bases, list(book.bases)),
        ("precedence", settings.precedence, list(ontology.ledgers)),
        ("viewer.clearance", settings.viewer.clearance, list(ontology.sensitivities)),
    )
    for key, values, allowed in named:
        for value in values:
            if value not in allowed:
                raise DeclarationError(
                    f"{source or '设置'}：{key} 中的“{shortened(value)}”不存在。{_hint(value, allowed)}"
                )
    try:
        book.check(settings.locality())
    except DeclarationError as error:
        raise DeclarationError(f"{source or '设置'}：{error}") from error


def _read(path: Path) -> dict[str, Any]:
    text = read_text(path, "设置文件", DeclarationError)
    if (number := next((n for n, line in enumerate(text.splitlines(), 1) if len(line) > _LONGEST_LINE), 0)) > 0:
        raise DeclarationError(f"设置文件 {path} 第 {number} 行太长。一行请不超过 {_LONGEST_LINE:,} 个字符。")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "末尾"
        raise DeclarationError(
            f'设置文件 {path} {where}写法有误。请写成 键 = "值" 的形式，文字加引号，多项写成 ["甲", "乙"]。'
        ) from error
    # Python reads no number of more than 4,300 digits
    except ValueError as error:
        raise DeclarationError(f"设置文件 {path} 中有过长的数。请改正。") from error
    except RecursionError:
        raise DeclarationError(f"设置文件 {path} {_TOO_DEEP}") from None
    _bounded(path, data)
    return data


def _bounded(path: Path, data: dict[str, Any]) -> None:
    """Raise DeclarationError for what no setting may hold, however it is written."""
    waiting: list[tuple[str, Any, int]] = [("", data, 0)]
    while waiting:
        name, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise DeclarationError(f"设置文件 {path} {_TOO_DEEP}")
        if problem := unfit(value):
            raise DeclarationError(f"设置文件 {path}：{shortened(name)} 的值“{shortened(value)}”{problem}。请改正。")
        if isinstance(value, dict):
            waiting += [(f"{name}.{key}" if name else key, item, depth + 1) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(name, item, depth + 1) for item in value]


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Values of environment variables by key; an unknown variable with our prefix is refused."""
    settings = {variable(key): key for key in declared()}
    values: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX) or name.removeprefix(PREFIX) in OTHER_VARIABLES:
            continue
        if name not in settings:
            allowed = [*settings, *(PREFIX + other for other in OTHER_VARIABLES)]
            raise DeclarationError(f"不认识环境变量 {shortened(name)}。{_hint(name, allowed)}")
        values[settings[name]] = _value(declared()[settings[name]].annotation, text)
    return values


def _value(kind: Any, text: str) -> Any:
    """The text of a variable as a value of `kind`; text that cannot be read stays text, which `convert` refuses."""
    if kind == list[str]:
        return [part.strip() for part in _SEPARATOR.split(text) if part.strip()]
    if kind is bool:
        return _BOOLEANS.get(text.strip().lower(), text)
    if kind is int:
        return int(text) if re.fullmatch(r"\s*-?\d{1,9}\s*", text) else text
    if kind is str:
        return text
    pairs = (part.partition("=") for part in _SEPARATOR.split(text) if part.strip())
    texts = {name.strip(): value.strip() for name, _, value in pairs}
    if kind == dict[str, bool]:
        return {name: _BOOLEANS.get(value.lower(), value) for name, value in texts.items()}
    if kind != dict[str, DivisionSettings]:
        return {name: _number(value) for name, value in texts.items()}
    divisions: dict[str, Any] = {}
    for name, value in texts.items():
        division, _, rest = name.partition(".")
        part, _, key = rest.partition(".")
        section = keys(DivisionSettings).get(part)
        values = _value(section.annotation, f"{key}={value}") if section else {key: value}
        divisions.setdefault(division, {}).setdefault(part, {}).update(values)
    return divisions


def _number(text: str) -> int | float | str:
    if re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,15}\.\d+", text) else text


def _flat(thresholds: dict[str, Any]) -> dict[str, Any]:
    """Thresholds by "rule.parameter": TOML reads `rule.parameter = 3` without quotes as a nested section."""
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


def convert(data: Any, file: str = FILE, origin: Mapping[str, str] | None = None) -> Settings:
    """The settings from parsed TOML; DeclarationError names the first key that is wrong.

    `origin` names the environment variable of each key that does not come from `file`.
    """

    def section(kind: type, values: Any, path: tuple[str, ...]) -> Any:
        if not isinstance(values, dict):
            fail(path, values)
        declarations = keys(kind)
        checked = {n: valid(key, values[n], (*path, n)) for n, key in declarations.items() if n in values}
        for name in values:
            if name not in declarations:
                fail((*path, name), values[name], "unknown")
        return kind(**checked)

    def valid(key: Key, value: Any, path: tuple[str, ...]) -> Any:
        """The value, checked against the type and the bounds of its key."""
        if isinstance(key.annotation, type) and is_dataclass(key.annotation):
            return section(key.annotation, value, path)
        if get_origin(key.annotation) is dict and isinstance(value, dict):
            item = Key(get_args(key.annotation)[1], None)
            return {name: valid(item, v, (*path, name)) for name, v in value.items()}
        if not _is(value, key.annotation):
            fail(path, value)
        if key.filled and not value:
            fail(path, value, "empty")
        if (key.least is not None and value < key.least) or (key.most is not None and value > key.most):
            fail(path, value, "bounds")
        return clean(value) if key.printed else value

    def fail(path: tuple[str, ...], value: Any, problem: str = "type") -> NoReturn:
        raise DeclarationError(_explain(path, value, problem, file, origin or {}))

    settings: Settings = section(Settings, data, ())
    return settings


def _is(value: Any, kind: Any) -> bool:
    """Whether a value is of a type; true and false are not numbers."""
    if isinstance(kind, UnionType):
        return any(_is(value, member) for member in get_args(kind))
    if kind == list[str]:
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return type(value) is kind


def _explain(path: tuple[str, ...], value: Any, problem: str, file: str, origin: Mapping[str, str]) -> str:
    name = ".".join(path[:2] if path[0] in SECTIONS else path[:1])
    where = origin.get(name, f"设置文件 {file}")
    if name == "divisions":
        sections = "、".join(f'[divisions."某镇".{part}]' for part in keys(DivisionSettings))
        return f"{where}：{shortened('.'.join(path))} 写法不对。请写成 {sections} 一节，各键一行。"
    if problem == "unknown":
        return f"{where}：不认识的设置“{shortened(name)}”。{_hint(name, [*declared(), *SECTIONS])}"
    if name == "thresholds":
        return f"{where}：thresholds 应为“规则.参数 = 数值”各一行。请写成 [thresholds] 一节。"
    if name in ("severities", "switches"):
        values = "级别（high、medium、warn、suggest）" if name == "severities" else "true 或 false"
        return f"{where}：{name} 应为“规则 = {values}”各一行。请写成 [{name}] 一节。"
    key = declared().get(name) or keys(Settings)[name]
    if problem == "bounds":
        bounds = (("不小于", key.least), ("不大于", key.most))
        limits = "、".join(f"{words} {bound}" for words, bound in bounds if bound is not None)
        return f"{where}：{name} 的值 {value} 超出范围。请取{limits}的整数。"
    if problem == "empty":
        return f"{where}：{name} 不能为空。请至少写一项，默认为 {key.default}。"
    shape = _SHAPES["list[str]" if key.annotation == list[str] else key.annotation.__name__]
    return f"{where}：{name} 的值“{shortened(value)}”写法不对。请写成{shape}。"


def _hint(name: str, allowed: list[str]) -> str:
    near = difflib.get_close_matches(name, allowed, n=3, cutoff=0.5)
    return f"是否想写 {'、'.join(near)}？" if near else f"可用：{'、'.join(allowed)}。"
