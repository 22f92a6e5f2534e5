"""A fill from the tag to the event, and everything that may come between."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from integrations.devices.station.agent import Press
from integrations.devices.station.drivers import simulated
from integrations.devices.station.outbox import Outbox, StoreProblem
from integrations.devices.station.portal import Problem
from integrations.devices.station.seen import Override, Tag
from integrations.devices.station.words import Phase, Why
from tests.integrations.station.place import DOWN, LABEL, Place, verdict


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_permitted_cylinder_is_filled_to_the_target_and_reported(place: Place) -> None:
    cylinder = place.fill()
    assert (place.agent.state.why, place.bench.valve) == (Why.FULL, False)
    (event,) = place.events()
    assert (event["kind"], event["label"], event["place"]) == ("fill", LABEL, "ZY1")
    data = event["data"]
    assert data["net_kg"] == round(cylinder.gas_g) / 1000 == pytest.approx(14.5, abs=0.15)
    assert (data["tare_kg"], data["gross_kg"]) == (15.0, 15.0 + data["net_kg"])
    assert (data["ended"], data["weighing"], data["medium"], data["gun"]) == ("full", "stable", "01", "G-01")
    assert data["started_at"] < data["ended_at"] == event["occurred_at"]
    assert data["verdict"] == "hmac-sha256:00"
    assert place.portal.asked == [{"purpose": "fill", "label": LABEL, "medium": "01", "gun": "G-01"}]


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (verdict(passed=False), Why.BLOCKED),
        (verdict(verdict="perhaps"), Why.BLOCKED),
        (verdict(valid_until="2026-03-01T07:59:00+00:00"), Why.BLOCKED),
        (verdict(refusals=[{"code": "condemned", "message": "报废"}]), Why.BLOCKED),
        ({"verdict": "pass"}, Why.NO_ANSWER),
        (verdict(valid_until="soon"), Why.NO_ANSWER),
        (DOWN, Why.NO_ANSWER),
        (Problem(401, "bad_token", "吊销"), Why.NOT_KNOWN_TO_PORTAL),
        (Problem(403, "not_allowed", "岗位"), Why.NOT_KNOWN_TO_PORTAL),
        (Problem(422, "invalid", "字段"), Why.BLOCKED),
    ],
)
def test_anything_but_a_pass_keeps_the_valve_shut(place: Place, says: Any, why: Why) -> None:
    place.portal.says = says
    cylinder = place.fill()
    assert (place.agent.state.why, cylinder.gas_g, place.events()) == (why, 0, [])


def test_the_next_cylinder_needs_its_own_answer(place: Place) -> None:
    place.fill()
    place.again()
    place.portal.says = DOWN
    second = place.fill("37050200101000002")
    place.again()
    first_again = place.fill()
    assert (second.gas_g, first_again.gas_g, len(place.events())) == (0, 0, 1)


def test_a_pass_that_was_heard_and_not_used_is_good_for_its_minute(place: Place) -> None:
    place.stable = False
    place.put()
    place.until(Phase.TARING)
    place.again()
    place.portal.says, place.stable = DOWN, True
    assert place.fill().gas_g > 14_000
    place.again()
    assert place.fill().gas_g == 0


def test_a_pass_that_is_too_old_is_none(place: Place) -> None:
    place.stable = False
    place.put()
    place.until(Phase.TARING)
    place.again()
    place.tick(600)
    place.portal.says, place.stable = DOWN, True
    assert place.fill().gas_g == 0
    assert place.agent.state.why is Why.NO_ANSWER


def test_the_tag_swapped_during_the_fill_shuts_and_the_first_cylinder_gets_what_it_got(place: Place) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.tick(50)
    assert place.bench.here is not None
    place.bench.here.tag = Tag(label="37050200101000002")
    place.tick()
    assert (place.agent.state.why, place.bench.valve) == (Why.TAG_CHANGED, False)
    (event,) = place.events()
    assert (event["label"], event["data"]["weighing"]) == (LABEL, "last")
    assert event["data"]["net_kg"] == pytest.approx(5.0, abs=0.3)


def test_the_cylinder_taken_during_the_fill(place: Place) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.tick(50)
    place.bench.take()
    place.tick()
    assert (place.agent.state.why, place.bench.valve) == (Why.WEIGHT_FELL, False)
    assert place.events()[0]["data"]["net_kg"] == pytest.approx(5.0, abs=0.3)


@pytest.mark.parametrize("what", ["silent", "unit", "overload"])
def test_the_scale_fails_during_the_fill(place: Place, what: str) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.tick(50)
    place.scale_on = what != "silent"
    place.flaw = {"unit": Why.SCALE_UNIT, "overload": Why.SCALE_OVERLOAD}.get(what)
    place.until(Phase.OVER)
    assert not place.bench.valve
    (event,) = place.events()
    assert (event["data"]["ended"], event["data"]["weighing"]) == (f"scale_{what}", "last")
    assert event["data"]["net_kg"] == pytest.approx(5.0, abs=0.3)


def test_a_scale_that_never_rests_still_gives_an_event(place: Place) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.stable = False
    place.until(Phase.OVER)
    assert place.events()[0]["data"]["weighing"] == "unstable"


def test_a_hand_stops_it_and_what_flowed_is_kept(place: Place) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.tick(30)
    place.agent.presses.put(Press("stop"))
    place.until(Phase.OVER)
    assert place.events()[0]["data"]["ended"] == "by_hand"


def test_a_valve_that_opened_onto_nothing_is_no_fill(place: Place) -> None:
    place.bench.flow_gps = 0.0
    place.fill()
    assert (place.agent.state.why, place.events(), place.outbox.begun()) == (Why.NO_FLOW, [], None)


def test_an_override_is_loud_and_in_the_event(tmp_path: Path) -> None:
    place = Place(tmp_path, may_override=frozenset({Why.BLOCKED}))
    place.portal.says = verdict(passed=False)
    place.fill()
    place.agent.presses.put(Press("override", override=Override("ZAfiller", "抢险用气")))
    place.tick()
    place.until(Phase.FILLING)
    assert place.agent.alarm == "blocked"
    place.until(Phase.OVER)
    (event,) = place.events()
    assert event["operator"] == "ZAfiller"
    assert event["data"]["override"] == {
        "reason": "抢险用气", "operator": "ZAfiller", "instead_of": "blocked", "refusals": ["inspection_overdue"],
    }  # fmt: skip
    place.again()
    assert place.agent.alarm == ""


def test_a_scanner_that_scans_once_is_believed_until_the_cylinder_is_gone_or_scanned_again(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path, presence=False)
    place.portal.says = verdict(passed=False)
    place.fill()
    place.portal.says = verdict()
    place.tick(20)
    assert place.agent.state.phase is Phase.OVER
    place.sensors.tags.saw(Tag(label=LABEL), place.time())
    place.until(Phase.FILLING)
    place.until(Phase.OVER)
    place.bench.take()
    place.until(Phase.IDLE)
    place.tick(20)
    assert (place.agent.state.phase, len(place.events()), len(place.portal.asked)) == (Phase.IDLE, 1, 2)


class Broken:
    """A valve whose line is cut."""

    def __init__(self, place: Place) -> None:
        self._rest, self.cut = place.interlock, True

    def __getattr__(self, name: str) -> Any:
        def asked(*given: Any) -> Any:
            if self.cut and name != "close":
                raise OSError("cut")
            return getattr(self._rest, name)(*given)

        return asked


def test_a_valve_that_does_not_answer_allows_nothing(place: Place) -> None:
    broken = Broken(place)
    place.agent.valve._interlock = broken  # type: ignore[assignment]
    place.put()
    place.tick(20)
    assert (place.agent.state.phase, place.agent.state.why, place.portal.asked) == (
        Phase.IDLE,
        Why.VALVE_LOST,
        [],
    )
    broken.cut = False
    place.until(Phase.OVER)
    assert place.agent.state.why is Why.FULL


def test_the_valves_line_cut_during_the_fill_is_tried_until_it_is_shut(place: Place) -> None:
    broken = Broken(place)
    broken.cut = False
    place.agent.valve._interlock = broken  # type: ignore[assignment]
    place.put()
    place.until(Phase.FILLING)
    place.tick(20)
    broken.cut = True
    place.tick(10)
    broken.cut = False
    place.until(Phase.OVER)
    assert (place.agent.state.why, place.bench.valve) == (Why.VALVE_LOST, False)
    assert place.events()[0]["data"]["net_kg"] > 1.9


def test_a_valve_that_stays_open_is_an_alarm(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "DEAD_S", 1e9)
    place.put()
    place.until(Phase.FILLING)
    place.interlock.shut = lambda: None  # type: ignore[method-assign]
    place.until(Phase.OVER)
    place.tick(30)
    assert Why.VALVE_STAYS_OPEN in place.agent.valve.problems()


def test_a_loop_that_stood_still_shuts(place: Place) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.time.seconds += 3
    place.tick()
    assert (place.agent.state.why, place.bench.valve) == (Why.STALLED, False)


def full(outbox: Outbox, pages: int) -> None:
    outbox._db.execute(f"PRAGMA max_page_count = {pages}")


def fills(place: Place) -> list[Any]:
    return [event for event in place.events() if event["kind"] == "fill"]


def crowd(outbox: Outbox) -> None:
    for _ in range(50):
        outbox.add({"kind": "take_in", "data": {"note": "x" * 600}})


def test_a_full_disk_allows_no_fill_and_loses_none(place: Place) -> None:
    place.put()
    place.until(Phase.FILLING)
    place.tick(20)
    with sqlite3.connect(place.outbox._path) as other:
        (pages,) = other.execute("PRAGMA page_count").fetchone()
    full(place.outbox, pages)
    with pytest.raises(StoreProblem, match="disk_full"):
        crowd(place.outbox)
    place.until(Phase.OVER)
    assert not place.bench.valve
    place.tick(20)
    assert fills(place) == []
    assert place.agent.store_problem is not None
    full(place.outbox, 1_000_000)
    place.tick(20)
    assert (len(fills(place)), place.agent.store_problem) == (1, None)


@pytest.mark.parametrize("ticks", [0, 1, 5, 30, 120])
def test_after_a_power_cut_the_fill_is_recorded_once_with_its_last_weight(tmp_path: Path, ticks: int) -> None:
    place = Place(tmp_path)
    place.put()
    place.until(Phase.FILLING)
    place.tick(ticks)
    flowed = place.bench.here.gas_g if place.bench.here else 0
    place.outbox.close()  # and nothing more: the process is gone
    again = Place(tmp_path)
    again.tick(5)
    (event,) = again.events()
    assert (event["data"]["ended"], event["data"]["weighing"]) == ("interrupted", "last")
    assert 0 <= flowed - event["data"]["net_kg"] * 1000 <= 1150
    assert not again.bench.valve
    again.outbox.close()
    assert len(Place(tmp_path).events()) == 1
