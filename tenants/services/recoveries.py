"""Recoveries: asking for empty cylinders to be fetched, fetching them. Needs the enterprise's own scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import MediumCode, Recovery, RecoveryLine
from tenants.permissions import Actor
from tenants.rules.errands import recovery_may_become
from tenants.rules.numbers import recovery_number
from tenants.rules.states import RecoveryState
from tenants.sentences import say
from tenants.services.apply.event import SHANGHAI
from tenants.services.customers import get_customer
from tenants.services.series import take_number

MOST = 9999  # of one medium in one recovery


@dataclass(frozen=True, slots=True)
class Line:
    """So many empty cylinders of a medium."""

    medium_id: str
    quantity: int


def ask_recovery(
    session: Session,
    actor: Actor,
    customer_number: str,
    lines: Sequence[Line],
    *,
    driver_code: str | None = None,
    note: str = "",
) -> Recovery:
    """A recovery, numbered within its day; raises NotFound for the customer, Invalid when nothing is in it that the enterprise fills."""
    _require_lines(session, lines)
    customer, now = get_customer(session, customer_number), datetime.now(UTC)
    day = now.astimezone(SHANGHAI).date()
    try:
        number = recovery_number(day, take_number(session, f"recovery {day:%Y%m%d}"))
    except ValueError:
        raise Invalid(say("今天的回收单编号已用完")) from None
    recovery = Recovery(
        number=number,
        customer_id=customer.id,
        driver_code=driver_code,
        note=note.strip()[:500],
        created_at=now,
    )
    session.add(recovery)
    session.flush()
    session.add_all(
        RecoveryLine(
            recovery_id=recovery.id, position=place, medium_id=line.medium_id, quantity=line.quantity
        )
        for place, line in enumerate(lines, start=1)
    )
    session.flush()
    audit.write(session, actor, audit.Action.RECOVERY_ASKED, number)
    return recovery


def move_recovery(
    session: Session, actor: Actor, number: str, after: RecoveryState, *, at: datetime | None = None
) -> Recovery:
    """The next step of a recovery; raises NotFound, or Conflict where it doesn't lead there from where it is."""
    wanted = (
        select(Recovery)
        .where(Recovery.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    recovery = session.scalars(wanted).one_or_none()
    if recovery is None:
        raise NotFound(say("没有这张回收单"))
    before = RecoveryState(recovery.state)
    if not recovery_may_become(before, after):
        raise Conflict(say("回收单当前状态不能这样变更"))
    when = at or datetime.now(UTC)
    recovery.state, recovery.row_version = after.value, recovery.row_version + 1
    if after is RecoveryState.COLLECTING:
        recovery.collected_at = when
    if after is RecoveryState.DONE:
        recovery.done_at = when
    session.flush()
    audit.write(session, actor, audit.Action.RECOVERY_MOVED, number, before=before.value, after=after.value)
    return recovery


def _require_lines(session: Session, lines: Sequence[Line]) -> None:
    if not lines:
        raise Invalid(fields={"lines": say("请填写气瓶介质和数量")})
    if not all(1 <= line.quantity <= MOST for line in lines):
        raise Invalid(fields={"lines": say("数量应为 1 至 %(most)d", most=MOST)})
    media = {line.medium_id for line in lines}
    known = session.scalars(select(MediumCode.medium_id).where(MediumCode.retired_at.is_(None)))
    if not media <= set(known):
        raise Invalid(fields={"lines": say("本企业不充装此介质")})
