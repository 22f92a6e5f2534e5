"""A portal over the cast: `client` is a browser without pictures that can sign in as anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal import create_app, limits
from tenants import scope
from tenants.rules.states import Role
from tests import cast
from tests.databases import Database

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser(FlaskClient):
    """Keeps cookies, and fills in the form's token like a person who opened the page first."""

    def token(self, page: str = "/login") -> str:
        found = TOKEN.search(self.get(page, follow_redirects=True).text)
        assert found, f"{page} has no form"
        return found[1]

    def submit(self, to: str, page: str, **fields: object) -> TestResponse:
        """Open `page`, then send its form to `to`."""
        return self.post(to, data={"csrf_token": self.token(page), **fields})

    def sign_in(self, username: str, password: str = cast.PASSWORD, **fields: str) -> TestResponse:
        return self.submit("/login", "/login", username=username, password=password, **fields)

    def session_cookie(self) -> str:
        cookie = self.get_cookie("portal")
        return cookie.value if cookie else ""


def app_over(database: Database) -> Flask:
    app = create_app(database.settings)
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    app.test_client_class = Browser
    limits.limiter.enabled = False
    return app


@pytest.fixture(scope="session")
def shared_app(cast_database: Database) -> Flask:
    return app_over(cast_database)


@pytest.fixture
def app(shared_app: Flask, cast_database: Database) -> Iterator[Flask]:
    """The portal over the shared cast; leave nothing behind but sessions and audit."""
    scope.configure(cast_database.settings)
    yield shared_app
    scope.dispose()


@pytest.fixture
def own_app(own_database: Database) -> Iterator[Flask]:
    """A portal over a copy of the cast for this test alone."""
    yield app_over(own_database)
    scope.dispose()


@pytest.fixture
def client(app: Flask) -> Browser:
    return app.test_client()


@pytest.fixture
def own_client(own_app: Flask) -> Browser:
    return own_app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    """`signed_in("za-admin")` is a browser in which that person is signed in."""

    def enter(username: str) -> Browser:
        browser = app.test_client()
        assert browser.sign_in(username).status_code == 303, username
        return browser

    return enter


@pytest.fixture
def admin(signed_in: Callable[[str], Browser]) -> Browser:
    return signed_in(cast.A.username(Role.ADMIN))


@pytest.fixture
def own_admin(own_app: Flask, own_database: Database) -> Browser:
    with own_database.as_admin() as connection:
        connection.execute(
            text(
                "INSERT INTO gas.inspection_cycle (key, valid_from, source, confidence, kind_code, kind_zh, medium_class,"
                " interval_confidence, life_confidence, note)"
                " VALUES ('IC1', '2020-01-01', '', 'S1', 'LPG_WELDED', '瓶', 'OTHER', 'S1', 'S1', '') ON CONFLICT DO NOTHING"
            )
        )
    browser = own_app.test_client()
    browser.sign_in(cast.A.username(Role.ADMIN))
    return browser
