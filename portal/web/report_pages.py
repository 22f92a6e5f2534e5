"""One report's page: what the citizen said, what was done about it, and the forms by which it is taken, decided and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import BadRequest

from portal.i18n import name_of, spoken
from portal.web import reports
from portal.web.module import Field, Module
from tenants.errors import Conflict, Invalid, NotAllowed, TraceabilityError
from tenants.permissions import Permission, needs
from tenants.queries.reports import answers_of, get_report_line, photo_of
from tenants.rules.reports import MOST_ANSWER, TOLD, ReportAct, may
from tenants.services.reports import decide, handled_by, read_phone, reply, take
from tenants.vault import Vault

bp = Blueprint("reports_desk", __name__)
View = Callable[..., ResponseReturnValue]
STATUS: dict[type[TraceabilityError], int] = {Invalid: 400, Conflict: 409, NotAllowed: 403}
Deed = Callable[[UUID], object]
ACT = Field(key="act", title=_l("处理"), kind="select", must=True)
WORDS = Field(
    key="words",
    title=_l("答复内容"),
    kind="area",
    must=True,
    longest=MOST_ANSWER,
    hint=_l("群众能看到，不写个人信息；最多 1000 字"),
)


def one(module: Module) -> View:
    """The report as it stands."""

    def view(report_id: UUID) -> ResponseReturnValue:
        return _shown(module, report_id)

    return view


def photo(report_id: UUID) -> ResponseReturnValue:
    """The citizen's photo."""
    response = make_response(photo_of(g.session, report_id))
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def replying(module: Module) -> View:
    """The enterprise's word."""

    def deed(report_id: UUID) -> None:
        reply(g.session, g.actor, report_id, _words(), _ref())

    return _doing(module, deed)


def deciding(module: Module) -> View:
    """What the officer decides."""

    def deed(report_id: UUID) -> None:
        try:
            act = ReportAct(request.form.get("act", ""))
        except ValueError:
            raise Invalid(fields={"act": gettext("请从列表中选择")}) from None
        decide(g.session, g.actor, report_id, act, _words(), _ref())

    return _doing(module, deed)


def taking(module: Module) -> View:
    """Make the report one's own."""
    return _doing(module, lambda report_id: take(g.session, g.actor, report_id))


def phone(module: Module) -> View:
    """The phone number, shown once and noted."""

    def view(report_id: UUID) -> ResponseReturnValue:
        number = read_phone(g.session, g.actor, report_id, Vault.of(current_app.config["SETTINGS"]))
        return _shown(module, report_id, phone=number)

    return view


def _doing(module: Module, deed: Deed) -> View:
    def view(report_id: UUID) -> ResponseReturnValue:
        problem: Invalid | Conflict | NotAllowed
        try:
            with g.session.begin_nested():
                deed(report_id)
        except (Invalid, Conflict, NotAllowed) as said:
            problem = said
        else:
            flash(gettext("已保存"), "ok")
            return redirect(url_for(module.detail, report_id=report_id), 303)
        return _shown(module, report_id, problem, request.form)

    return view


def _shown(
    module: Module,
    report_id: UUID,
    problem: Invalid | Conflict | NotAllowed | None = None,
    given: Mapping[str, str] | None = None,
    phone: str = "",
) -> Response:
    report = get_report_line(g.session, report_id, datetime.now(UTC))
    above = module is not reports.OWN
    officer, has_phone = handled_by(g.session, report_id) if above else (None, False)
    fields = problem.fields if isinstance(problem, Invalid) else {}
    page = render_template(
        "reports/one.html",
        module=module,
        report=report,
        answers=answers_of(g.session, report_id, tuple(ReportAct) if above else TOLD),
        above=above,
        officer=officer,
        mine=officer is not None and officer == g.actor.username,
        has_phone=has_phone,
        phone=phone,
        acts=may(report.state),
        fields=(ACT, WORDS) if above else (WORDS,),
        values={key: (given or {}).get(key, "") for key in ("act", "words")},
        choices={"act": [(act.value, name_of(act)) for act in may(report.state)]},
        ref=(given or {}).get("client_ref") or uuid4(),
        problems={key: spoken(said) for key, said in fields.items()},
        message=spoken(problem.args[0]) if problem and not fields else "",
    )
    response = make_response(page, STATUS[type(problem)] if problem else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _words() -> str:
    return request.form.get("words", "").strip().replace("\r\n", "\n")


def _ref() -> UUID:
    try:
        return UUID(request.form.get("client_ref", ""))
    except ValueError:
        raise BadRequest from None


def _add(
    module: Module, rest: str, name: str, view: View, permission: Permission, method: str = "GET"
) -> None:
    def own(report_id: UUID) -> ResponseReturnValue:
        return view(report_id)

    address = f"{module.address}/<uuid:report_id>{rest}"
    bp.add_url_rule(address, f"{module.key}_{name}", needs(permission)(own), methods=[method])


for _module in (reports.OWN, reports.DISTRICT, reports.FIELD):
    _add(_module, "", "one", one(_module), _module.read)
    _add(_module, "/photo", "photo", photo, _module.read)
_add(reports.OWN, "/reply", "reply", replying(reports.OWN), Permission.OWN_REPORTS, "POST")
for _module, _phone in (
    (reports.DISTRICT, Permission.DISTRICT_REPORTS_PHONE),
    (reports.FIELD, Permission.FIELD_REPORTS_PHONE),
):
    _add(_module, "/take", "take", taking(_module), _module.read, "POST")
    _add(_module, "/decide", "decide", deciding(_module), _module.read, "POST")
    _add(_module, "/phone", "phone", phone(_module), _phone, "POST")
