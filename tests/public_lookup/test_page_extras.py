"""What a citizen's page offers beside the word: alarms, large type, reading aloud, a reminder, what a scan leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from playwright.sync_api import Browser
from sqlalchemy import text

from portal import create_app
from public_lookup.genuine import Prover
from public_lookup.views import budget_of, prover_of
from tenants import scope
from tenants.models import Assay
from tenants.permissions import Actor
from tenants.queries.label_keys import Believed
from tenants.rules.label_signature import signature
from tenants.rules.states import Disposition, Role
from tenants.services.findings import Found, make_finding
from tests.cast import A, B
from tests.chromium import launched, served
from tests.databases import Database

ARTEFACTS = Path(__file__).parents[1] / "artefacts" / "public_lookup"
JSON = {"Accept": "application/json"}
KEY = b"k" * 32


@pytest.fixture
def own_citizen(own_database: Database) -> Iterator[FlaskClient]:
    """A citizen before a portal of a database that the test may change."""
    app = create_app(own_database.settings)
    budget_of(app).enabled = False
    yield app.test_client()
    budget_of(app).enabled = True


@pytest.fixture
def proving(citizen: FlaskClient, portal: Flask, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A citizen of a platform whose label key is KEY."""
    monkeypatch.setattr("public_lookup.genuine.believed_keys", lambda *_: Believed((KEY,), some_lost=False))
    monkeypatch.setattr("public_lookup.genuine.KEPT", 0.0)
    monkeypatch.setattr(prover_of(portal), "_until", 0.0)
    return citizen


class TestSignature:
    """A label's signature in its address."""

    def test_a_genuine_one_is_said_among_the_facts(self, proving: FlaskClient) -> None:
        page = proving.get(f"/L?id={A.code('good')}&s={signature(A.code('good'), KEY)}")
        assert "防伪签名正确" in page.text
        assert "合格" in page.text

    def test_a_wrong_one_is_said_before_everything_else(self, proving: FlaskClient) -> None:
        page = proving.get(f"/L?id={A.code('good')}&s={signature(B.code('good'), KEY)}").text
        assert "可能是仿制的" in page
        assert page.index("请勿使用") < page.index('role="alert"') < page.index("怎么办")
        said = proving.get(f"/L?id={A.code('good')}&s=AAAAAAAA", headers=JSON).get_json()
        assert (said["status"], said["reasons"][0]["code"]) == ("do_not_use", "label_forged")
        assert said["label"] == {"signature": "wrong"}

    @pytest.mark.parametrize("more", ["", "&s=", "&s=%20"])
    def test_an_old_label_needs_none(self, proving: FlaskClient, more: str) -> None:
        said = proving.get(f"/L?id={A.code('good')}{more}", headers=JSON).get_json()
        assert (said["status"], said["label"]) == ("ok", {"signature": "absent"})

    def test_it_goes_along_to_the_sibling_the_other_language_and_large_type(
        self, proving: FlaskClient
    ) -> None:
        sign = signature(A.code("good"), KEY)
        elsewhere = proving.get(f"/Q?id={A.code('good')}&s={sign}&view=large&lang=en").headers["Location"]
        assert elsewhere == f"/L?id={A.code('good')}&s={sign}&lang=en&view=large"
        assert proving.get(f"/L?id={A.code('good')}&s={sign}").text.count(f"s={sign}") == 2

    def test_without_a_key_or_a_database_nothing_is_called_wrong(
        self, citizen: FlaskClient, cast_database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        prover = Prover(None)  # type: ignore[arg-type]
        monkeypatch.setattr("public_lookup.genuine.believed_keys", lambda *_: Believed((), some_lost=False))
        scope.configure(cast_database.settings)
        assert prover(A.code("good"), "AAAAAAAA").value == "absent"
        assert citizen.get(f"/L?id={A.code('good')}&s=AAAAAAAA", headers=JSON).get_json()["status"] == "ok"


def test_a_standing_finding_is_an_alarm_and_a_lifted_one_is_none(own_citizen: FlaskClient) -> None:
    inspector = Actor(role=Role.INSPECTOR, username="inspector", jurisdiction="3705")
    for disposition, word in ((Disposition.STOP, "请勿使用"), (Disposition.LIFTED, "合格")):
        with scope.inspector_scope("3705") as session:
            make_finding(
                session, inspector, Found(A.code("good"), 1, disposition, uuid4(), "words of the inspector")
            )
        page = own_citizen.get(f"/L?id={A.code('good')}").text
        assert word in page
        assert ('role="alert"' in page) == (disposition is Disposition.STOP)
        assert "words of the inspector" not in page


def test_a_batch_that_failed_is_recalled_from_everybody_who_has_it(
    own_citizen: FlaskClient, own_database: Database
) -> None:
    with own_database.as_admin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE gas.fill SET batch = 'B-7' WHERE tenant_id = :t"), {"t": A.tenant_id})
    for passed, word, day in ((True, "合格", 1), (False, "请勿使用", 2)):
        with scope.tenant_scope(A.tenant_id) as session:
            session.add(Assay(medium_id="LPG", batch="B-7", passed=passed, assayed_on=date(2026, 1, day)))
        page = own_citizen.get(f"/L?id={A.code('good')}").text
        assert f'<h1><b aria-hidden="true">{"✓" if passed else "✕"}</b>{word}</h1>' in page
        assert ("正在召回" in page) != passed
        assert "B-7" in page
        assert f"2026-01-0{day}" in page
    assert own_citizen.get(f"/L?id={B.code('good')}", headers=JSON).get_json()["status"] == "ok"
    said = own_citizen.get(f"/L?id={A.code('good')}", headers=JSON).get_json()
    assert said["batch"] == {"number": "B-7", "assay_passed": False, "assayed_on": "2026-01-02"}


class TestReminder:
    """`/calendar`."""

    def test_it_is_the_last_day_on_which_it_may_be_filled(self, citizen: FlaskClient) -> None:
        answer = citizen.get(f"/calendar?id={A.code('good')}&lang=zh")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
        [event] = Calendar.from_ical(answer.data).walk("VEVENT")
        said = citizen.get(f"/L?id={A.code('good')}", headers=JSON).get_json()
        due = date.fromisoformat(said["next_inspection_on"])
        assert due <= event.decoded("dtstart") < due + timedelta(days=31)
        assert said["serial_no"] in event["summary"]
        assert [alarm.decoded("trigger") for alarm in event.walk("VALARM")] == [timedelta(days=-30)]
        assert event["url"] == f"http://teshe.org.cn/L?id={A.code('good')}"

    @pytest.mark.parametrize(
        ("asked", "status"),
        [(f"id={A.code('issued')}", 404), (f"id={A.code('good')[:11]}999999", 404), ("id=1", 400), ("", 400)],
    )
    def test_where_there_is_no_day_the_page_says_what_is_known(
        self, citizen: FlaskClient, asked: str, status: int
    ) -> None:
        answer = citizen.get(f"/calendar?{asked}")
        assert (answer.status_code, answer.mimetype) == (status, "text/html")

    def test_it_counts_like_a_lookup(self, citizen: FlaskClient) -> None:
        answers = [citizen.get(f"/calendar?id={A.code('good')}").status_code for _ in range(61)]
        assert answers == [200] * 60 + [429]


def test_the_privacy_page_is_there_in_both_languages(citizen: FlaskClient) -> None:
    assert "不放 Cookie" in citizen.get("/privacy").text
    page = citizen.get("/privacy?lang=en")
    assert "No account, no cookie" in page.text
    assert "Set-Cookie" not in page.headers
    assert "Set-Cookie" not in citizen.get(f"/L?id={A.code('good')}").headers


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["elder", "stamp", "privacy", "forged"])
def test_they_look_right(
    browser: Browser, portal: Flask, name: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("public_lookup.genuine.believed_keys", lambda *_: Believed((KEY,), some_lost=False))
    monkeypatch.setattr("public_lookup.genuine.KEPT", 0.0)
    monkeypatch.setattr(prover_of(portal), "_until", 0.0)
    scope.configure(portal.config["SETTINGS"])
    address = {
        "elder": f"/L?id={A.code('overdue')}&view=large", "stamp": f"/L?id={A.code('good')}",
        "privacy": "/privacy?", "forged": f"/L?id={A.code('good')}&s=AAAAAAAA",
    }[name]  # fmt: skip
    with served(portal) as origin:
        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.goto(f"{origin}{address}&lang={language}")
        if name == "stamp":
            page.locator("summary").click()
        page.screenshot(path=ARTEFACTS / f"{name}-{language}.png", full_page=True)
        assert (
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        )
        if name == "elder":
            assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 26
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.close()


def test_reading_aloud_reads_the_word_and_what_to_do(browser: Browser, portal: Flask) -> None:
    scope.configure(portal.config["SETTINGS"])
    with served(portal) as origin:
        context = browser.new_context()
        context.add_init_script("""
          window.said = [];
          Object.defineProperty(window, "speechSynthesis", {value: {speaking: false, cancel() { this.speaking = false; },
            speak(one) { this.speaking = true; window.said.push([one.lang, one.text]); }}});""")
        page = context.new_page()
        page.goto(f"{origin}/L?id={A.code('overdue')}&lang=zh")
        page.get_by_role("button", name="读给我听").click()
        [[language, words]] = page.evaluate("window.said")
        assert language == "zh-CN"
        assert words.startswith("请勿使用\n先不要使用")
        page.get_by_role("button", name="停止朗读").click()
        assert page.get_by_role("button", name="读给我听").is_visible()
        context.close()
        bare = browser.new_context(java_script_enabled=False).new_page()
        bare.goto(f"{origin}/L?id={A.code('overdue')}&lang=zh")
        assert not bare.locator("#aloud").is_visible()
        assert bare.get_by_text("请勿使用").is_visible()


def test_a_first_view_is_small_and_complete(citizen: FlaskClient) -> None:
    """On a slow network: one answer, under 20 KB, whatever it says."""
    for name in ("good", "overdue", "disputed", "issued"):
        for language in ("zh", "en"):
            assert len(citizen.get(f"/L?id={A.code(name)}&lang={language}").data) < 12_000
