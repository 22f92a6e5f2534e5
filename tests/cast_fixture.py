"""The schema is made once a run; whoever only reads shares one copy with the cast in it, whoever writes gets a copy of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from tenants import database, scope
from tests import cast, databases
from tests.databases import Database
from tests.services_fixture import Services


@pytest.fixture(scope="session")
def cast_template(services: Services) -> Database:
    """A migrated database with the cast on its stage, to be copied; nobody stays connected to it."""
    server = databases.settings_for(services.database_url, services.redis_url, services.data_dir)
    made = databases.create(server)
    database.prepare(made.url, made.settings)
    with made.as_admin() as connection:
        cast.play(connection)
    return made


def copy_of(template: Database) -> Iterator[Database]:
    made = databases.create(template.settings, template=make_url(template.url).database)
    yield made
    databases.drop(made)


@pytest.fixture(scope="session")
def cast_database(cast_template: Database) -> Iterator[Database]:
    """The copy that everybody reads and nobody leaves a trace in."""
    yield from copy_of(cast_template)


@pytest.fixture
def own_database(cast_template: Database) -> Iterator[Database]:
    """A copy for one test, to do with as it likes."""
    yield from copy_of(cast_template)


@pytest.fixture
def walls(cast_database: Database) -> Iterator[Database]:
    """The scopes stand in the shared copy."""
    scope.configure(cast_database.settings)
    yield cast_database
    scope.dispose()


@pytest.fixture
def own_walls(own_database: Database) -> Iterator[Database]:
    """The scopes stand in this test's own copy."""
    scope.configure(own_database.settings)
    yield own_database
    scope.dispose()
