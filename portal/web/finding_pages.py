"""One finding's page, the cylinder as an authority sees it, and the forms by which an inspector makes a finding or lifts what stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID, uuid4

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import BadRequest

from portal import frames
from portal.i18n import name_of, spoken
from portal.web import cylinder_page, findings, forms, names
from portal.web.module import Field, Group, Module
from tenants.errors import Conflict, Invalid, NotAllowed
from tenants.models import Cylinder, Label
from tenants.permissions import Permission, needs
from tenants.queries import seek
from tenants.queries.findings import findings_of, get_finding
from tenants.queries.names import hazards
from tenants.rules.findings import MOST_WORDS, may_lift
from tenants.rules.states import Disposition, LabelState, Role
from tenants.services.cylinders import get_cylinder
from tenants.services.findings import Found, make_finding, standing

bp = Blueprint("findings", __name__)
View = Callable[..., ResponseReturnValue]
DESKS: dict[str, tuple[Module, Permission]] = {
    "authority": (findings.DISTRICT, Permission.DISTRICT_FINDINGS),
    "inspector": (findings.FIELD, Permission.FIELD_FINDINGS),
}
PAGE_OF = {Role.REGULATOR: "findings.authority_cylinder", Role.INSPECTOR: "findings.inspector_cylinder"}
SEEKING = [
    frames.Entry(f"findings.{desk}_seek", _l("查找气瓶"), "search", read) for desk, (_, read) in DESKS.items()
]
MADE = (Disposition.NOTED, Disposition.RECTIFY, Disposition.STOP)
FIELDS = Group(title=_l("监察记录"), fields=(
    Field(key="hazard", title=_l("隐患"), kind="select", must=True, choices=names.hazard_choices, convert=int),
    Field(key="disposition", title=_l("处置"), kind="select", must=True, convert=Disposition,
          choices=lambda _: [(each.value, name_of(each)) for each in MADE],
          hint=_l("限期整改、责令停用：解除前任何单位不得充装")),
    Field(key="words", title=_l("说明"), kind="area", longest=MOST_WORDS, hint=_l("写看到的情况，不写个人信息；最多 500 字")),
))  # fmt: skip
LIFT = Group(title=_l("解除措施"), fields=(
    Field(key="words", title=_l("解除理由"), kind="area", must=True, longest=MOST_WORDS,
          hint=_l("写整改和复查的情况，不写个人信息；最多 500 字")),
))  # fmt: skip
SAID = {
    "too_long": _l("不能超过 500 个字"),
    "unknown": _l("请从列表中选择"),
    "no_label": _l("这只气瓶没有标签，先绑定标签再登记。"),
    "nothing_to_lift": _l("没有需要解除的措施，可能刚被解除。"),
    "another_authority": _l("其中有上级或其他机关作出的措施，只能由该机关或其上级解除。"),
}


def cylinder_address(cylinder_id: UUID) -> str:
    """The cylinder's page for whoever looks."""
    return url_for(PAGE_OF.get(g.actor.role, "cylinder.detail"), cylinder_id=cylinder_id)


def one(module: Module) -> View:
    """One finding, with what came before and after it at the same cylinder."""

    def view(finding_id: UUID) -> ResponseReturnValue:
        finding = get_finding(g.session, finding_id)
        cylinder = get_cylinder(g.session, finding.cylinder_id)
        return render_template(
            "findings/one.html",
            module=module,
            finding=finding,
            cylinder=cylinder,
            others=[other for other in findings_of(g.session, cylinder) if other.id != finding.id],
        )

    return view


def seeking(desk: str) -> View:
    """A cylinder by its label or serial number; the only one that fits is shown at once."""

    def view() -> ResponseReturnValue:
        text = request.args.get("q", "").strip()[:200]
        found = seek.seek(g.session, text) if text else ()
        if len(found) == 1:
            return redirect(url_for(f"findings.{desk}_cylinder", cylinder_id=found[0].id), 303)
        return render_template(
            "findings/seek.html", desk=desk, text=text, found=found[: seek.MOST], more=len(found) > seek.MOST
        )

    return view


def cylinder(desk: str) -> View:
    """The cylinder as its enterprise knows it, and what may be decided about it."""

    def view(cylinder_id: UUID) -> ResponseReturnValue:
        return cylinder_page.shown(get_cylinder(g.session, cylinder_id), desk=desk)

    return view


@bp.get("/inspector/cylinders/<uuid:cylinder_id>/findings")
@needs(Permission.FINDINGS_MAKE)
def new(cylinder_id: UUID) -> ResponseReturnValue:
    """An empty form."""
    return _form(get_cylinder(g.session, cylinder_id), FIELDS, {})


@bp.post("/inspector/cylinders/<uuid:cylinder_id>/findings")
@needs(Permission.FINDINGS_MAKE)
def make(cylinder_id: UUID) -> ResponseReturnValue:
    """Keep what was found."""

    def found(values: Mapping[str, object], code: str, ref: UUID) -> Found:
        disposition = Disposition(str(values["disposition"]))
        if disposition not in MADE:
            raise Invalid(fields={"disposition": "unknown"})
        return Found(code, int(str(values["hazard"])), disposition, ref, str(values["words"]))

    return _decide(get_cylinder(g.session, cylinder_id), FIELDS, found, gettext("监察记录已保存"))


@bp.get("/inspector/cylinders/<uuid:cylinder_id>/lift")
@needs(Permission.FINDINGS_MAKE)
def lifting(cylinder_id: UUID) -> ResponseReturnValue:
    """What would be lifted, and the reason for it."""
    return _form(get_cylinder(g.session, cylinder_id), LIFT, {})


@bp.post("/inspector/cylinders/<uuid:cylinder_id>/lift")
@needs(Permission.FINDINGS_MAKE)
def lift(cylinder_id: UUID) -> ResponseReturnValue:
    """Let the cylinder go; the lifting names the hazard of what was decided last."""
    cylinder = get_cylinder(g.session, cylinder_id)
    bars = standing(g.session, cylinder)

    def found(values: Mapping[str, object], code: str, ref: UUID) -> Found:
        hazard = bars[-1].hazard if bars else next(iter(hazards(g.session)), 1)
        return Found(code, hazard, Disposition.LIFTED, ref, str(values["words"]))

    return _decide(cylinder, LIFT, found, gettext("措施已解除"))


def liftable(cylinder: Cylinder) -> bool:
    """Whether whoever looks may lift everything that stands at it."""
    bars = standing(g.session, cylinder)
    return bool(bars) and all(may_lift(bar.jurisdiction, g.actor.jurisdiction) for bar in bars)


def _decide(
    cylinder: Cylinder, group: Group, found: Callable[[Mapping[str, object], str, UUID], Found], done: str
) -> ResponseReturnValue:
    problem: Invalid | Conflict | NotAllowed
    try:
        with g.session.begin_nested():
            values = forms.read(group.fields, request.form)
            make_finding(g.session, g.actor, found(values, _code(cylinder), _ref()))
    except (Invalid, Conflict, NotAllowed) as said:
        problem = said
    else:
        flash(done, "ok")
        return redirect(cylinder_address(cylinder.id), 303)
    return _form(cylinder, group, request.form, problem)


def _form(
    cylinder: Cylinder,
    group: Group,
    given: Mapping[str, str],
    problem: Invalid | Conflict | NotAllowed | None = None,
) -> ResponseReturnValue:
    fields = problem.fields if isinstance(problem, Invalid) else {}
    hint = str(problem.details.get("code_hint", "")) if problem else ""
    page = render_template(
        "findings/form.html",
        module=findings.FIELD,
        cylinder=cylinder,
        code=_bound(cylinder),
        group=group,
        lifts=group is LIFT,
        bars=[line for line in findings_of(g.session, cylinder) if line.standing == "stands"],
        liftable=liftable(cylinder),
        ref=given.get("client_ref") or uuid4(),
        values={field.key: given.get(field.key, "") for field in group.fields},
        choices={field.key: field.choices(g.session) for field in group.fields if field.choices},
        problems={key: str(SAID[said]) if said in SAID else spoken(said) for key, said in fields.items()},
        message=str(SAID[hint])
        if hint in SAID
        else spoken(problem.args[0])
        if problem and not fields
        else "",
    )
    status = {Invalid: 400, Conflict: 409, NotAllowed: 403}[type(problem)] if problem else 200
    return make_response(page, status)


def _bound(cylinder: Cylinder) -> str | None:
    """The code that it bears, or bore last."""
    labels: Sequence[Label] = cylinder_page.labels_of(cylinder)
    bound = [label.code for label in labels if label.state == LabelState.BOUND]
    return next(iter(bound or [label.code for label in labels]), None)


def _code(cylinder: Cylinder) -> str:
    code = _bound(cylinder)
    if code is None:
        raise Conflict(code_hint="no_label")
    return code


def _ref() -> UUID:
    try:
        return UUID(request.form.get("client_ref", ""))
    except ValueError:
        raise BadRequest from None


def _add(rule: str, name: str, permission: Permission, view: View) -> None:
    bp.add_url_rule(rule, name, needs(permission)(view))


_add("/enterprise/findings/<uuid:finding_id>", "findings_one", Permission.FINDINGS_READ, one(findings.OWN))
for _desk, (_module, _read) in DESKS.items():
    _add(f"/{_desk}/findings/<uuid:finding_id>", f"{_module.key}_one", _read, one(_module))
    _add(f"/{_desk}/cylinders", f"{_desk}_seek", _read, seeking(_desk))
    _add(f"/{_desk}/cylinders/<uuid:cylinder_id>", f"{_desk}_cylinder", _read, cylinder(_desk))
