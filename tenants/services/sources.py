"""Facts for a verdict straight from PostgreSQL: what a verdict asks when the cache doesn't know or may not be relied on."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tenants.models import Label
from tenants.rules.facts import CylinderFacts, EnterpriseFacts, LabelFacts
from tenants.rules.states import LabelState
from tenants.services.facts import cylinder_facts, enterprise_facts, label_facts


class DatabaseSource:
    """Facts of one enterprise as they are now; needs a session in that enterprise's scope."""

    def __init__(self, session: Session, tenant_id: int) -> None:
        self._session = session
        self._tenant_id = tenant_id

    def enterprise(self) -> EnterpriseFacts:
        """The enterprise's own facts."""
        return enterprise_facts(self._session, self._tenant_id)

    def by_code(self, code: str) -> tuple[LabelFacts | None, CylinderFacts | None]:
        """The label with these 17 digits and the cylinder it is or was on; None where there is none."""
        return self._found(Label.code == code)

    def by_uid(self, uid: str) -> tuple[LabelFacts | None, CylinderFacts | None]:
        """The bound label with this chip and its cylinder; None where there is none."""
        return self._found((Label.uid == uid) & (Label.state == LabelState.BOUND.value))

    def _found(self, wanted: ColumnElement[bool]) -> tuple[LabelFacts | None, CylinderFacts | None]:
        label = self._session.scalars(select(Label).where(wanted)).one_or_none()
        if label is None:
            return None, None
        if label.cylinder_id is None:
            return label_facts(label), None
        cylinder = cylinder_facts(self._session, [label.cylinder_id]).get(label.cylinder_id)
        own = (known for known in cylinder.labels if known.code == label.code) if cylinder else iter(())
        return next(own, label_facts(label)), cylinder
