"""The book of a city that isn't in the database yet: the same steps and the same rule, on cylinders that are only in memory.

Everything is written at the end of a chapter, in large statements and in its final state.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants.demo.bulk import insert_all, plain, values_of
from tenants.models import Cylinder, Label, LabelIssue
from tenants.permissions import Actor
from tenants.rules.facts import EnterpriseFacts
from tenants.rules.states import LabelState
from tenants.services.apply.book import Book
from tenants.services.facts import label_facts


@dataclass(slots=True)
class Ledger(Book):
    """A book whose cylinders and labels are its own; `now` is the moment of the event that is being applied."""

    on_cylinder: defaultdict[UUID, list[Label]] = field(default_factory=lambda: defaultdict(list))
    now: datetime | None = None
    fresh: list[Cylinder] = field(default_factory=list)

    def enter(self, cylinder: Cylinder, label: Label | None) -> None:
        """A cylinder and the label that stands on it."""
        self.cylinders[cylinder.id] = cylinder
        self.fresh.append(cylinder)
        if label is not None:
            self.labels[label.code] = label
            self.on_cylinder[cylinder.id].append(label)
        self.forget_labels(cylinder.id)

    def forget_labels(self, *cylinder_ids: UUID) -> None:
        """Take these cylinders' labels as they are now."""
        for cylinder_id in cylinder_ids:
            self.of_cylinder[cylinder_id] = tuple(
                label_facts(label) for label in self.on_cylinder[cylinder_id]
            )

    def retire_labels_of(self, cylinder: Cylinder, reason: str) -> None:
        """Void every live label of a cylinder that goes out of use for good."""
        for label in self.on_cylinder[cylinder.id]:
            if label.state == LabelState.BOUND.value:
                self.change_label(label, LabelState.VOID, "void", reason)

    def change_label(self, label: Label, state: LabelState, action: str, reason: str) -> None:
        """A label is in this state from now on, with its issue record."""
        label.state = state.value
        self.keep(
            LabelIssue,
            label_id=label.id,
            cylinder_id=label.cylinder_id,
            action=action,
            at=self.now,
            by="A01",
            reason=reason,
        )
        if label.cylinder_id is not None:
            self.forget_labels(label.cylinder_id)

    def write_records(self) -> None:
        """Write what this chapter brought: cylinders, then what happened to them, then the state of their labels."""
        insert_all(self.session, ((Cylinder, values_of(cylinder)) for cylinder in self.fresh))
        _write_labels(self.session, self.labels.values())
        insert_all(self.session, sorted(self.records, key=lambda record: record[1]["at"]))
        self.written = 0

    def turn(self) -> None:
        """Close a chapter and begin the next one with nothing in it."""
        self.close()
        for kept in (
            self.cylinders,
            self.labels,
            self.of_cylinder,
            self.touched,
            self.on_cylinder,
        ):
            kept.clear()
        for listed in (self.refused, self.records, self.fresh):
            listed.clear()


def open_ledger(session: Session, actor: Actor, enterprise: EnterpriseFacts) -> Ledger:
    """A book with nothing in it."""
    return Ledger(session, actor, enterprise)


def _write_labels(session: Session, labels: Iterable[Label]) -> None:
    rows = [
        {
            "id": label.id, "state": label.state, "cylinder_id": label.cylinder_id, "uid": label.uid,
            "bound_at": label.bound_at, "disputed_at": label.disputed_at,
        }
        for label in labels
    ]  # fmt: skip
    session.execute(_BIND, {"rows": json.dumps(rows, default=plain)})


_BIND = text("""
    UPDATE gas.label l SET state = r.state, cylinder_id = r.cylinder_id, uid = r.uid, bound_at = r.bound_at, disputed_at = r.disputed_at
    FROM json_to_recordset(CAST(:rows AS json))
         AS r(id uuid, state text, cylinder_id uuid, uid text, bound_at timestamptz, disputed_at timestamptz)
    WHERE l.id = r.id
""")
