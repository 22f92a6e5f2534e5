"""A portal over the cast, with regulators at the dashboards and a few totals and places to look at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, text

from tenants import scope
from tests import cast
from tests.cast import BOTH, TODAY
from tests.cast_fixture import copy_of
from tests.databases import Database
from tests.portal.conftest import Browser, app_over

SQUARE = "MULTIPOLYGON(((118 37,118 38,119 38,119 37,118 37)))"
PLACES = [("370000", "山东省", 1, None), ("370500", "东营市", 2, "370000"), ("370502", "东营区", 3, "370500"),
          ("370503", "河口区", 3, "370500")]  # fmt: skip


def furnish(connection: Connection) -> None:
    """Squares for districts, and totals of today: 41 fills and 3 refusals for A, 72 and 5 for B."""
    for code, name, level, parent in PLACES:
        connection.execute(
            text("INSERT INTO gas.district (code, name, level, parent, geom, geom_country, geom_province, label_point, is_gb, source,"
                 " review_no) VALUES (:code, :name, :level, :parent, ST_GeomFromText(:shape, 4326), ST_GeomFromText(:shape, 4326),"
                 " ST_GeomFromText(:shape, 4326), ST_SetSRID(ST_MakePoint(118.5, 37.5), 4326), true, 'test', '')"),
            {"code": code, "name": name, "level": level, "parent": parent, "shape": SQUARE},
        )  # fmt: skip
    for table in ("total_change", "tenant_total", "district_total"):
        connection.execute(text(f"DELETE FROM gas.{table} WHERE metric NOT IN ('cylinders', 'due')"))
    for e, fills, refused in zip(BOTH, (41, 72), (3, 5), strict=True):
        rows = [("fills", "", "LPG", fills), ("net_kg", "", "LPG", fills * 14), ("refused_fills", "", "", refused),
                ("refusals", "inspection_overdue", "", refused)]  # fmt: skip
        for metric, key, medium, value in rows:
            connection.execute(
                text(
                    "INSERT INTO gas.total_change (tenant_id, day, metric, key, medium_id, value) VALUES (:t, :d, :m, :k, :g, :v)"
                ),
                {"t": e.tenant_id, "d": TODAY, "m": metric, "k": key, "g": medium, "v": value},
            )


@pytest.fixture(scope="package")
def furnished(cast_template: Database) -> Iterator[Database]:
    for database in copy_of(cast_template):
        with database.as_admin() as connection:
            furnish(connection)
        yield database


@pytest.fixture(scope="package")
def portal(furnished: Database) -> Flask:
    return app_over(furnished)


@pytest.fixture
def app(portal: Flask, furnished: Database) -> Iterator[Flask]:
    scope.configure(furnished.settings)
    yield portal
    scope.dispose()


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], Browser]:
    def enter(username: str) -> Browser:
        browser = app.test_client()
        assert browser.sign_in(username, cast.PASSWORD).status_code == 303
        return browser

    return enter


def question(path: str, search: str = "", theme: str = "light") -> dict[str, Any]:
    """What the browser sends when an address is opened."""
    asked = {"path": f"/dashboards/{path}", "search": search, "theme": theme}
    return {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "asked", "property": "data", "value": asked}],
        "changedPropIds": ["asked.data"],
    }


def ask(browser: Browser, path: str, search: str = "", theme: str = "light") -> Any:
    """The answer to a callback, sent as the browser does: with the token from the cookie."""
    browser.get("/dashboards/overview")
    token = browser.get_cookie("_csrf_token", path="/dashboards/")
    headers = {"X-CSRFToken": token.value if token else ""}
    return browser.post(
        "/dashboards/_dash-update-component", json=question(path, search, theme), headers=headers
    )


def told(answer: Any) -> str:
    """What an answer says, as text."""
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False)
