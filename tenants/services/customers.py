"""Customers: entering one under the next number. Needs the enterprise's own scope; nothing of who they are goes into the audit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Invalid, NotFound
from tenants.models import Customer, Tenant
from tenants.permissions import Actor
from tenants.rules.numbers import customer_number
from tenants.rules.states import CustomerKind
from tenants.sentences import say
from tenants.services.series import take_number

LONGEST = 200
SERIES = "customer"


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer as entered; `contact` is who answers where the customer is a firm."""

    name: str
    kind: CustomerKind = CustomerKind.PERSON
    contact: str = ""
    phone: str = ""
    address: str = ""


def add_customer(session: Session, actor: Actor, wanted: NewCustomer) -> Customer:
    """A new customer of the enterprise's own district; raises Invalid without a name or with a text that is too long."""
    texts = {name: getattr(wanted, name).strip() for name in ("name", "contact", "phone", "address")}
    if not texts["name"]:
        raise Invalid(fields={"name": say("请填写客户名称")})
    too_long: dict[str, str] = {
        name: say("不超过 %(most)d 个字", most=LONGEST) for name, text in texts.items() if len(text) > LONGEST
    }
    if too_long:
        raise Invalid(fields=too_long)
    district = session.scalars(select(Tenant.district)).one()
    try:
        number = customer_number(district, take_number(session, SERIES))
    except ValueError:
        raise Invalid(say("客户编号已用完")) from None
    customer = Customer(number=number, district=district, kind=wanted.kind.value, **texts)
    session.add(customer)
    session.flush()
    audit.write(session, actor, audit.Action.CUSTOMER_ADDED, number)
    return customer


def get_customer(session: Session, number: str) -> Customer:
    """The enterprise's customer with this number; raises NotFound."""
    customer = session.scalars(select(Customer).where(Customer.number == number)).one_or_none()
    if customer is None:
        raise NotFound(say("没有这个客户"))
    return customer
