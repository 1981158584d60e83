"""Routes of 暂缓: the list, and a form that enters a row of the 暂缓台账."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.office import Office
from api.viewer import Viewer
from api.web.guard import form, text
from api.web.routes.answers import query
from api.web.routes.site import html_response, site
from graph.errors import InputError, UnknownError
from graph.parameters import parse_date
from graph.questions.lookup import Entity, find
from graph.questions.problems.deferrals import DEFERRALS_CYPHER, deferral
from graph.regions import Regions
from loaders.recognize.ledgers import PLACED
from loaders.shape.entry import Entry
from visualizations.pages.deferrals import page

router = APIRouter(include_in_schema=False)

#: the file name of these entries in the history of loads
FILE = "网页暂缓登记.xlsx"
#: rows of the page; exports have all
SIZE = "200"
#: the required fields of the form and their labels
FIELDS = {
    "subject": "暂缓对象",
    "rule": "暂缓事项",
    "reason": "理由",
    "approved_by": "批准机关",
    "approved_on": "批准日期",
    "until": "暂缓期限",
}
#: most characters of a field
_LONGEST = 200


@router.api_route("/deferrals", methods=["GET", "HEAD"])
def deferrals(request: Request) -> Response:
    """The list as filtered, and the form."""
    office, viewer, parameters = query(request)
    parameters.pop("columns", None)
    answer = office.page("deferrals", {"size": SIZE, **parameters}, viewer)
    rules = [(rule.id, rule.title) for rule in office.book.without(viewer.protected).rules.values()]
    return html_response(request, page(answer, site(request, "/deferrals"), office.ontology, rules))


@router.post("/deferrals/set")
def set_one(request: Request, data: Annotated[FormData, Depends(form())]) -> Response:
    """Enter one 暂缓, or replace the one on the same problem, and redirect to the list."""
    office, viewer, uploads = request.app.state.office, request.app.state.viewer, request.app.state.uploads
    fields = {name: text(data, name) for name in FIELDS}
    for name, label in FIELDS.items():
        if not fields[name]:
            raise InputError(f"没有填{label}。请返回填写后再保存。")
        if len(fields[name]) > _LONGEST:
            raise InputError(f"{label}过长，应在 {_LONGEST} 字以内。请返回改短后再保存。")
    rule = office.book.without(viewer.protected).rule(fields["rule"])
    approved, until = parse_date(fields["approved_on"]), parse_date(fields["until"])
    if until < approved:
        raise InputError(f"暂缓期限 {until} 早于批准日期 {approved}。请返回改正后再保存。")
    with uploads.alone():
        subject, title, division = _as_listed(office, viewer, rule.id, fields["subject"])
        row = {name: fields[name] for name in ("reason", "approved_by", "approved_on", "until")}
        row |= {"subject": subject, "title": title, PLACED: division}
        office.enter(Entry("deferrals", [row], FILE, "暂缓"), viewer.name)
    return RedirectResponse("/deferrals", 303)


def _as_listed(office: Office, viewer: Viewer, rule: str, name: str) -> tuple[str, str, str]:
    """Subject, title and division as the ledger lists them already, so that a 暂缓 is replaced and not added twice.

    `name` is a name, code or id. Raises UnknownError where it names nothing that can be deferred or nothing that
    `viewer` may see, QuestionError with the candidates where it names several.
    """
    with office.view(viewer) as (reader, visible, _):
        divisions = Regions.read(reader)
        allowed = frozenset(visible)
        subject: Entity | None = None
        for _, kind in office.ontology.edges["DEFERS"].ends:
            try:
                subject = find(reader, office.ontology, {"subject": (kind, name)}, allowed)["subject"]
            except UnknownError:
                continue
            break
        if subject is None:
            raise UnknownError(
                f"没有找到名为“{name[:60]}”的单位、党组织、区划、产业链或联组。请检查名称，或改用代码、编号。"
            )
        for row in reader.query(DEFERRALS_CYPHER).to_pylist():
            listed = deferral(row, office.book)
            if (listed.rule, listed.subject) == (rule, subject.id):
                region = row["region"] or ""
                return row["subject"], row["title"], divisions.codes.get(region, divisions.names.get(region, ""))
        division = divisions.codes.get(subject.region, divisions.name(subject.region))
        return subject.id, office.book.rule(rule).title, division
