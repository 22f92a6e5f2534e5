"""The devices of a simulated enterprise: they speak to the portal over HTTP as any integrator's gateway does, and count what they hear."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from tenants.demo.traffic import Yard
from tenants.rules.states import EventKind

API = "/api/devices/v1"
TICK = 0.25  # seconds between two uploads of a device
MOST_EVENTS = 250  # in one call
ANSWERS_WITHIN = 10  # seconds


@dataclass(slots=True)
class Tally:
    """What has become of the events so far; `lag_s` is how far sending is behind the rate that was asked for."""

    sent: int = 0
    accepted: int = 0
    applied: int = 0
    refused: int = 0
    rejected: int = 0
    verdicts: int = 0
    too_many: int = 0
    failures: int = 0
    malformed: int = 0
    lag_s: float = 0.0

    def line(self, seconds: float) -> str:
        """One line for a person."""
        return (
            f"{seconds:5.0f} s  sent {self.sent}  accepted {self.accepted}  refused {self.refused}  rejected {self.rejected}"
            f"  429 {self.too_many}  lag {self.lag_s:.1f} s"
        )


def total(tallies: Sequence[Tally]) -> Tally:
    """All of them together; the lag is the longest."""
    names = [name for name in Tally.__dataclass_fields__ if name != "lag_s"]
    return Tally(
        **{name: sum(getattr(one, name) for one in tallies) for name in names},
        lag_s=max((one.lag_s for one in tallies), default=0.0),
    )


@dataclass(eq=False)
class Gateway(threading.Thread):
    """One enterprise's filling gun and its driver's handheld, `rate` events a second between them; ends when `ending` is set."""

    origin: str
    yard: Yard
    tokens: dict[bool, str]  # of the gun, and of the handheld on the road
    rate: float
    ending: threading.Event
    tally: Tally = field(default_factory=Tally)
    pending: deque[tuple[bool, str]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        super().__init__(name=self.yard.code, daemon=True)
        self._session = requests.Session()
        self._last_answer: Counter[str] = Counter()

    def run(self) -> None:
        """Send what is due, tick after tick, until told to end."""
        began, made = time.monotonic(), 0
        while not self.ending.wait(TICK):
            due = int((time.monotonic() - began) * self.rate) - made
            self.tally.lag_s = max(0.0, due / self.rate - TICK - 1 / self.rate)
            made += self._send_some(min(due, MOST_EVENTS))
            self._look_after()

    def settle(self, seconds: float) -> None:
        """Ask for what is still pending, for so long at most."""
        until = time.monotonic() + seconds
        while self.pending and time.monotonic() < until:
            self._look_after()
            time.sleep(0.1)

    def _send_some(self, due: int) -> int:
        batches: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
        for _ in range(due):
            away, event = self.yard.next_event(datetime.now(UTC))
            batches[away].append(event)
        self._ask_first(batches[False])
        for away, events in batches.items():
            if events:
                self._upload(away, events)
        return due

    def _ask_first(self, events: Sequence[dict[str, Any]]) -> None:
        """A gun asks before it fills; one question a call is enough here."""
        fill = next((event for event in events if event["kind"] == EventKind.FILL.value), None)
        if fill is not None:
            asked = {
                "label": fill["label"],
                "purpose": "fill",
                "medium": fill["data"]["medium"],
                "gun": fill["place"],
            }
            answer = self._call("POST", "/verdicts", False, asked)
            self.tally.verdicts += answer is not None and answer.ok

    def _upload(self, away: bool, events: list[dict[str, Any]]) -> None:
        """Send until it is acknowledged, as a device does; what isn't by the time it is told to end stays unsent."""
        self.tally.sent += len(events)
        while True:
            answer = self._call("POST", "/events", away, {"events": events})
            if answer is not None and answer.status_code == requests.codes.accepted:
                said = answer.json()
                self.tally.accepted += said["accepted"]
                self.tally.malformed += len(said["malformed"])
                if said["accepted"]:
                    self.pending.append((away, said["upload"]))
                return
            if answer is not None and answer.status_code not in (429, 408) and not answer.status_code >= 500:
                self.tally.failures += 1  # sending the same again wouldn't help
                return
            if self.ending.wait(_seconds_to_wait(answer)):
                return

    def _look_after(self) -> None:
        """What has become of the oldest uploads."""
        for _ in range(min(2, len(self.pending))):
            away, upload = self.pending[0]
            answer = self._call("GET", f"/uploads/{upload}", away)
            if answer is None or not answer.ok or answer.json()["state"] != "done":
                return
            self.pending.popleft()
            states = Counter(result["state"] for result in answer.json()["results"])
            self.tally.applied += states["applied"]
            self.tally.refused += states["refused"]
            self.tally.rejected += states["rejected"]

    def _call(self, method: str, path: str, away: bool, body: Any = None) -> requests.Response | None:
        """The answer, or None when there was none."""
        headers = {"Authorization": f"Bearer {self.tokens[away]}", "Accept-Language": "en"}
        try:
            answer = self._session.request(
                method, self.origin + API + path, json=body, headers=headers, timeout=ANSWERS_WITHIN
            )
        except requests.RequestException:
            self.tally.failures += 1
            return None
        self.tally.too_many += answer.status_code == requests.codes.too_many_requests
        return answer


def _seconds_to_wait(answer: requests.Response | None) -> float:
    said = answer.headers.get("Retry-After", "") if answer is not None else ""
    return float(said) if said.isdecimal() else 1.0
