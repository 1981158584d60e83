"""Routes of 数据导入: files are uploaded, inspected, corrected, previewed and loaded."""

from __future__ import annotations

import io
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.office import Office
from api.viewer import Viewer, leave
from api.web.guard import form, text, whole
from api.web.openapi import FORMATS
from api.web.routes.site import html_response, site
from api.web.uploads import KEPT, MOST_BYTES, MOST_FILES, Upload, Uploads
from graph.answers import Answer
from graph.errors import InputError, UnknownError
from graph.personal import clean
from loaders.pipeline import LoadResult
from loaders.recognize import inspection, mapping
from loaders.recognize.inspection import SeenSheet
from loaders.recognize.ledgers import ledgers
from loaders.recognize.mapping import IGNORED
from visualizations.html import markup
from visualizations.pages import loading
from visualizations.sheets import writing

router = APIRouter(include_in_schema=False)

Form = Annotated[FormData, Depends(form())]
FileForm = Annotated[FormData, Depends(form(MOST_BYTES + (1 << 20), MOST_FILES + 2))]

#: loads shown below the form; the answer `loads` has all
LATEST = 10
HISTORY = (
    "number",
    "at",
    "author",
    "kind",
    "state",
    "files",
    "rows",
    "new",
    "changed",
    "rejected",
    "retired",
    "reviews",
)
_DIVISIONS = (
    "MATCH (r:Region) WHERE r.kind IN ['市', '县', '镇街'] RETURN DISTINCT r.name AS name ORDER BY name LIMIT 300"
)


@router.api_route("/load", methods=["GET", "HEAD"])
def start(request: Request) -> Response:
    """The form to upload ledgers, and the latest loads."""
    office, viewer, uploads = _desk(request)
    history = office.page("loads", {"size": str(LATEST), "columns": ",".join(HISTORY)}, viewer)
    text_ = markup.render(
        "load.html",
        site=site(request, "/load"),
        history=history,
        last=_last(office.answer("loads", {}, viewer)),
        empty=not history.revision,
        waiting=uploads.waiting() if not viewer.regions else (),
        hours=KEPT // 3600,
        most_files=MOST_FILES,
        most_bytes=MOST_BYTES,
        refused=_refusal(viewer),
    )
    return html_response(request, text_)


@router.post("/load")
def upload(request: Request, data: FileForm) -> Response:
    """Store the uploaded files, and redirect to what is recognized in them."""
    _, viewer, uploads = _desk(request)
    _may_change(viewer)
    # a browser sends a part without a name for an empty file field
    files = [f for f in data.getlist("files") if isinstance(f, UploadFile) and f.filename]
    if len(files) > MOST_FILES:
        raise HTTPException(413, f"一次最多上传 {MOST_FILES} 个文件。请分几次上传。")
    stored = uploads.keep((f.filename or "", f.file) for f in files)
    return RedirectResponse(f"/load/{stored.id}", 303)


@router.post("/load/undo")
def undo(request: Request, data: Form) -> Response:
    """Take back the load that the page showed; InputError where it is the last one no more."""
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    with uploads.alone():
        number = whole(text(data, "number"))
        if number < 1:
            raise InputError("没有写明撤销哪一次导入。请刷新页面再撤销。")
        office.undo(viewer.name, number)
    return RedirectResponse("/load#history", 303)


@router.api_route("/load/{id_}", methods=["GET", "HEAD"])
def look(request: Request, id_: str) -> Response:
    """What is recognized in an upload, the progress of its load, or the result."""
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    upload = uploads.find(id_)
    # read first, because a load sets its result before its state
    state = upload.state
    seen = _seen(office, upload) if state == "waiting" else []
    position = _position(seen, request.query_params.get("sheet", ""))
    result = upload.result if state != "running" else None
    report = result.report if result else None
    declared = ledgers(office.locality.precedence)
    text_ = markup.render(
        "upload.html",
        site=site(request, "/load"),
        upload=upload,
        state=state,
        result=result,
        sheets=seen,
        position=position,
        sheet=seen[position] if seen else None,
        ledgers=[(ledger.name, ledger.label) for ledger in declared.values()],
        choices=inspection.choices(seen[position].ledger) if seen and seen[position].ledger else (),
        ignored=IGNORED,
        recognized=sorted({(s.ledger, s.label) for s in seen if s.ledger and not s.reason}),
        divisions=_divisions(office, viewer) if state == "waiting" else [],
        home=office.locality.home,
        answer=loading.report_answer(report) if report else None,
        changes=leave(loading.changes_answer(report), viewer, office.ontology) if report else None,
        files=report.files if report else (),
        viewer=viewer.name,
    )
    return HTMLResponse(text_)


@router.post("/load/{id_}/mapping")
def correct(request: Request, id_: str, data: Form) -> Response:
    """Save the chosen meanings of a sheet's headers, for this load and all later ones."""
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    upload = _waiting(uploads.find(id_))
    seen = _seen(office, upload)
    number = _position(seen, text(data, "sheet"))
    columns = {whole(k[7:]): str(v) for k, v in data.multi_items() if k.startswith("column-")}
    headers = inspection.chosen(
        seen[number], text(data, "ledger"), whole(text(data, "header")), whole(text(data, "header_rows")), columns
    )
    mapping.save(office.mappings, headers)
    upload.sheets = upload.result = None
    return RedirectResponse(f"/load/{id_}?sheet={number}#sheet", 303)


@router.post("/load/{id_}/preview")
def preview(request: Request, id_: str, data: Form) -> Response:
    """Preview the load."""
    return _load(request, id_, data, preview=True)


@router.post("/load/{id_}/commit")
def commit(request: Request, id_: str, data: Form) -> Response:
    """Load the files, all or nothing."""
    return _load(request, id_, data, preview=False)


@router.post("/load/{id_}/drop")
def drop(request: Request, id_: str, data: Form) -> Response:
    """Delete an upload."""
    _, viewer, uploads = _desk(request)
    _may_change(viewer)
    uploads.drop(uploads.find(id_))
    return RedirectResponse("/load", 303)


@router.api_route("/load/{id_}/rejects.xlsx", methods=["GET", "HEAD"])
def rejects(request: Request, id_: str) -> Response:
    """The rejected rows as a workbook, to be corrected and loaded again."""
    _, viewer, uploads = _desk(request)
    _may_change(viewer)
    result = uploads.find(id_).result
    if result is None or result.rejects is None:
        raise UnknownError("没有退回的行。请先预览或导入。")
    stream = io.BytesIO()
    writing.write(result.rejects, stream)
    name = quote(result.rejects.name, safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"rejects.xlsx\"; filename*=UTF-8''{name}"}
    return Response(stream.getvalue(), media_type=FORMATS[".xlsx"][0], headers=headers)


def _load(request: Request, id_: str, data: FormData, *, preview: bool) -> Response:
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    upload = _waiting(uploads.find(id_))
    upload.division = clean(text(data, "division"))
    complete = [str(v) for v in data.getlist("complete")]
    where = upload.division or office.locality.home
    upload.complete = tuple((ledger, where) for ledger in complete)
    if complete and not where:
        raise InputError("声明为全部的台账，要写明是哪个区划的全部。请返回填写区划。")
    confirmed = bool(text(data, "confirmed"))

    def load(upload: Upload) -> LoadResult:
        return office.load(
            upload.paths,
            viewer.name,
            division=upload.division,
            complete=upload.complete,
            preview=preview,
            confirmed=confirmed,
            progress=upload.progress,
        )

    uploads.run(upload, load, preview=preview)
    return RedirectResponse(f"/load/{id_}#result", 303)


def _desk(request: Request) -> tuple[Office, Viewer, Uploads]:
    state = request.app.state
    return state.office, state.viewer, state.uploads


def _refusal(viewer: Viewer) -> str:
    """Why a viewer of some divisions may not load; '' for a viewer of all."""
    if not viewer.regions:
        return ""
    return "您的查看范围限于部分区划，不能导入或撤销：一次导入可能改变其他区划的数据。请由可见全部区划的人办理。"


def _may_change(viewer: Viewer) -> None:
    if refused := _refusal(viewer):
        raise HTTPException(403, refused)


def _waiting(upload: Upload) -> Upload:
    if upload.state != "waiting":
        raise InputError("这批文件正在导入，或已经导入。请返回查看结果。")
    return upload


def _last(history: Answer) -> dict[str, Any] | None:
    """The load that an undo takes back; None where there is none."""
    return next((dict(r) for r in history.rows if r["change_type"] == "load" and not r["undone"]), None)


def _seen(office: Office, upload: Upload) -> list[SeenSheet]:
    """What is recognized in an upload; read again after a change of the meanings of headers."""
    if upload.sheets is None:
        try:
            upload.sheets = [
                sheet
                for path in upload.paths
                for sheet in inspection.look([path], office.locality, mapping.saved(office.mappings))
            ]
        except InputError as error:
            upload.problem, upload.sheets = str(error), []
    return upload.sheets


def _position(seen: list[SeenSheet], number: str) -> int:
    """The position of the sheet shown column by column: `number`, else the first with columns not recognized."""
    if 0 <= whole(number) < len(seen):
        return whole(number)
    unclear = (n for n, s in enumerate(seen) if s.table and (s.reason or s.count("unknown", "repeated")))
    return next(unclear, 0)


def _divisions(office: Office, viewer: Viewer) -> list[str]:
    """The names of divisions to choose from."""
    with office.view(viewer) as (reader, _, _):
        names: list[str] = reader.query(_DIVISIONS)["name"].to_pylist()
    return names
