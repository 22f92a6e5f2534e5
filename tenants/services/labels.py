"""Labels: ordering a run, binding one to a cylinder, and taking one out of use. Each step leaves an issue record (发卡记录)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Cylinder, Label, LabelIssue, LabelRun, MediumCode, Tenant
from tenants.models.base import new_id
from tenants.permissions import Actor
from tenants.rules.codes import label_range
from tenants.rules.states import CylinderStatus, LabelKind, LabelState
from tenants.sentences import say
from tenants.services.touch import touch_cylinders

LAST_SERIAL = 999_999
MOST_LABELS = 100_000


@dataclass(frozen=True, slots=True)
class Binding:
    """What a binding did: the label, its cylinder, and the label that it replaced, if any."""

    label_id: UUID
    cylinder_id: UUID
    replaced: str | None


def order_run(
    session: Session,
    actor: Actor,
    medium_code: str,
    quantity: int,
    kind: LabelKind,
    run_id: UUID | None = None,
) -> LabelRun:
    """A run of `quantity` labels of one medium, numbered on from the enterprise's last; raises Invalid when it can't be made.

    With `run_id` the same order sent twice is one run.
    """
    tenant = session.scalars(
        select(Tenant).with_for_update()
    ).one()  # one run at a time, so that numbers don't meet
    if run_id is not None and (earlier := session.get(LabelRun, (tenant.id, run_id))) is not None:
        return earlier
    medium = session.get(MediumCode, (tenant.id, medium_code))
    if medium is None or medium.retired_at is not None:
        raise Invalid(fields={"medium_code": say("本企业介质代码表中没有此代码")})
    if not 1 <= quantity <= MOST_LABELS:
        raise Invalid(fields={"quantity": say("数量应为 1 至 %(most)d", most=MOST_LABELS)})
    used = session.scalar(
        select(func.max(LabelRun.first_serial + LabelRun.quantity - 1)).where(
            LabelRun.medium_code == medium_code
        )
    )
    first = (used or 0) + 1
    if first + quantity - 1 > LAST_SERIAL:
        raise Invalid(fields={"quantity": say("该介质流水号只剩 %(left)d 个", left=LAST_SERIAL - first + 1)})
    run = LabelRun(
        id=run_id or new_id(),
        medium_code=medium_code,
        medium_id=medium.medium_id,
        kind=kind.value,
        first_serial=first,
        quantity=quantity,
        created_by=actor.username,
    )
    session.add(run)
    session.flush()
    codes = label_range(tenant.enterprise, medium_code, first, quantity)
    rows = [
        {"id": new_id(), "code": tenant.district + code, "kind": kind.value, "medium_code": medium_code, "run_id": run.id,
         "state": LabelState.ISSUED.value}
        for code in codes
    ]  # fmt: skip
    session.execute(insert(Label), rows)
    audit.write(
        session, actor, audit.Action.LABELS_ORDERED, str(run.id), medium_code=medium_code, quantity=quantity
    )
    return run


def get_label(session: Session, code: str, *, lock: bool = False) -> Label:
    """The enterprise's label with these 17 digits; raises NotFound."""
    wanted = select(Label).where(Label.code == code)
    locked = wanted.with_for_update().execution_options(
        populate_existing=True
    )  # as it is once the lock is held
    label = session.scalars(locked if lock else wanted).one_or_none()
    if label is None:
        raise NotFound(f"label {code}")
    return label


def bind_label(
    session: Session,
    actor: Actor,
    code: str,
    cylinder_id: UUID,
    *,
    uid: str | None = None,
    at: datetime | None = None,
    event_id: UUID | None = None,
    replaces: str | None = None,
    reason: str = "",
) -> Binding:
    """Bind a label to a cylinder and make the issue record.

    Binding it again to the same cylinder changes nothing. Raises NotFound, or Conflict with `details["code_hint"]` when the label
    stands on another cylinder (the caller then keeps that with `dispute_label`), is lost or void, or the cylinder is out of use.
    """
    label = get_label(session, code, lock=True)
    cylinder = session.get(Cylinder, (label.tenant_id, cylinder_id), with_for_update=True)
    if cylinder is None:
        raise NotFound(f"cylinder {cylinder_id}")
    if cylinder.status in (CylinderStatus.SCRAPPED.value, CylinderStatus.CANCELLED.value):
        raise Conflict("a cylinder out of use gets no label", code_hint="out_of_use")
    if label.state == LabelState.BOUND.value:
        if label.cylinder_id != cylinder_id:
            raise Conflict("this label stands on another cylinder", code_hint="label_on_two_cylinders")
        if uid is not None and uid != label.uid:
            label.uid = uid
            touch_cylinders(session, [cylinder])
        return Binding(label.id, cylinder_id, None)
    if label.state != LabelState.ISSUED.value:
        raise Conflict("a lost or void label is never used again", code_hint="label_void")
    when = at or datetime.now(UTC)
    old = retire_label(session, actor, replaces, LabelState.VOID, reason or "换标") if replaces else None
    if old is not None and old.cylinder_id != cylinder_id:
        raise Conflict(
            "the label to be replaced stands on another cylinder", code_hint="label_on_two_cylinders"
        )
    label.state, label.cylinder_id, label.bound_at, label.uid = (
        LabelState.BOUND.value,
        cylinder_id,
        when,
        uid or label.uid,
    )
    action = "replace" if old is not None else "bind"
    _remember(session, actor, [label], action, when, reason, event_id)
    touch_cylinders(session, [cylinder])
    audit.write(session, actor, audit.Action.LABEL_BOUND, code, cylinder=str(cylinder_id))
    return Binding(label.id, cylinder_id, old.code if old is not None else None)


def retire_label(session: Session, actor: Actor, code: str, state: LabelState, reason: str) -> Label:
    """A label is lost or void from now on, with a reason; raises Conflict when it already is, Invalid without a reason."""
    if state not in (LabelState.LOST, LabelState.VOID):
        raise Invalid(fields={"state": say("只能挂失或作废")})
    if not reason.strip():
        raise Invalid(fields={"reason": say("请填写原因")})
    label = get_label(session, code, lock=True)
    if label.state in (LabelState.LOST.value, LabelState.VOID.value):
        raise Conflict("this label is out of use already", code_hint="label_void")
    label.state = state.value
    _remember(
        session, actor, [label], "lose" if state is LabelState.LOST else "void", datetime.now(UTC), reason
    )
    _touch_its_cylinder(session, label)
    audit.write(session, actor, audit.Action.LABEL_RETIRED, code, state=state.value, reason=reason)
    return label


def retire_labels_of(session: Session, actor: Actor, cylinder: Cylinder, reason: str) -> Sequence[Label]:
    """Void every live label of a cylinder that goes out of use for good; the codes are never used again."""
    live = session.scalars(
        select(Label)
        .where(Label.cylinder_id == cylinder.id, Label.state == LabelState.BOUND.value)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for label in live:
        label.state = LabelState.VOID.value
    _remember(session, actor, live, "void", datetime.now(UTC), reason)
    return live


def dispute_label(
    session: Session, actor: Actor, code: str, reason: str, event_id: UUID | None = None
) -> None:
    """Somebody found this label on a second cylinder: from now on it refuses every fill, until a person has settled it."""
    label = get_label(session, code, lock=True)
    if label.disputed_at is None:
        label.disputed_at = datetime.now(UTC)
        _remember(session, actor, [label], "dispute", label.disputed_at, reason, event_id)
        _touch_its_cylinder(session, label)


def remember(session: Session, actor: Actor, labels: Sequence[Label], action: str, reason: str) -> None:
    """The issue record of what happens to labels now."""
    _remember(session, actor, labels, action, datetime.now(UTC), reason)


def _touch_its_cylinder(session: Session, label: Label) -> None:
    if label.cylinder_id is not None:
        touch_cylinders(
            session, [session.get_one(Cylinder, (label.tenant_id, label.cylinder_id), with_for_update=True)]
        )


def _remember(
    session: Session,
    actor: Actor,
    labels: Sequence[Label],
    action: str,
    at: datetime,
    reason: str,
    event_id: UUID | None = None,
) -> None:
    by = actor.username or actor.staff_code or ""
    session.add_all(
        LabelIssue(
            label_id=label.id,
            cylinder_id=label.cylinder_id,
            action=action,
            at=at,
            by=by,
            reason=reason,
            event_id=event_id,
        )
        for label in labels
    )
