"""Builds the whole model of a sample place from its figures and a seed."""

from __future__ import annotations

from random import Random

from loaders.sample.deferrals import defer
from loaders.sample.divisions import divide
from loaders.sample.grids import lay
from loaders.sample.helpers import assist
from loaders.sample.life import live
from loaders.sample.links import chain, pair
from loaders.sample.membership import enroll
from loaders.sample.model import County
from loaders.sample.officers import post
from loaders.sample.organizations import finish, organize
from loaders.sample.places import Place
from loaders.sample.plants import plant
from loaders.sample.sites import settle


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
    plant(county)
    settle(county)
    live(county)
    assist(county)
    defer(county)
    lay(county)
    return county
