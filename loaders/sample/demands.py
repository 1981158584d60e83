"""The demands of firms, the village or department that settles each, and their ledgers."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from graph.workbook import Cell, Sheet
from loaders.sample.layout import Column, column, exact, number_column, sheet
from loaders.sample.model import County, Unit

_TOPICS = (
    "供电增容",
    "用工招聘",
    "贷款续期",
    "厂区道路照明",
    "公交线路延伸",
    "污水管网接入",
    "燃气接入",
    "技改补贴申报",
    "员工子女入学",
    "职工宿舍租赁",
    "消防验收咨询",
    "专利申请辅导",
    "出口退税咨询",
    "物流车辆通行",
    "展会摊位申请",
    "产学研对接",
    "商标注册咨询",
    "用地手续办理",
    "职称评审咨询",
    "党员活动场地",
)
#: the policies and projects that the lists offer to every chain
_OFFERED = {
    "政策": ("稳岗返还", "技改贴息", "人才公寓申请", "首台（套）保险补贴"),
    "项目": ("冷链仓储共建", "产业链配套招商", "校企联合培养"),
}
#: departments that 报到 at the call of a village
_CALLED = ("自然资源局", "人社局、住建局", "生态环境局")
#: the number of a demand that no department answers, unless it is solved
_CALLED_IN_VAIN = 9


class Raised(NamedTuple):
    """A demand: who raised which of the topics, when; whether it is solved, until when it must be, what it is matched to."""

    unit: Unit
    topic: str
    day: dt.date
    solved: bool
    due: dt.date
    resource: str


def raised(county: County) -> list[Raised]:
    """The demands of a place, distinct by topic and day; all are solved if its figures say so."""
    units = [unit for unit in county.units if unit.kind == "企业" and unit.operating == "在营" and not unit.twin]
    made: list[Raised] = []
    matched = 0
    for number in range(county.place.demands):
        topic, day = _TOPICS[number % 20], dt.date(2024, 1, 3) + dt.timedelta(number // 20 * 7)
        solved = county.place.name == "甲市" or number % 3 > 0
        due, resource = day + dt.timedelta(30), ""
        if not solved and matched < county.place.demands_matched:
            matched += 1
            due, resource = dt.date(2026, 9, 30), _resource(topic)
        made.append(Raised(units[number * 17 % len(units)], topic, day, solved, due, resource))
    return made


def _hard(number: int) -> bool:
    """Whether the village cannot settle a demand, which is so for every fifth."""
    return number % 5 == 4


def _resource(topic: str) -> str:
    return f"{topic}协调服务"


def ledgers(county: County) -> list[Sheet]:
    """The sheets 诉求, 资源清单, from which some demands are matched, 政策清单 and 项目清单."""
    place = county.place
    made = raised(county)
    villages: dict[str, list[str]] = {}
    for village in county.villages:
        villages.setdefault(village.parent, []).append(village.name)

    def handler(demand: Raised, number: int) -> Cell:
        if not _hard(number) and (near := villages.get(demand.unit.town.name)):
            return near[number % len(near)]
        return f"{place.county}{('政务服务局', '工业发展局', '市场服务局')[number % 3]}"

    def came(demand: Raised, number: int) -> bool:
        return _hard(number) and (demand.solved or number != _CALLED_IN_VAIN)

    columns: list[Column[Raised]] = [
        column("序号", number_column),
        column("诉求单位", lambda d, _: d.unit.name),
        column("问题诉求", lambda d, _: f"请求协助解决{d.topic}问题"),
        column("提出时间", lambda d, _: d.day),
        column("交办单位", handler),
        column("诉求层级", lambda d, n: "难点问题" if _hard(n) else "一般性问题"),
        column("吹哨日期", lambda d, n: d.day + dt.timedelta(3) if _hard(n) else None),
        column("报到部门", lambda d, n: f"{place.county}{_CALLED[n % 3]}" if came(d, n) else None),
        column("当前进展", lambda d, _: "已办结" if d.solved else "办理中"),
        column("解决时限", lambda d, n: exact(d.due, n)),
        column("回访情况", lambda d, _: "满意" if d.solved else None),
    ]
    if not place.demands_matched:
        return [sheet("诉求", f"{place.name}企业问题诉求办理台账", columns, made)]
    columns.append(column("匹配资源", lambda d, _: d.resource or None))
    lists = {"资源": tuple(demand.resource for demand in made if demand.resource), **_OFFERED}
    offered: list[Column[tuple[str, str]]] = [
        column("序号", number_column),
        column("清单类别", lambda o, _: o[0]),
        column("事项", lambda o, _: o[1]),
        column("提供单位", lambda o, n: county.partners[n].name),
    ]
    return [
        *(
            sheet(f"{kind}清单", f"{place.name}{kind}清单", offered, [(kind, title) for title in titles])
            for kind, titles in lists.items()
        ),
        sheet("诉求", f"{place.name}企业问题诉求办理台账", columns, made),
    ]
