"""Questions asked with anything at all: an answer or a problem, never a defect."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graph.parameters import COMMON
from graph.questions import catalogue
from graph.rules.book import book
from tests.api.client import Client

NAMES = [p.name for p in COMMON] + ["unit", "org", "officer", "chain", "rule", "state", "top", "type", "limit", "x"]
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "0", "-1", "1e9", "9" * 30, "NaN", "²", "0001-01-01", "9999-12-31", "2026-02-30", "u1", "东镇", "r0",
         "high", "-severity", "subject", "规上企业", "小个专", "' OR 1=1 //", "$scope", "}) DETACH DELETE n //", "<script>",
         "\x00", "\u202e", "../../etc/passwd", "问题", "open", "Unit", "org_should_exist"]
    ),
)  # fmt: skip
QUESTIONS = st.one_of(st.sampled_from(sorted(catalogue(book()))), st.text(max_size=20))
FORMS = st.sampled_from(["", ".json", ".csv", ".xlsx", ".html", ".exe", "."])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=QUESTIONS, form=FORMS, asked=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4))
@example(question="gaps", form=".json", asked={"as_of": "0001-01-01"})
@example(question="gaps", form=".json", asked={"size": "²"})
def test_nothing_asked_is_a_defect(client: Client, question: str, form: str, asked: dict[str, str]) -> None:
    got = client.get(f"/answers/{quote(question, safe='')}{form}?{urlencode(asked)}", accept="application/json")
    assert got.status_code in (200, 307, 400, 404), (question, form, asked, got.text)
    if got.status_code >= 400:
        assert got.headers["content-type"] == "application/problem+json", (question, form, asked)
        assert got.json()["status"] == got.status_code
        assert got.json()["detail"]
