"""A place you stand in: without one there is an error and never an empty page, and no way around it is left open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg2
import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.errors import NoPrincipal
from tenants.models import Cylinder, Staff
from tenants.planes import Plane
from tests.cast import BOTH, A, B
from tests.databases import Database

Scope = Callable[[], AbstractContextManager[Session]]
READ = {
    Plane.TENANT: "cylinder", Plane.WORKER: "cylinder", Plane.DEVICE: "cylinder", Plane.REGULATOR: "cylinder",
    Plane.INSPECTOR: "cylinder", Plane.AUTH: "account",
}  # fmt: skip


@pytest.mark.parametrize("plane", READ)
def test_a_plane_without_context_is_an_error_not_an_empty_page(walls: Database, plane: Plane) -> None:
    with pytest.raises(DBAPIError, match=r"no .* context"), scope.stand(scope.Principal(plane)) as session:
        session.execute(
            text(
                f"SELECT * FROM gas.{READ[plane]}"
                if plane is not Plane.AUTH
                else "SELECT id FROM gas.account"
            )
        )


@pytest.mark.parametrize("plane", [Plane.PUBLIC, Plane.RELAY, Plane.PLATFORM])
def test_a_plane_that_needs_no_context_reads_no_cylinder(walls: Database, plane: Plane) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope.stand(scope.Principal(plane)) as session,
    ):
        session.execute(text("SELECT * FROM gas.cylinder"))


@pytest.mark.parametrize("plane", Plane)
def test_no_scope_no_transaction(walls: Database, plane: Plane) -> None:
    with pytest.raises(NoPrincipal), Session(scope.engine_of(plane)) as session:
        session.execute(text("SELECT 1"))


@pytest.mark.parametrize("plane", [Plane.REGULATOR, Plane.INSPECTOR])
def test_an_unset_district_after_an_earlier_use_is_still_an_error(walls: Database, plane: Plane) -> None:
    engine = scope.engine_of(plane)
    with scope.stand(scope.Principal(plane, (("district", "3705"),))) as session:
        assert session.scalars(select(Cylinder.tenant_id).distinct()).all()
        backend = session.scalar(text("SELECT pg_backend_pid()"))
    same = text(f"SELECT count(*) FROM gas.cylinder WHERE pg_backend_pid() = {backend}")
    with (
        pytest.raises(DBAPIError, match="no jurisdiction context"),
        scope.stand(scope.Principal(plane)) as session,
    ):
        session.execute(same)
    engine.dispose()


@pytest.mark.parametrize("value", ["", "3", "370", "37050", "3705021", "%", "37%", "37:"])
def test_what_is_no_jurisdiction_is_refused(walls: Database, value: str) -> None:
    with pytest.raises(NoPrincipal):
        scope.regulator_scope(value)
    principal = scope.Principal(Plane.REGULATOR, (("district", value),))
    with pytest.raises(DBAPIError, match="no jurisdiction context"), scope.stand(principal) as session:
        session.scalars(select(Cylinder.id)).all()


@pytest.mark.parametrize("plane", [plane for plane in Plane if plane in READ])
def test_a_connection_beside_the_scope_has_no_rights(walls: Database, plane: Plane) -> None:
    raw = psycopg2.connect(walls.settings.plane_url(plane).replace("postgresql+psycopg2", "postgresql"))
    try:
        for autocommit in (False, True):
            raw.rollback()
            raw.autocommit = autocommit
            with raw.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(f"SELECT 1 FROM gas.{READ[plane]}")
    finally:
        raw.close()
    with (
        scope.engine_of(plane).raw_connection().cursor() as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
    ):
        cursor.execute(f"SELECT 1 FROM gas.{READ[plane]}")


def test_autocommit_has_no_role_and_so_no_rights(walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id):
        engine = scope.engine_of(Plane.TENANT).execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(DBAPIError), engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM gas.cylinder"))


@pytest.mark.parametrize("plane", Plane)
def test_a_login_can_become_its_own_role_only(walls: Database, plane: Plane) -> None:
    raw = psycopg2.connect(walls.settings.plane_url(plane).replace("postgresql+psycopg2", "postgresql"))
    raw.autocommit = True
    others = [other.role for other in Plane if other is not plane]
    try:
        with raw.cursor() as cursor:
            for role in [*others, "gas_owner", "gas_lookup", "gas_backup"]:
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(f"SET ROLE {role}")
    finally:
        raw.close()


@pytest.mark.parametrize("one", BOTH, ids=lambda e: e.mark)
@pytest.mark.parametrize("place", [scope.tenant_scope, scope.worker_scope, scope.device_scope])
def test_a_scope_shows_its_own_enterprise_only(
    walls: Database, one: object, place: Callable[[int], AbstractContextManager[Session]]
) -> None:
    with place(one.tenant_id) as session:  # type: ignore[attr-defined]
        assert session.scalars(select(Cylinder.tenant_id).distinct()).all() == [one.tenant_id]  # type: ignore[attr-defined]


@pytest.mark.parametrize("place", [scope.regulator_scope, scope.inspector_scope])
@pytest.mark.parametrize(
    ("district", "seen"),
    [("37", [A, B]), ("3705", [A, B]), ("370502", [A]), ("370503", [B]), ("11", []), ("370501", [])],
)
def test_an_authority_sees_the_enterprises_of_its_district(
    walls: Database, place: object, district: str, seen: list[object]
) -> None:
    with place(district) as session:  # type: ignore[operator]
        found = session.scalars(select(Cylinder.tenant_id).distinct().order_by(Cylinder.tenant_id)).all()
    assert found == [e.tenant_id for e in seen]  # type: ignore[attr-defined]


def test_eight_threads_that_switch_never_read_across(walls: Database) -> None:
    wrong: list[object] = []

    def switch(number: int) -> None:
        for turn in range(150):
            one = BOTH[(number + turn) % 2]
            try:
                with scope.tenant_scope(one.tenant_id) as session:
                    found = session.scalars(select(Cylinder.tenant_id).distinct()).all()
                    if turn % 7 == 0:
                        session.rollback()
            except Exception as error:
                wrong.append(error)
            else:
                if found != [one.tenant_id]:
                    wrong.append((one.tenant_id, found))

    threads = [threading.Thread(target=switch, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_scope_within_a_scope_and_after_a_savepoint(walls: Database) -> None:
    def seen(session: Session) -> list[int]:
        return list(session.scalars(select(Cylinder.tenant_id).distinct()))

    with scope.tenant_scope(A.tenant_id) as outer:
        with scope.tenant_scope(B.tenant_id) as inner:
            assert seen(inner) == [B.tenant_id]
        assert seen(outer) == [A.tenant_id]
        with pytest.raises(DBAPIError), outer.begin_nested():
            outer.execute(text("SELECT 1/0"))
        assert seen(outer) == [A.tenant_id]


def test_an_insert_for_another_enterprise_is_refused(own_walls: Database) -> None:
    stranger = {"code": "x", "name": "x", "kinds": []}
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(insert(Staff).values(tenant_id=B.tenant_id, id=A.uuid(777), **stranger))


def test_a_row_can_not_move_to_another_enterprise(own_walls: Database) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(update(Staff).where(Staff.id == A.uuid(10)).values(tenant_id=B.tenant_id))


def test_changing_anothers_row_changes_nothing(own_walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        assert (
            session.execute(update(Staff).where(Staff.id == B.uuid(10)).values(name="mine now")).rowcount == 0
        )
    with scope.tenant_scope(B.tenant_id) as session:
        assert session.scalar(select(Staff.name).where(Staff.id == B.uuid(10))) != "mine now"


def test_an_insert_that_forgets_its_enterprise_gets_the_scopes(own_walls: Database) -> None:
    with scope.tenant_scope(B.tenant_id) as session:
        session.add(Staff(code="new", name="new", kinds=[]))
        session.flush()
        assert session.scalar(select(Staff.tenant_id).where(Staff.code == "new")) == B.tenant_id


@pytest.mark.parametrize("absent", [True, False], ids=["absent", "another's"])
def test_a_reference_to_anothers_row_fails_like_one_to_nothing(own_walls: Database, absent: bool) -> None:
    staff = A.uuid(999) if absent else B.uuid(10)
    with (
        pytest.raises(DBAPIError, match="violates foreign key constraint"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(
            text("INSERT INTO gas.certificate (id, staff_id, item, number) VALUES (:id, :staff, 'P', '')"),
            {"id": A.uuid(778), "staff": staff},
        )


def test_copy_from_is_refused_and_copy_to_is_filtered(walls: Database) -> None:
    import io

    with scope.tenant_scope(A.tenant_id) as session:
        cursor = session.connection().connection.cursor()
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT tenant_id FROM gas.cylinder) TO STDOUT", out)
        assert set(out.getvalue().split()) == {str(A.tenant_id)}
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            cursor.copy_expert("COPY gas.medium_code (code, medium_id) FROM STDIN", io.StringIO("99\tO2\n"))
        session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE gas.staff",
        "ALTER TABLE gas.staff DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE gas.staff NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY gas_tenant_select ON gas.staff",
        "CREATE TABLE gas.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "SELECT * FROM gas.fill_default",
        "SELECT last_value FROM gas.outbox_id_seq",
        "DELETE FROM gas.fill",
        "UPDATE gas.fill SET net_kg = 1",
        "DELETE FROM gas.audit",
        "UPDATE gas.audit SET actor = 'x'",
        "SELECT password_hash FROM gas.account",
        "SELECT * FROM gas.web_session",
        "SELECT gas.device_by_token('x')",
        "SELECT gas.public_cylinder('37050290101110001')",
        "SELECT gas.auth_account()",
        "SELECT gas.keep_partitions(1, 1)",
        "SET LOCAL ROLE gas_platform",
    ],
)
def test_what_an_enterprise_may_never_do(walls: Database, statement: str) -> None:
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(text(statement))


def test_row_security_off_is_an_error_not_a_way_out(walls: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"), scope.tenant_scope(A.tenant_id) as session:
        session.execute(text("SET LOCAL row_security = off; SELECT * FROM gas.cylinder"))


def test_not_even_the_owner_edits_history(own_database: Database) -> None:
    for statement in ("UPDATE gas.fill SET net_kg = 1", "DELETE FROM gas.audit", "TRUNCATE gas.violation"):
        with pytest.raises(DBAPIError, match="history in"), own_database.as_admin() as connection:
            connection.execute(text(statement))
