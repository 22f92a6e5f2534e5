"""Finding a cylinder in a whole district: by a label in any printed form, or by the beginning of its serial number."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder, Label, Tenant
from tenants.rules.codes import MalformedCode, parse_scan

MOST = 50


@dataclass(frozen=True, slots=True)
class Sought:
    """One cylinder that may be the one."""

    id: UUID
    serial_no: str
    maker: str
    medium_id: str
    enterprise: str
    stopped: bool


def meant_by(text: str) -> ColumnElement[bool]:
    """Whether a cylinder is what somebody scanned or typed; a short code names no district and is taken for a serial number."""
    typed = "".join(text.split())
    if not typed or "\0" in typed:
        return false()
    found: list[Any] = [Cylinder.serial_no.op("^@", is_comparison=True)(typed)]
    with suppress(MalformedCode):
        code = parse_scan(text).code
        found.append(Cylinder.id.in_(select(Label.cylinder_id).where(Label.code == code)))
    return or_(*found)


def seek(session: Session, text: str) -> Sequence[Sought]:
    """The cylinders that may be meant, one more than `MOST` when there are too many to show."""
    listed = (
        select(Cylinder.id, Cylinder.serial_no, Cylinder.maker, Cylinder.medium_id, Tenant.name, Cylinder.stopped_at.is_not(None))
        .join(Tenant, Tenant.id == Cylinder.tenant_id)
        .where(meant_by(text))
        .order_by(Cylinder.serial_no, Cylinder.id)
        .limit(MOST + 1)
    )  # fmt: skip
    return tuple(Sought(*row) for row in session.execute(listed))
