"""Makes docs/questions.md: the questions that are not rules, each with its parameters."""

from __future__ import annotations

from collections.abc import Iterable

from graph.ontology import Ontology
from graph.parameters import COMMON, Parameter
from graph.questions import catalogue
from graph.rules.book import Book


def questions_page(book: Book, ontology: Ontology) -> str:
    """The text of docs/questions.md; questions of rules are in docs/rules.md."""
    questions = [question for question in catalogue(book).values() if question.name not in book.rules]
    out = [
        "# 问题",
        "",
        "<!-- 由 python -m api.reference 从 graph/questions/ 生成，请勿手改 -->",
        "",
        "可以问什么、各答什么、要哪些参数。命令行写 `liangxin ask 编号 参数=值`，网页地址是 `/answers/编号?参数=值`，"
        "加 `.json`、`.csv`、`.xlsx`、`.html` 得到同一回答的文件。每条规则的编号也是问题，见 [rules.md](rules.md)。",
        "",
        "| 问题 | 编号 |",
        "|---|---|",
        *(f"| [{question.title}](#{question.name}) | `{question.name}` |" for question in questions),
        "",
        "## 每个问题都可以加的参数",
        "",
        *_parameters(COMMON, ontology),
        "",
    ]
    for question in questions:
        out += [f'<a id="{question.name}"></a>', "", f"## {question.title} `{question.name}`", "", question.help, ""]
        if question.parameters:
            out += [*_parameters(question.parameters, ontology), ""]
    return "\n".join(out)


def _parameters(parameters: Iterable[Parameter], ontology: Ontology) -> list[str]:
    return [f"- `{p.name}`：{p.label}{_more(p, ontology)}" for p in parameters]


def described(parameter: Parameter) -> str:
    """The values that a parameter always knows, each with its label."""
    return "、".join(v if label == v else f"{v} {label}" for v, label in parameter.choices.items())


def _more(parameter: Parameter, ontology: Ontology) -> str:
    """Whether a parameter is required, what it names or may be and its default, in brackets; '' for none of these."""
    parts = [
        "必填" if parameter.required else "",
        f"{ontology.nodes[parameter.entity].label}的编号、代码或名称" if parameter.entity else "",
        f"可用 {described(parameter)}" if parameter.choices else "",
        f"{parameter.bounds[0]} 到 {parameter.bounds[1]} 的整数" if parameter.bounds else "",
        f"默认 {parameter.default}" if parameter.default else "",
    ]
    text = "，".join(part for part in parts if part)
    return f"（{text}）" if text else ""
