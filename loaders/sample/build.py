"""Builds the whole model of a sample place from its figures and a seed."""

from __future__ import annotations

from random import Random

from loaders.sample.divisions import divide
from loaders.sample.grids import lay
from loaders.sample.helping import assist
from loaders.sample.life import live
from loaders.sample.links import chain, pair
from loaders.sample.membership import enroll
from loaders.sample.model import County
from loaders.sample.officers import post
from loaders.sample.organizations import finish, organize
from loaders.sample.places import Place


def build(place: Place, seed: int) -> County:
    """The model of `place`; the same seed gives the same model on every machine."""
    rnd = Random(f"{place.name}/{seed}")  # a text is hashed by SHA-512, never by hash()
    county = County(place)
    divide(county, rnd)
    enroll(county, rnd)
    organize(county, rnd)
    post(county, rnd)
    chain(county, rnd)
    finish(county, rnd)
    pair(county, rnd)
    live(county)
    assist(county)
    lay(county)
    return county
