"""A declaration in YAML that knows the line of everything in it, so that a mistake can be named with its mend."""

from __future__ import annotations

from typing import Any, NoReturn

import yaml

from graph.errors import DeclarationError

#: libyaml reads ten times faster than the parser in Python, where it is there
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"

#: what a value must be: "text", "flag" or "any" (one word or number), [shape] for a list, {name: shape} for names
#: that may be there, {"*": shape} for names of any kind, (shape, {name: shape}) for either of the two
Shape = str | list[Any] | dict[str, Any] | tuple[Any, dict[str, Any]]
_SCALARS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "一段文字"),
    "flag": ((bool,), "true 或 false"),
    "any": ((str, int, float, bool), "一个值"),
}


class Declaration:
    """A YAML mapping with the line of every key, so that a message can name it."""

    def __init__(self, source: str, text: str) -> None:
        self.source = source
        self.lines: dict[str, int] = {}
        try:
            root = yaml.compose(text, Loader=_LOADER)
            self.data: Any = self._build(root, "") if root is not None else {}
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise DeclarationError(f"{source} 第 {line} 行不是合法的 YAML：{error.problem}。请改正后重试。") from error
        except (yaml.YAMLError, ValueError) as error:
            raise DeclarationError(f"{source} 第 1 行起不是合法的 YAML：{error}。请改正后重试。") from error

    def _build(self, node: yaml.Node, path: str) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            built: dict[str, Any] = {}
            for key, value in node.value:
                name = str(key.value)
                here = f"{path}/{name}"
                self.lines[here] = key.start_mark.line + 1
                if name in built:
                    self.fail(here, f"“{name}”写了两次", "删去其中一个")
                built[name] = self._build(value, here)
            return built
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, f"{path}/{i}") for i, child in enumerate(node.value)]
        if node.tag == _TEXT:
            return node.value
        return yaml.constructor.SafeConstructor().construct_object(node, deep=True)

    def fail(self, path: str, what: str, mend: str) -> NoReturn:
        """Raise for the declaration at `path`, naming its line and the mend."""
        while path and path not in self.lines:
            path = path.rpartition("/")[0]
        raise DeclarationError(f"{self.source} 第 {self.lines.get(path, 1)} 行：{what}。请{mend}。")

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
        else:
            types, words = _SCALARS[shape]
            if not isinstance(value, types) or value == "":
                self.fail(path, f"“{name}”应是{words}", f"写成 {name}: {words}")

    def one_of(self, path: str, what: str, name: str, allowed: Any) -> None:
        """Fail unless `name` is among those allowed, and list them."""
        if name not in allowed:
            self.fail(path, f"{what}“{name}”不存在", f"改为 {'、'.join(sorted(allowed))} 之一")
