"""Writes docs/ontology.md, settings.md, rules.md and questions.md; `--check` fails and names those that are stale."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from api import settings
from api.questions_page import questions_page
from graph.locality import Locality
from graph.ontology import EdgeType, NodeType, Ontology, Property, load
from graph.parameters import SEVERITIES
from graph.questions.problems.rulebook import described
from graph.rules.book import Book
from graph.rules.book import book as load_book
from graph.rules.rule import fill

FOLDER = Path(__file__).resolve().parent.parent / "docs"
TYPES = {
    "string": "文字",
    "integer": "整数",
    "number": "小数",
    "money": "金额",
    "date": "日期",
    "boolean": "是否",
    "strings": "多项",
}
_SETTING_TYPES = {"str": "文字", "int": "整数", "bool": "true / false", "list[str]": "名单"}


def ontology_page(ontology: Ontology) -> str:
    """The text of docs/ontology.md: types, properties, the headers of ledgers that name them, and sensitivity."""
    out = [
        "# 图谱里有什么",
        "",
        "<!-- 由 python -m api.reference 从 graph/ontology.yaml 生成，请勿手改 -->",
        "",
        f"本体版本 {ontology.version}。“表头”是台账里能认出的写法，“上级/下级”指多行表头。",
        "",
        "## 敏感级别",
        "",
        *_table(("级别", "含义"), ontology.sensitivities.items()),
        "",
        "## 入口即弃的列",
        "",
        "这些列在读入时就丢弃，不进入图库、日志和退回的表，丢弃情况写在导入报告里。",
        "",
        *_table(("列", "表头"), ((label, "、".join(headers)) for label, headers in ontology.drop.items())),
        "",
        "## 实体",
        "",
    ]
    for kind in ontology.entities:
        about = [kind.about, ""] if kind.about else []
        out += [f"### {kind.label} `{kind.name}`", "", *about, f"识别：{_keys(kind)}。", ""]
        out += [*_properties(kind.properties), ""]
    out += ["## 关系", ""]
    for edge in ontology.edges.values():
        out += [f"### {edge.label} `{edge.name}`", "", _edge(edge, ontology), ""]
        if edge.properties:
            out += [*_properties(edge.properties), ""]
    out += [
        "## 台账",
        "",
        "一张表按表头认出是哪种台账。认不出或认错的，在网页“数据导入”里选择各列含义，"
        "选择存入图库旁的 `表头对照.yaml`（图库在服务器上时，存入工作目录），以后遇到同样的表头，网页和命令行都照此识别；"
        "也可以自己写一个对照文件，用 `--mapping` 指明，先于前者。",
        "",
    ]
    ledgers = ((f"`{name}`", spec["label"], _subject(spec, ontology)) for name, spec in ontology.ledgers.items())
    out += [*_table(("名称", "台账", "一行是"), ledgers), ""]
    return "\n".join(out)


def settings_page() -> str:
    """The text of docs/settings.md."""
    out = [
        "# 设置",
        "",
        "<!-- 由 python -m api.reference 从 api/settings.py 生成，请勿手改 -->",
        "",
        f"设置写在工作目录的 `{settings.FILE}` 里（UTF-8 编码），或由环境变量 `{settings.PREFIX}SETTINGS` 指定文件。"
        "没有文件时一律用默认值。每一项也可以用环境变量给出，环境变量优先；多项之间用顿号或逗号分开。"
        "写错的键会在启动时指出，不会被忽略。",
        "",
        *_table(
            ("键", "类型", "默认", "环境变量", "说明"),
            (
                (
                    f"`{key}`",
                    _setting_type(field.annotation),
                    _default(field.default),
                    f"`{settings.variable(key)}`",
                    field.description or "",
                )
                for key, field in settings.declared().items()
            ),
        ),
        "",
        "## 例子",
        "",
        "```toml",
        'home = "丁市"',
        'prepared_by = "丁市两新工委办公室"',
        'bases = ["规上企业", "社会组织"]',
        'key_chains = ["先进储能材料产业链"]',
        "",
        "[viewer]",
        'name = "值班室"',
        'clearance = ["members"]',
        "```",
        "",
        "## 查看人看得到什么",
        "",
        "设了 `viewer.regions`，网页只答这些区划（含下级）及其中的园区、楼宇、商圈：区划内的"
        "对象可以看全，与其相连的外部对象只列名称，不列其事实，也不能点开；导入和撤销只限能看全部的人。没有 "
        "`case` 一级的查看人，问题清单、合计、趋势、图谱里都没有这一级的规则（如软弱涣散），规则自己的"
        "页面只给出所见范围内对象总数，以五为一档，范围小于一个镇街的不给，也不能按部分或别的日期问。总数跨过"
        "一档（如由 4 变 5）时，仍能看出前后两次数据之间有增减，看不出是哪一个。",
        "",
        "## 不是设置的环境变量",
        "",
        *_table(
            ("环境变量", "含义"),
            (
                (
                    "`LIANGXIN_STORE`",
                    "图库位置，同 `--store`：一个文件，默认为工作目录下的 `liangxin.lbug`；或 Neo4j 服务器的地址，"
                    "以 `bolt://`、`neo4j://` 开头，加密的为 `bolt+s://`、`neo4j+s://`（`+ssc` 不核对证书）",
                ),
                ("`LIANGXIN_SETTINGS`", "设置文件的位置"),
                ("`LIANGXIN_NEO4J_USER`", "Neo4j 服务器的用户名，默认 `neo4j`"),
                ("`LIANGXIN_NEO4J_PASSWORD`", "该用户的密码。不能写在地址、命令行或设置文件里"),
                ("`LIANGXIN_NEO4J_PASSWORD_FILE`", "存放密码的文件，没有上一项时读它"),
                ("`LIANGXIN_TEST_NEO4J`", "只供 `make test`：用哪台服务器测试，**其中的数据会被清空**"),
            ),
        ),
        "",
        "图库在服务器上时怎样安排，见 [neo4j.md](neo4j.md)。",
        "",
    ]
    return "\n".join(out)


def rules_page(book: Book, ontology: Ontology) -> str:
    """The text of docs/rules.md: each rule in words and in Cypher with its defaults, then the 口径."""
    descriptions = [described(rule, book, Locality(), ontology) for rule in book.rules.values()]
    out = [
        "# 规则",
        "",
        "<!-- 由 python -m api.reference 从 graph/rules/ 生成，请勿手改 -->",
        "",
        "每条规则查什么、依据什么、参数默认是多少、查出后怎么办。现在各查出多少，见网页“规则”"
        "（`/rules`，即 `liangxin ask rules`）；本地的参数见 `liangxin rules`，在[设置](settings.md)的 thresholds 一节改动。"
        "县（市、区）自己的规则怎样写，见 [own-rules.md](own-rules.md)。",
        "",
        "Cypher 对分母中的每个对象返回一行：`verdict` 为 'finding' 问题、'unverified' 待核实或 'clear' 没有查出，其余各列是比较的事实。"
        "同一对象有几行的（如查几个口径），问题先于待核实，待核实先于没有查出。"
        "以 `$` 开头的是参数：`$scope` 为所问的区划（空为全部），其余为本条的参数和由截止日期推出的日期。"
        "`liangxin rules 编号` 写出连同参数、可以直接粘贴的全文。",
        "",
        *_table(
            ("规则", "严重程度", "依据层级", "对象", "编号"),
            (
                (
                    f"[{d.rule.title}](#{d.rule.id})",
                    SEVERITIES[d.rule.severity],
                    d.rule.level,
                    d.subject,
                    f"`{d.rule.id}`",
                )
                for d in descriptions
            ),
        ),
        "",
    ]
    for d in descriptions:
        out += [
            f'<a id="{d.rule.id}"></a>',
            "",
            f"## {d.rule.title} `{d.rule.id}`",
            "",
            f"- 严重程度：{SEVERITIES[d.rule.severity]}",
            f"- 对象：{d.subject}",
            f"- 总数：{d.denominator}",
            f"- 问题：{d.meaning}",
            f"- 依据（{d.rule.level}）：{'；'.join(d.basis)}",
            f"- 处理建议：{d.remedy}",
            *(f"- 参数 `{p.name}`：{p.label}，默认 {_default(p.value)}{p.unit}" for p in d.force.parameters),
            "",
        ]
        out += ["```cypher", d.cypher, "```", ""]
    out += ["## 口径", "", "规则里的“上报口径”是设置 bases 所选的；各口径为：", ""]
    for base in book.bases.values():
        values = {p.name: p.default for p in base.params.values()}
        out += [f"- {base.id}：{fill(base.meaning, values)}"]
    return "\n".join([*out, ""])


def pages() -> dict[Path, str]:
    """The text of each generated document by its path."""
    return {
        FOLDER / "ontology.md": ontology_page(load()),
        FOLDER / "settings.md": settings_page(),
        FOLDER / "rules.md": rules_page(load_book(), load()),
        FOLDER / "questions.md": questions_page(load_book(), load()),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the stale documents, or with `--check` name them and return 1 if there are any."""
    checking = "--check" in (sys.argv[1:] if arguments is None else arguments)
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if checking:
            print(f"docs/{path.name} 已过时。请执行 make docs 重新生成，与改动一同提交。", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages()[path], encoding="utf-8")
            print(path.name)
    return 1 if checking and stale else 0


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]


def _properties(properties: Mapping[str, Property]) -> list[str]:
    return _table(
        ("属性", "含义", "类型", "取值", "表头", "级别"),
        (
            (
                f"`{p.name}`",
                f"{p.label}：{p.about}" if p.about else p.label,
                TYPES[p.type] + (f"（{p.unit}）" if p.unit else ""),
                "" if p.type == "boolean" else "、".join(p.values) + ("……" if p.values and p.open_values else ""),
                "系统推出" if p.derived else "、".join(p.headers),
                p.sensitivity,
            )
            for p in properties.values()
        ),
    )


def _keys(kind: NodeType) -> str:
    labels = {name: p.label for name, p in kind.properties.items()} | {"division": "所在区划"}
    return "；否则按".join(" + ".join(labels[part] for part in key) for key in kind.keys)


def _edge(edge: EdgeType, ontology: Ontology) -> str:
    sentences = (
        edge.sentence.format_map({"from": ontology.nodes[a].label, "to": ontology.nodes[b].label}) for a, b in edge.ends
    )
    return "；".join(sentences) + "。" + ("有起止日期，留空为一直有效。" if edge.dated else "")


def _subject(spec: Mapping[str, Any], ontology: Ontology) -> str:
    return ontology.nodes[spec["entity"]].label if "entity" in spec else f"关系“{ontology.edges[spec['edge']].label}”"


def _setting_type(annotation: Any) -> str:
    if annotation == list[str]:
        return _SETTING_TYPES["list[str]"]
    return _SETTING_TYPES.get(getattr(annotation, "__name__", ""), "一节，名 = 值")


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "、".join(value) or "空"
    return str(value) if value not in ("", {}) else "空"


if __name__ == "__main__":
    raise SystemExit(main())
