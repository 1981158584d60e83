"""The OpenAPI document holds: what it lists answers as it says, whatever it is asked with; errors are problem documents."""

from __future__ import annotations

import json

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.client import Client

HERE = {"Host": "127.0.0.1"}
#: requests that are tried at each address
TRIES = 8


def test_what_the_document_promises(client: Client) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app, headers=HERE)
    listed = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        listed += 1

        @settings(
            max_examples=TRIES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            database=None,
        )
        @given(case=operation.as_strategy())
        def asked(case: schemathesis.Case) -> None:
            got = case.call(headers=HERE)
            assert got.status_code < 500, (case.path, got.text)
            if got.status_code >= 400:
                assert got.headers["content-type"][0] == "application/problem+json", case.path
                assert json.loads(got.content)["detail"], case.path
            # a value of the right form may name nothing
            case.validate_response(got, excluded_checks=[positive_data_acceptance])

        asked()
    assert listed > 10
