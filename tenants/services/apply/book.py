"""What is known while one upload is applied: the enterprise, the cylinders under lock, their labels, and what is to be written.

Cylinders are locked in the order of their ids, then labels in the order of their codes, so that two workers can't wait for each
other. Facts that the verdict cache holds for
exactly the locked version of a row are taken from there; the rest is read in bulk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy import insert as core_insert
from sqlalchemy.orm import Session

from tenants import events
from tenants.models import Cylinder, Label, Tenant
from tenants.models.base import Base
from tenants.permissions import Actor
from tenants.rules import facts as known
from tenants.services.apply.event import Incoming
from tenants.services.apply.naming import ids_named
from tenants.services.facts import enterprise_facts, facts_of, labels_by_cylinder
from tenants.services.labels import retire_labels_of


class CachedFacts(Protocol):
    """What the verdict cache offers to a worker; `{}` and None when it has nothing or is away."""

    def cylinders(self, tenant_id: int, ids: Iterable[UUID]) -> Mapping[UUID, known.CylinderFacts]:
        """Facts of those cylinders that it has."""
        ...

    def enterprise(self, tenant_id: int) -> known.EnterpriseFacts | None:
        """Facts of the enterprise, if it has them."""
        ...


Record = tuple[type[Base], dict[str, Any]]


@dataclass(slots=True)
class Book:
    """The state of one transaction that applies events of one enterprise."""

    session: Session
    actor: Actor
    enterprise: known.EnterpriseFacts
    cylinders: dict[UUID, Cylinder] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    of_cylinder: dict[UUID, tuple[known.LabelFacts, ...]] = field(default_factory=dict)
    touched: dict[UUID, None] = field(default_factory=dict)
    refused: list[UUID] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    written: int = 0

    def label(self, code: str | None, uid: str | None) -> Label | None:
        """The enterprise's label with this code or, where there is no code, the bound one with this chip."""
        if code is not None:
            return self.labels.get(code)
        return (
            next(
                (label for label in self.labels.values() if label.uid == uid and label.state == "bound"), None
            )
            if uid
            else None
        )

    def cylinder_of(self, label: Label) -> Cylinder | None:
        """The cylinder a label stands (or stood) on, locked."""
        return None if label.cylinder_id is None else self.cylinders.get(label.cylinder_id)

    def facts(self, cylinder: Cylinder) -> known.CylinderFacts:
        """The cylinder as it is now, with what this upload has done to it already."""
        return facts_of(cylinder, self.of_cylinder.get(cylinder.id, ()))

    def touch(self, cylinder: Cylinder) -> None:
        """Something a verdict depends on has changed; said to the relay once, at the end."""
        cylinder.facts_version += 1
        self.touched[cylinder.id] = None

    def forget_labels(self, *cylinder_ids: UUID) -> None:
        """Read these cylinders' labels again, after a binding."""
        self.session.flush()
        self.of_cylinder.update(labels_by_cylinder(self.session, cylinder_ids))

    def retire_labels_of(self, cylinder: Cylinder, reason: str) -> None:
        """Void every live label of a cylinder that goes out of use for good."""
        retire_labels_of(self.session, self.actor, cylinder, reason)
        self.forget_labels(cylinder.id)

    def keep(self, model: type[Base], **values: Any) -> None:
        """A record to be written; a row and not an object, because nothing reads it before it is written."""
        self.records.append((model, values))

    def write_records(self) -> None:
        """Write the records gathered so far, so that a query finds them; many rows in a statement."""
        self.session.flush()
        rows: defaultdict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        for model, row in self.records[self.written :]:
            rows[model].append(row)
        for model, many in rows.items():
            keys = dict.fromkeys(key for row in many for key in row)
            self.session.execute(
                core_insert(model).inline(), [{key: row.get(key) for key in keys} for row in many]
            )
        self.written = len(self.records)

    def close(self) -> None:
        """Write what was gathered: records, and events; the database notes by itself what they add to the totals."""
        self.write_records()
        events.record_all(self.session, events.Event.CYLINDER_CHANGED, self.touched)
        events.record_all(self.session, events.Event.FILL_REFUSED, self.refused)


def open_book(
    session: Session,
    actor: Actor,
    tenant_id: int,
    codes: Iterable[str],
    uids: Iterable[str],
    cache: CachedFacts,
    bindings: Sequence[Incoming] = (),
) -> Book:
    """Lock and read everything behind these codes and chips, and what the bindings name besides."""
    book = Book(session, actor, _enterprise(session, tenant_id, cache))
    to_lock = _codes_bound(bindings)
    labels = Label.code.in_({*codes, *to_lock}) | Label.uid.in_(set(uids))
    under = select(Label.cylinder_id).where(labels)
    _lock_cylinders(book, or_(Cylinder.id.in_(under), Cylinder.id.in_(ids_named(session, bindings))))
    _lock_labels(session, to_lock)
    book.labels = {label.code: label for label in session.scalars(select(Label).where(labels))}
    bound_meanwhile = {label.cylinder_id for label in book.labels.values() if label.cylinder_id} - set(
        book.cylinders
    )
    if bound_meanwhile:
        _lock_cylinders(book, Cylinder.id.in_(bound_meanwhile))
    cached = cache.cylinders(tenant_id, book.cylinders) if book.cylinders else {}
    for cylinder_id, cylinder in book.cylinders.items():
        copy = cached.get(cylinder_id)
        if copy is not None and copy.version == cylinder.facts_version:
            book.of_cylinder[cylinder_id] = copy.labels
    book.of_cylinder.update(
        labels_by_cylinder(session, [i for i in book.cylinders if i not in book.of_cylinder])
    )
    return book


def _lock_cylinders(book: Book, wanted: ColumnElement[bool]) -> None:
    lock = select(Cylinder).where(wanted).order_by(Cylinder.id).with_for_update()
    book.cylinders.update({cylinder.id: cylinder for cylinder in book.session.scalars(lock)})


def _codes_bound(bindings: Iterable[Incoming]) -> set[str]:
    """The labels that bindings change; the others stand still as long as their cylinders are locked."""
    codes = {
        code for event in bindings for code in (event.code.code if event.code else "", event.text("replaces"))
    }
    return codes - {""}


def _lock_labels(session: Session, codes: set[str]) -> None:
    if codes:
        session.execute(select(Label.id).where(Label.code.in_(codes)).order_by(Label.code).with_for_update())


def _enterprise(session: Session, tenant_id: int, cache: CachedFacts) -> known.EnterpriseFacts:
    version = session.scalar(select(Tenant.facts_version).where(Tenant.id == tenant_id))
    copy = cache.enterprise(tenant_id)
    return copy if copy is not None and copy.version == version else enterprise_facts(session, tenant_id)
