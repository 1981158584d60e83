"""Charts as SVG: Vega-Lite rendered offline by vl-convert, labelled directly so that colour is never alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import vl_convert
from markupsafe import Markup, escape

from visualizations.style import SEVERITIES

FONT = '"Microsoft YaHei","PingFang SC","Noto Sans CJK SC","SimHei",sans-serif'
INK, SOFT = "#1c2730", "#4a5763"
#: a chart of more places than this is read as a table instead
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


def problems(
    rows: Sequence[Mapping[str, Any]],
    *,
    place: str = "division",
    severity: str = "severity",
    count: str = "findings",
    title: str = "各镇街问题数（按严重程度）",
) -> Markup:
    """Horizontal stacked bars: problems by place and severity, most problems first, the number in each bar.

    Rows with the same place and severity are added up; of more than MAX_PLACES places the first are drawn.
    """
    table = pivot(rows, place, severity, count)
    shown = list(table.items())[:MAX_PLACES]
    values: list[dict[str, Any]] = []
    for where, counts in shown:
        start = 0
        for order, (name, n) in enumerate(counts.items()):
            if n:
                label = f"{SEVERITIES[name].glyph} {SEVERITIES[name].label}"
                values.append(
                    {
                        "place": where,
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
    y = {"field": "place", "type": "nominal", "sort": [where for where, _ in shown], "title": None}
    spec = {
        "width": 760,
        "height": {"step": 24},
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "bar", "height": 17, "stroke": "#ffffff", "strokeWidth": 1},
                "encoding": {
                    "y": {**y, "axis": {"ticks": False, "domain": False, "labelPadding": 6}},
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
    told = "；".join(f"{where} {sum(counts.values())} 个" for where, counts in shown)
    return svg(spec, title, told or "没有问题")


def pivot(
    rows: Sequence[Mapping[str, Any]],
    place: str = "division",
    severity: str = "severity",
    count: str = "findings",
) -> dict[str, dict[str, int]]:
    """Counts by place, then severity; a row without a count is one problem.

    Places with most problems come first, then those with most high ones, then by name.
    """
    table: dict[str, dict[str, int]] = {}
    for row in rows:
        where = str(row.get(place) or "未落地")
        counts = table.setdefault(where, dict.fromkeys(SEVERITIES, 0))
        counts[str(row[severity])] += int(row.get(count, 1) or 0)
    filled = {where: counts for where, counts in table.items() if any(counts.values())}

    def weight(item: tuple[str, dict[str, int]]) -> tuple[int | str, ...]:
        return (-sum(item[1].values()), *(-n for n in item[1].values()), item[0])

    return dict(sorted(filled.items(), key=weight))


def svg(spec: Mapping[str, Any], title: str, description: str) -> Markup:
    """A Vega-Lite specification as inline SVG with selectable text, a title and a description read aloud.

    Nothing is fetched while rendering, and the result refers to nothing outside itself.
    """
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": _CONFIG,
        "padding": 4,
        **spec,
    }
    text = vl_convert.vegalite_to_svg(whole, allowed_base_urls=[])
    # vega describes every mark for screen readers; one title and one description say it better and shorter
    text = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", text)
    head = f'role="img"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
    return Markup(re.sub(r"^(<svg[^>]*)>", lambda m: f"{m[1]} {head}", text, count=1))
