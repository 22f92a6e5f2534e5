"""The card file tells what PostgreSQL tells, for every code, and follows whatever changes; what isn't confirmed isn't believed."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from tenants import scope
from tenants.cards import file, keeper
from tenants.cards.file import CardFile, CardWriter, Stale
from tenants.cards.keeper import Keeper
from tenants.models import Assay, Cylinder, Fill, Label, MediumCode, Tenant
from tenants.permissions import Actor
from tenants.rules.states import Disposition, Role
from tenants.services.findings import Found, make_finding
from tests.cast import A, B
from tests.databases import Database

HERE = Actor(role=Role.INSPECTOR, username="inspector", jurisdiction="3705")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cards" / "cards.sqlite"


@pytest.fixture
def kept(own_database: Database, place: Path, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    """A keeper that has copied everything of a database of its own."""
    scope.configure(own_database.settings)
    monkeypatch.setattr(keeper, "REFERENCE_EVERY", 0.0)
    monkeypatch.setattr(keeper, "BATCH", 7)
    one = Keeper(place)
    one.round()
    return one


def in_postgres() -> dict[str, Any]:
    """What the citizen's function tells of every code that exists."""
    with scope.relay_scope() as session:
        codes = session.scalars(text("SELECT code FROM gas.codes_after('0', 10000)")).all()
    with scope.public_scope() as session:
        return {code: session.scalar(text("SELECT gas.public_cylinder(:c)"), {"c": code}) for code in codes}


def in_file(place: Path) -> dict[str, Any]:
    """What the file tells of the same codes."""
    cards = CardFile(place)
    found = {code: cards.find(code) for code in in_postgres()}
    return {code: None if card is None else card.told() for code, card in found.items()}


def of_tenant(session: Session, name: str) -> Cylinder:
    return session.scalars(select(Cylinder).where(Cylinder.id == A.cylinder_id(name))).one()


def test_every_card_is_what_postgresql_tells(kept: Keeper, place: Path) -> None:
    told = in_postgres()
    assert len(told) > 30
    assert in_file(place) == told
    assert CardFile(place).find(f"{A.code('good')[:11]}999999") is None


def stop(session: Session) -> None:
    make_finding(session, HERE, Found(A.code("good"), 1, Disposition.STOP, uuid4(), ""))


def scrap(session: Session) -> None:
    of_tenant(session, "good").status = "scrapped"


def fill(session: Session) -> None:
    now = datetime.now(UTC)
    session.add(
        Fill(at=now, cylinder_id=A.cylinder_id("good"), label_code=A.code("good"), medium_id="LPG", net_kg=7, batch="B7",
             district=A.district, time_trust="good", received_at=now)
    )  # fmt: skip
    of_tenant(session, "good").filled_at = now


def lose(session: Session) -> None:
    session.execute(update(Label).where(Label.code == A.code("good")).values(state="lost"))


def issue(session: Session) -> None:
    like = session.scalars(select(Label).where(Label.code == A.code("good"))).one()
    code = f"{like.code[:11]}777777"
    session.execute(
        insert(Label).values(id=uuid4(), code=code, kind=like.kind, medium_code="01", state="issued")
    )


def rename(session: Session) -> None:
    session.execute(
        update(Tenant).where(Tenant.id == A.tenant_id).values(name="改了名的单位", phone="0546-1")
    )


def recode(session: Session) -> None:
    session.execute(update(MediumCode).where(MediumCode.code == "01").values(medium_id="O2"))


TENANTS = {"scrap": scrap, "fill": fill, "lose": lose, "issue": issue, "recode": recode}


@pytest.mark.parametrize("deed", TENANTS)
def test_what_an_enterprise_changes_is_followed(kept: Keeper, place: Path, deed: str) -> None:
    before = in_file(place)
    with scope.tenant_scope(A.tenant_id) as session:
        TENANTS[deed](session)
    kept.round()
    told = in_postgres()
    assert in_file(place) == told
    assert told != before


def test_a_finding_a_name_and_an_assay_are_followed(kept: Keeper, place: Path) -> None:
    cards = CardFile(place)
    with scope.inspector_scope("3705") as session:
        stop(session)
    with scope.platform_scope() as session:
        rename(session)
    with scope.tenant_scope(A.tenant_id) as session:
        fill(session)
        session.add(Assay(medium_id="LPG", batch="B7", passed=True, assayed_on=datetime.now(UTC).date()))
    kept.round()
    card = cards.find(A.code("good"))
    assert card is not None
    assert card.told()["cylinder"]["stopped"] is True
    assert card.told()["enterprise"]["name"] == "改了名的单位"
    assert card.told()["assay"]["passed"] is True
    with scope.tenant_scope(A.tenant_id) as session:
        failed = datetime.now(UTC).date() + timedelta(days=1)
        session.add(Assay(medium_id="LPG", batch="B7", passed=False, assayed_on=failed))
    kept.round()
    assert in_file(place) == in_postgres()
    again = cards.find(A.code("good"))
    assert again is not None
    assert again.told()["assay"]["passed"] is False


def test_what_commits_late_is_not_missed(kept: Keeper, place: Path) -> None:
    """A transaction that began earlier and commits after a later one was already followed."""
    with scope.tenant_scope(A.tenant_id) as slow:
        of_tenant(slow, "good").note = "begun first"
        slow.flush()
        with scope.tenant_scope(B.tenant_id) as quick:
            quick.execute(update(Label).where(Label.code == B.code("good")).values(state="lost"))
        kept.round()
        kept.round()
        lose(slow)
    kept.round()
    assert in_file(place) == in_postgres()


def test_nothing_is_written_twice_while_a_long_transaction_runs(kept: Keeper) -> None:
    with scope.tenant_scope(A.tenant_id) as long:
        of_tenant(long, "oxygen").note = "long"
        long.flush()
        with scope.tenant_scope(A.tenant_id) as session:
            lose(session)
        assert [kept.round() for _ in range(3)][1:] in ([0, 0], [1, 0])


def test_a_new_epoch_is_copied_from_the_beginning(kept: Keeper, place: Path) -> None:
    open_one = CardFile(place)
    assert open_one.find(A.code("good")) is not None
    with scope.relay_scope() as session:
        session.execute(text("UPDATE gas.cache_epoch SET epoch = epoch + 1"))
    with scope.tenant_scope(A.tenant_id) as session:
        lose(session)
    assert kept.round() == len(in_postgres())
    assert in_file(place) == in_postgres()


class TestBelief:
    """When a file is believed."""

    def test_no_file(self, place: Path) -> None:
        with pytest.raises(Stale):
            CardFile(place).find(A.code("good"))

    def test_a_file_that_nobody_confirms(
        self, kept: Keeper, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cards = CardFile(place)
        assert cards.find(A.code("good")) is not None
        monkeypatch.setattr(file, "FRESH", 0.0)
        with pytest.raises(Stale):
            cards.find(A.code("good"))

    @pytest.mark.parametrize("clock", ["wall", "running"])
    @pytest.mark.parametrize("off", [-3600, 3600])
    def test_either_clock_that_is_off(self, kept: Keeper, place: Path, clock: str, off: int) -> None:
        with sqlite3.connect(place) as connection:
            connection.execute(f"UPDATE confirmed SET {clock} = {clock} + ?", (off,))
        with pytest.raises(Stale):
            CardFile(place).find(A.code("good"))

    @pytest.mark.parametrize(
        "spoilt", [b"", b"not a database at all, but long enough to be looked into" * 100]
    )
    def test_a_spoilt_file(self, place: Path, spoilt: bytes) -> None:
        place.parent.mkdir(parents=True)
        place.write_bytes(spoilt)
        with pytest.raises(Stale):
            CardFile(place).find(A.code("good"))

    def test_a_new_file_in_the_place_of_an_old_one(
        self, kept: Keeper, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(file, "REOPEN_AFTER", 0.0)
        cards = CardFile(place)
        assert cards.find(A.code("good")) is not None
        writer = CardWriter.anew(place)
        writer.cards([(int(A.code("good")), 1, "01", None, None, json.dumps({"label": "another"}))])
        writer.confirm()
        writer.publish(place).close()
        with sqlite3.connect(place) as connection:
            assert connection.execute("SELECT count(*) FROM card").fetchone() == (1,)
        monkeypatch.setattr(file, "FRESH", 0.05)
        while True:  # the old file runs out, the new one is found
            try:
                card = cards.find(A.code("good"))
            except Stale:
                monkeypatch.setattr(file, "FRESH", 20.0)
                cards.close()
                continue
            if card is not None and card.told()["label"] == "another":
                break


def test_the_public_plane_may_not_ask_for_many(kept: Keeper) -> None:
    with scope.public_scope() as session, pytest.raises(Exception, match="permission denied"):
        session.execute(text("SELECT * FROM gas.codes_after('0', 10)"))


def test_a_keeper_that_was_told_to_stop_leaves_no_half_file(
    own_database: Database, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope.configure(own_database.settings)
    monkeypatch.setattr(keeper, "BATCH", 3)
    Keeper(place).round(lambda _: True)
    assert not place.exists()


def test_trouble_is_tried_again(own_database: Database, place: Path) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 2:
            scope.configure(own_database.settings)
        return len(waits) > 3

    away = own_database.settings.database_url.replace("/gas_test", "/gas_is_away")
    scope.configure(dataclasses.replace(own_database.settings, database_url=away))
    Keeper(place).run(wait)
    assert keeper.TROUBLED in waits
    assert CardFile(place).find(A.code("good")) is not None
