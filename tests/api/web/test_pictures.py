"""Answers with a picture: as a file they name no one, and an answer without one has none."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from api.office import Office
from api.web.app import create_app
from tests.api.client import Client
from tests.api.county import CLERK, NAMELESS, PEOPLE


@pytest.fixture(scope="module")
def nameless(office: Office) -> Client:
    return Client(create_app(office, NAMELESS))


@pytest.mark.parametrize(
    "address",
    [
        "explore{}?node=g1&open=g1.GUIDES,u1.COVERS.in,o1.GROUPED_IN",
        "path{}?from=g1&to=n1",
        "network{}?measure=members",
    ],
)
def test_pictures_name_no_one(nameless: Client, office: Office, address: str) -> None:
    clerk = Client(create_app(office, CLERK))
    for client, suffix in ((nameless, ""), (nameless, ".json"), (nameless, ".svg"), (clerk, ".svg"), (clerk, ".html")):
        text = client.get(f"/answers/{address.format(suffix)}", accept="text/html").text
        assert not [name for name in PEOPLE if name in text], (suffix, address)
    ElementTree.fromstring(clerk.get(f"/answers/{address.format('.svg')}").text)


def test_an_answer_without_a_picture_says_so(nameless: Client) -> None:
    got = nameless.get("/answers/units.svg")
    assert got.status_code == 404
    assert "没有图" in got.json()["detail"]
