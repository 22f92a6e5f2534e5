"""The short way says exactly what the long way says, and stands aside whenever it can't be sure."""

from __future__ import annotations

import dataclasses
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import Client

from portal import create_app
from public_lookup import answers
from public_lookup.express import Express
from public_lookup.limits import CELLS, MOST, PER_CLIENT, Budget, Shares, Spent
from public_lookup.views import budget_of
from tenants import scope
from tenants.cards.file import CardFile
from tenants.cards.keeper import Keeper
from tenants.rules.label_words import Genuine
from tests.cast import BOTH, A, B
from tests.databases import Database

HEADERS: dict[str, dict[str, str]] = {
    "page": {},
    "json": {"Accept": "application/json"},
    "page-en": {"Accept-Language": "en"},
    "json-en": {"Accept": "application/json", "Accept-Language": "en-GB"},
}
MOMENT = re.compile(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\+00:00)?")
OWN = {"X-Request-ID", "Date"}


@pytest.fixture(scope="module")
def cards(cast_database: Database) -> Iterator[Path]:
    """The card file of the cast, as the keeper leaves it; other tests find none in the shared folder."""
    scope.configure(cast_database.settings)
    place = cast_database.settings.cards_path
    Keeper(place).round()
    yield place
    shutil.rmtree(place.parent)


@pytest.fixture
def short(cast_database: Database, cards: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A citizen whose questions never reach Flask; the file counts as fresh however long the tests take."""
    monkeypatch.setattr("tenants.cards.file.FRESH", 3600.0)
    app = create_app(cast_database.settings)
    monkeypatch.setattr(app, "dispatch_request", lambda: pytest.fail("the long way was taken"))
    budget_of(app).enabled = False
    return app.test_client()


@pytest.fixture
def long(portal: Flask, citizen: FlaskClient) -> FlaskClient:
    """A citizen before a portal without cards."""
    budget_of(portal).enabled = False
    return citizen


ASKED = [
    *(f"/{family}?id={e.code(name)}{lang}" for e in BOTH for family in "QL" for lang in ("", "&lang=en", "&lang=xx")
      for name in ("good", "oxygen", "overdue", "due_soon", "lost", "issued", "disputed", "scrapped")),
    f"/L?id={A.code('good')[:11]}999999", "/L", "/Q?id=", "/Q?id=1", "/L?id=1&id=2", "/L?id=%3Cscript%3E", "/L?id=%ff",
    f"/L?id={A.code('good')}&from=singlemessage&isappinstalled=0", f"/L?lang=en&utm_source=x&id={A.code('good')}",
    f"/L?id=http%3A%2F%2Fteshe.org.cn%2FL%3Fid%3D{A.code('good')}",
]  # fmt: skip


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
def test_both_ways_say_the_same(
    short: FlaskClient, long: FlaskClient, headers: dict[str, str], portal: Flask
) -> None:
    for address in ASKED:
        for method in ("GET", "HEAD"):
            quick = short.open(address, method=method, headers=headers)
            slow = long.open(address, method=method, headers=headers)
            assert (quick.status, MOMENT.sub(b"", quick.data)) == (slow.status, MOMENT.sub(b"", slow.data)), (
                address
            )
            mine, theirs = (
                {name: value for name, value in one.headers if name not in OWN} for one in (quick, slow)
            )
            assert mine == theirs, address
    budget_of(portal).enabled = True


def test_what_the_short_way_leaves_to_the_long_one(citizen: FlaskClient, cards: Path) -> None:
    """No view of ours answers these: they are Flask's to refuse."""
    assert citizen.post(f"/L?id={A.code('good')}").status_code == 405
    assert citizen.get("/L?id=%00").status_code == 400
    assert citizen.get(f"/L/?id={A.code('good')}").status_code == 404


def test_without_a_fresh_file_postgresql_answers(
    cast_database: Database, cards: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.cards.file.FRESH", 0.0)
    app = create_app(cast_database.settings)
    address = {"REMOTE_ADDR": "203.0.113.9"}
    answers_ = [
        app.test_client().get(f"/L?id={A.code('good')}", environ_base=address).status_code for _ in range(61)
    ]
    assert answers_ == [200] * 60 + [429], "and a question that was passed on is counted once"


@pytest.mark.parametrize("headers", [{}, {"Accept": "application/json"}], ids=["page", "json"])
def test_with_postgresql_away_the_cards_answer_for_a_while(
    cast_database: Database, cards: Path, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = cast_database.settings.database_url.replace("/gas_test", "/gas_is_away")
    citizen = create_app(dataclasses.replace(cast_database.settings, database_url=url)).test_client()
    monkeypatch.setattr("tenants.cards.file.FRESH", 3600.0)
    assert citizen.get(f"/L?id={A.code('good')}", headers=headers).status_code == 200
    monkeypatch.setattr("tenants.cards.file.FRESH", 0.0)
    assert citizen.get(f"/L?id={A.code('good')}", headers=headers).status_code == 503


def test_the_age_of_the_cards_is_among_the_figures(
    citizen: FlaskClient, cast_database: Database, cards: Path
) -> None:
    """Told to whoever watches, because the long way hides that nobody keeps the cards."""

    def told() -> list[float]:
        lines = citizen.get("/metrics").text.splitlines()
        return [float(line.split()[1]) for line in lines if line.startswith("public_cards_age_seconds ")]

    [age] = told()
    assert 0 <= age < 3600
    kept = cards.rename(cards.with_name("elsewhere"))
    assert told() == []
    kept.rename(cards)


def test_a_card_that_changed_is_never_told_as_it_was(
    own_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scope.configure(own_database.settings)
    keeper = Keeper(tmp_path / "cards.sqlite")
    keeper.round()
    passed_on: list[str] = []
    budget = Budget(None, "secret")
    app = Express(
        lambda environ, _: passed_on.append(environ["PATH_INFO"]) or (),
        CardFile(tmp_path / "cards.sqlite"),
        budget,
        lambda *_: Genuine.ABSENT,
        {},
    )  # type: ignore[func-returns-value]
    citizen = Client(app)
    page = f"/L?id={B.code('good')}"
    assert "合格" in citizen.get(page).text
    assert answers._of_card.cache_info().currsize > 0
    with scope.tenant_scope(B.tenant_id) as session:
        session.execute(
            text("UPDATE gas.cylinder SET status = 'scrapped' WHERE id = :id"), {"id": B.cylinder_id("good")}
        )
    keeper.round()
    assert "请勿使用" in citizen.get(page).text
    assert not passed_on


class TestBudget:
    """Counting in a file of fixed size."""

    def test_two_processes_count_together(self, tmp_path: Path) -> None:
        one, two = (Budget(tmp_path / "counts", "secret") for _ in range(2))
        for number in range(PER_CLIENT):
            (one, two)[number % 2].spend("198.51.100.1", f"{number:017d}")
        with pytest.raises(Spent) as spent:
            one.spend("198.51.100.1", f"{99:017d}")
        assert 0 < spent.value.wait <= 60
        assert (tmp_path / "counts").stat().st_size == CELLS * 8

    def test_a_minute_later_everything_begins_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        budget, now = Budget(None, "secret"), time.time()
        for _ in range(PER_CLIENT):
            budget.spend("198.51.100.1", "")
        monkeypatch.setattr("public_lookup.limits.time.time", lambda: now + 60)
        for _ in range(PER_CLIENT):
            budget.spend("198.51.100.1", "")

    def test_a_neighbourhood_has_a_share(self) -> None:
        budget = Budget(None, "secret", Shares(network=5))
        for number in range(5):
            budget.spend(f"198.51.100.{number}", f"{number:017d}")
        with pytest.raises(Spent):
            budget.spend("198.51.100.77", f"{7:017d}")
        budget.spend("198.51.101.77", f"{8:017d}")
        for number in range(5):
            budget.spend(f"2001:db8:1:{number}::1", f"{number + 20:017d}")
        with pytest.raises(Spent):
            budget.spend("2001:db8:1:77::1", f"{30:017d}")

    def test_walking_through_an_enterprise_meets_its_share(self, citizen: FlaskClient, portal: Flask) -> None:
        few = Shares(unknown_of_enterprise=3)
        budget_of(portal).shares, usual = few, budget_of(portal).shares
        walk = [
            citizen.get(
                f"/L?id={A.code('good')[:11]}{990000 + n:06d}", environ_base={"REMOTE_ADDR": f"203.0.{n}.1"}
            ).status_code
            for n in range(5)
        ]
        known = citizen.get(f"/L?id={A.code('good')}", environ_base={"REMOTE_ADDR": "203.0.99.1"}).status_code
        other = citizen.get(f"/L?id={B.code('good')[:11]}990000").status_code
        budget_of(portal).shares = usual
        assert (walk, known, other) == ([404] * 3 + [429] * 2, 200, 404)

    def test_many_strangers_take_nothing_from_anybody(self) -> None:
        """Thirty thousand clients of one minute, and nobody is refused who asked once."""
        budget = Budget(None, "secret")
        for number in range(30_000):
            budget.spend(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", f"{number:017d}")

    def test_no_place_for_a_file_is_no_trouble(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        budget = Budget(tmp_path / "file" / "counts", "secret")
        for _ in range(PER_CLIENT):
            budget.spend("198.51.100.1", "")
        with pytest.raises(Spent):
            budget.spend("198.51.100.1", "")

    def test_a_cell_never_runs_over(self) -> None:
        budget = Budget(None, "secret", Shares(altogether=MOST - 1))
        budget._cells[:] = memoryview(bytes([255]) * CELLS * 8).cast("I")
        budget.spend("198.51.100.1", f"{1:017d}")
