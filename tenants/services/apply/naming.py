"""Which cylinder a binding means: `data` names it by `cylinder` (id), or by `serial_no` and, where that isn't enough, `maker`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from tenants.models import Cylinder
from tenants.services.apply.event import Incoming
from tenants.services.apply.outcome import Rejected, bad_data


@dataclass(frozen=True, slots=True)
class Named:
    """What an event says of the cylinder that it means."""

    id: UUID | None = None
    serial_no: str = ""
    maker: str = ""

    def fits(self, cylinder: Cylinder) -> bool:
        """Whether it may be this one."""
        if self.id is not None:
            return cylinder.id == self.id
        return cylinder.serial_no == self.serial_no and self.maker in ("", cylinder.maker)

    def condition(self) -> ColumnElement[bool]:
        """The same for the database."""
        if self.id is not None:
            return Cylinder.id == self.id
        same = Cylinder.serial_no == self.serial_no
        return and_(same, Cylinder.maker == self.maker) if self.maker else same


def named_by(event: Incoming) -> Named:
    """The name that a binding gives; raises Rejected when it gives none."""
    if event.data.get("cylinder"):
        try:
            return Named(id=UUID(event.text("cylinder")))
        except ValueError:
            raise bad_data("cylinder") from None
    if event.data.get("serial_no"):
        return Named(serial_no=event.text("serial_no"), maker=event.text("maker"))
    raise bad_data("cylinder / serial_no")


def ids_named(session: Session, bindings: Iterable[Incoming]) -> set[UUID]:
    """The cylinders that these bindings may mean; what can't be read is left to the step that rejects it."""
    conditions = []
    for event in bindings:
        with suppress(Rejected):
            conditions.append(named_by(event).condition())
    return set(session.scalars(select(Cylinder.id).where(or_(*conditions)))) if conditions else set()


def the_one(cylinders: Mapping[UUID, Cylinder], event: Incoming) -> Cylinder:
    """The cylinder that the event means; raises Rejected when there is none, or more than one."""
    named = named_by(event)
    found = [cylinder for cylinder in cylinders.values() if named.fits(cylinder)]
    if not found:
        raise Rejected("unknown_cylinder", "档案中没有这只气瓶", "There is no such cylinder in the archive")
    if len(found) > 1:
        raise Rejected(
            "cylinder_ambiguous",
            "有多只气瓶出厂编号相同，请写明制造单位",
            "Several cylinders have this serial number; name the maker",
        )
    return found[0]
