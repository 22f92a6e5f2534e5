"""The whole portal over a copy of the cast that this room's tests may write into, and the gateways of both enterprises."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import text

from portal import create_app
from tenants import scope
from tests.cast import A, B
from tests.cast_fixture import copy_of
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway

EPOCHS = count(4_000_000_000)


@pytest.fixture(scope="module")
def stage(cast_template: Database) -> Iterator[Database]:
    """A copy for one file of tests, with a number of its own in the cache's keys: all copies share one Redis."""
    for made in copy_of(cast_template):
        with made.as_admin() as connection:
            connection.execute(text("UPDATE gas.cache_epoch SET epoch = :own"), {"own": next(EPOCHS)})
        yield made


@pytest.fixture(scope="module")
def portal(stage: Database) -> Flask:
    return create_app(stage.settings)


@pytest.fixture
def app(portal: Flask) -> Iterator[Flask]:
    """The portal, with calls counted from nought and nobody to hear the bell."""
    scope.configure(portal.config["SETTINGS"])
    portal.extensions["device_budget"].forget()
    portal.extensions["ring"] = None
    yield portal
    scope.dispose()


@pytest.fixture
def gateway(app: Flask) -> Gateway:
    """Enterprise A's."""
    return Gateway(app.test_client(), A.token)


@pytest.fixture
def other(app: Flask) -> Gateway:
    """Enterprise B's."""
    return Gateway(app.test_client(), B.token)


@pytest.fixture
def stranger(app: Flask) -> Gateway:
    """Somebody without a token."""
    return Gateway(app.test_client(), "")
