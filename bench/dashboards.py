"""How long a dashboard takes over a province's year: each page over HTTP as the browser asks for it, and three questions by themselves.

The yardsticks are a bare Flask route asked in the same way, and the same question put to the fills themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.province import PROVINCE, fill, settle
from bench.rows import Row
from bench.world import BenchWorld, bare_route
from tenants import scope
from tenants.queries import supervision, supervision_places
from tests.cast import PASSWORD, REGULATOR_OF_BOTH

TIMES = 20
PAGES = {
    "overview, 30 days": ("overview", ""),
    "overview, 365 days": ("overview", "?days=365"),
    "overview of a city, 30 days": ("overview", "?d=370500"),
    "map, 365 days": ("map", "?days=365"),
    "fills by day, 365 days": ("fills", "?days=365"),
    "refusals, 365 days": ("refusals", "?days=365"),
    "due dates": ("due", ""),
    "enterprises, 365 days": ("enterprises", "?days=365"),
}
_BY_DISTRICT = "SELECT district, count(*), sum(net_kg) FROM gas.fill WHERE at >= :since GROUP BY 1"
_BY_DAY = "SELECT (at AT TIME ZONE 'Asia/Shanghai')::date, count(*), sum(net_kg) FROM gas.fill WHERE at >= :since GROUP BY 1"
_TOP = "SELECT tenant_id, count(*) FROM gas.fill WHERE at >= :since GROUP BY 1 ORDER BY 2 DESC LIMIT 20"


def dashboards(world: BenchWorld, millions: int) -> Iterator[Row]:
    """Every page and question with so many million fills in the tables."""
    counted = _fills(world)
    if not counted:
        settle(world)
    took = fill(world, millions * 1_000_000 - counted)
    total = _fills(world)
    size = f"{millions} M"
    yield Row(f"{size}: recount of {total:,} fills", total / took, took * 1000, None, 0, "", None)
    yield from _pages(world, size)
    yield from _questions(size)


def _fills(world: BenchWorld) -> int:
    with world.database.as_admin() as connection:
        return int(connection.scalar(text("SELECT count(*) FROM gas.fill WHERE tenant_id >= 100000")) or 0)


def _pages(world: BenchWorld, size: str) -> Iterator[Row]:
    browser = requests.Session()
    origin = world.settings.public_origin
    page = browser.get(f"{origin}/login", timeout=30).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    form = {"username": REGULATOR_OF_BOTH.username, "password": PASSWORD, "csrf_token": token}
    browser.post(
        f"{origin}/login", form, headers={"Referer": f"{origin}/login"}, timeout=30
    ).raise_for_status()
    browser.get(f"{origin}/dashboards/overview", timeout=30).raise_for_status()
    headers = {"X-CSRFToken": str(browser.cookies.get("_csrf_token", path="/dashboards/")), "Referer": origin}
    with bare_route() as url:
        bare = _times(lambda: browser.get(url, timeout=30).raise_for_status())
    for name, (key, search) in PAGES.items():
        asked = {"path": f"/dashboards/{key}", "search": search, "theme": "light"}
        body = {
            "output": "page.children", "outputs": {"id": "page", "property": "children"},
            "inputs": [{"id": "asked", "property": "data", "value": asked}], "changedPropIds": ["asked.data"],
        }  # fmt: skip

        def ask(body: dict[str, Any] = body) -> None:
            answer = browser.post(
                f"{origin}/dashboards/_dash-update-component", json=body, headers=headers, timeout=60
            )
            answer.raise_for_status()

        yield _row(f"{size}: {name}", _times(ask), median(bare), "bare Flask route")


def _questions(size: str) -> Iterator[Row]:
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date()
    month, year = today - timedelta(days=29), today - timedelta(days=364)

    def districts(session: Session) -> object:
        return supervision_places.sums_by_county(session, month, today)

    def days(session: Session) -> object:
        return supervision.fills_by_day(session, year, today)

    def top(session: Session) -> object:
        return supervision_places.most_fills(session, year, today, 20)

    for name, question, raw, since in (
        ("sums by district, 30 days", districts, _BY_DISTRICT, month),
        ("daily sums of a province, a year", days, _BY_DAY, year),
        ("top 20 enterprises, a year", top, _TOP, year),
    ):
        with scope.regulator_scope(PROVINCE) as session:
            yardstick = median(_times(lambda raw=raw, since=since: _raw(session, raw, since), 3))  # type: ignore[misc]
        with scope.regulator_scope(PROVINCE) as session:
            times = _times(lambda question=question: question(session))  # type: ignore[misc]
        yield _row(f"{size}: {name}", times, yardstick, "the fills themselves")


def _raw(session: Session, query: str, since: date) -> None:
    session.execute(
        text(query), {"since": datetime.combine(since, datetime.min.time(), ZoneInfo("Asia/Shanghai"))}
    ).all()


def _times(do: Callable[[], object], times: int = TIMES) -> list[float]:
    """Milliseconds of each, after one that isn't counted."""
    do()
    took = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def _row(name: str, times: list[float], yardstick_ms: float, yardstick: str) -> Row:
    middle = median(times)
    return Row(name, 1000 / middle, middle, times[-1], 0, yardstick, yardstick_ms / middle)
