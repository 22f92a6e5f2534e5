"""Two enterprises of the same shape: nothing of the one is in anything that the other, or whoever stands above the other alone, gets."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from hashlib import sha256
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import text

from portal import create_app
from portal.limits import limiter as portal_limiter
from public_lookup.views import budget_of
from tenants.planes import Plane
from tests.cast import A, B
from tests.databases import Database
from tests.house import crawl
from tests.house.crawl import NOWHERE, Visitor

OF_THE_PROCESS = {"/metrics", "/readyz"}  # tell how this process is, not what is in the archive
NOT_READY = "/readyz"  # says 503 where no worker runs, as here
ANSWERED = {200, 204, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 409, 415, 422}


@pytest.fixture(scope="module")
def portal(cast_database: Database) -> Iterator[Flask]:
    """The running portal over the shared copy, without budgets for how often one may ask."""
    app = create_app(cast_database.settings)
    portal_limiter.enabled = budget_of(app).enabled = False
    yield app
    portal_limiter.enabled = True


@pytest.fixture(scope="module")
def everybody(portal: Flask) -> list[Visitor]:
    return crawl.visitors(portal)


def walk(
    app: Flask, visitor: Visitor, *things_of: crawl.Enterprise, asking: bool = False
) -> Iterator[tuple[str, str]]:
    """Every address that answers GET, with what the visitor was told there; `asking` leaves out those that name no thing."""
    for rule in crawl.rules(app):
        if asking and not crawl.is_about_something(rule):
            continue
        for e in things_of:
            if crawl.is_public(app, rule) and e not in visitor.sees and visitor.sees:
                continue  # the citizen's page tells everybody about any code
            if rule.endpoint == "static" and visitor.sees:
                continue  # files are the same for everybody
            for address in crawl.addresses(rule, e, visitor.curious):
                response = visitor.get(address)
                assert response.status_code in ANSWERED or rule.rule == NOT_READY, (
                    f"{visitor.name} at {address}: {response.status_code}"
                )
                yield address, crawl.told(response)


def test_every_argument_of_every_route_is_explained(portal: Flask) -> None:
    names = {name for rule in portal.url_map.iter_rules() for name in rule.arguments}
    assert names <= set(crawl.PATHS), "say in crawl.PATHS what these may be"


def test_nobody_is_told_anything_of_the_other_side(everybody: list[Visitor], portal: Flask) -> None:
    """With its control: whoever may see an enterprise finds its marks; a mirror that looks at nothing shows nothing."""
    found, blind = [], []
    for visitor in everybody:
        own, others = visitor.sees or (A,), {A, B} - set(visitor.sees or (A,))
        seen = ""
        for address, told in walk(portal, visitor, *own):
            told = crawl.without_tokens(told)
            seen += told
            found += [
                (visitor.name, address, mark) for other in others for mark in other.marks if mark in told
            ]
        for other in others if visitor.sees else ():
            for address, told in walk(portal, visitor, other, NOWHERE, asking=True):
                said = crawl.without_ids(crawl.settled(told), other)
                found += [(visitor.name, address, mark) for mark in other.marks if mark in said]
        if visitor.planes & {Plane.TENANT, Plane.REGULATOR, Plane.INSPECTOR, Plane.PLATFORM}:
            blind += [(visitor.name, e.mark) for e in visitor.sees if e.mark not in seen]
    assert found == []
    assert blind == []


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
                    told = [
                        crawl.without_ids(crawl.settled(crawl.told(answer)), other, NOWHERE)
                        for answer in (one, none)
                    ]
                    if told[0] != told[1] or crawl.is_let_in(one):
                        said = list(unified_diff(*(text.splitlines() for text in told), lineterm="", n=0))[
                            3:7
                        ]
                        different.append((visitor.name, theirs, one.status_code, none.status_code, said))
    assert different == []


def test_nobody_stands_on_a_plane_that_is_not_his(everybody: list[Visitor], portal: Flask) -> None:
    inside = []
    for visitor in everybody:
        for rule in crawl.rules(portal):
            plane = crawl.plane_of(portal, rule)
            if plane in visitor.planes:
                continue
            for address in crawl.addresses(rule, A, curious=False):
                answer = visitor.get(address)
                if crawl.is_let_in(answer) or answer.status_code not in (303, 401, 403, 404):
                    inside.append((visitor.name, address, answer.status_code))
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
            pairs = product(
                zip(crawl.paths(rule, other), crawl.paths(rule, NOWHERE), strict=True),
                zip(crawl.forms(rule, other), crawl.forms(rule, NOWHERE), strict=True),
            )
            for (one, none), (form, empty) in pairs:
                answers = [
                    visitor.client.open(path, method=method, headers=visitor.headers, data=data)
                    for path, data in ((one, form), (none, empty))
                ]
                told = [
                    crawl.without_ids(crawl.settled(crawl.told(answer)), other, NOWHERE) for answer in answers
                ]
                if crawl.is_let_in(answers[0]) or answers[0].status_code == 500 or told[0] != told[1]:
                    changed.append((visitor.name, one, [answer.status_code for answer in answers]))
    assert changed == []
    assert {e.mark: theirs(cast_database, e) for e in (A, B)} == before


@pytest.mark.parametrize(
    ("action", "label", "field", "theirs", "nobodys"),
    [
        (
            "bind",
            "issued",
            "serial_no",
            f"{B.mark}-S{B.first_serial}",
            f"{NOWHERE.mark}-S{NOWHERE.first_serial}",
        ),
        ("replace", "good", "new_code", B.code("issued"), NOWHERE.code("issued")),
    ],
)
def test_an_own_thing_can_not_be_tied_to_anothers(
    portal: Flask, everybody: list[Visitor], action: str, label: str, field: str, theirs: str, nobodys: str
) -> None:
    admin = next(visitor for visitor in everybody if visitor.name == "za-admin")
    told = []
    for name in (theirs, nobodys):
        form = {"id": str(A.label_id(label)), "reason": "mirror", "uid": "", field: name}
        answer = admin.client.post(f"/enterprise/labels/do/{action}", data=form)
        assert answer.status_code in (400, 404, 409)
        told.append(crawl.without_ids(crawl.settled(crawl.told(answer)), B, NOWHERE))
    assert told[0] == told[1]


REWRITE = """
UPDATE gas.cylinder SET serial_no = 'ZC' || serial_no, maker = 'ZC', status = 'scrapped', tare_kg = 99, note = 'ZC', facts_version = 77,
       medium_id = 'O2', next_inspection_on = '2020-01-01', updated_at = now() + interval '1 day' WHERE tenant_id = :id AND serial_no <> '';
DELETE FROM gas.label_issue WHERE tenant_id = :id;
DELETE FROM gas.fill WHERE tenant_id = :id;
DELETE FROM gas.violation WHERE tenant_id = :id;
UPDATE gas.finding SET words = 'ZC', hazard = 9, disposition = 'stop', at = now() WHERE tenant_id = :id;
DELETE FROM gas.device_event WHERE tenant_id = :id;
UPDATE gas.tenant SET name = 'ZC', phone = '0', facts_version = 99, status = 'suspended' WHERE id = :id;
UPDATE gas.staff SET name = 'ZC', kinds = '[]', left_on = '2020-01-01' WHERE tenant_id = :id;
UPDATE gas.tenant_total SET value = 123456 WHERE tenant_id = :id;
UPDATE gas.total_change SET value = 123456 WHERE tenant_id = :id;
INSERT INTO gas.cylinder SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'serial_no', 'ZC' || n))).*
  FROM gas.cylinder c, generate_series(1, 300) n WHERE tenant_id = :id AND c.id = :good;
INSERT INTO gas.staff (tenant_id, id, code, name, kinds, phone)
  SELECT :id, gen_random_uuid(), 'ZC' || n, 'ZC', '[]', '' FROM generate_series(1, 50) n;
INSERT INTO gas.outbox (tenant_id, kind, detail) SELECT :id, 'enterprise_changed', '{}' FROM generate_series(1, 50);
"""


def test_whatever_the_other_does_nothing_here_changes(own_database: Database) -> None:
    """All of A is read, B's rows are rewritten, deleted and multiplied, all of A is read again: counts, ranks and lists are the same."""
    app = create_app(own_database.settings)
    portal_limiter.enabled = budget_of(app).enabled = False
    with (
        own_database.as_admin() as connection
    ):  # the gateway's own reading below must not be what changes its page
        connection.execute(text("UPDATE gas.device SET last_seen_at = now()"))
    reading = {"za-admin", "reg-a", "insp-a", "ZA gateway"}
    own = [visitor for visitor in crawl.visitors(app) if visitor.name in reading]

    def all_of_a() -> dict[tuple[str, str], list[str]]:
        return {
            (visitor.name, address): crawl.settled(told).splitlines()
            for visitor in own
            for address, told in walk(app, visitor, A, NOWHERE)
            if address not in OF_THE_PROCESS
        }

    before = all_of_a()
    with own_database.as_admin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in filter(str.strip, REWRITE.split(";\n")):
            connection.execute(text(statement), {"id": B.tenant_id, "good": B.cylinder_id("good")})
    after = all_of_a()
    portal_limiter.enabled = True
    assert len(before) > 10
    changed = {
        place: list(unified_diff(before[place], seen, lineterm="", n=0))[3:9]
        for place, seen in after.items() if seen != before[place]
    }  # fmt: skip
    assert changed == {}
