"""The totals say what a recount says, whatever is done and whenever they are folded; each plane sees its own share of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.models import Cylinder, Fill, FillCheck, Label, LabelIssue, Violation
from tenants.models.base import new_id
from tenants.queries import supervision, supervision_places, totals
from tenants.queries.counting import counted_each, pieces
from tenants.services.totals import astray_now, check_one, fold_all, mend_all
from tests.cast import BOTH, TODAY, A, B, Enterprise
from tests.databases import Database

NOW = datetime.now(UTC)


@pytest.fixture
def even(own_walls: Database) -> Database:
    """The cast plants numbers that no row bears out; mended, everything agrees."""
    assert all(check_one(e.tenant_id) for e in BOTH)
    assert mend_all([e.tenant_id for e in BOTH]) >= 2
    assert wrong() == []
    return own_walls


def wrong() -> list[Any]:
    found: list[Any] = [(e.mark, check_one(e.tenant_id)) for e in BOTH if check_one(e.tenant_id)]
    astray = astray_now()
    return found + ([("astray", astray)] if astray else [])


def another_cylinder(session: Session, e: Enterprise, random: Random) -> Cylinder:
    one = session.get_one(Cylinder, (e.tenant_id, e.cylinder_id("good")))
    copied = {
        c.key: getattr(one, c.key)
        for c in Cylinder.__table__.columns
        if c.key not in ("id", "serial_no", "created_at")
    }
    made = Cylinder(
        **copied,
        id=new_id(),
        serial_no=f"{random.random()}",
        created_at=NOW - timedelta(days=random.randrange(40)),
    )
    session.add(made)
    session.flush()
    return made


def at(random: Random) -> datetime:
    return NOW - timedelta(minutes=random.randrange(60 * 24 * 40))


def add_cylinders(session: Session, e: Enterprise, random: Random) -> None:
    for _ in range(random.randrange(1, 4)):
        another_cylinder(session, e, random)


def change_cylinders(session: Session, e: Enterprise, random: Random) -> None:
    for cylinder in session.scalars(select(Cylinder).order_by(func.random()).limit(3)):
        cylinder.status = random.choice(["in_use", "suspended", "scrapped", "cancelled"])
        cylinder.stage = "out_of_use" if cylinder.status in ("scrapped", "cancelled") else "new"
        cylinder.medium_id = random.choice(["LPG", "O2"])
        cylinder.next_inspection_on = random.choice(
            [None, TODAY + timedelta(days=random.randrange(-60, 400))]
        )
        cylinder.next_inspection_precision = random.choice(["day", "month"])
        cylinder.status_changed_at = random.choice([None, at(random)])


def fill(session: Session, e: Enterprise, random: Random) -> None:
    for _ in range(random.randrange(1, 5)):
        session.add(
            Fill(id=new_id(), at=at(random), cylinder_id=e.cylinder_id("good"), label_code=e.code("good"), district=e.district,
                 medium_id=random.choice(["LPG", "O2"]), net_kg=random.choice([None, Decimal("14.5"), Decimal(0)]), time_trust="good")
        )  # fmt: skip


def refuse(session: Session, e: Enterprise, random: Random) -> None:
    reasons = random.sample(["condemned", "inspection_overdue", "unknown_label"], random.randrange(1, 4))
    session.add(
        Violation(at=at(random), kind=random.choice(["fill", "deliver"]), scanned="", refusal=reasons[0], refusals=reasons,
                  severity="major", medium_id=random.choice([None, "LPG"]), detail={}, district=e.district)
    )  # fmt: skip


def check(session: Session, e: Enterprise, random: Random) -> None:
    session.add(
        FillCheck(at=at(random), stage="before", cylinder_id=e.cylinder_id("good"), label_code=e.code("good"),
                  passed=random.random() < 0.5, items={})
    )  # fmt: skip


def issue(session: Session, e: Enterprise, random: Random) -> None:
    label = session.scalars(
        select(Label.id).where(Label.code == e.code(random.choice(["good", "oxygen"])))
    ).one()
    session.add(LabelIssue(label_id=label, action=random.choice(["bind", "lose", "void"]), at=at(random)))


DEEDS = (add_cylinders, change_cylinders, fill, refuse, check, issue)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_totals_are_a_recount_after_any_work(even: Database, seed: int) -> None:
    random = Random(seed)
    for step in range(30):
        e = random.choice(BOTH)
        with scope.tenant_scope(e.tenant_id) as session:
            for deed in random.choices(DEEDS, k=random.randrange(1, 4)):
                deed(session, e, random)
        if step % 7 == 6:
            fold_all()
        if step % 5 == 4:
            assert wrong() == []


def test_what_is_taken_back_counts_for_nothing(even: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        fill(session, A, Random(1))
        session.flush()
        session.rollback()
    assert wrong() == []


def test_a_cylinder_that_is_removed_is_no_longer_counted(even: Database) -> None:
    with even.as_admin() as connection:
        connection.execute(
            text("INSERT INTO gas.cylinder SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'serial_no',"
                 " 'Z'))).* FROM gas.cylinder c WHERE id = :id"),
            {"id": A.cylinder_id("good")},
        )  # fmt: skip
    before = stock_of(A)
    with even.as_admin() as connection:
        connection.execute(text("DELETE FROM gas.cylinder WHERE serial_no = 'Z'"))
    assert stock_of(A).in_use == before.in_use - 1
    assert wrong() == []


def stock_of(e: Enterprise) -> supervision.Stock:
    with scope.tenant_scope(e.tenant_id) as session:
        return supervision.stock(session, TODAY, e.district + e.enterprise)


def test_a_number_that_somebody_falsified_is_found_and_mended(even: Database) -> None:
    with even.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.tenant_total SET value = value + 5 WHERE metric = 'due' AND grain = 'day'")
        )
        connection.execute(text("UPDATE gas.district_total SET value = value + 1 WHERE metric = 'cylinders'"))
        connection.execute(
            text(
                "DELETE FROM gas.tenant_total WHERE grain = 'ever' AND metric = 'cylinders' AND medium_id = '*'"
            )
        )
    assert len(wrong()) == 3
    assert mend_all([e.tenant_id for e in BOTH]) > 0
    assert wrong() == []
    with even.as_admin() as connection:
        kept = connection.execute(text("SELECT wrong, detail FROM gas.total_check ORDER BY at")).all()
    assert max(row.wrong for row in kept) > 0
    assert kept[-1].detail == []


def test_folding_changes_nothing_that_is_read(even: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        for deed in DEEDS:
            deed(session, A, Random(5))

    def read() -> list[Any]:
        with scope.regulator_scope("3705") as session:
            listed: list[Any] = []
            for seen in (totals.BY_TENANT, totals.BY_DISTRICT):
                kinds = (seen.c.grain, seen.c.day, seen.c.metric, seen.c.key, seen.c.medium_id)
                value = func.sum(seen.c.value)
                listed += session.execute(
                    select(*kinds, value).group_by(*kinds).having(value != 0).order_by(*kinds)
                ).all()
            return listed

    before = read()
    assert fold_all() > 0
    assert read() == before
    assert fold_all() == 0


def numbers(e: Enterprise | None) -> supervision.Sums:
    jurisdiction = e.district if e else "3705"
    with scope.regulator_scope(jurisdiction) as session:
        return supervision.sums(session, TODAY - timedelta(days=60), TODAY)


def test_an_authority_counts_its_district_and_an_enterprise_itself(even: Database) -> None:
    for e, times in zip(BOTH, (3, 5), strict=True):
        with scope.tenant_scope(e.tenant_id) as session:
            for _ in range(times):
                refuse(session, e, Random(4))
                fill(session, e, Random(4))
    for _ in range(2):  # not folded yet, and folded
        both = numbers(None)
        assert numbers(A).fills > 0
        assert both.fills == numbers(A).fills + numbers(B).fills
        for e in BOTH:
            with scope.tenant_scope(e.tenant_id) as session:
                own = supervision.sums(session, TODAY - timedelta(days=60), TODAY, e.district + e.enterprise)
                seen = set(session.scalars(select(totals.BY_TENANT.c.tenant_id)))
            assert own == numbers(e)
            assert seen == {e.tenant_id}
        with scope.regulator_scope("11") as session:
            assert session.execute(select(totals.BY_DISTRICT)).all() == []
            assert session.execute(select(totals.BY_TENANT)).all() == []
        fold_all()


@pytest.mark.parametrize("table", ["tenant_total", "district_total"])
def test_nobody_writes_totals_past_the_folding(even: Database, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(text(f"UPDATE gas.{table} SET value = 0"))


def test_an_enterprise_notes_nothing_for_another(even: Database) -> None:
    noted = text(
        "INSERT INTO gas.total_change (tenant_id, day, metric, key, medium_id, value) VALUES (:t, now(), 'fills', '', '', 1)"
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(noted, {"t": B.tenant_id})


def test_a_long_period_is_the_same_in_months_and_in_days(even: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        for seed in range(30):
            fill(session, A, Random(seed))
    since = TODAY - timedelta(days=200)
    assert {grain for grain, _, _ in pieces(since, TODAY)} >= {"month", "week"}
    with scope.regulator_scope("370502") as session:
        [row] = supervision_places.enterprises(session, since, TODAY, TODAY)
        [with_days] = supervision_places.with_days(session, [row], since, TODAY)
        place = counted_each(None, None)
        plain = session.scalar(
            select(func.sum(place.totals.c.value)).where(
                place.of("fills"), place.totals.c.day.between(since, TODAY)
            )
        )
        [most] = supervision_places.most_fills(session, since, TODAY, 20)
    assert row.sums.fills == most.fills == plain == sum(with_days.days) > 0


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2026, 1, 1), date(2026, 12, 31)), (date(2026, 1, 2), date(2026, 12, 30)), (date(2026, 1, 31), date(2026, 4, 1)),
     (date(2026, 5, 5), date(2026, 5, 5)), (date(2025, 12, 31), date(2026, 3, 31))],
)  # fmt: skip
def test_the_pieces_of_a_period_are_the_period(since: date, until: date) -> None:
    covered: list[date] = []
    for grain, first, last in pieces(since, until):
        if grain == "month":
            assert first.day == 1
            assert (last + timedelta(days=1)).day == 1
        if grain == "week":
            assert (first.weekday(), last.weekday()) == (0, 6)
        covered += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert covered == [since + timedelta(days=n) for n in range((until - since).days + 1)]


def test_the_map_and_the_list_say_what_the_sums_say(even: Database) -> None:
    for e in BOTH:
        with scope.tenant_scope(e.tenant_id) as session:
            for seed in range(5):
                fill(session, e, Random(seed))
    period = (TODAY - timedelta(days=60), TODAY, TODAY)
    with scope.regulator_scope("37") as session:
        [whole_city] = supervision_places.by_district(session, *period, ["370500"])
    with scope.regulator_scope("3705") as session:
        places = supervision_places.by_district(session, *period, ["370502", "370503", "370505"])
        listed = supervision_places.enterprises(session, *period)
        most = supervision_places.most_fills(session, *period[:2], 20)
        [first] = supervision_places.most_fills(session, *period[:2], 1)
        whole = supervision.sums(session, *period[:2])
        stock = supervision.stock(session, TODAY)
    assert [(row.code, row.enterprises) for row in places] == [("370502", 1), ("370503", 1), ("370505", 0)]
    assert supervision_places.added(row.sums for row in places) == whole
    assert sum(row.sums.fills for row in listed) == whole.fills > 0
    assert [(row.name, row.fills) for row in most] == [(row.name, row.sums.fills) for row in listed]
    assert first == most[0]
    assert (
        supervision_places.stocked(row.stock for row in places)
        == stock
        == supervision_places.stocked(r.stock for r in listed)
    )
    assert stock.overdue > 0
    assert (whole_city.code, whole_city.enterprises) == ("370500", 2)
    assert (whole_city.sums, whole_city.stock) == (
        whole,
        supervision_places.stocked(row.stock for row in places),
    )
