"""A citizen's browser before the running portal, with the cast on the stage; budgets are counted in memory and emptied for each test."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal import create_app
from public_lookup.views import budget_of
from tenants import scope
from tests.databases import Database


@pytest.fixture(scope="module")
def portal(cast_database: Database) -> Flask:
    """The whole program over the shared copy."""
    return create_app(cast_database.settings)


@pytest.fixture(autouse=True)
def nobody_has_asked(portal: Flask) -> None:
    """Every test begins a minute of its own; other portals over the same data folder count in the same place."""
    budget_of(portal).reset()


@pytest.fixture
def citizen(portal: Flask) -> FlaskClient:
    """Somebody without an account."""
    scope.configure(portal.config["SETTINGS"])
    return portal.test_client()
