"""The sample: ledgers of five fictional places as offices keep them, with problems in planned numbers. Imports graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.errors import InputError, UnknownError
from graph.locality import Locality
from graph.workbook import Sheet, Workbook
from loaders.sample import demands, grids, helpers, ledgers, life, registers, sites, truth
from loaders.sample.build import build
from loaders.sample.figures import PLACES
from loaders.sample.model import County
from loaders.sample.places import REFERENCE_DATE, Place
from loaders.sample.splitting import split_long

__all__ = ["PLACES", "REFERENCE_DATE", "Place", "deferred", "generate", "mistakes", "planted"]

_LARGEST = 1_000_000


def generate(place: str | None = None, *, units: int | None = None, seed: int = 0) -> Iterator[Workbook]:
    """The ledgers of `place` (None: of all five, or of 丁市 when `units` is given), in folders of its name.

    `units` scales the place to so many units, 100 to a million, its officers, organizations and planted
    problems in proportion; a ledger then too long for one file comes in several. Sheets make their rows while
    they are read. The same seed gives the same workbooks. Raises UnknownError for a place that is not in PLACES,
    InputError for an impossible `units`.
    """
    if place is None and units is None:
        for each in PLACES.values():
            yield from _workbooks(build(each, seed))
    else:
        for workbook in _workbooks(build(_find(place or "丁市", units), seed)):
            yield from split_long(workbook)


def planted(
    place: str, seed: int = 0, *, units: int | None = None, locality: Locality | None = None
) -> Mapping[str, int]:
    """How many findings each rule must have in `place`, by rule id, on REFERENCE_DATE.

    They are counted in the model from which the ledgers are written, by the definitions of docs/rules.md and not by
    the rules. Of a county's settings (None: the defaults) only `key_industries` and `visit_interval_days` count:
    without them two rules find nothing anywhere.
    """
    return truth.planted(build(_find(place, units), seed), locality or Locality())


def deferred(place: str, seed: int = 0) -> Mapping[str, int]:
    """How many findings of each rule must be marked as 暂缓 in `place` on REFERENCE_DATE; they remain findings."""
    return truth.deferred(build(_find(place, None), seed))


def mistakes(place: str, seed: int = 0) -> Mapping[str, int]:
    """How many mistakes of each kind (see Mistakes) the ledgers of `place` hold; the seed changes no number."""
    return truth.mistakes(build(_find(place, None), seed))


def _find(name: str, units: int | None) -> Place:
    if name not in PLACES:
        raise UnknownError(f"没有名为“{name}”的示例地区，可选：{'、'.join(PLACES)}。")
    if units is None:
        return PLACES[name]
    if not 100 <= units <= _LARGEST:
        raise InputError(f"单位数 {units} 不可用，请给出 100 至 {_LARGEST} 之间的整数。")
    return PLACES[name].scaled_to(units)


def _workbooks(county: County) -> Iterator[Workbook]:
    place = county.place
    name = place.name
    yield Workbook(f"{name}/区划.xlsx", [registers.divisions(county), registers.villages(county)])
    if place.talents:
        yield Workbook(f"{name}/人才.xlsx", [registers.talents(county)])
    yield from _unit_workbooks(county)
    if name == "乙市":
        yield Workbook(f"{name}/党组织.csv", [registers.organizations(county)], "gb18030")
    else:
        yield Workbook(f"{name}/党组织.xlsx", [registers.organizations(county)])
    yield Workbook(f"{name}/组织生活.xlsx", [life.meetings(county)])
    people = [registers.officers(county, "指导员", "联络员")]
    if place.revitalization_officers:
        people.append(registers.officers(county, "乡村振兴指导员"))
    yield Workbook(f"{name}/党建指导员台账.xlsx", people)
    if county.chains:
        yield Workbook(f"{name}/产业链.xlsx", registers.chains(county))
    if county.pairs:
        yield Workbook(f"{name}/结对.xlsx", [registers.pairs(county), registers.partners(county)])
    if county.grids:
        yield Workbook(f"{name}/网格联户.xlsx", [grids.contacts(county)])
    if county.leaders or county.teams or county.holdings:
        yield Workbook(f"{name}/联村驻村.xlsx", helpers.sheets(county))
    if county.groups:
        yield Workbook(f"{name}/联组.xlsx", registers.groups(county))
    if county.deferrals:
        yield Workbook(f"{name}/暂缓.xlsx", [registers.deferrals(county)])
    if place.demands:
        yield Workbook(f"{name}/诉求.xlsx", demands.ledgers(county))
    if county.sites:
        yield Workbook(f"{name}/阵地.xlsx", [sites.sites(county)])


def _unit_workbooks(county: County) -> Iterator[Workbook]:
    place = county.place
    sheets: list[Sheet] = [ledgers.enterprises(county)]
    if place.name == "丙县":
        yield Workbook(f"{place.name}/非公企业台账.csv", sheets, "utf-8-sig")
        sheets = []
    elif place.name == "丁市":
        sheets += [registers.hidden_lists(), registers.empty()]
    if sheets:
        yield Workbook(f"{place.name}/非公企业台账.xlsx", sheets)
    yield Workbook(f"{place.name}/社会组织台账.xlsx", [ledgers.societies(county)])
    if place.cooperatives or place.self_employed:
        yield Workbook(f"{place.name}/小个专台账.xlsx", [ledgers.small_units(county)])
