"""One notion of distance: kilometres where they can be measured, else steps in the tree; and which divisions touch."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import distance
from graph.regions import Regions

#: airports and their published great-circle distances in km (ICAO aerodrome reference points; Great Circle Mapper,
#: which takes the ellipsoid: a sphere differs by up to 0.5 %)
AIRPORTS = {
    "LAX": (33.942496, -118.408049),
    "JFK": (40.639926, -73.778694),
    "LHR": (51.4775, -0.461389),
}
PUBLISHED = {("LAX", "JFK"): 3983.0, ("LHR", "JFK"): 5555.0}
EARTH_QUARTER = 10_007.557

DEGREES = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def far(one: tuple[float, float], other: tuple[float, float]) -> float:
    values = (np.array([v]) for v in (*one, *other))
    return float(distance.kilometres(*values)[0])


@pytest.mark.parametrize(("pair", "km"), PUBLISHED.items())
def test_published_distances(pair: tuple[str, str], km: float) -> None:
    assert far(*(AIRPORTS[a] for a in pair)) == pytest.approx(km, rel=0.005)


def test_a_quarter_of_the_earth() -> None:
    assert far((0, 0), (90, 0)) == pytest.approx(EARTH_QUARTER, abs=0.01)
    assert far((0, 0), (0, 180)) == pytest.approx(2 * EARTH_QUARTER, abs=0.01)
    assert far((0, 179.5), (0, -179.5)) == pytest.approx(EARTH_QUARTER / 90, abs=0.01), "across the date line"


@given(DEGREES, DEGREES, DEGREES)
def test_it_is_a_metric(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> None:
    assert far(a, a) == 0
    assert far(a, b) == pytest.approx(far(b, a), abs=1e-6)
    assert far(a, c) <= far(a, b) + far(b, c) + 1e-3
    assert 0 <= far(a, b) <= 2 * EARTH_QUARTER + 0.01


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """Parents of r1 … rn, each before its child; some are roots."""
    size = draw(st.integers(1, 12))
    above = {f"r{i}": draw(st.integers(-1, i - 1)) for i in range(size)}
    return {child: f"r{parent}" for child, parent in above.items() if parent >= 0}


@given(trees(), st.data())
def test_steps_are_those_of_the_tree(parents: dict[str, str], data: st.DataObject) -> None:
    ids = sorted({"r0", *parents, *parents.values()})
    found = distance.Map.of(Regions({region: region for region in ids}, {}, parents))

    def up(region: str) -> list[str]:
        return [region, *(up(parents[region]) if region in parents else [])]

    a, b = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(ids))
    shared = [r for r in up(a) if r in up(b)]
    expected = up(a).index(shared[0]) + up(b).index(shared[0]) if shared else distance.UNKNOWN
    one, other = np.array([ids.index(a)]), np.array([ids.index(b)])
    assert found.steps(one, other)[0] == found.steps(other, one)[0] == expected


COUNTY = distance.Map.of(
    Regions(
        {"county": "丁市", "east": "东镇", "west": "西镇", "hamlet": "甲村"},
        {},
        {"east": "county", "west": "county", "hamlet": "east"},
        {"county": "县", "east": "镇街", "west": "镇街", "hamlet": "村"},
    ),
    [28.0, 28.1, 28.2, None],
    [112.0, 112.1, 112.2, None],
    [[], ["西镇", "东镇", "北镇"], [], []],
)


def test_own_coordinates_go_before_those_of_the_division() -> None:
    spots = COUNTY.place(
        pa.array(["east", "east", "hamlet", None]), [28.5, None, None, 28.3], [112.5, None, None, 112.3]
    )
    assert spots.latitude[:2].tolist() == [28.5, 28.1]
    assert np.isnan(spots.latitude[2]), "those of a division further up say nothing"
    assert spots.region[3] == distance.UNKNOWN
    assert spots.latitude[3] == 28.3


@pytest.mark.parametrize(("latitude", "longitude"), [(28.0, None), (112.0, 28.0), (float("nan"), 112.0)])
def test_what_is_no_place_is_not_known(latitude: float | None, longitude: float | None) -> None:
    spots = COUNTY.place(pa.array(["east"]), [latitude], [longitude])
    assert (spots.latitude[0], spots.longitude[0]) == (28.1, 112.1)


def test_the_answer_says_which_of_the_two_it_is() -> None:
    here = COUNTY.place(pa.array(["east"]))
    there = COUNTY.place(pa.array(["hamlet", "west", None, "east"]))
    found = COUNTY.distances(here, there)
    shown = [found.shown(i) for i in range(4)]
    assert shown[0] == (None, 1), "the village has no coordinates"
    assert shown[1][0] == pytest.approx(14.8, abs=0.1)
    assert shown[1][1] is None
    assert shown[2] == (None, None)
    assert shown[3] == (0.0, None)
    assert np.lexsort(found.sort_keys()[::-1]).tolist() == [3, 1, 0, 2], "measured, then by steps, then unknown"


def test_many_to_many() -> None:
    spots = COUNTY.place(pa.array(["east", "west", "hamlet"]))
    found = COUNTY.distances(spots, spots)
    assert found.km.shape == found.steps.shape == (3, 3)
    assert found.steps.tolist() == [[0, 2, 1], [2, 0, 3], [1, 3, 0]]


def test_towns_and_what_is_above() -> None:
    assert COUNTY.town(np.array([0, 1, 3, distance.UNKNOWN])).tolist() == [0, 1, 1, distance.UNKNOWN]
    assert COUNTY.up(3) == [3, 1, 0]
    assert COUNTY.up(distance.UNKNOWN) == []


def test_adjacency_is_what_the_ledger_says_of_either() -> None:
    assert COUNTY.adjacent(1, 2)
    assert COUNTY.adjacent(2, 1)
    assert not COUNTY.adjacent(1, 1)
    assert not COUNTY.adjacent(1, 3)


def test_a_cycle_and_an_empty_map() -> None:
    looped = distance.Map.of(Regions({"a": "a", "b": "b"}, {}, {"a": "b", "b": "a"}))
    assert looped.up(0) == [0, 1]
    empty = distance.Map.of(Regions({}, {}, {}))
    nowhere = empty.place(pa.array([None, None], pa.string()))
    assert empty.distances(nowhere.at(0), nowhere).steps.tolist() == [distance.UNKNOWN] * 2
