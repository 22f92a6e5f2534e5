"""The office of enterprise A over a copy of the cast, with everything furnished that the rows speak of."""

from __future__ import annotations

import pytest

from tests.databases import Database
from tests.tenants.imports.office import Office


@pytest.fixture
def office(own_walls: Database) -> Office:
    found = Office(own_walls)
    found.furnish()
    return found
