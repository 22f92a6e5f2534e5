"""The page at the gun: what it shows, what can be pressed, and that nobody else presses it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from integrations.devices.station.agent import Press
from integrations.devices.station.clocks import Clock
from integrations.devices.station.display.server import serve
from integrations.devices.station.display.status import status
from integrations.devices.station.portal import Portal
from integrations.devices.station.runtime import Watchdog
from integrations.devices.station.sender import Sender
from integrations.devices.station.words import Phase, Why
from tests.chromium import launched
from tests.integrations.station.place import LABEL, Place, verdict


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, may_override=frozenset({Why.BLOCKED}))


@pytest.fixture
def address(place: Place) -> Iterator[str]:
    sender = Sender(place.outbox, Portal("http://127.0.0.1:9", None), Clock(), place.time)
    server = serve(0, lambda: status(place.agent, sender), place.agent.presses.put)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_it_shows_why_in_both_languages(place: Place, address: str) -> None:
    place.portal.says = verdict(passed=False)
    place.fill()
    told = requests.get(f"{address}/status.json", timeout=5).json()
    assert told["why"] == {"code": "blocked", "zh": "平台判定不可充装", "en": "The portal says: don't fill"}
    assert told["headline"]["zh"] == told["why"]["zh"]
    assert (told["label"], told["refusals"][0]["message"], told["may_override"]) == (LABEL, "超期", True)
    assert told["outbox"]["counts"] == {}
    place.scale_on = False
    place.tick(30)
    assert requests.get(f"{address}/status.json", timeout=5).json()["scale"]["code"] == "scale_silent"


def test_the_page_shows_it_in_a_browser(place: Place, address: str) -> None:
    place.portal.says = verdict(passed=False)
    place.fill()
    with launched() as browser:
        page, wrong = browser.new_page(), []
        page.on("pageerror", lambda problem: wrong.append(str(problem)))
        page.goto(f"{address}/")
        page.wait_for_selector("text=平台判定不可充装")
        page.click("#language")
        page.wait_for_selector("text=don't fill")
        page.fill("#next", "ZA7")
        page.click("#change")
        page.wait_for_function("document.getElementById('next').value === ''")
        assert wrong == []
    assert place.agent.presses.get(timeout=10).operator == "ZA7"


@pytest.mark.parametrize("path", ["/", "/page.js", "/page.css"])
def test_the_page_is_there(address: str, path: str) -> None:
    answer = requests.get(address + path, timeout=5)
    assert answer.status_code == 200
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_buttons(place: Place, address: str) -> None:
    place.portal.says = verdict(passed=False)
    place.fill()
    assert requests.post(f"{address}/operator", json={"operator": " ZA1 "}, timeout=5).status_code == 200
    place.tick()
    assert place.agent.operator == "ZA1"
    for wrong in (
        {},
        {"operator": "ZA1", "reason": "因"},
        {"operator": "", "reason": "long enough"},
        {"reason": "x" * 501, "operator": "a"},
        [],
    ):
        assert requests.post(f"{address}/override", json=wrong, timeout=5).status_code == 422
    assert (
        requests.post(
            f"{address}/override", json={"operator": "ZA1", "reason": "抢险用气"}, timeout=5
        ).status_code
        == 200
    )
    place.tick()
    place.until(Phase.FILLING)
    told = requests.get(f"{address}/status.json", timeout=5).json()
    assert (told["alarm"], told["operator"], told["headline"]["zh"]) == ("blocked", "ZA1", "充装中")
    assert requests.post(f"{address}/stop", json={}, timeout=5).status_code == 200
    place.until(Phase.OVER)
    assert place.agent.state.why is Why.BY_HAND


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "text/plain"}, {"Content-Type": "application/json", "Host": "evil.example:8160"}],
)
def test_a_page_from_elsewhere_presses_nothing(place: Place, address: str, headers: dict[str, str]) -> None:
    assert requests.post(f"{address}/stop", data="{}", headers=headers, timeout=5).status_code == 403
    assert place.agent.presses.empty()


def test_a_page_from_elsewhere_reads_nothing(address: str) -> None:
    assert (
        requests.get(f"{address}/status.json", headers={"Host": "evil.example"}, timeout=5).status_code == 403
    )
    assert requests.get(f"{address}/../station.toml", timeout=5).status_code == 404


def test_a_body_that_is_too_long_or_no_json(place: Place, address: str) -> None:
    kind = {"Content-Type": "application/json"}
    assert requests.post(f"{address}/stop", data="x" * 5000, headers=kind, timeout=5).status_code == 403
    assert requests.post(f"{address}/stop", data="{", headers=kind, timeout=5).status_code == 422
    assert requests.post(f"{address}/nothing", json={}, timeout=5).status_code == 422
    assert place.agent.presses.empty()


def test_a_loop_that_stands_still_is_ended_with_the_valve_shut(place: Place) -> None:
    place.agent.presses.put(Press("operator", operator="ZA1"))
    place.put()
    place.until(Phase.FILLING)
    ended = threading.Event()
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    Watchdog(place.agent.valve, stalled_s=0.2, end=end).start()
    assert ended.wait(30)
    assert (codes, place.bench.valve) == ([70], False)
