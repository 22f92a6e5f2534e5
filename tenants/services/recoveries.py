"""Recoveries: asking for empty cylinders to be fetched, fetching them. Needs the enterprise's own scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Invalid
from tenants.models import Recovery, RecoveryLine
from tenants.permissions import Actor
from tenants.rules.errands import RECOVERY_MOVES
from tenants.rules.numbers import recovery_number
from tenants.rules.states import RecoveryState
from tenants.sentences import say
from tenants.services.apply.event import SHANGHAI
from tenants.services.customers import get_customer
from tenants.services.errands import locked, require_lines, take_step
from tenants.services.series import take_number


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
    require_lines(session, (line.quantity for line in lines), {line.medium_id for line in lines})
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
    recovery = locked(session, Recovery, number, say("没有这张回收单"))
    before = take_step(recovery, after, RECOVERY_MOVES, say("回收单当前状态不能这样变更"))
    when = at or datetime.now(UTC)
    if after is RecoveryState.COLLECTING:
        recovery.collected_at = when
    if after is RecoveryState.DONE:
        recovery.done_at = when
    session.flush()
    audit.write(session, actor, audit.Action.RECOVERY_MOVED, number, before=before.value, after=after.value)
    return recovery
