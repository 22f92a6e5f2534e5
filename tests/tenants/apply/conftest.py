"""A site for each test, in a database of its own."""

from __future__ import annotations

import pytest

from tests.databases import Database
from tests.tenants.apply.site import Site


@pytest.fixture
def site(own_walls: Database) -> Site:
    return Site(own_walls)
