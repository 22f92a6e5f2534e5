"""What the demo writes in bulk is, row for row, what the real path makes of the same events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, make_url, text

from tenants import database, scope
from tenants.demo import city, load, weeks
from tenants.demo.enterprises import ENTERPRISES
from tenants.demo.load import load_demo
from tenants.demo.stock import Story
from tenants.permissions import Actor
from tenants.rules.facts import CylinderFacts, EnterpriseFacts
from tenants.rules.states import Role
from tenants.services.apply.batch import apply_event
from tenants.services.apply.book import Book, open_book
from tenants.services.apply.event import Incoming
from tenants.services.apply.outcome import Outcome
from tests import databases
from tests.databases import Database
from tests.services_fixture import Services

OPERATOR = Actor(role=Role.OPERATOR, username="cli:tester")
NOW = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
OURS = ("370502", "003")  # every medium, every story
RECORDS = ("fill", "fill_check", "violation", "trace_event")


class NoCache:
    def cylinders(self, tenant_id: int, ids: Any) -> dict[Any, CylinderFacts]:
        return {}

    def enterprise(self, tenant_id: int) -> EnterpriseFacts | None:
        return None


@pytest.fixture
def two(services: Services) -> Iterator[tuple[Database, Database]]:
    server = databases.settings_for(services.database_url, services.redis_url, services.data_dir)
    first = databases.create(server)
    database.prepare(first.url, first.settings)
    made = first, databases.create(server, template=make_url(first.url).database)
    yield made
    for each in made:
        databases.drop(each)


def tenant_of(db: Connection) -> int:
    wanted = text("SELECT id FROM gas.tenant WHERE district = :district AND enterprise = :enterprise")
    return int(db.execute(wanted, dict(zip(("district", "enterprise"), OURS, strict=True))).scalar_one())


def rows(db: Connection, table: str) -> dict[str, dict[str, Any]]:
    """By id, without what two loads can't share: device ids, the moment and the transaction of writing."""
    wanted = text(
        f"SELECT to_jsonb(r) - 'device_id' - 'updated_at' - 'changed' FROM gas.{table} r WHERE tenant_id = :tenant"
    )
    return {row["id"]: row for row in db.execute(wanted, {"tenant": tenant_of(db)}).scalars()}


def labels(db: Connection) -> dict[str, tuple[Any, ...]]:
    wanted = text("SELECT code, state, cylinder_id, uid FROM gas.label WHERE tenant_id = :tenant")
    return {row.code: tuple(row) for row in db.execute(wanted, {"tenant": tenant_of(db)})}


def test_the_bulk_path_writes_what_the_real_path_writes(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Incoming] = []

    def listen(book: Book, event: Incoming) -> Outcome:
        if (book.enterprise.district, book.enterprise.enterprise) == OURS:
            sent.append(event)
        return apply_event(book, event)

    bulk, real = two
    monkeypatch.setattr(load, "ENTERPRISES", [each for each in ENTERPRISES if each.code == "-".join(OURS)])
    scope.configure(bulk.settings)
    with monkeypatch.context() as patch:
        patch.setattr(weeks, "apply_event", listen)
        load_demo(OPERATOR, "a-password-of-ours", NOW, share=0.01)
    with monkeypatch.context() as patch:  # the same city before anything has happened in it
        patch.setattr(city, "PLOTS", dict.fromkeys(Story, lambda play: None))
        patch.setattr(city, "_strangers", lambda *_: None)
        scope.configure(real.settings)
        load_demo(OPERATOR, "a-password-of-ours", NOW, share=0.01)

    with bulk.stage() as db, real.stage() as other:
        tenant_id = tenant_of(other)
        by_hand = {
            row["cylinder_id"] for row in rows(db, "label_issue").values() if row["action"] in ("void", "lose", "dispute")
        }  # fmt: skip
        changed = {
            row["id"] for row in rows(db, "cylinder").values() if row["status"] in ("suspended", "cancelled")
        }
        scrapped = {row["id"] for row in rows(db, "cylinder").values() if row["status"] == "scrapped"}
        skipped = (by_hand | changed) - scrapped
        of_label = {code: str(row[2]) for code, row in labels(db).items()}
    with scope.worker_scope(tenant_id) as session:
        codes, uids = {e.code.code for e in sent if e.code}, {e.uid for e in sent if e.uid}
        book = open_book(
            session, Actor(role=Role.FILLER, tenant_id=tenant_id), tenant_id, codes, uids, NoCache()
        )
        for event in sorted(sent, key=lambda event: event.at):
            if event.code is None or of_label.get(event.code.code) not in skipped:
                apply_event(book, event)
        book.close()

    with bulk.stage() as db, real.stage() as other:
        for table in RECORDS:
            expected = {
                key: {**row, "tenant_id": tenant_id} for key, row in rows(db, table).items() if row["cylinder_id"] not in skipped
            }  # fmt: skip
            assert rows(other, table) == expected, table
            assert len(expected) > 10
        expected = {
            key: {**row, "tenant_id": tenant_id}
            for key, row in rows(db, "cylinder").items()
            if key not in skipped
        }
        found = rows(other, "cylinder")
        assert {key: found[key] for key in expected} == expected
        mine = {code: row for code, row in labels(db).items() if str(row[2]) not in skipped}
        assert {code: row for code, row in labels(other).items() if str(row[2]) not in skipped} == mine
