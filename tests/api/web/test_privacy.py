"""A person whom only a unit's ledger names, from the load to everything that leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.run import main
from api.office import Office, open_office
from api.web.app import create_app
from tests.api.client import Client
from tests.api.county import CLERK, NAMELESS, text_of

PERSON = "东方龘靐"
SAID = "西门齉龖"
LEDGER = f"""企业名称,统一社会信用代码,所属镇街,年营业收入（万元）,正式党员数,党建指导员
甲乙丙制造有限公司,,东镇,10,5,{PERSON}
"""
REGIONS = "代码,名称,上级,类别\n990001,甲县,,县\n990001101,东镇,甲县,镇街\n"
FORMS = ("", ".json", ".csv", ".xlsx", ".html")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of one firm, whose officer no ledger lists and somebody decided to be one whom no ledger lists either."""
    folder = tmp_path_factory.mktemp("privacy")
    store = folder / "s.lbug"
    (folder / "区划.csv").write_text(REGIONS, encoding="utf-8")
    (folder / "非公企业.csv").write_text(LEDGER, encoding="utf-8")
    assert main(["--store", str(store), "load", str(folder / "区划.csv"), str(folder / "非公企业.csv")]) == 0
    office = open_office(str(store))
    (review,) = office.answer("reviews", {}, CLERK).rows
    office.close()
    (folder / "核实.csv").write_text(f"待核实编号,待核实事项,处理决定\n{review['id']},谁,{SAID}\n", encoding="utf-8")
    assert main(["--store", str(store), "load", str(folder / "核实.csv")]) == 0
    return store


def everything(office: Office, client: Client) -> dict[str, str]:
    """Every question in every form, about the firm where one must be named."""
    texts = {}
    for question in office.questions.values():
        required = {p.name for p in question.parameters if p.required}
        if required <= {"unit", "region"}:
            query = "&".join({"unit": "unit=甲乙丙制造有限公司", "region": "region=东镇"}[name] for name in required)
            for form in FORMS:
                got = client.get(f"/answers/{question.name}{form}?{query}")
                assert got.status_code == 200, (question.name, form, got.text)
                texts[f"{question.name}{form}"] = text_of(got.content, form)
    return texts


def test_a_name_in_a_question_reaches_no_one_who_may_not_see_names(loaded: Path) -> None:
    office = open_office(str(loaded))
    texts = everything(office, Client(create_app(office, NAMELESS)))
    assert len(texts) > 80
    for where, text in texts.items():
        assert PERSON not in text, where
        assert SAID not in text, where
    seen = everything(office, Client(create_app(office, CLERK)))
    for where in ("reviews", "reviews.json", "reviews.csv", "reviews.xlsx", "unit.json"):
        assert PERSON in seen[where], where
    assert SAID in seen["reviews.csv"]
    assert not [where for where, text in seen.items() if where.endswith(".html") and PERSON in text]
    office.close()


def test_the_command_line_sees_the_name_and_a_report_does_not(loaded: Path, tmp_path: Path, capsys: Capture) -> None:
    store = ["--store", str(loaded)]
    assert main([*store, "ask", "reviews"]) == 0
    assert PERSON in capsys.readouterr().out
    for more in ([], ["--names"]):
        path = tmp_path / "r.html"
        assert main([*store, "report", str(path), *more]) == 0
        assert (PERSON in path.read_text(encoding="utf-8")) is bool(more)


def test_a_copy_without_names_takes_no_decision_back(loaded: Path, tmp_path: Path, capsys: Capture) -> None:
    office = open_office(str(loaded))
    csv = Client(create_app(office, NAMELESS)).get("/answers/reviews.csv").content
    revision = office.revision()
    (tmp_path / "待核实.csv").write_bytes(csv)
    assert main(["--store", str(loaded), "load", str(tmp_path / "待核实.csv")]) == 0
    assert office.revision() == revision
    assert office.answer("reviews", {}, CLERK).rows[0]["decision"] == SAID
    office.close()
