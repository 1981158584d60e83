"""Made-up answers."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import pytest

from graph.answers import Answer, Column, Edge, Node, Subgraph, Total, rate
from visualizations.report.report import ReportInput

DAY = dt.date(2026, 6, 30)
#: names a ledger may hold and no page may run, break on or lose
HOSTILE = (
    "<script>alert(1)</script>",
    "{{7*7}}",
    "</script><img src=x onerror=alert(1)>",
    "𠮷田𠮷",
    "\u202eabc\u202c",
    "长" * 1000,
    "' onclick='x\" y",
    "=1+1",
    "]]>&lt;",
)


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handlers(self) -> list[str]:
        """Inline event handlers and links that run something: there must be none."""
        return [
            f"{tag} {name}"
            for tag, attributes in self.found
            for name, value in attributes.items()
            if name.startswith("on") or str(value).lower().startswith("javascript:")
        ]


def subgraph(size: int) -> Subgraph:
    """Officers of ten towns, each with units, some of them covered; the first units have hostile names."""
    nodes = [Node(f"r{i}", "Region", f"甲{i}镇") for i in range(10)]
    edges: list[Edge] = []
    hostile = iter(HOSTILE)
    while len(nodes) < size:
        i = len(nodes)
        if i % 5 == 0:
            nodes.append(Node(f"g{i}", "GuidanceOfficer", f"指导员{i}", (("可联系数", 5, "open"),)))
            edges.append(Edge(f"g{i}", f"r{i % 10}", "LOCATED_IN", "位于"))
            continue
        name = next(hostile, f"某{i}号公司")
        facts = (("单位类型", "企业", "open"), ("备注", HOSTILE[0], "open"), ("营业收入", None, "open"))
        nodes.append(Node(f"u{i}", "Unit", name, facts, mark="应建未建" if i % 9 == 0 else ""))
        edges.append(Edge(f"g{i - i % 5}", f"u{i}", "GUIDES", "联系指导"))
    return Subgraph(tuple(nodes), tuple(edges), left_out=12)


def listing(name: str = "org_should_exist", title: str = "应建未建", rows: int = 60) -> Answer:
    """An answer with a column of every type and rows of hostile names."""
    names = [*HOSTILE, *(f"某{i}号公司" for i in range(rows - len(HOSTILE)))]
    return Answer(
        name,
        title,
        DAY,
        3,
        (
            Column("name", "单位名称", link=("Unit", "id")),
            Column("credit_code", "统一社会信用代码"),
            Column("staff", "从业人数", "integer", "人"),
            Column("score", "得分", "number"),
            Column("share", "占比", "percent"),
            Column("revenue", "营业收入", "money", "元"),
            Column("founded_on", "成立日期", "date"),
            Column("above_scale", "是否规上", "boolean"),
            Column("products", "主营产品", "strings"),
        ),
        tuple(
            {
                "id": f"u{i}",
                "name": text,
                "credit_code": "012345678901234567" if i % 2 else "91350100M000100Y43",
                "staff": None if i == 1 else -i,
                "score": i / 7,
                "share": i / rows,
                "revenue": i * 12_345_678,
                "founded_on": DAY - dt.timedelta(days=i),
                "above_scale": i % 2 == 0,
                "products": ["钢材", "水泥"],
            }
            for i, text in enumerate(names)
        ),
        totals=(
            Total("findings", "问题数", rows, "家"),
            rate("share", "占比", 1947, 1948, "口径内正式党员3名以上的单位"),
        ),
        basis=("《中国共产党章程》第三十条",),
        parameters={"region": "丁市"},
        cypher=("MATCH (u:Unit)\nRETURN u.id AS id",),
        notes=("整改：指导成立党支部",),
    )


@pytest.fixture(scope="session")
def county() -> ReportInput:
    """A whole report: 1,500 nodes, 32 towns, 11 lists of 130 rows."""
    towns = [f"甲{i}镇" for i in range(31)] + [HOSTILE[0]]
    severities = ("high", "medium", "warn", "suggest")
    places = (
        Column("division", "区划"),
        Column("severity", "严重程度"),
        Column("findings", "数量", "integer"),
    )
    overview = Answer(
        "overview",
        "总体情况",
        DAY,
        3,
        (Column("division", "区划"), Column("share_企业", "组织覆盖率", "percent")),
        tuple({"division": t, "share_企业": i / 31} for i, t in enumerate(towns)),
        totals=(
            Total("units", "两新组织", 1426, "家"),
            rate("org_coverage_企业", "组织覆盖率（非公企业）", 512, 1180, "实体运营非公企业", role="coverage"),
            rate("org_coverage_社会组织", "组织覆盖率（社会组织）", 0, 0, "社会组织", role="coverage"),
            rate("work_coverage_企业", "工作覆盖率（非公企业）", 1126, 1180, "实体运营非公企业", role="coverage"),
            rate("work_coverage_社会组织", "工作覆盖率（社会组织）", 0, 0, "社会组织", role="coverage"),
            rate("should_exist_企业", "应建组建率", 35, 40, "正式党员3名以上的单位"),
            Total("org_单独_企业", "单独组建", 210, "家", None, 1180, "实体运营非公企业"),
            Total("org_联合_企业", "联合组建", 302, "家", None, 1180, "实体运营非公企业"),
        ),
        basis=("组织覆盖率 = 有党组织覆盖的单位数 ÷ 口径内单位数",),
    )
    gaps = tuple(
        {
            "division_id": f"r{i}",
            "division": t,
            "severity": s,
            "findings": (i * 7 + j * 3) % 11 + (9 if "<" in t else 0),
        }
        for i, t in enumerate(towns)
        for j, s in enumerate(severities)
    )
    return ReportInput(
        overview=overview,
        gaps=Answer("gaps", "问题清单", DAY, 3, places, gaps),
        lists=[listing(f"rule_{i}", f"规则{i}", 130) for i in range(11)],
        deadlines=Answer(
            "deadlines",
            "期限提醒（今后6个月）",
            DAY,
            3,
            (Column("due", "到期日", "date"), Column("kind", "事项"), Column("subject", "对象")),
            tuple(
                {"due": DAY + dt.timedelta(days=i), "kind": "派驻到期" if i < 27 else "换届", "subject": text}
                for i, text in enumerate(HOSTILE * 4)
            ),
            totals=(
                Total("deadlines_换届", "换届", 9, "个", state="换届"),
                Total("deadlines_派驻到期", "派驻到期", 27, "名", state="派驻到期"),
            ),
        ),
        network=subgraph(1500),
        loads=Answer("loads", "台账导入情况", DAY, 3, (Column("file", "文件"),), ({"file": "台账.xlsx"},)),
        reviews=Answer("reviews", "待核实事项", DAY, 3, (Column("id", "待核实编号"),), ({"id": "v1"},)),
        place="丁市",
        prepared_by="丁市两新工委",
        bases=("实体运营非公企业", "社会组织"),
        fictional=True,
        generated=DAY,
    )
