"""数据导入: files are sent, looked at, set right, previewed and loaded, by the same code as on the command line."""

from __future__ import annotations

import io
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.office import Office
from api.viewer import Viewer
from api.web.guard import form, text, whole
from api.web.openapi import FORMATS
from api.web.routes.site import shown, site
from api.web.uploads import KEPT, MOST_BYTES, MOST_FILES, Upload, Uploads
from graph.answers import Answer
from graph.errors import InputError, UnknownError
from loaders.pipeline import LoadResult
from loaders.recognize import inspection, mapping
from loaders.recognize.inspection import SeenSheet
from loaders.recognize.ledgers import ledgers
from loaders.recognize.mapping import IGNORED
from visualizations.html import markup
from visualizations.pages import loading
from visualizations.sheets import writing

router = APIRouter(include_in_schema=False)

Sent = Annotated[FormData, Depends(form())]
SentFiles = Annotated[FormData, Depends(form(MOST_BYTES + (1 << 20), MOST_FILES + 2))]

#: loads shown below the form; all of them are an answer of their own
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
    """Where ledgers are handed in, and what was loaded before."""
    office, viewer, uploads = _desk(request)
    history = office.page("loads", {"size": str(LATEST), "columns": ",".join(HISTORY)}, viewer)
    text_ = markup.render(
        "load.html",
        site=site(request, "/load"),
        history=history,
        last=_last(office.answer("loads", {}, viewer)),
        empty=not history.revision,
        waiting=uploads.waiting(),
        hours=KEPT // 3600,
        most_files=MOST_FILES,
        most_bytes=MOST_BYTES,
        refused=_refusal(viewer),
    )
    return shown(request, text_)


@router.post("/load")
def upload(request: Request, sent: SentFiles) -> Response:
    """Keep the files that were sent, and lead to what was recognized in them."""
    _, viewer, uploads = _desk(request)
    _may_change(viewer)
    # a browser sends a part without a name for a field in which nothing was chosen
    files = [f for f in sent.getlist("files") if isinstance(f, UploadFile) and f.filename]
    if len(files) > MOST_FILES:
        raise HTTPException(413, f"一次最多上传 {MOST_FILES} 个文件。请分几次上传。")
    kept = uploads.keep((f.filename or "", f.file) for f in files)
    return RedirectResponse(f"/load/{kept.id}", 303)


@router.post("/load/undo")
def undo(request: Request, sent: Sent) -> Response:
    """Take back the load that the page showed as the last one."""
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    with uploads.alone():
        last = _last(office.answer("loads", {}, viewer))
        if last is None or text(sent, "number") != str(last["number"]):
            raise InputError("最近一次导入已经不是页面上的那一次。请刷新页面，看清楚再撤销。")
        office.undo(viewer.name)
    return RedirectResponse("/load#history", 303)


@router.api_route("/load/{id_}", methods=["GET", "HEAD"])
def look(request: Request, id_: str) -> Response:
    """What was recognized, how far a load is, or what it did."""
    office, viewer, uploads = _desk(request)
    found = uploads.find(id_)
    # first: what a load found is there before it says that it is done
    state = found.state
    seen = _seen(office, found) if state == "waiting" else []
    shown_ = _chosen(seen, request.query_params.get("sheet", ""))
    result = found.result if state != "running" else None
    report = result.report if result else None
    declared = ledgers(office.locality.precedence)
    text_ = markup.render(
        "upload.html",
        site=site(request, "/load"),
        upload=found,
        state=state,
        result=result,
        sheets=seen,
        position=shown_,
        sheet=seen[shown_] if seen else None,
        ledgers=[(one.name, one.label) for one in declared.values()],
        choices=inspection.choices(seen[shown_].ledger) if seen and seen[shown_].ledger else (),
        ignored=IGNORED,
        recognized=sorted({(s.ledger, s.label) for s in seen if s.ledger and not s.reason}),
        divisions=_divisions(office) if state == "waiting" else [],
        home=office.locality.home,
        answer=loading.report_answer(report) if report else None,
        files=report.files if report else (),
        viewer=viewer.name,
    )
    return HTMLResponse(text_)


@router.post("/load/{id_}/mapping")
def correct(request: Request, id_: str, sent: Sent) -> Response:
    """Keep what someone says of a sheet, for this load and all later ones, here and on the command line."""
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    found = _at_rest(uploads.find(id_))
    seen = _seen(office, found)
    number = _chosen(seen, text(sent, "sheet"))
    columns = {whole(k[7:]): str(v) for k, v in sent.multi_items() if k.startswith("column-")}
    said = inspection.chosen(
        seen[number], text(sent, "ledger"), whole(text(sent, "header")), whole(text(sent, "header_rows")), columns
    )
    mapping.save(office.mappings, said)
    found.sheets = found.result = None
    return RedirectResponse(f"/load/{id_}?sheet={number}#sheet", 303)


@router.post("/load/{id_}/preview")
def preview(request: Request, id_: str, sent: Sent) -> Response:
    """Try the load, and change nothing."""
    return _load(request, id_, sent, preview=True)


@router.post("/load/{id_}/commit")
def commit(request: Request, id_: str, sent: Sent) -> Response:
    """Load what was sent, all or nothing."""
    return _load(request, id_, sent, preview=False)


@router.post("/load/{id_}/drop")
def drop(request: Request, id_: str, sent: Sent) -> Response:
    """Delete what was sent."""
    _, _, uploads = _desk(request)
    uploads.drop(uploads.find(id_))
    return RedirectResponse("/load", 303)


@router.api_route("/load/{id_}/rejects.xlsx", methods=["GET", "HEAD"])
def rejects(request: Request, id_: str) -> Response:
    """The rows that could not be taken, to be corrected and handed in again."""
    _, _, uploads = _desk(request)
    result = uploads.find(id_).result
    if result is None or result.rejects is None:
        raise UnknownError("没有退回的行。请先预览或导入。")
    stream = io.BytesIO()
    writing.write(result.rejects, stream)
    name = quote(result.rejects.name, safe="")
    headers = {"Content-Disposition": f"attachment; filename=\"rejects.xlsx\"; filename*=UTF-8''{name}"}
    return Response(stream.getvalue(), media_type=FORMATS[".xlsx"][0], headers=headers)


def _load(request: Request, id_: str, sent: FormData, *, preview: bool) -> Response:
    office, viewer, uploads = _desk(request)
    _may_change(viewer)
    found = _at_rest(uploads.find(id_))
    found.division = text(sent, "division")
    said = [str(v) for v in sent.getlist("complete")]
    where = found.division or office.locality.home
    found.complete = tuple((ledger, where) for ledger in said)
    if said and not where:
        raise InputError("声明为全部的台账，要写明是哪个区划的全部。请返回填写区划。")
    confirmed = bool(text(sent, "confirmed"))

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

    uploads.run(found, load, preview=preview)
    return RedirectResponse(f"/load/{id_}#result", 303)


def _desk(request: Request) -> tuple[Office, Viewer, Uploads]:
    state = request.app.state
    return state.office, state.viewer, state.uploads


def _refusal(viewer: Viewer) -> str:
    """Why someone may not load: what is loaded is not theirs alone; '' for one who may."""
    if not viewer.regions:
        return ""
    return "您的查看范围限于部分区划，不能导入或撤销：一次导入可能改变其他区划的数据。请由可见全部区划的人办理。"


def _may_change(viewer: Viewer) -> None:
    if refused := _refusal(viewer):
        raise HTTPException(403, refused)


def _at_rest(upload: Upload) -> Upload:
    if upload.state != "waiting":
        raise InputError("这批文件正在导入，或已经导入。请返回查看结果。")
    return upload


def _last(history: Answer) -> dict[str, Any] | None:
    """The load that an undo takes back: the latest that was not taken back."""
    return next((dict(r) for r in history.rows if r["change_type"] == "load" and not r["undone"]), None)


def _seen(office: Office, upload: Upload) -> list[SeenSheet]:
    """What is recognized in an upload, read once for each set of choices."""
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


def _chosen(seen: list[SeenSheet], asked: str) -> int:
    """The sheet that is shown column by column: the one asked for, or the first that someone should look at."""
    if 0 <= whole(asked) < len(seen):
        return whole(asked)
    wanting = (n for n, s in enumerate(seen) if s.table and (s.reason or s.count("unknown", "repeated")))
    return next(wanting, 0)


def _divisions(office: Office) -> list[str]:
    """Names to choose a division by."""
    with office.reader() as reader:
        names: list[str] = reader.query(_DIVISIONS)["name"].to_pylist()
    return names
