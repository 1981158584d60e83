"""Which values are in force where: the county's, and in a division those that the division overrides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.errors import DeclarationError
from graph.locality import Locality, Overrides
from graph.ontology.declaration import shortened, unfit
from graph.regions import Regions
from graph.rules.rule import SEVERITIES, Base, Rule, Threshold
from graph.stores.base import Reader

#: the settings that a division may override
KINDS = ("thresholds", "severities", "switches")
DEFAULT, LOCAL = "默认", "本地设置"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the county and what is in force there; `name` is the nearest division that decides, '' for none."""

    locality: Locality
    name: str
    regions: frozenset[str]


def parts(reader: Reader, locality: Locality) -> tuple[Part, ...]:
    """The county's own part first, whose `regions` are those of no other part; one alone where no division decides.

    Raises DeclarationError where a division of the settings is none of the graph, or several; a graph without
    divisions is not asked.
    """
    whole = Part(locality, "", frozenset())
    if not locality.divisions:
        return (whole,)
    divisions = Regions.read(reader)
    if not divisions.names:
        return (whole,)
    named = {_division(divisions, name): name for name in locality.divisions}
    made: dict[tuple[str, ...], set[str]] = {}
    for region in divisions.names:
        above = tuple(r for r in divisions.path(region) if r in named)
        if above:
            made.setdefault(above, set()).add(region)
    return (whole, *(_part(locality, above, named, divisions, regions) for above, regions in sorted(made.items())))


def _part(
    locality: Locality, above: tuple[str, ...], named: Mapping[str, str], divisions: Regions, regions: Iterable[str]
) -> Part:
    merged = locality
    for region in above:
        merged = _over(merged, locality.divisions[named[region]], divisions.name(region))
    return Part(merged, divisions.name(above[-1]), frozenset(regions))


def _over(above: Locality, own: Overrides, name: str) -> Locality:
    """The values of a division over those above it; of a parameter set for all rules, also over those for one."""
    origins = dict(above.origins)
    for kind in KINDS:
        origins.update({(kind, key): name for key in getattr(own, kind)})
    return replace(
        above,
        thresholds=_nearest(above.thresholds, own.thresholds),
        severities=_nearest(above.severities, own.severities),
        switches=_nearest(above.switches, own.switches),
        origins=origins,
    )


def _nearest(above: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    return {**{k: v for k, v in above.items() if k.rpartition(".")[2] not in own}, **own}


def _division(divisions: Regions, name: str) -> str:
    ids = [i for i, code in divisions.codes.items() if code == name]
    ids = ids or [i for i, called in divisions.names.items() if name in (i, called)]
    if len(ids) == 1:
        return ids[0]
    if ids:
        codes = "、".join(sorted(divisions.codes.get(i, i) for i in ids)[:8])
        raise DeclarationError(f"设置 divisions 中的区划“{name}”不止一个（{codes}）。请改用代码。")
    raise DeclarationError(f"设置 divisions 中的区划“{name}”不存在。请检查名称或代码，或先载入区划台账。")


def inside(reader: Reader, every: tuple[Part, ...], own: Iterable[Part]) -> Callable[[str], bool]:
    """Whether a subject lies in one of the parts `own`; what has no division lies in the county's, which is first."""
    county = every[0] in (mine := list(own))
    asked = [p for p in every if p not in mine] if county else mine
    regions = frozenset[str]().union(*(p.regions for p in asked))
    subjects = frozenset(Regions.read(reader).located(reader).inside(regions).to_pylist())
    return (lambda subject: subject not in subjects) if county else subjects.__contains__


def origin(locality: Locality, kind: str, key: str) -> str:
    """Who set a value: nobody (the default), the county, or a division by name."""
    if not key or key not in getattr(locality, kind):
        return DEFAULT
    name = locality.origins.get((kind, key))
    return f"{name}设置" if name else LOCAL


def check(rules: Mapping[str, Rule], bases: Mapping[str, Base], locality: Locality) -> None:
    """Raise DeclarationError where a setting of the county or a division names nothing or has a wrong value."""
    _check(rules, bases, "", Overrides(locality.thresholds, locality.severities, locality.switches))
    for name, own in locality.divisions.items():
        _check(rules, bases, f"区划“{name}”的", own)


def _check(rules: Mapping[str, Rule], bases: Mapping[str, Base], where: str, own: Overrides) -> None:
    of_rules, of_bases = _by_key(rules.values()), _by_key(bases.values())
    by_key = of_rules if where else of_rules | of_bases
    for key, value in own.thresholds.items():
        if where and key in of_bases and key not in of_rules:
            raise DeclarationError(
                f"设置中{where}阈值“{key}”是口径的参数，全县（市、区）只能有一个值。请移到 [thresholds] 一节。"
            )
        if key not in by_key:
            raise DeclarationError(
                f"设置中{where}阈值“{shortened(key)}”不存在。请改为 {'、'.join(sorted(by_key))} 之一。"
            )
        fitting(key, value, by_key[key])
    for kind, settings in (("严重程度", own.severities), ("启用", own.switches)):
        for rule in settings:
            if rule not in rules:
                raise DeclarationError(
                    f"设置中{where}{kind}的规则“{shortened(rule)}”不存在。请改为 {'、'.join(rules)} 之一。"
                )
    for rule, level in own.severities.items():
        if level not in SEVERITIES:
            raise DeclarationError(
                f"设置中{where}规则 {rule} 的严重程度“{shortened(level)}”不存在。请改为 {'、'.join(SEVERITIES)} 之一。"
            )


def fitting(key: str, value: Any, threshold: Threshold) -> Any:
    """The county's value if it is of the default's type and no impossible number."""
    default = threshold.default
    problem = unfit(value) or ("小于 0" if isinstance(value, int | float) and value < 0 else "")
    if problem:
        raise DeclarationError(
            f"设置中的阈值 {key}（{threshold.label}）写成了“{shortened(value)}”，{problem}。请改正。"
        )
    if isinstance(default, float) and type(value) is int:
        return value
    listed = isinstance(default, list) and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
    if listed:
        return list(value)
    if type(value) is not type(default) or isinstance(default, list):
        raise DeclarationError(
            f"设置中的阈值 {key}（{threshold.label}）写成了“{shortened(value)}”，类型不对。请写成 {default} 这样的值。"
        )
    return value


def _by_key(items: Iterable[Rule | Base]) -> dict[str, Threshold]:
    """Every parameter by the names under which settings may give it."""
    return {key: t for item in items for name, t in item.params.items() for key in (name, f"{item.id}.{name}")}
