"""From the machine to the portal: exactly once, whatever the line does, and with the portal's word about each event."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.devices.station.clocks import Clock
from integrations.devices.station.credentials import Bearer
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.portal import Portal, retry_after
from integrations.devices.station.sender import LONGEST_WAIT, Sender
from tests.integrations.station.fake_portal import FakePortal, running
from tests.integrations.station.place import Time


@pytest.fixture
def portal() -> FakePortal:
    return FakePortal()


@pytest.fixture
def sender(portal: FakePortal, tmp_path: Path) -> Iterator[Sender]:
    with running(portal) as url:
        yield make(url, tmp_path)


def make(url: str, folder: Path) -> Sender:
    time = Time()
    line = Portal(url, Bearer("t"), timeout_s=5, clock=time)
    return Sender(Outbox(folder / "outbox.db"), line, Clock(steady=time), time, dice=random.Random(1))


def add(sender: Sender, many: int) -> list[str]:
    return [
        sender.outbox.add({"kind": "take_in", "label": f"{number:017d}", "data": {}})
        for number in range(many)
    ]


def test_events_arrive_in_order_and_are_known_to_be_applied(portal: FakePortal, sender: Sender) -> None:
    ids = add(sender, 1203)
    for _ in range(4):
        sender.once()
    assert portal.order == ids
    assert sender.outbox.counts() == {"applied": 1203}
    assert sum(call == "POST /api/devices/v1/events" for call in portal.calls) == 3
    assert sender.once() > 1


@pytest.mark.parametrize(
    "trouble",
    [
        (500, {}, {"code": "?"}),
        (503, {"Retry-After": "2"}, {"code": "unavailable"}),
        (429, {"Retry-After": "2"}, {}),
        (408, {}, {}),
        (401, {}, {"code": "bad_token"}),
        (403, {}, {"code": "not_allowed"}),
        (200, {}, b"<html>"),
        (302, {"Location": "/x"}, {}),
    ],
)
def test_after_any_trouble_the_same_bytes_are_sent_again(
    portal: FakePortal, sender: Sender, trouble: Any
) -> None:
    ids = add(sender, 3)
    portal.troubles = [trouble] * 2
    waits = [sender.once(), sender.once()]
    assert all(wait > 0 for wait in waits)
    assert (sender.reached, sender.outbox.counts()) == (False, {"waiting": 3})
    sender.once()
    assert (portal.order, sender.reached, sender.outbox.counts()) == (ids, True, {"applied": 3})


def test_answers_that_are_lost_double_nothing(portal: FakePortal, sender: Sender) -> None:
    ids = add(sender, 5)
    portal.drop_answers = 9
    for _ in range(10):
        sender.once()
    assert (portal.order, sender.outbox.counts()) == (ids, {"applied": 5})
    assert all(len(bodies) == 1 for bodies in portal.bodies.values())


def test_the_portals_wish_to_be_left_alone_is_kept(portal: FakePortal, sender: Sender) -> None:
    add(sender, 1)
    portal.troubles = [(429, {"Retry-After": "700"}, {})]
    assert 700 <= sender.once() <= 701


@pytest.mark.parametrize(
    ("told", "wait"),
    [("5", 5), ("99999999", 3600), ("-1", 0), ("soon", 0), ("", 0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)
def test_retry_after(told: str, wait: float) -> None:
    assert retry_after(told) == wait


def test_waiting_grows_to_a_limit_and_is_never_the_same_for_two(tmp_path: Path) -> None:
    sender = make("http://127.0.0.1:9", tmp_path)
    waits = [sender.once() for _ in range(40)]
    assert max(waits[:2]) <= 4
    assert max(waits) > 100
    assert max(waits) <= LONGEST_WAIT
    assert len(set(waits)) == 40


def test_one_bad_event_stops_no_other_and_is_shown(portal: FakePortal, sender: Sender) -> None:
    add(sender, 3)
    portal.malformed = {f"{1:017d}": "bad_label"}
    portal.states = {
        f"{2:017d}": {
            "state": "refused",
            "code": "inspection_overdue",
            "message": "超期",
            "refusals": ["inspection_overdue"],
        }
    }
    sender.once()
    assert sender.outbox.counts() == {"applied": 1, "malformed": 1, "refused": 1}
    assert [(one["state"], one["code"], one["message"]) for one in sender.outbox.unhappy()] == [
        ("refused", "inspection_overdue", "超期"), ("malformed", "bad_label", "bad_label"),
    ]  # fmt: skip


def test_a_body_that_the_portal_cannot_take_is_divided_until_the_event_is_found(
    portal: FakePortal, sender: Sender
) -> None:
    add(sender, 4)
    portal.troubles = [
        (413, {}, {"code": "too_large"}),
        (422, {}, {"code": "invalid"}),
        (422, {}, {"code": "invalid", "title": "x"}),
    ]
    for _ in range(6):
        sender.once()
    assert sender.outbox.counts() == {"malformed": 1, "applied": 3}


def test_pending_is_asked_about_again(portal: FakePortal, sender: Sender) -> None:
    add(sender, 1)
    portal.states = {f"{0:017d}": {"state": "pending"}}
    assert sender.once() == 1.0
    assert sender.outbox.counts() == {"accepted": 1}
    portal.states = {}
    sender.once()
    assert sender.outbox.counts() == {"applied": 1}


def test_a_portal_put_back_to_an_earlier_day_gets_the_events_again(
    portal: FakePortal, sender: Sender
) -> None:
    ids = add(sender, 2)
    portal.states = {f"{0:017d}": {"state": "pending"}, f"{1:017d}": {"state": "pending"}}
    sender.once()
    portal.uploads, portal.events, portal.order, portal.states = {}, {}, [], {}
    sender.once()
    sender.once()
    assert (portal.order, sender.outbox.counts()) == (ids, {"applied": 2})
