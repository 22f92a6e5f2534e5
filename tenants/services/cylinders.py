"""The cylinder archive: adding a cylinder, editing it, taking it out of use with a reason and returning it.

Everything a verdict depends on goes through here: the row is locked, `facts_version` rises, the event is recorded and the audit written
in the same transaction. A refused value is told field by field.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Cylinder, Tenant
from tenants.permissions import Actor
from tenants.rules.states import CylinderStatus, Stage
from tenants.sentences import say
from tenants.services.cylinder_form import TEXTS, CylinderForm, columns_of, form_of, require_valid
from tenants.services.labels import retire_labels_of
from tenants.services.touch import touch_cylinders

MAY_BECOME: dict[CylinderStatus, frozenset[CylinderStatus]] = {
    CylinderStatus.IN_USE: frozenset(
        {CylinderStatus.SUSPENDED, CylinderStatus.CANCELLED, CylinderStatus.SCRAPPED}
    ),
    CylinderStatus.SUSPENDED: frozenset(
        {CylinderStatus.IN_USE, CylinderStatus.CANCELLED, CylinderStatus.SCRAPPED}
    ),
    CylinderStatus.CANCELLED: frozenset({CylinderStatus.SCRAPPED}),
    CylinderStatus.SCRAPPED: frozenset(),
}


def add_cylinder(session: Session, actor: Actor, form: CylinderForm) -> Cylinder:
    """A new cylinder in the archive; raises Invalid by field, or Conflict when serial number and maker are there already."""
    require_valid(session, form, None)
    tenant = session.scalars(select(Tenant)).one()
    cylinder = Cylinder(district=tenant.district, **columns_of(form))
    session.add(cylinder)
    _flush(session)
    touch_cylinders(session, [cylinder])
    audit.write(session, actor, audit.Action.CYLINDER_ADDED, str(cylinder.id), serial_no=form.serial_no)
    return cylinder


def get_cylinder(session: Session, cylinder_id: UUID, *, lock: bool = False) -> Cylinder:
    """The enterprise's cylinder; raises NotFound for another's as for none."""
    wanted = select(Cylinder).where(Cylinder.id == cylinder_id).execution_options(populate_existing=lock)
    cylinder = session.scalars(wanted.with_for_update() if lock else wanted).one_or_none()
    if cylinder is None:
        raise NotFound(say("没有这只气瓶"))
    return cylinder


def find_by_serial(session: Session, serial_no: str) -> UUID:
    """The one cylinder with this serial number; raises Invalid when there is none, or one of each of several makers."""
    found = session.scalars(select(Cylinder.id).where(Cylinder.serial_no == serial_no).limit(2)).all()
    if len(found) != 1:
        many = say("有多只气瓶是这个出厂编号，请到气瓶档案中核对")
        raise Invalid(fields={"serial_no": many if found else say("本单位没有这个出厂编号的气瓶")})
    return found[0]


def edit_cylinder(
    session: Session, actor: Actor, cylinder_id: UUID, form: CylinderForm, row_version: int
) -> Cylinder:
    """Change the archive; raises Conflict when somebody else has changed it since `row_version`, or when it is scrapped."""
    cylinder = get_cylinder(session, cylinder_id, lock=True)
    if cylinder.row_version != row_version:
        raise Conflict(say("这只气瓶的档案刚被他人修改过"), changed=True)
    if cylinder.status == CylinderStatus.SCRAPPED.value:
        raise Conflict(say("已报废的气瓶不能再修改"))
    require_valid(session, form, cylinder)
    old, new = columns_of(form_of(cylinder)), columns_of(form)
    changed = sorted(name for name, value in new.items() if old[name] != value)
    if not changed:
        return cylinder
    for name in changed:
        setattr(cylinder, name, new[name])
    cylinder.row_version += 1
    _flush(session)
    touch_cylinders(session, [cylinder])
    audit.write(session, actor, audit.Action.CYLINDER_EDITED, str(cylinder.id), fields=changed)
    return cylinder


def change_status(
    session: Session, actor: Actor, cylinder_id: UUID, status: CylinderStatus, reason: str
) -> Cylinder:
    """Suspend, cancel or scrap a cylinder, or return a suspended one to use; labels of a scrapped one are void.

    Raises Invalid without a reason, Conflict where the step isn't allowed.
    """
    reason = reason.strip()
    if not reason or len(reason) > TEXTS["note"]:
        raise Invalid(fields={"reason": say("请填写原因，不超过 500 字")})
    cylinder = get_cylinder(session, cylinder_id, lock=True)
    before = CylinderStatus(cylinder.status)
    if status not in MAY_BECOME[before]:
        raise Conflict(say("气瓶 %(serial)s 当前状态不能这样变更", serial=cylinder.serial_no))
    cylinder.status, cylinder.status_reason, cylinder.status_changed_at = (
        status.value,
        reason,
        datetime.now(UTC),
    )
    cylinder.row_version += 1
    if status in (CylinderStatus.SCRAPPED, CylinderStatus.CANCELLED):
        cylinder.stage = Stage.OUT_OF_USE.value
    if status is CylinderStatus.SCRAPPED:
        retire_labels_of(session, actor, cylinder, reason)
    touch_cylinders(session, [cylinder])
    audit.write(session, actor, audit.Action.CYLINDER_STATUS_CHANGED, str(cylinder.id), before=before.value, after=status.value,
                reason=reason)  # fmt: skip
    return cylinder


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(say("该制造单位的这个出厂编号已经建档")) from error
