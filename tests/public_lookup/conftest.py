"""A citizen's browser before the running portal, with the cast on the stage; budgets are counted in memory and emptied for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from public_lookup import limits
from tenants import scope
from tests.databases import Database


@pytest.fixture(scope="module")
def portal(cast_database: Database) -> Flask:
    """The whole program over the shared copy."""
    return create_app(cast_database.settings)


@pytest.fixture
def citizen(portal: Flask) -> Iterator[FlaskClient]:
    """Somebody without an account."""
    scope.configure(portal.config["SETTINGS"])
    limits.limiter.reset()
    yield portal.test_client()
    limits.limiter.reset()
