"""Imports for every module that declares one: sending a file, watching it being checked, choosing, and taking it back.

The work is done by a worker; these pages tell how far it is. A file that was sent is never lost: whatever is refused says why and what to
do, and the rows that could not be taken over can be fetched, mended and sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

from portal import i18n
from portal.guard import takes
from portal.limits import per_client_export
from portal.web import export, import_files
from portal.web.import_words import Told, told
from portal.web.module import Column, Filter, Module
from tenants import audit
from tenants.errors import Conflict, Invalid, NotAllowed
from tenants.models import ImportRun
from tenants.permissions import Actor, Permission, needs
from tenants.queries import imports as queries
from tenants.queries.paging import Found, Wanted
from tenants.rules.states import ImportMode, ImportState
from tenants.services.imports import runs
from tenants.services.imports.problems import from_json
from tenants.services.imports.reading import MOST_BYTES, MOST_ROWS
from tenants.services.imports.registry import get_importer
from tenants.services.imports.template import Importer

View = Callable[..., ResponseReturnValue]
MEGABYTE = 1024 * 1024
FORM = 64 * 1024  # bytes of the form around the file
AT_WORK = frozenset({ImportState.QUEUED, ImportState.APPROVED, ImportState.UNDOING})
TONES = {"queued": "is-run", "checked": "is-warn", "approved": "is-run", "applied": "is-ok", "undoing": "is-run", "undone": "",
         "cancelled": "", "refused": "is-stop", "failed": "is-stop"}  # fmt: skip
bp = Blueprint("imports", __name__, url_prefix="/enterprise/imports")


def rows(session: Session, _actor: Actor, wanted: Wanted) -> Found[queries.ImportLine]:
    """A page of the list."""
    return queries.import_list(session, wanted)


def _states(_session: Session) -> Sequence[tuple[str, str]]:
    return [(state.value, i18n.name_of(state)) for state in ImportState]


MODULE = Module(
    key="imports",
    title=_l("导入记录"),
    icon="file-import",
    one=_l("导入"),
    read=Permission.IMPORTS_READ,
    write=Permission.IMPORTS_WRITE,
    columns=(
        Column(key="file_name", title=_l("文件"), show="import_link"),
        Column(key="kind", title=_l("导入到"), show="import_kind", plain=lambda row: kind_name(row.kind)),
        Column(key="state", title=_l("状态"), show="state", tones=TONES),
        Column(key="rows_total", title=_l("行数"), show="number", sort="rows_total", right=True),
        Column(key="rows_bad", title=_l("有错"), show="number", right=True),
        Column(key="rows_written", title=_l("已写入"), show="number", right=True),
        Column(key="created_at", title=_l("上传时间"), show="time", sort="created_at"),
        Column(key="created_by", title=_l("上传人")),
    ),
    rows=rows,
    filters=(Filter(key="state", title=_l("状态"), choices=_states),),
    empty=_l("在气瓶档案中点“导入”，上传一个表格。"),
)


def kind_name(kind: str) -> str:
    """What an import goes into."""
    return import_files.named(get_importer(kind).title)


def pages(module: Module) -> list[tuple[str, str, str, Permission, View]]:
    """The pages of a module that declares an import, in the form of `views.pages`."""
    assert module.importing is not None  # noqa: S101 - asked for only then
    permission = module.importing.permission
    return [
        ("/import", "import_page", "GET", permission, asking(module)),
        ("/import", "import_send", "POST", permission, sending(module)),
        ("/import/template.<kind>", "import_template", "GET", permission, template(module)),
    ]


def asking(module: Module) -> View:
    """Where a file is chosen."""
    return lambda: _ask(module)


def _ask(module: Module, problem: Invalid | None = None) -> ResponseReturnValue:
    assert module.importing is not None  # noqa: S101 - the page exists only then
    importer = module.importing.importer
    mend = problem.details.get("mend", "") if problem else ""
    page = render_template(
        "imports/send.html",
        module=module,
        columns=import_files.own_columns(importer),
        others=[import_files.named(column.names) for column in importer.columns if not column.own],
        named=import_files.named,
        problem=i18n.spoken(problem.fields["file"]) if problem else "",
        mend=i18n.spoken(str(mend) if not hasattr(mend, "template") else mend),
        largest=MOST_BYTES // MEGABYTE,
        most=MOST_ROWS,
    )
    return make_response(page, 400 if problem else 200)


def sending(module: Module) -> View:
    """Keep the file and go to its page; what is no spreadsheet comes back with what it is."""
    assert module.importing is not None  # noqa: S101 - the page exists only then
    kind = module.importing.importer.kind

    @takes(MOST_BYTES + FORM)
    def view() -> ResponseReturnValue:
        file = request.files.get("file")
        content = file.read(MOST_BYTES + 1) if file is not None else b""
        if len(content) > MOST_BYTES:
            raise RequestEntityTooLarge
        try:
            run = runs.receive(g.session, g.actor, kind, (file.filename if file else "") or "", content)
        except Invalid as problem:
            return _ask(module, problem)
        return redirect(url_for("imports.detail", import_id=run.id), 303)

    return view


def template(module: Module) -> View:
    """An empty file with the right columns."""

    def view(kind: str) -> ResponseReturnValue:
        assert module.importing is not None  # noqa: S101 - the page exists only then
        importer = module.importing.importer
        if kind == "csv":
            return file_of(import_files.template_csv(importer), f"{module.key}-template", kind)
        if kind == "xlsx":
            body = import_files.template_xlsx(importer, importer.choices(g.session))
            return file_of(body, f"{module.key}-template", kind)
        raise NotFound

    return view


def file_of(body: bytes, name: str, kind: str) -> Response:
    """A file to keep."""
    response = make_response(body)
    response.headers["Content-Type"] = export.CSV_TYPE if kind == "csv" else export.XLSX_TYPE
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


@bp.get("/<uuid:import_id>")
@needs(Permission.IMPORTS_READ)
def detail(import_id: UUID) -> ResponseReturnValue:
    """What was found in the file, and what can be done now."""
    return _page(runs.get_run(g.session, import_id))


@bp.get("/<uuid:import_id>/progress")
@needs(Permission.IMPORTS_READ)
def progress(import_id: UUID) -> ResponseReturnValue:
    """How far the work is, asked for again and again; at its end the whole page is shown anew."""
    run = runs.get_run(g.session, import_id)
    response = make_response(render_template("imports/progress.html", run=run, state=ImportState(run.state)))
    response.headers["Cache-Control"] = "no-store"
    if ImportState(run.state) not in AT_WORK:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.get("/<uuid:import_id>/rejected.<kind>")
@needs(Permission.IMPORTS_READ)
@per_client_export
def rejected(import_id: UUID, kind: str) -> ResponseReturnValue:
    """The rows that could not be taken over, with the reasons; noted in the audit."""
    run = runs.get_run(g.session, import_id)
    if kind not in ("csv", "xlsx") or not run.rows_bad or run.swept_at is not None:
        raise NotFound
    found = queries.rejected_rows(g.session, run.id)
    write = import_files.rejected_csv if kind == "csv" else import_files.rejected_xlsx
    body = write(get_importer(run.kind), run.head, found)
    audit.write(
        g.session, g.actor, audit.Action.LIST_EXPORTED, f"import {run.id}", rows=run.rows_bad, kind=kind
    )
    return file_of(body, f"{run.kind}-rejected", kind)


@bp.post("/<uuid:import_id>/approve")
@needs(Permission.IMPORTS_WRITE)
def approve(import_id: UUID) -> ResponseReturnValue:
    """Have the rows written: all of them or none, or the good ones."""
    try:
        mode = ImportMode(request.form.get("mode", ""))
    except ValueError:
        raise BadRequest from None
    return _do(import_id, lambda: runs.approve(g.session, g.actor, import_id, mode))


@bp.post("/<uuid:import_id>/cancel")
@needs(Permission.IMPORTS_WRITE)
def cancel(import_id: UUID) -> ResponseReturnValue:
    """Stop the work, or give the import up."""
    return _do(import_id, lambda: runs.cancel(g.session, g.actor, import_id))


@bp.post("/<uuid:import_id>/undo")
@needs(Permission.IMPORTS_WRITE)
def undo(import_id: UUID) -> ResponseReturnValue:
    """Have everything taken back that it wrote."""
    return _do(import_id, lambda: runs.undo(g.session, g.actor, import_id))


def _do(import_id: UUID, deed: Callable[[], object]) -> ResponseReturnValue:
    """Do it and show the page; what can't be done is said on the page as it stands."""
    run = runs.get_run(g.session, import_id)
    _require_may(run)
    try:
        with g.session.begin_nested():
            deed()
    except Conflict as problem:
        g.session.expire_all()
        page = _page(runs.get_run(g.session, import_id), i18n.spoken(problem.args[0]))
        return make_response(page, 409)
    return redirect(url_for("imports.detail", import_id=import_id), 303)


def _require_may(run: ImportRun) -> None:
    """Whoever decides about an import may import into its module."""
    if not g.actor.may(_importing[run.kind]):
        raise NotAllowed


_importing: dict[str, Permission] = {}


def know(modules: Sequence[Module]) -> None:
    """Which permission each kind of import needs."""
    _importing.update({m.importing.importer.kind: m.importing.permission for m in modules if m.importing})


def _page(run: ImportRun, problem: str = "") -> str:
    importer, state = get_importer(run.kind), ImportState(run.state)
    open_rows = state not in AT_WORK and run.swept_at is None
    return render_template(
        "imports/detail.html",
        run=run,
        state=state,
        tone=TONES[state.value],
        at_work=state in AT_WORK,
        module_key=run.kind,
        kind=import_files.named(importer.title),
        problem=problem,
        twin=runs.find_twin(g.session, run),
        notices=_all_told(importer, run.notices),
        problems=_all_told(importer, run.problem),
        kinds=[
            (told(importer, from_json(one.example)), one.rows)
            for one in queries.kinds_of_problem(g.session, run.id)
        ]
        if open_rows
        else [],
        rows=[(row, _all_told(importer, row.problems)) for row in queries.rows_to_tell(g.session, run.id)]
        if open_rows
        else [],
        most=queries.MOST_SHOWN,
        writable=run.rows_good + run.rows_warned,
        may_write=g.actor.may(Permission.IMPORTS_WRITE) and g.actor.may(_importing[run.kind]),
    )


def _all_told(importer: Importer, kept: Sequence[dict[str, object]]) -> list[Told]:
    return [told(importer, from_json(dict(one))) for one in kept]
