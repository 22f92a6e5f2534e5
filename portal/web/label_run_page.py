"""Ordering a run with its label in sight, and a run's own page: the artwork is made, fetched, and what was spoilt is written down."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from portal import i18n
from portal.limits import per_client_export
from portal.web import names
from portal.web.label_runs import MODULE, kinds, range_of
from tenants.artwork.drawing import draw
from tenants.artwork.svg import as_proof
from tenants.artwork.typeface import typeface
from tenants.errors import Conflict, Invalid, Unavailable
from tenants.models import LabelRun, Medium, MediumCode
from tenants.models.base import new_id
from tenants.permissions import Permission, needs
from tenants.queries import label_runs as queries
from tenants.rules.codes import printed_url
from tenants.rules.label_layouts import LAYOUTS, Layout, Measure, measures
from tenants.rules.label_parts import NoSerials, read_serials
from tenants.rules.label_signature import FIELD, SIGNS
from tenants.rules.label_words import MakingState, Spoilt
from tenants.rules.states import LabelKind
from tenants.services import label_making as services
from tenants.services.labels import MOST_LABELS, order_run

bp = Blueprint("label_run", __name__, url_prefix="/enterprise/label_runs")
NO_SIGNATURE = "0" * SIGNS  # a picture on a page is no label


class Preview(NamedTuple):
    """A label as it will look, and whether it can be made."""

    layout: Layout
    picture: str
    name: str
    limits: tuple[Measure, ...]
    lacking: str


@bp.get("/order")
@needs(Permission.LABELS_WRITE)
def design() -> ResponseReturnValue:
    """What kind, what medium, how many: with the label in sight."""
    return _design(request.args, {})


@bp.get("/order/preview")
@needs(Permission.LABELS_WRITE)
def preview() -> ResponseReturnValue:
    """The label alone, each time something else is chosen."""
    return render_template("labels/preview.html", **_looks(request.args))


@bp.post("/order")
@needs(Permission.LABELS_WRITE)
def order() -> ResponseReturnValue:
    """Issue the numbers and go to the run's page."""
    try:
        kind = LabelKind(request.form.get("kind", ""))
    except ValueError:
        return _design(request.form, {"kind": gettext("请从列表中选择")}), 400
    quantity = request.form.get("quantity", "").strip()
    if not (quantity.isascii() and quantity.isdigit() and len(quantity) < 8):
        return _design(request.form, {"quantity": gettext("请填写整数")}), 400
    try:
        medium_code = request.form.get("medium_code", "")
        run = order_run(g.session, g.actor, medium_code, int(quantity), kind, _sent_id(request.form))
    except Invalid as problem:
        return _design(request.form, {key: i18n.spoken(said) for key, said in problem.fields.items()}), 400
    return redirect(url_for("label_run.detail", label_run_id=run.id), 303)


def _sent_id(form: Mapping[str, str]) -> UUID | None:
    """What makes an order that is sent twice one order."""
    try:
        return UUID(form.get("run_id", ""))
    except ValueError:
        return None


def _design(chosen: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "labels/order.html",
        module=MODULE,
        chosen=chosen,
        run_id=new_id(),
        problems=problems,
        kinds=kinds(g.session),
        media=names.medium_code_choices(g.session),
        most=MOST_LABELS,
        **_looks(chosen),
    )


def _looks(chosen: Mapping[str, str]) -> dict[str, Any]:
    """The preview of what is chosen, or of the first of each."""
    media = [row[0] for row in names.medium_code_choices(g.session)]
    medium_code = chosen.get("medium_code", "")
    medium_code = medium_code if medium_code in media else next(iter(media), "")
    try:
        kind = LabelKind(chosen.get("kind", ""))
    except ValueError:
        kind = LabelKind.METAL
    medium_id = g.session.scalar(select(MediumCode.medium_id).where(MediumCode.code == medium_code))
    if medium_id is None:
        return {
            "shown": None,
            "problem": gettext("先在企业信息中登记介质代码。"),
            "kind": kind,
            "medium_code": "",
        }
    return {**_seen(kind, medium_id, medium_code, 1), "kind": kind, "medium_code": medium_code}


def _seen(kind: LabelKind, medium_id: str, medium_code: str, serial: int) -> dict[str, Any]:
    try:
        return {"shown": _preview(kind, medium_id, medium_code, serial), "problem": ""}
    except Unavailable as away:
        return {"shown": None, "problem": i18n.spoken(away.args[0])}


def _preview(kind: LabelKind, medium_id: str, medium_code: str, serial: int) -> Preview:
    layout, text = LAYOUTS[kind], services.printed_text(g.session, medium_id)
    family = (
        g.session.scalar(select(Medium.family).where(Medium.key == medium_id, Medium.valid_to.is_(None)))
        or "Q"
    )
    code = f"{g.person.district}{g.person.enterprise}{medium_code}{serial:06d}"
    drawing = draw(layout, text, code, f"{printed_url(code, family)}&{FIELD}={NO_SIGNATURE}")
    picture = base64.b64encode(as_proof(drawing, text.name).encode()).decode()
    found = measures(layout, drawing.name_height)
    return Preview(
        layout, f"data:image/svg+xml;base64,{picture}", text.name, found, typeface().lacks(text.name)
    )


@bp.get("/<uuid:label_run_id>")
@needs(Permission.LABELS_READ)
def detail(label_run_id: UUID) -> ResponseReturnValue:
    """The run, its label, its files, what was spoilt."""
    return _page(services.get_run(g.session, label_run_id))


@bp.get("/<uuid:label_run_id>/progress")
@needs(Permission.LABELS_READ)
def progress(label_run_id: UUID) -> ResponseReturnValue:
    """How far the work is; when it is over the whole page is shown anew."""
    run = services.get_run(g.session, label_run_id)
    parts = queries.parts(g.session, run)
    response = make_response(render_template("labels/parts.html", **_parts(run, parts)))
    response.headers["Cache-Control"] = "no-store"
    if not _at_work(parts):
        response.headers["HX-Refresh"] = "true"
    return response


@bp.post("/<uuid:label_run_id>/make")
@needs(Permission.LABELS_WRITE)
def make(label_run_id: UUID) -> ResponseReturnValue:
    """Have the files of one part made."""
    part = request.form.get("part", "1")
    number = int(part) if part.isascii() and part.isdigit() and len(part) < 4 else 0
    return _do(label_run_id, lambda: services.order_making(g.session, g.actor, label_run_id, number))


@bp.post("/<uuid:label_run_id>/spoilt")
@needs(Permission.LABELS_WRITE)
def spoil(label_run_id: UUID) -> ResponseReturnValue:
    """Write down numbers that were spoilt; what was typed comes back when something is wrong with it."""
    run = services.get_run(g.session, label_run_id)
    try:
        why, serials = Spoilt(request.form.get("why", "")), read_serials(request.form.get("serials", ""))
        with g.session.begin_nested():
            many = services.record_spoilt(
                g.session, g.actor, run.id, serials, why, request.form.get("note", "")
            )
    except NoSerials as problem:
        said = (
            gettext("看不懂：%(word)s", word=problem.word)
            if problem.word
            else gettext("请填写流水号，一次最多 2000 个")
        )
        return _page(run, spoilt_problem=said), 400
    except ValueError:
        return _page(run, spoilt_problem=gettext("请选择原因")), 400
    except Invalid as problem:
        return _page(run, spoilt_problem=i18n.spoken(problem.fields["serials"])), 400
    flash(gettext("已登记 %(count)d 个编号，永不再用", count=many), "ok")
    return redirect(url_for("label_run.detail", label_run_id=run.id), 303)


@bp.post("/makings/<uuid:making_id>/cancel")
@needs(Permission.LABELS_WRITE)
def cancel(making_id: UUID) -> ResponseReturnValue:
    """Stop the work, or give up a file that nobody has fetched."""
    run_id = services.get_making(g.session, making_id).run_id
    return _do(run_id, lambda: services.cancel_making(g.session, g.actor, making_id))


@bp.post("/makings/<uuid:making_id>/labels.zip")
@needs(Permission.LABELS_WRITE)
@per_client_export
def fetch(making_id: UUID) -> ResponseReturnValue:
    """The packed files; each time is on record, so no address alone fetches them."""
    making, content = services.fetch_file(g.session, g.actor, making_id)
    run = services.get_run(g.session, making.run_id)
    first = f"{g.person.enterprise}{run.medium_code}{making.first_serial:06d}"
    response = make_response(content)
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="labels-{first}-{making.quantity}.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _do(run_id: UUID, deed: Callable[[], object]) -> ResponseReturnValue:
    """Do it and show the page; what can't be done is said on the page as it stands."""
    try:
        with g.session.begin_nested():
            deed()
    except Invalid as problem:
        return _page(
            services.get_run(g.session, run_id), i18n.spoken(next(iter(problem.fields.values())))
        ), 400
    except (Conflict, Unavailable) as problem:
        return _page(services.get_run(g.session, run_id), i18n.spoken(problem.args[0])), 409
    return redirect(url_for("label_run.detail", label_run_id=run_id), 303)


def _at_work(parts: tuple[queries.Part, ...]) -> bool:
    return any(part.making and part.making.state == MakingState.QUEUED.value for part in parts)


def _parts(run: LabelRun, parts: tuple[queries.Part, ...]) -> dict[str, Any]:
    may_write = g.actor.may(Permission.LABELS_WRITE)
    return {
        "run": run,
        "parts": parts,
        "at_work": _at_work(parts),
        "may_write": may_write,
        "MakingState": MakingState,
    }


def _page(run: LabelRun, problem_said: str = "", spoilt_problem: str = "") -> str:
    line = queries.run_line(g.session, run)
    spoilt, spoilt_total = queries.spoilt(g.session, run.id)
    return render_template(
        "labels/run.html",
        module=MODULE,
        line=line,
        codes=range_of(line),
        problem_said=problem_said,
        spoilt_problem=spoilt_problem,
        typed=request.form,
        reasons=list(Spoilt),
        spoilt=spoilt,
        spoilt_total=spoilt_total,
        **_parts(run, queries.parts(g.session, run)),
        **_seen(LabelKind(run.kind), run.medium_id, run.medium_code, run.first_serial),
    )
