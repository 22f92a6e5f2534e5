"""Reference tables: versions, and whose change counts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tenants import scope
from tenants.errors import Invalid, NotFound
from tenants.permissions import Actor
from tenants.queries.reference import show_table, table_counts
from tenants.rules.states import Role
from tenants.services import reference
from tenants.services.reference import ImportReport, import_table, published_file, read_table
from tests.databases import Database

OPERATOR = Actor(role=Role.OPERATOR, username="cli:tester")
FIRST_DAY, NEXT_DAY = date(2026, 3, 1), date(2026, 3, 2)


def limits(**values: str) -> list[dict[str, Any]]:
    rows = read_table("filling_limits", published_file("filling_limits"))
    return [row | {"value": values[row["key"]]} if row["key"] in values else row for row in rows]


def put(rows: list[dict[str, Any]], *, published: bool = False, today: date = FIRST_DAY) -> ImportReport:
    with scope.platform_scope() as session:
        return import_table(session, OPERATOR, "filling_limits", rows, published=published, today=today)


def versions(session: Session, key: str) -> list[tuple[Any, ...]]:
    rows = text(
        "SELECT value, valid_from, valid_to FROM gas.filling_limit WHERE key = :key ORDER BY valid_from"
    )
    return [tuple(row) for row in session.execute(rows, {"key": key})]


@pytest.mark.parametrize("name", reference.TABLES)
def test_every_published_table_can_be_read_and_imported(own_walls: Database, name: str) -> None:
    rows = read_table(name, published_file(name))
    with scope.platform_scope() as session:
        session.execute(text("SELECT 1"))
        first = import_table(session, OPERATOR, name, rows)
    with scope.platform_scope() as session:
        again = import_table(session, OPERATOR, name, rows, published=True)
        assert table_counts(session)[name] == len(rows)
    assert first.added + first.changed == len(rows)
    assert again == ImportReport(name, unchanged=len(rows))


def test_a_change_closes_the_old_row_and_adds_the_new(own_walls: Database) -> None:
    put(limits())
    report = put(limits(L01="0.41"), today=NEXT_DAY)
    assert (report.added, report.changed) == (0, 1)
    with scope.platform_scope() as session:
        assert versions(session, "L01") == [
            ("0.42", reference.ALWAYS, NEXT_DAY),
            ("0.41", NEXT_DAY, None),
        ]
        assert [row["value"] for row in show_table(session, "filling_limits") if row["key"] == "L01"] == [
            "0.41"
        ]
        assert len(show_table(session, "filling_limits", history=True)) == len(limits()) + 1


def test_a_second_change_on_the_same_day_replaces_the_first(own_walls: Database) -> None:
    put(limits())
    put(limits(L01="0.41"), today=NEXT_DAY)
    put(limits(L01="0.40"), today=NEXT_DAY)
    with scope.platform_scope() as session:
        assert [row[0] for row in versions(session, "L01")] == ["0.42", "0.40"]


def test_publishing_again_never_takes_back_what_was_changed_here(own_walls: Database) -> None:
    put(limits())
    put(limits(L01="0.41"), today=NEXT_DAY)
    assert put(limits(), published=True, today=date(2026, 3, 3)).passed_over == 1
    assert put(limits(L01="0.43"), published=True, today=date(2026, 3, 3)).changed == 1


def test_a_changed_limit_is_news_for_every_enterprise(own_walls: Database) -> None:
    put(limits())
    with own_walls.as_admin() as connection:
        before = connection.execute(text("SELECT id, facts_version FROM gas.tenant ORDER BY id")).all()
    put(limits(L01="0.41"), today=NEXT_DAY)
    with own_walls.as_admin() as connection:
        after = connection.execute(text("SELECT id, facts_version FROM gas.tenant ORDER BY id")).all()
        waiting = connection.execute(
            text(
                "SELECT DISTINCT tenant_id FROM gas.outbox WHERE kind = 'enterprise_changed' AND relayed_at IS NULL"
            )
        ).scalars()
        assert set(waiting) == {row.id for row in before}
    assert [row.facts_version + 1 for row in before] == [row.facts_version for row in after]


def test_an_import_is_in_the_audit(own_walls: Database) -> None:
    put(limits())
    with own_walls.as_admin() as connection:
        found = connection.execute(
            text("SELECT actor, subject, detail FROM gas.audit WHERE action = 'reference_changed'")
        )
        row = found.one()
    assert (row.actor, row.subject, row.detail["rows"]) == ("cli:tester", "filling_limits", len(limits()))


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "limits.csv"
    path.write_text("key,value\nL01,1\n")
    with pytest.raises(Invalid, match="must have the columns"):
        read_table("filling_limits", path)


def test_a_key_may_stand_once_only(tmp_path: Path) -> None:
    lines = published_file("violations").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "violations.csv"
    path.write_text("\n".join([*lines, lines[1]]), encoding="utf-8")
    with pytest.raises(Invalid, match="a key of its own"):
        read_table("violations", path)


def test_a_number_that_is_none_names_its_line(tmp_path: Path) -> None:
    published = published_file("inspection_cycles").read_text(encoding="utf-8")
    path = tmp_path / "cycles.csv"
    path.write_text(
        published.replace("CORROSIVE_OR_MARINE,2,", "CORROSIVE_OR_MARINE,two,", 1), encoding="utf-8"
    )
    with pytest.raises(Invalid, match=r"cycles\.csv line 2"):
        read_table("inspection_cycles", path)


def test_there_is_no_other_table() -> None:
    with pytest.raises(NotFound, match="there are: media"):
        published_file("fills")
