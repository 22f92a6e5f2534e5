"""An inspector stops a cylinder: nobody fills it until that office, or one above it, lets it go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from tenants import scope
from tenants.errors import Conflict, Invalid, NotAllowed, NotFound
from tenants.models import Cylinder, Finding, Outbox, TraceEvent
from tenants.permissions import Actor
from tenants.rules.states import Disposition, Role
from tenants.services.facts import cylinder_facts
from tenants.services.findings import Found, make_finding, standing
from tenants.services.snapshot.rows import changed_rows
from tests.cast import A, B
from tests.tenants.cache_world import Known, new_cylinder

HERE, ABOVE, BELOW, ELSEWHERE = "3705", "37", "370502", "11"
pytestmark = pytest.mark.usefixtures("walls")


@pytest.fixture
def known() -> Known:
    """A cylinder of enterprise A in district 370502."""
    return new_cylinder()


def decide(
    known: Known, disposition: Disposition, where: str = HERE, ref: UUID | None = None, **more: Any
) -> Finding:
    """An inspector of that jurisdiction decides."""
    actor = Actor(role=Role.INSPECTOR, username="inspector", jurisdiction=where)
    with scope.inspector_scope(where) as session:
        said = more.get("hazard", 1), disposition, ref or uuid4(), more.get("words", ""), more.get("at")
        found = Found(known.code, *said)
        return make_finding(session, actor, found)


def is_stopped(known: Known) -> bool:
    with scope.worker_scope(A.tenant_id) as session:
        return cylinder_facts(session, [known.id])[known.id].stopped


@pytest.mark.parametrize("disposition", [Disposition.STOP, Disposition.RECTIFY])
def test_what_is_not_conforming_stops_it_until_it_is_lifted(known: Known, disposition: Disposition) -> None:
    decide(known, Disposition.NOTED)
    assert not is_stopped(known)
    decide(known, disposition)
    assert is_stopped(known)
    decide(known, Disposition.NOTED)
    assert is_stopped(known)
    decide(known, Disposition.LIFTED)
    assert not is_stopped(known)


@pytest.mark.parametrize("where", [ELSEWHERE, "370503"])
def test_an_office_of_another_district_knows_no_such_cylinder(known: Known, where: str) -> None:
    with pytest.raises(NotFound):
        decide(known, Disposition.STOP, where)


def test_an_office_below_lifts_nothing_of_the_one_above(known: Known) -> None:
    decide(known, Disposition.STOP)
    with pytest.raises(NotAllowed) as refused:
        decide(known, Disposition.LIFTED, BELOW)
    assert refused.value.details["code_hint"] == "another_authority"
    assert is_stopped(known)
    decide(known, Disposition.LIFTED, ABOVE)
    assert not is_stopped(known)


def test_nothing_is_lifted_where_nothing_stands(known: Known) -> None:
    with pytest.raises(Conflict):
        decide(known, Disposition.LIFTED)


def test_a_stop_said_late_stands_though_a_lifting_is_newer(known: Known) -> None:
    decide(known, Disposition.STOP)
    decide(known, Disposition.LIFTED)
    late = decide(known, Disposition.STOP, at=datetime.now(UTC) - timedelta(hours=5))
    assert is_stopped(known)
    assert _standing(known) == [late.id]
    with pytest.raises(NotAllowed):
        decide(known, Disposition.LIFTED, BELOW)
    decide(known, Disposition.LIFTED)
    assert not is_stopped(known)
    assert _standing(known) == []


def test_a_clock_that_goes_back_changes_no_order(known: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(known, Disposition.STOP)

    class Behind(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) - timedelta(minutes=1)

    monkeypatch.setattr("tenants.services.findings.datetime", Behind)
    decide(known, Disposition.LIFTED)
    assert (is_stopped(known), _standing(known)) == (False, [])


def _standing(known: Known) -> list[UUID]:
    with scope.tenant_scope(A.tenant_id) as session:
        cylinder = session.get_one(Cylinder, (A.tenant_id, known.id))
        return [finding.id for finding in standing(session, cylinder)]


@pytest.mark.parametrize("more", [{"hazard": 100}, {"words": "长" * 501}])
def test_what_makes_no_sense_is_not_kept(known: Known, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        decide(known, Disposition.STOP, **more)
    assert not is_stopped(known)


def test_said_twice_it_is_kept_once(known: Known) -> None:
    ref = uuid4()
    assert decide(known, Disposition.STOP, ref=ref).id == decide(known, Disposition.STOP, ref=ref).id
    with scope.tenant_scope(A.tenant_id) as session:
        kept = select(func.count()).select_from(Finding).where(Finding.cylinder_id == known.id)
        steps = select(func.count()).select_from(TraceEvent).where(TraceEvent.cylinder_id == known.id)
        assert session.scalar(kept) == 1
        assert session.scalar(steps.where(TraceEvent.kind == "finding")) == 1


def test_the_bell_and_the_snapshot_tell_of_it(known: Known) -> None:
    with scope.worker_scope(A.tenant_id) as session:
        since = session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"))
    decide(known, Disposition.STOP)
    with scope.worker_scope(A.tenant_id) as session:
        row = next(row for row in changed_rows(session, since) if row.code == known.code)
        assert row.stopped
    with scope.relay_scope() as session:
        told = select(Outbox.id).where(Outbox.subject_id == known.id, Outbox.kind == "cylinder_changed")
        assert session.scalars(told).all()


def test_the_enterprise_sees_its_own_and_lifts_nothing_itself(known: Known) -> None:
    decide(known, Disposition.STOP)
    with scope.tenant_scope(A.tenant_id) as session:
        assert len(standing(session, session.get_one(Cylinder, (A.tenant_id, known.id)))) == 1
    with scope.tenant_scope(B.tenant_id) as session:
        assert session.scalar(select(func.count()).where(Finding.cylinder_id == known.id)) == 0
    for plane in (scope.tenant_scope, scope.worker_scope):
        with pytest.raises(DBAPIError), plane(A.tenant_id) as session:
            session.execute(update(Cylinder).where(Cylinder.id == known.id).values(stopped_at=None))
    assert is_stopped(known)


def test_an_enterprise_writes_no_finding(known: Known) -> None:
    row = Finding(
        tenant_id=A.tenant_id, cylinder_id=known.id, label_code=known.code, at=func.now(), jurisdiction=HERE, inspector="x",
        hazard=1, disposition="lifted", client_ref=uuid4(),
    )  # fmt: skip
    with pytest.raises(ProgrammingError), scope.tenant_scope(A.tenant_id) as session:
        session.add(row)


def test_a_citizen_is_told_not_to_use_it(known: Known) -> None:
    def told() -> bool:
        with scope.public_scope() as session:
            said = session.scalar(text("SELECT gas.public_cylinder(:code)"), {"code": known.code})
            return bool(said["cylinder"]["stopped"])

    assert not told()
    decide(known, Disposition.STOP)
    assert told()
