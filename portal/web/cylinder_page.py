"""One cylinder on one page: its archive, its labels, whether it may be filled now and why not, and its whole life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from portal import frames
from portal.web import cylinders
from tenants.models import Cylinder, Label, Tenant
from tenants.permissions import Permission, needs
from tenants.queries import due
from tenants.queries.findings import Standing, findings_of
from tenants.queries.trace import MOST, cylinder_steps
from tenants.rules.codes import ScannedCode
from tenants.rules.facts import FillAttempt, FillFacts, LabelFacts
from tenants.rules.fill import fillable_until, refusals
from tenants.rules.findings import may_lift
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, LabelState, Ownership, Stage
from tenants.services.cylinders import get_cylinder
from tenants.services.facts import cylinder_facts, enterprise_facts

bp = Blueprint("cylinder", __name__)
UNCHECKED = Refusal.PRE_FILL_CHECK_MISSING
LABEL_STEPS = {"issue": _l("制发标签"), "bind": _l("绑定标签"), "replace": _l("换标"), "lose": _l("标签挂失"), "void": _l("标签作废"),
               "dispute": _l("标签有争议"), "release": _l("撤销绑定")}  # fmt: skip


@bp.get("/enterprise/cylinders/<uuid:cylinder_id>")
@needs(Permission.CYLINDERS_READ)
def detail(cylinder_id: UUID) -> ResponseReturnValue:
    """Everything that is known of it; read-only."""
    return shown(get_cylinder(g.session, cylinder_id))


def shown(cylinder: Cylinder, desk: str = "enterprise") -> str:
    """The page; `desk` is enterprise, authority or inspector, and says where its links lead and what may be done."""
    before = _moment(request.args.get("before"))
    steps = cylinder_steps(g.session, cylinder, before)
    reasons, until = _verdict(cylinder)
    bars = [line for line in findings_of(g.session, cylinder) if line.standing is Standing.STANDS]
    told = {UNCHECKED, Refusal.STOPPED_BY_INSPECTOR} if bars else {UNCHECKED}
    return render_template(
        "cylinders/detail.html",
        cylinder=cylinder,
        desk=desk,
        module=cylinders.MODULE,
        owner=None if desk == "enterprise" else g.session.get_one(Tenant, cylinder.tenant_id),
        tones=cylinders.TONES,
        status=CylinderStatus(cylinder.status),
        stage=Stage(cylinder.stage),
        ownership=Ownership(cylinder.ownership),
        label_states={state.value: state for state in LabelState},
        labels=labels_of(cylinder),
        bars=bars,
        may_lift=all(may_lift(bar.jurisdiction, g.actor.jurisdiction) for bar in bars),
        reasons=[reason for reason in reasons if reason not in told],
        unchecked=UNCHECKED in reasons,
        until=until,
        due=due.tone(cylinder.next_inspection_on, cylinder.next_inspection_precision, frames.today()),
        steps=steps,
        older=steps[-1].at.isoformat() if len(steps) == MOST else None,
        label_steps=LABEL_STEPS,
        may_write=g.actor.may(Permission.CYLINDERS_WRITE),
    )


def labels_of(cylinder: Cylinder) -> Sequence[Label]:
    """The labels that are or were on it."""
    wanted = select(Label).where(Label.tenant_id == cylinder.tenant_id, Label.cylinder_id == cylinder.id)
    return g.session.scalars(wanted.order_by(Label.state, Label.code)).all()


def _verdict(cylinder: Cylinder) -> tuple[tuple[Refusal, ...], object]:
    """What the rule says to filling it now under its own label, by nobody in particular."""
    facts = cylinder_facts(g.session, [cylinder.id])[cylinder.id]
    now = datetime.now(UTC)
    label = _label_of(facts.labels)
    attempt = FillAttempt(at=now, on=frames.today(), scanned=ScannedCode(label.code) if label else None)
    known = FillFacts(
        cylinder=facts,
        label=label,
        enterprise=enterprise_facts(g.session, cylinder.tenant_id),
        attempt=attempt,
    )
    return refusals(known), fillable_until(facts)


def _label_of(labels: tuple[LabelFacts, ...]) -> LabelFacts | None:
    bound = [label for label in labels if label.state is LabelState.BOUND]
    return next(iter(bound or labels), None)


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest from None
    if moment is not None and moment.tzinfo is None:
        raise BadRequest
    return moment
