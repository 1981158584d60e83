"""Charts as SVG, rendered offline from Vega-Lite by vl-convert, with labels beside the colours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import vl_convert
from markupsafe import Markup, escape

from visualizations.style import SEVERITIES

FONT = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC","SimHei",sans-serif'
INK, SOFT = "#1c2730", "#4a5763"
#: divisions in one chart
MAX_PLACES = 20

_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK,
        "titleColor": SOFT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": "#e3e8ec",
        "domainColor": "#9aa6b0",
        "tickColor": "#9aa6b0",
        "labelLimit": 190,
    },
    "legend": {"labelColor": INK, "labelFontSize": 12, "title": None, "orient": "top", "symbolSize": 140},
}


@dataclass(frozen=True, slots=True)
class Place:
    """A division with its problems by severity, all severities present."""

    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def problems(places: Sequence[Place], title: str = "各镇街问题数（按严重程度）") -> Markup:
    """Horizontal stacked bars: problems by division and severity, the number in each bar.

    The first MAX_PLACES divisions are drawn.
    """
    shown = places[:MAX_PLACES]
    values: list[dict[str, Any]] = []
    for position, place in enumerate(shown):
        start = 0
        for order, (name, n) in enumerate(place.counts.items()):
            if n:
                label = f"{SEVERITIES[name].glyph} {SEVERITIES[name].label}"
                values.append(
                    {
                        "place": position,
                        "severity": label,
                        "n": n,
                        "from": start,
                        "to": start + n,
                        "order": order,
                    }
                )
                start += n
    longest = max((v["to"] for v in values), default=1)
    kinds = [f"{s.glyph} {s.label}" for s in SEVERITIES.values()]
    # divisions of the same name have a bar each: bars are told apart by position, the axis shows the names
    names = {"labelExpr": f"{json.dumps([place.name for place in shown], ensure_ascii=False)}[datum.value]"}
    y = {"field": "place", "type": "ordinal", "title": None, "axis": names}
    spec = {
        "width": 760,
        "height": {"step": 24},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "height": 17, "stroke": "#ffffff", "strokeWidth": 1},
                "encoding": {
                    "y": {**y, "axis": {**names, "ticks": False, "domain": False, "labelPadding": 6}},
                    "x": {
                        "field": "from",
                        "type": "quantitative",
                        "title": "问题数（个）",
                        "axis": {"tickMinStep": 1},
                    },
                    "x2": {"field": "to"},
                    "color": {
                        "field": "severity",
                        "type": "nominal",
                        "scale": {"domain": kinds, "range": [s.color for s in SEVERITIES.values()]},
                    },
                },
            },
            {
                # a number is only set where its bar is wide enough to hold it
                "transform": [
                    {"filter": f"datum.n / {longest} > 0.035"},
                    {"calculate": "(datum.from + datum.to) / 2", "as": "mid"},
                ],
                "mark": {"type": "text", "fontSize": 11, "color": "#ffffff"},
                "encoding": {"y": y, "x": {"field": "mid", "type": "quantitative"}, "text": {"field": "n"}},
            },
            {
                "transform": [{"aggregate": [{"op": "max", "field": "to", "as": "all"}], "groupby": ["place"]}],
                "mark": {
                    "type": "text",
                    "fontSize": 12,
                    "align": "left",
                    "dx": 6,
                    "fontWeight": "bold",
                    "color": INK,
                },
                "encoding": {"y": y, "x": {"field": "all", "type": "quantitative"}, "text": {"field": "all"}},
            },
        ],
    }
    description = "；".join(f"{place.name} {place.total} 个" for place in shown)
    return svg(spec, title, description or "没有问题")


def by_division(rows: Sequence[Mapping[str, Any]]) -> list[Place]:
    """The divisions with problems, from rows of 问题分布 (`division_id`, `division`, `severity`, `findings`).

    Divisions with most problems come first, then those with most high ones, then by name.
    """
    names: dict[str, str] = {}
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        id_ = row["division_id"]
        names[id_] = str(row["division"])
        counts.setdefault(id_, dict.fromkeys(SEVERITIES, 0))[row["severity"]] += row["findings"]
    places = [Place(names[id_], by_severity) for id_, by_severity in counts.items() if any(by_severity.values())]
    return sorted(places, key=lambda p: (-p.total, *(-n for n in p.counts.values()), p.name))


def svg(spec: Mapping[str, Any], title: str, description: str) -> Markup:
    """A Vega-Lite specification as inline SVG with selectable text, and a title and description for screen readers.

    Rendering fetches nothing, and the SVG refers to nothing outside itself.
    """
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG,
        "padding": 4,
        **spec,
    }
    text = vl_convert.vegalite_to_svg(whole, allowed_base_urls=[])
    # one title and one description replace those that Vega gives every mark
    text = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", text)
    head = f'role="img"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
    return Markup(re.sub(r"^(<svg[^>]*)>", lambda m: f"{m[1]} {head}", text, count=1))
