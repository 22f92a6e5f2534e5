"""Two enterprises of the same shape: nothing of the one is in anything that the other, or whoever stands above the other alone, gets."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import text

from portal import create_app
from portal.limits import limiter as portal_limiter
from public_lookup.limits import limiter as public_limiter
from tenants.planes import Plane
from tests.cast import A, B
from tests.databases import Database
from tests.house import crawl
from tests.house.crawl import NOWHERE, Visitor

NOT_READY = "/readyz"  # says 503 where no worker runs, as here
ANSWERED = {200, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 409, 415, 422}


@pytest.fixture(scope="module")
def portal(cast_database: Database) -> Iterator[Flask]:
    """The running portal over the shared copy, without budgets for how often one may ask."""
    app = create_app(cast_database.settings)
    limiters = (portal_limiter, public_limiter)
    for limiter in limiters:
        limiter.enabled = False
    yield app
    for limiter in limiters:
        limiter.enabled = True


@pytest.fixture(scope="module")
def everybody(portal: Flask) -> list[Visitor]:
    return crawl.visitors(portal)


def walk(app: Flask, visitor: Visitor, *things_of: crawl.Enterprise) -> Iterator[tuple[str, str]]:
    """Every address that answers GET, with what the visitor was told there."""
    for rule in crawl.rules(app):
        for e in things_of:
            if crawl.is_public(app, rule) and e not in visitor.sees and visitor.sees:
                continue  # the citizen's page tells everybody about any code
            for address in crawl.addresses(rule, e):
                response = visitor.get(address)
                assert response.status_code in ANSWERED or rule.rule == NOT_READY, (
                    f"{visitor.name} at {address}: {response.status_code}"
                )
                yield address, crawl.told(response)


def test_every_argument_of_every_route_is_explained(portal: Flask) -> None:
    names = {name for rule in portal.url_map.iter_rules() for name in rule.arguments}
    assert names <= set(crawl.PATHS), "say in crawl.PATHS what these may be"


def test_the_cast_gets_in(everybody: list[Visitor], portal: Flask) -> None:
    """A control: whoever may see an enterprise finds its marks; a mirror that looks at nothing shows nothing."""
    for visitor in everybody:
        if visitor.planes & {Plane.TENANT, Plane.REGULATOR, Plane.INSPECTOR, Plane.PLATFORM}:
            seen = "".join(told for _, told in walk(portal, visitor, *visitor.sees))
            for e in visitor.sees:
                assert e.mark in seen, f"{visitor.name} finds nothing of {e.mark}"


def test_nobody_is_told_anything_of_the_other_side(everybody: list[Visitor], portal: Flask) -> None:
    found = []
    for visitor in everybody:
        for other, own in ((A, B), (B, A)):
            if other in visitor.sees:
                continue
            things = (own, other, NOWHERE) if visitor.sees else (own,)
            for address, told in walk(portal, visitor, *things):
                said = crawl.without_ids(crawl.settled(told), other).replace("?q=ZB", "").replace('"ZB"', "")
                found += [(visitor.name, address, mark) for mark in other.marks if mark in said]
    assert found == []


def test_anothers_thing_and_no_thing_are_the_same(everybody: list[Visitor], portal: Flask) -> None:
    different = []
    for visitor in everybody:
        for other in (A, B):
            if other in visitor.sees or not visitor.sees:
                continue
            for rule in filter(crawl.is_about_something, crawl.rules(portal)):
                for theirs, nobodys in zip(
                    crawl.addresses(rule, other), crawl.addresses(rule, NOWHERE), strict=True
                ):
                    one, none = visitor.get(theirs), visitor.get(nobodys)
                    same = crawl.without_ids(
                        crawl.settled(crawl.told(one)), other, NOWHERE
                    ) == crawl.without_ids(crawl.settled(crawl.told(none)), other, NOWHERE)
                    if not same or one.status_code < 400:
                        different.append((visitor.name, theirs, one.status_code, none.status_code))
    assert different == []


def test_nobody_stands_on_a_plane_that_is_not_his(everybody: list[Visitor], portal: Flask) -> None:
    inside = []
    for visitor in everybody:
        for rule in crawl.rules(portal):
            plane = crawl.plane_of(portal, rule)
            if plane in visitor.planes:
                continue
            for address in crawl.addresses(rule, A):
                status = visitor.get(address).status_code
                if status not in (303, 302, 401, 403, 404):
                    inside.append((visitor.name, address, status))
    assert inside == []


def theirs(database: Database, e: crawl.Enterprise) -> str:
    """A hash of every row of an enterprise, but for who is signed in and when he was seen."""
    with database.stage() as connection:
        tables = connection.scalars(
            text("SELECT table_name FROM information_schema.columns WHERE table_schema = 'gas' AND column_name = 'tenant_id'"
                 " AND table_name !~ '_(default|[0-9]{6})$' ORDER BY 1")
        ).all()  # fmt: skip
        rows = [
            connection.scalar(text(f"SELECT string_agg(t::text, E'\\n' ORDER BY t::text) FROM gas.{table} t WHERE tenant_id = :id"),
                              {"id": e.tenant_id})
            for table in tables if table != "audit"
        ]  # fmt: skip
    return sha256("\0".join(map(str, rows)).encode()).hexdigest()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_changes_the_other_side(
    portal: Flask, cast_database: Database, everybody: list[Visitor], method: str
) -> None:
    before = {e.mark: theirs(cast_database, e) for e in (A, B)}
    changed = []
    for visitor in everybody:
        if len(visitor.sees) != 1:
            continue
        other = B if visitor.sees == (A,) else A
        for rule in filter(crawl.is_about_something, crawl.rules(portal, method)):
            for one, none in zip(crawl.paths(rule, other), crawl.paths(rule, NOWHERE), strict=True):
                answers = [
                    visitor.client.open(path, method=method, headers=visitor.headers, data={})
                    for path in (one, none)
                ]
                if answers[0].status_code < 400 or answers[0].status_code != answers[1].status_code:
                    changed.append((visitor.name, one, [answer.status_code for answer in answers]))
    assert changed == []
    assert {e.mark: theirs(cast_database, e) for e in (A, B)} == before


REWRITE = """
UPDATE gas.cylinder SET serial_no = 'ZC' || serial_no, maker = 'ZC', status = 'scrapped', tare_kg = 99, note = 'ZC', facts_version = 77,
       medium_id = 'O2', next_inspection_on = '2020-01-01', updated_at = now() + interval '1 day' WHERE tenant_id = :id AND serial_no <> '';
DELETE FROM gas.label_issue WHERE tenant_id = :id;
DELETE FROM gas.fill WHERE tenant_id = :id;
DELETE FROM gas.violation WHERE tenant_id = :id;
DELETE FROM gas.device_event WHERE tenant_id = :id;
UPDATE gas.tenant SET name = 'ZC', phone = '0', facts_version = 99, status = 'suspended' WHERE id = :id;
UPDATE gas.staff SET name = 'ZC', kinds = '[]', left_on = '2020-01-01' WHERE tenant_id = :id;
UPDATE gas.daily_total SET value = 123456 WHERE tenant_id = :id;
INSERT INTO gas.cylinder SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'serial_no', 'ZC' || n))).*
  FROM gas.cylinder c, generate_series(1, 300) n WHERE tenant_id = :id AND c.id = :good;
INSERT INTO gas.staff (tenant_id, id, code, name, kinds, phone)
  SELECT :id, gen_random_uuid(), 'ZC' || n, 'ZC', '[]', '' FROM generate_series(1, 50) n;
INSERT INTO gas.outbox (tenant_id, kind, detail) SELECT :id, 'enterprise_changed', '{}' FROM generate_series(1, 50);
"""


def test_whatever_the_other_does_nothing_here_changes(own_database: Database) -> None:
    """All of A is read, B's rows are rewritten, deleted and multiplied, all of A is read again: counts, ranks and lists are the same."""
    app = create_app(own_database.settings)
    for limiter in (portal_limiter, public_limiter):
        limiter.enabled = False
    own = [visitor for visitor in crawl.visitors(app) if visitor.sees == (A,)]

    def all_of_a() -> dict[tuple[str, str], str]:
        return {
            (visitor.name, address): sha256(crawl.settled(told).encode()).hexdigest()
            for visitor in own
            for address, told in walk(app, visitor, A, NOWHERE)
        }

    before = all_of_a()
    with own_database.as_admin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in filter(str.strip, REWRITE.split(";\n")):
            connection.execute(text(statement), {"id": B.tenant_id, "good": B.cylinder_id("good")})
    after = all_of_a()
    for limiter in (portal_limiter, public_limiter):
        limiter.enabled = True
    assert len(before) > 10
    assert [place for place, seen in after.items() if seen != before[place]] == []
