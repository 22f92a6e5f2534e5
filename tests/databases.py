"""Databases of a test run: one is made and migrated, the others are copied from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from tenants import database, scope
from tenants.settings import Settings

SECRET = "only-for-tests-" + "0123456789abcdef" * 2
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Database:
    """A database of its own: `url` is the administrator's address."""

    url: str
    settings: Settings

    @contextmanager
    def as_admin(self) -> Iterator[Connection]:
        """A superuser's transaction, past every wall: for setting a stage, never for what is tested."""
        engine = database.admin_engine(self.url)
        with engine.begin() as connection:
            yield connection

    @contextmanager
    def stage(self) -> Iterator[Connection]:
        """A superuser's transaction that is always rolled back."""
        engine = database.admin_engine(self.url)
        with engine.connect() as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()


def settings_for(url: str, redis_url: str, data_dir: Path) -> Settings:
    """The settings of a portal over one database."""
    env = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": SECRET,
        "DEMO": "0",
    }
    return Settings.from_env(env)


def create(server: Settings, template: str | None = None) -> Database:
    """A new database beside `server`'s: empty, or a copy of a database that nobody is connected to."""
    name = f"gas_test_{next(_numbers)}"
    copied = f" TEMPLATE {template}" if template else ""
    on_server(server, f"CREATE DATABASE {name}{copied}")
    url = make_url(server.database_url).set(database=name).render_as_string(hide_password=False)
    return Database(url, dataclasses.replace(server, database_url=url))


def drop(made: Database) -> None:
    """Away with it, and with whoever is still connected."""
    scope.dispose()
    on_server(made.settings, f"DROP DATABASE IF EXISTS {make_url(made.url).database} WITH (FORCE)")


def on_server(server: Settings, statement: str, **values: Any) -> None:
    """One statement outside a transaction, in the database that every server has."""
    url = make_url(server.database_url).set(drivername="postgresql+psycopg2", database="postgres")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement), values)
