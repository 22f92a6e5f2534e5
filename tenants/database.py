"""Preparing a database: roles, logins, extension, schema. The only file that uses an administrator's connection.

`prepare` may be run again at any time and by two processes at once; it changes nothing that is already right.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from psycopg2.extensions import quote_ident
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from tenants.planes import BACKUP, LOOKUP, OWNER, Plane
from tenants.services.keys import ensure_keys
from tenants.settings import Settings
from tenants.vault import Vault

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6761_7300  # one preparation at a time


def admin_engine(admin_url: str) -> Engine:
    """An engine for an administrator's address, with SQLAlchemy's driver name put in."""
    return create_engine(make_url(admin_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)


def prepare(admin_url: str, settings: Settings) -> None:
    """Roles, logins with this installation's passwords, PostGIS, the schema at its newest revision, and keys to sign with."""
    engine = admin_engine(admin_url)
    with engine.connect() as lock:
        lock.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        with engine.begin() as connection:
            make_roles(connection, settings)
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS gas AUTHORIZATION {OWNER}"))
        migrate(admin_url)
        with Session(engine) as session, session.begin():
            ensure_keys(session, Vault.of(settings), datetime.now(UTC))
        lock.rollback()


def migrate(admin_url: str, revision: str = "head") -> None:
    """Bring the schema to a revision."""
    command.upgrade(alembic_config(admin_url), revision)


def alembic_config(admin_url: str = "") -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["admin_url"] = admin_url
    return config


def make_roles(connection: Connection, settings: Settings) -> None:
    """Everything that stands outside the schema: roles, logins with this installation's passwords, PostGIS, who may connect."""
    for role in (OWNER, LOOKUP, *(plane.role for plane in Plane)):
        _role(connection, role, "NOLOGIN NOINHERIT")
    connection.exec_driver_sql(f"GRANT {LOOKUP} TO {OWNER}")  # the owner hands the public function over
    for plane in Plane:
        _login(connection, plane.login, settings, "NOINHERIT")
        connection.exec_driver_sql(f"GRANT {plane.role} TO {plane.login}")
    _login(connection, BACKUP, settings, "BYPASSRLS")
    database = quote_ident(str(connection.scalar(text("SELECT current_database()"))), _raw(connection))
    connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC")
    connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    logins = ", ".join((BACKUP, *(plane.login for plane in Plane)))
    connection.exec_driver_sql(f"GRANT CONNECT ON DATABASE {database} TO {logins}")
    connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public"))


def _role(connection: Connection, role: str, options: str) -> None:
    exists = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role})
    verb = "ALTER" if exists else "CREATE"
    connection.exec_driver_sql(f"{verb} ROLE {role} {options}")


def _login(connection: Connection, login: str, settings: Settings, options: str) -> None:
    _role(connection, login, f"LOGIN {options}")
    connection.exec_driver_sql(f"ALTER ROLE {login} PASSWORD %s", (settings.derived_secret("db:" + login),))


def _raw(connection: Connection) -> object:
    return connection.connection.dbapi_connection
