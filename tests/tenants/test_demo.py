"""A small share of the demo city: who is there, every state, every reason, and nothing new the second time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import Connection, text

from tenants import database, scope
from tenants.demo.enterprises import ENTERPRISES
from tenants.demo.load import DemoReport, load_demo
from tenants.demo.stock import Story, stock_of
from tenants.permissions import Actor
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, LabelState, Ownership, Role, Stage
from tenants.services import passwords
from tests import databases
from tests.databases import Database
from tests.services_fixture import Services

OPERATOR = Actor(role=Role.OPERATOR, username="cli:tester")
NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
PASSWORD = "Demo-2026-qiping"
SHARE = 0.02


@pytest.fixture(scope="module")
def loaded(services: Services) -> Iterator[tuple[Database, DemoReport]]:
    """An empty portal with the demo in it, for every test of this file to look at."""
    server = databases.settings_for(services.database_url, services.redis_url, services.data_dir)
    made = databases.create(server)
    database.prepare(made.url, made.settings)
    scope.configure(made.settings)
    yield made, load_demo(OPERATOR, PASSWORD, NOW, share=SHARE)
    databases.drop(made)


@pytest.fixture
def db(loaded: tuple[Database, DemoReport]) -> Iterator[Connection]:
    scope.configure(loaded[0].settings)
    with loaded[0].stage() as connection:
        yield connection


def column(db: Connection, sql: str) -> list[object]:
    return list(db.execute(text(sql)).scalars())


def test_everybody_of_the_cast_can_sign_in(db: Connection) -> None:
    rows = db.execute(text("SELECT username, role, password_hash FROM gas.account")).all()
    wanted = {"operator", "reg-37", "reg-3705", "reg-11", "insp-3705"}
    roles = ("admin", "filler", "checker", "driver", "store", "repair", "lab")
    wanted |= {f"{each.code}-{role}" for each in ENTERPRISES for role in roles}
    assert {row.username for row in rows} == wanted
    assert all(passwords.matches(row.password_hash, PASSWORD) for row in rows[:2])


def test_the_seeds_label_runs_are_there_to_the_last_digit(db: Connection) -> None:
    runs = db.execute(
        text("""SELECT r.medium_id, r.first_serial, r.quantity, min(l.code), max(l.code), count(*)
                FROM gas.label_run r JOIN gas.label l ON l.run_id = r.id JOIN gas.tenant t ON t.id = r.tenant_id
                WHERE t.district = '110000' AND t.enterprise = '011' GROUP BY 1, 2, 3 ORDER BY 1""")
    ).all()
    assert [tuple(run) for run in runs] == [
        ("N2", 1, 200, "11000001102000001", "11000001102000200", 200),
        ("O2", 1, 1500, "11000001101000001", "11000001101001500", 1500),
    ]


def test_the_whole_city_has_twenty_thousand_cylinders_in_every_district() -> None:
    assert sum(count for each in ENTERPRISES for _, count in each.cylinders) >= 20_000
    counties = {"370502", "370503", "370505", "370522", "370523"}
    assert {each.code[:6] for each in ENTERPRISES} == counties | {"110000"}
    assert len([each for each in ENTERPRISES if each.code[:4] == "3705"]) >= 12
    assert len({each.family for each in ENTERPRISES}) == 2


def test_cylinders_stand_in_every_state(loaded: tuple[Database, DemoReport], db: Connection) -> None:
    assert column(db, "SELECT count(*) FROM gas.cylinder") == [loaded[1].cylinders]
    assert set(column(db, "SELECT DISTINCT status FROM gas.cylinder")) == {
        each.value for each in CylinderStatus
    }
    assert set(column(db, "SELECT DISTINCT ownership FROM gas.cylinder")) == {
        each.value for each in Ownership
    }
    assert set(column(db, "SELECT DISTINCT state FROM gas.label")) == {each.value for each in LabelState}
    rare = {Stage.CHECKED.value, Stage.AT_REPAIR.value}
    assert set(column(db, "SELECT DISTINCT stage FROM gas.cylinder")) >= {each.value for each in Stage} - rare
    assert column(db, "SELECT count(*) FROM gas.cylinder c WHERE NOT EXISTS"
                      " (SELECT 1 FROM gas.label l WHERE l.tenant_id = c.tenant_id AND l.cylinder_id = c.id)") > [0]  # fmt: skip
    assert column(db, "SELECT count(*) FROM gas.label WHERE disputed_at IS NOT NULL") > [0]
    assert column(db, "SELECT count(*) FROM gas.cylinder WHERE next_inspection_on = '2026-11-01'") > [0]
    assert column(db, "SELECT count(*) FROM gas.cylinder WHERE next_inspection_on IS NULL") > [0]


def test_every_reason_to_refuse_has_been_given(db: Connection) -> None:
    given = set(column(db, "SELECT jsonb_array_elements_text(refusals) FROM gas.violation"))
    assert given == {refusal.value for refusal in Refusal}


def test_an_inspector_has_found_something_and_one_measure_stands(db: Connection) -> None:
    given = Counter(column(db, "SELECT disposition FROM gas.finding"))
    assert given == {"stop": 1, "rectify": 2, "lifted": 1, "noted": 2}
    assert column(db, "SELECT count(*) FROM gas.cylinder WHERE stopped_at IS NOT NULL") == [2]
    after = """SELECT count(*) FROM gas.fill f JOIN gas.cylinder c ON c.tenant_id = f.tenant_id AND c.id = f.cylinder_id
               WHERE f.at > c.stopped_at"""
    assert column(db, after) == [0]


def test_most_refusals_have_one_reason_so_that_a_page_can_show_it(db: Connection) -> None:
    lengths = Counter(column(db, "SELECT jsonb_array_length(refusals) FROM gas.violation"))
    assert lengths[1] > 3 * (lengths.total() - lengths[1])


def test_records_agree_with_each_other(loaded: tuple[Database, DemoReport], db: Connection) -> None:
    assert column(db, "SELECT count(*) FROM gas.fill") == [loaded[1].fills]
    assert column(
        db,
        "SELECT sum(value)::int FROM gas.total_of_tenant WHERE grain = 'day' AND medium_id = '*' AND metric = 'fills'",
    ) == [loaded[1].fills]
    assert column(
        db,
        "SELECT sum(value)::int FROM gas.total_of_tenant WHERE grain = 'day' AND medium_id = '*' AND metric = 'refused_fills'",
    ) == [loaded[1].violations]
    implausible = column(
        db, "SELECT DISTINCT kind || ' ' || from_stage FROM gas.trace_event WHERE implausible"
    )
    assert implausible == ["check_before_fill full_stored"]  # filled twice, as it is planted
    assert column(db, "SELECT count(*) FROM gas.trace_event WHERE detail ? 'late'") == [0]
    for table in ("fill", "fill_check", "violation", "trace_event"):
        assert column(db, f"SELECT count(*) FROM gas.{table} WHERE at > '{NOW}'") == [0]
    assert column(db, "SELECT count(*) FROM gas.fill f WHERE NOT EXISTS (SELECT 1 FROM gas.fill_check c WHERE c.stage = 'before'"
                      " AND c.tenant_id = f.tenant_id AND c.cylinder_id = f.cylinder_id AND c.at < f.at)") == [0]  # fmt: skip
    assert column(db, "SELECT count(*) FROM gas.fill_default") == [0]


def test_work_is_done_by_day_but_for_one_night(db: Connection) -> None:
    at_night = "extract(hour FROM f.at AT TIME ZONE 'Asia/Shanghai')::int NOT BETWEEN 8 AND 18"
    night = column(
        db,
        f"SELECT DISTINCT t.enterprise FROM gas.fill f JOIN gas.tenant t ON t.id = f.tenant_id WHERE {at_night}",
    )
    assert night == ["005"]
    lunch = "(f.at AT TIME ZONE 'Asia/Shanghai')::time BETWEEN '12:20' AND '12:55'"
    assert column(db, f"SELECT count(*) FROM gas.fill f WHERE {lunch}") == [0]
    assert set(column(db, "SELECT DISTINCT operator_code FROM gas.fill")) == {"F01"}


def test_a_lorry_is_at_one_place_at_a_time(db: Connection) -> None:
    """Whoever delivers needs minutes from one customer to the next."""
    jumps = """SELECT count(*) FROM (
        SELECT at - lag(at) OVER w AS later, ST_Distance(position, lag(position) OVER w) AS far
        FROM gas.trace_event WHERE kind IN ('deliver', 'recover')
        WINDOW w AS (PARTITION BY tenant_id, operator_code ORDER BY at)) steps
        WHERE far > 0.02 AND later < interval '4 minutes'"""
    assert column(db, jumps) == [0]


def test_nobodys_phone_but_the_enterprises_is_known(db: Connection) -> None:
    assert column(db, "SELECT count(*) FROM gas.staff WHERE phone <> ''") == [0]
    assert all(str(phone).startswith("0546-555") for phone in column(db, "SELECT phone FROM gas.tenant"))


def test_a_second_load_changes_nothing(loaded: tuple[Database, DemoReport], db: Connection) -> None:
    tables = column(db, "SELECT tablename FROM pg_tables WHERE schemaname = 'gas' ORDER BY 1")

    def state(connection: Connection) -> dict[object, tuple[object, ...]]:
        sums = "SELECT count(*), coalesce(sum(xmin::text::bigint), 0) FROM gas."
        return {table: tuple(connection.execute(text(f"{sums}{table}")).one()) for table in tables}

    before = state(db)
    assert load_demo(OPERATOR, "another-password-1", datetime.now(UTC), share=SHARE) == DemoReport()
    with loaded[0].stage() as later:
        assert state(later) == before


def test_the_same_moment_gives_the_same_demo(
    services: Services, loaded: tuple[Database, DemoReport], db: Connection
) -> None:
    said = "SELECT md5(string_agg(concat_ws('|', at, label_code, net_kg, operator_code), ',' ORDER BY at, label_code)) FROM gas.fill"
    first = column(db, said)
    made = databases.create(loaded[0].settings)
    try:
        database.prepare(made.url, made.settings)
        scope.configure(made.settings)
        assert load_demo(OPERATOR, PASSWORD, NOW, share=SHARE, processes=2) == loaded[1]
        with made.stage() as other:
            assert column(other, said) == first
    finally:
        databases.drop(made)


def test_every_story_is_somebodys() -> None:
    told = {item.story for each in ENTERPRISES for item in stock_of(each, NOW.date(), Random(1), SHARE)}
    assert told == set(Story)
