"""A declaration in YAML that knows the line of everything in it, so that a mistake can be named with its mend.

What it may hold is bounded, because anybody may have written it: in depth, in number, in the size of a value. The
bounds hold for declarations in TOML too.
"""

from __future__ import annotations

import math
from typing import Any, NoReturn

import yaml

from graph.errors import DeclarationError, InputError

#: libyaml reads ten times faster than the parser in Python, where it is there
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"
#: the most levels inside one another, the most values (an alias counts as all that it repeats), and the longest value
#: that is not text: the ontology has 3,600 values
DEEPEST, MOST_VALUES, LONGEST = 32, 100_000, 60
#: the largest number that both engines and the arithmetic of rules can take
LARGEST = 10**12

#: what a value must be: "text", "flag", "any" (one word or number) or "texts" (one or a list of them), [shape] for a
#: list, {name: shape} for names that may be there, {"*": shape} for names of any kind, (shape, {name: shape}) for either of the two
Shape = str | list[Any] | dict[str, Any] | tuple[Any, dict[str, Any]]
_SCALARS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "一段文字"),
    "flag": ((bool,), "true 或 false"),
    "any": ((str, int, float, bool), "一个值"),
    "texts": ((str, int, float, bool), "一个值，或一列值"),
}


class Declaration:
    """A YAML mapping with the line of every key, so that a message can name it."""

    def __init__(self, source: str, text: str, refused: type[InputError] = DeclarationError) -> None:
        """Raises `refused`, as every other method does."""
        self.source = source
        self.refused = refused
        self.lines: dict[str, int] = {}
        self._values = 0
        #: what is repeated by its name, and of how many values it consists
        self._anchors: dict[str, tuple[Any, int]] = {}
        try:
            # events, not nodes: libyaml makes nodes by recursion without a limit
            self._loader = _LOADER(text)
            self._loader.get_event()
            self.data: Any = self._document()
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise refused(f"{source} 第 {line} 行不是合法的 YAML：{error.problem}。请改正后重试。") from error
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, text.find(chr(error.character))) + 1 if isinstance(error.character, int) else 1
            raise refused(f"{source} 第 {line} 行有不能用的控制字符。请删去后重试。") from error

    def _document(self) -> Any:
        """The one document of the text; {} where there is none."""
        data: Any = {}
        if not isinstance(self._loader.get_event(), yaml.StreamEndEvent):
            data = self._build(self._loader.get_event(), "", 0)
            self._loader.get_event()
            after: Any = self._loader.get_event()
            if not isinstance(after, yaml.StreamEndEvent):
                self.lines[""] = after.start_mark.line + 1
                self.fail("", "又开始了一份内容", "删去 --- 和其后的内容，或另存为一个文件")
        return data

    def _build(self, event: Any, path: str, depth: int) -> Any:
        """The value that begins with an event."""
        self.lines.setdefault(path, event.start_mark.line + 1)
        before = self._values
        self._values += 1
        if depth > DEEPEST:
            self.fail(path, f"套叠太深（超过 {DEEPEST} 层）", "减少层次")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                self.fail(path, f"*{shortened(event.anchor)} 所引用的内容不在前面", "直接写出内容")
            value, size = self._anchors[event.anchor]
            self._values += size
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._mapping(path, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
            while not isinstance(item := self._loader.get_event(), yaml.SequenceEndEvent):
                value.append(self._build(item, f"{path}/{len(value)}", depth + 1))
        else:
            value = self._scalar(event, path)
        if self._values > MOST_VALUES:
            self.fail(path, f"内容太多（超过 {MOST_VALUES:,} 项，* 引用的按展开后计）", "删去重复的内容和 * 引用")
        if event.anchor and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = (value, self._values - before)
        return value

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        built: dict[str, Any] = {}
        key: Any
        while not isinstance(key := self._loader.get_event(), yaml.MappingEndEvent):
            if not hasattr(key, "value"):
                self.lines[path] = key.start_mark.line + 1
                self.fail(path, "冒号前不是一个名称", "写成“名: 值”")
            here = f"{path}/{key.value}"
            self.lines[here] = key.start_mark.line + 1
            if key.value in built:
                self.fail(here, f"“{shortened(key.value)}”写了两次", "删去其中一个")
            built[key.value] = self._build(self._loader.get_event(), here, depth + 1)
        return built

    def _scalar(self, event: yaml.ScalarEvent, path: str) -> Any:
        """A text, a number, a date, true or false, or null."""
        tag = event.tag
        if not tag or tag == "!":
            tag = self._loader.resolve(yaml.ScalarNode, event.value, event.implicit)
        if tag == _TEXT:
            return event.value
        node, shown = yaml.ScalarNode(tag, event.value), shortened(event.value)
        if len(node.value) > LONGEST:
            self.fail(path, f"“{shown}”太长", "检查是否少了引号")
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node, deep=True)
        # what the constructors of PyYAML raise for a text that is not of the kind that it or its tag promises
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError):
            self.fail(path, f"“{shown}”不是一个值", "改正，是文字的加上引号")
        if problem := unfit(value):
            self.fail(path, f"“{shown}”{problem}", "改为合适的数")
        return value

    def fail(self, path: str, what: str, mend: str) -> NoReturn:
        """Raise for the declaration at `path`, naming its line and the mend."""
        while path and path not in self.lines:
            path = path.rpartition("/")[0]
        raise self.refused(f"{self.source} 第 {self.lines.get(path, 1)} 行：{what}。请{mend}。")

    def check(self, value: Any, shape: Shape, path: str = "") -> None:
        """Fail where a value is not of its shape. Which names must or may be there is for the caller to say."""
        name = path.rpartition("/")[2] or "全文"
        if isinstance(shape, tuple):
            shape = shape[isinstance(value, dict)]
        if isinstance(shape, dict):
            if not isinstance(value, dict):
                self.fail(path, f"“{name}”应是一组“名: 值”", f"写成 {name}: {{名: 值}}")
            for key, child in value.items():
                if (of := shape.get(key, shape.get("*"))) is not None:
                    self.check(child, of, f"{path}/{key}")
        elif isinstance(shape, list):
            if not isinstance(value, list):
                self.fail(path, f"“{name}”应是一列", f"写成 {name}: [甲, 乙]")
            for number, child in enumerate(value):
                self.check(child, shape[0], f"{path}/{number}")
        elif shape == "texts" and isinstance(value, list):
            self.check(value, ["any"], path)
        else:
            types, words = _SCALARS[shape]
            if not isinstance(value, types) or value == "":
                self.fail(path, f"“{name}”应是{words}", f"写成 {name}: {words}")

    def one_of(self, path: str, what: str, name: str, allowed: Any) -> None:
        """Fail unless `name` is among those allowed, and list them."""
        if name not in allowed:
            self.fail(path, f"{what}“{name}”不存在", f"改为 {'、'.join(sorted(allowed))} 之一")


def unfit(value: Any) -> str:
    """Why a declaration may not hold a value, as the rest of a sentence; '' for one that it may."""
    if isinstance(value, float) and not math.isfinite(value):
        return "不是一个数"
    if isinstance(value, int | float) and abs(value) > LARGEST:
        return f"超出范围（最多 {LARGEST:,}）"
    return ""


def shortened(value: Any) -> str:
    """A value for a message: on one line, its first characters."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value)[:LONGEST])
    return f"{text}…" if len(str(value)) > LONGEST else text
