"""暂缓: listed, and set by a form, which is a row of the 暂缓台账 as any other."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.office import Office
from api.viewer import Viewer
from api.web.guard import form, text
from api.web.routes.answers import asked
from api.web.routes.site import shown, site
from graph.errors import InputError, UnknownError
from graph.parameters import parse_date
from graph.questions.lookup import Entity, find
from graph.questions.problems.deferrals import DEFERRALS_CYPHER, deferral
from graph.regions import Regions
from loaders.recognize.ledgers import PLACED
from loaders.shape.entry import Entry
from visualizations.pages.deferrals import page

router = APIRouter(include_in_schema=False)

#: what one set here is called in the history of loads
FILE = "网页暂缓登记.xlsx"
#: rows of the page; the answer itself and its exports have all
SIZE = "200"
#: the fields of the form, all of which must be filled in, and what they are called
FIELDS = {
    "subject": "暂缓对象",
    "rule": "暂缓事项",
    "reason": "理由",
    "approved_by": "批准机关",
    "approved_on": "批准日期",
    "until": "暂缓期限",
}
_LONGEST = 200


@router.api_route("/deferrals", methods=["GET", "HEAD"])
def deferrals(request: Request) -> Response:
    """What may wait, as filtered, and the form to set more; the address is the whole state."""
    office, viewer, given = asked(request)
    given.pop("columns", None)
    answer = office.page("deferrals", {"size": SIZE, **given}, viewer)
    rules = [(rule.id, rule.title) for rule in office.book.rules.values()]
    return shown(request, page(answer, site(request, "/deferrals"), office.ontology, rules))


@router.post("/deferrals/set")
def set_one(request: Request, sent: Annotated[FormData, Depends(form())]) -> Response:
    """Set one 暂缓, or set the same anew, and lead back to the list."""
    office, viewer, uploads = request.app.state.office, request.app.state.viewer, request.app.state.uploads
    said = {name: text(sent, name) for name in FIELDS}
    for name, label in FIELDS.items():
        if not said[name]:
            raise InputError(f"没有填{label}。请返回填写后再保存。")
        if len(said[name]) > _LONGEST:
            raise InputError(f"{label}过长，应在 {_LONGEST} 字以内。请返回改短后再保存。")
    rule = office.book.rule(said["rule"])
    approved, until = parse_date(said["approved_on"]), parse_date(said["until"])
    if until < approved:
        raise InputError(f"暂缓期限 {until} 早于批准日期 {approved}。请返回改正后再保存。")
    with uploads.alone():
        subject, title, division = _as_known(office, viewer, rule.id, said["subject"])
        row = {name: said[name] for name in ("reason", "approved_by", "approved_on", "until")}
        row |= {"subject": subject, "title": title, PLACED: division}
        office.enter(Entry("deferrals", [row], FILE, "暂缓"), viewer.name)
    return RedirectResponse("/deferrals", 303)


def _as_known(office: Office, viewer: Viewer, rule: str, named: str) -> tuple[str, str, str]:
    """How the ledger writes whom it is for, what and where: as it is listed already, so that it is set anew, not twice.

    UnknownError where the name, code or id means nothing that may wait or is not for `viewer` to see; QuestionError
    with the candidates where it means several.
    """
    with office.reader() as reader:
        divisions = Regions.read(reader)
        allowed = frozenset(office.allowed(reader, viewer))
        found: Entity | None = None
        for _, kind in office.ontology.edges["DEFERS"].ends:
            try:
                found = find(reader, office.ontology, {"subject": (kind, named)}, allowed)["subject"]
            except UnknownError:
                continue
            break
        if found is None:
            raise UnknownError(
                f"没有找到名为“{named[:60]}”的单位、党组织、区划、产业链或联组。请检查名称，或改用代码、编号。"
            )
        for row in reader.query(DEFERRALS_CYPHER).to_pylist():
            one = deferral(row, office.book)
            if (one.rule, one.subject) == (rule, found.id):
                region = row["region"] or ""
                return row["subject"], row["title"], divisions.codes.get(region, divisions.names.get(region, ""))
        return found.id, office.book.rule(rule).title, divisions.codes.get(found.region, divisions.name(found.region))
