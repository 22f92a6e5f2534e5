"""A gateway of a filling site: sends what happens, again and again until it is acknowledged, and keeps its own log of it.

The log is the oracle. Each client has cylinders of its own and sends one upload after the other, so it knows what must become of each
event; on the cylinders that all share, it only knows that something must.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tenants.models.base import new_id
from tests.cast import Enterprise
from tests.chaos.world import code_of, token_of

PATH = "/api/devices/v1/events"
PATIENCE = 5.0  # seconds for an answer
Event = dict[str, Any]


@dataclass(slots=True)
class Log:
    """What one client knows: events sent, those acknowledged, and what must become of them."""

    sent: dict[str, Event] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    expected: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    failures: int = 0
    repeats: int = 0
    odd: list[str] = field(default_factory=list)  # answers that should never be


class Client(threading.Thread):
    """One device of an enterprise; number k owns every cylinder whose number leaves k when divided by the number of clients."""

    def __init__(
        self, origin: str, enterprise: Enterprise, number: int, clients: int, cylinders: int, seed: int
    ) -> None:
        super().__init__(name=f"{enterprise.mark}-{number}", daemon=True)
        self.log = Log()
        self._address = urlsplit(origin).netloc
        self._enterprise = enterprise
        self._token = token_of(enterprise, number)
        own = [i for i in range(cylinders // 2) if i % clients == number]
        self._own = dict.fromkeys(own, 0)  # cylinder → how far it is in its round
        self._shared = list(range(cylinders // 2, cylinders))
        self._random = Random(f"{seed} {enterprise.mark} {number}")
        self._seq = count(1)
        self._clock = datetime.now(UTC) - timedelta(days=2)
        self._finishing = threading.Event()
        self._line: http.client.HTTPConnection | None = None

    def finish(self) -> None:
        """No new uploads; what was sent is sent until it is acknowledged."""
        self._finishing.set()

    def run(self) -> None:
        """Upload after upload."""
        while not self._finishing.is_set():
            events = [event for _ in range(self._random.randint(1, 6)) for event in self._happening()]
            self._deliver(events)
            if self._random.random() < 0.15:
                self.log.repeats += 1
                self._deliver(self._random.sample(events, len(events)))
            self._finishing.wait(self._random.uniform(0.0, 0.05))

    def _deliver(self, events: list[Event]) -> None:
        self.log.sent.update({event["id"]: event for event in events})
        while not self._call(events):
            self.log.failures += 1
            time.sleep(0.2)
        self.log.acknowledged.update(event["id"] for event in events)

    def _call(self, events: list[Event]) -> bool:
        self.log.calls += 1
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            self._line = self._line or http.client.HTTPConnection(self._address, timeout=PATIENCE)
            self._line.request("POST", PATH, json.dumps({"events": events}), headers)
            answer = self._line.getresponse()
            status, body = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            if self._line is not None:
                with suppress(OSError):
                    self._line.close()
            self._line = None
            return False
        if status == 202:
            told = json.loads(body)
            if told["accepted"] + told["duplicates"] != len(events) or told["malformed"]:
                self.log.odd.append(body.decode()[:300])
            return True
        if status < 500 and status != 429:
            self.log.odd.append(f"{status} {body.decode()[:300]}")
        return False

    def _happening(self) -> list[Event]:
        """What happens next, to a cylinder of its own, a shared one or an unknown one."""
        kind = self._random.random()
        if kind < 0.05:
            return [self._event("deliver", self._enterprise.district + "00000000000", "rejected")]
        if kind < 0.25:
            return [self._event(self._random.choice(("take_in", "check_before_fill", "fill", "deliver", "repair")),
                                code_of(self._enterprise, self._random.choice(self._shared)), None)]  # fmt: skip
        number = self._random.choice(list(self._own))
        step, self._own[number] = self._own[number], (self._own[number] + 1) % len(ROUND)
        kind_of_event, expected = ROUND[step]
        return [self._event(kind_of_event, code_of(self._enterprise, number), expected)]

    def _event(self, kind: str, label: str, expected: str | None) -> Event:
        self._clock += timedelta(milliseconds=250)
        event = {
            "id": str(new_id()),
            "seq": next(self._seq),
            "kind": kind,
            "occurred_at": self._clock.isoformat(),
            "label": label,
            "data": DATA.get(kind, {}),
        }
        if expected is not None:
            self.log.expected[event["id"]] = expected
        return event


DATA: dict[str, dict[str, Any]] = {
    "check_before_fill": {"passed": True},
    "fill": {"medium": "01", "net_kg": 14.5},
    "repair": {"work": "阀"},
}
ROUND = (
    ("take_in", "applied"),
    ("check_before_fill", "applied"),
    ("fill", "applied"),
    ("fill", "refused"),  # not checked since the last
    ("store_out", "applied"),
    ("deliver", "applied"),
    ("recover", "applied"),
)
