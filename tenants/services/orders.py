"""Orders: placing one for a customer, sending it out, delivering it. Needs the enterprise's own scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Invalid
from tenants.models import Order, OrderLine, Tenant
from tenants.permissions import Actor
from tenants.rules.errands import ORDER_MOVES
from tenants.rules.numbers import order_number
from tenants.rules.states import OrderState
from tenants.sentences import say
from tenants.services.apply.event import SHANGHAI
from tenants.services.customers import get_customer
from tenants.services.errands import locked, require_lines, take_step
from tenants.services.series import take_number


@dataclass(frozen=True, slots=True)
class Line:
    """So many full cylinders of a medium for so many empty ones; `empty_medium_id` None takes none back."""

    medium_id: str
    quantity: int
    empty_medium_id: str | None = None


def place_order(
    session: Session,
    actor: Actor,
    customer_number: str,
    lines: Sequence[Line],
    *,
    driver_code: str | None = None,
    note: str = "",
) -> Order:
    """A new order, numbered within its day; raises NotFound for the customer, Invalid when nothing is in it that the enterprise fills."""
    media = {medium for line in lines for medium in (line.medium_id, line.empty_medium_id) if medium}
    require_lines(session, (line.quantity for line in lines), media)
    customer, now = get_customer(session, customer_number), datetime.now(UTC)
    day = now.astimezone(SHANGHAI).date()
    tenant = session.scalars(select(Tenant)).one()
    try:
        number = order_number(tenant.enterprise, day, take_number(session, f"order {day:%Y%m%d}"))
    except ValueError:
        raise Invalid(say("今天的订单编号已用完")) from None
    order = Order(
        number=number,
        customer_id=customer.id,
        driver_code=driver_code,
        note=note.strip()[:500],
        created_at=now,
    )
    session.add(order)
    session.flush()
    session.add_all(
        OrderLine(
            order_id=order.id,
            position=place,
            empty_medium_id=line.empty_medium_id,
            medium_id=line.medium_id,
            quantity=line.quantity,
        )
        for place, line in enumerate(lines, start=1)
    )
    session.flush()
    audit.write(session, actor, audit.Action.ORDER_PLACED, number)
    return order


def move_order(
    session: Session, actor: Actor, number: str, after: OrderState, *, at: datetime | None = None
) -> Order:
    """The next step of an order; raises NotFound, or Conflict where it doesn't lead there from where it is."""
    order = locked(session, Order, number, say("没有这张订单"))
    before = take_step(order, after, ORDER_MOVES, say("订单当前状态不能这样变更"))
    when = at or datetime.now(UTC)
    if after is OrderState.OUT:
        order.out_at = when
    if after is OrderState.DELIVERED:
        order.done_at = when
    session.flush()
    audit.write(session, actor, audit.Action.ORDER_MOVED, number, before=before.value, after=after.value)
    return order
