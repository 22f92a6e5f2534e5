"""Brings events to the portal and reads back what became of each. An event leaves the list only with the portal's word."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog

from integrations.devices.station.clocks import Clock
from integrations.devices.station.outbox import MOST_EVENTS, Outbox, Result, StoreProblem, Waiting
from integrations.devices.station.portal import NoAnswer, Portal, Problem

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0  # seconds
POLL, IDLE = 1.0, 30.0
CLOCK_EVERY = 600.0
KEEP_DAYS = 90.0
ALONE = frozenset({400, 413, 415, 422})  # a body that the portal can't take: look for the event at fault
log = structlog.get_logger("station.sender")


@dataclass(slots=True)
class Sender:
    """Call `once` again and again; it says how many seconds to wait before the next time."""

    outbox: Outbox
    portal: Portal
    clock: Clock
    steady: Callable[[], float]
    dice: random.Random = field(default_factory=random.SystemRandom)
    reached: bool | None = None  # whether the portal answered the last time
    said: str = ""
    _failures: int = 0
    _most: int = MOST_EVENTS
    _heard_at: float | None = None

    def once(self) -> float:
        """Set the clock, send a batch, read results; seconds until there is more to do."""
        try:
            self._set_clock()
            more = self._send()
            more = self._read_back() or more
        except NoAnswer as problem:
            return self._failed(str(problem), problem.wait)
        except Problem as problem:
            return self._failed(str(problem), 0.0)
        except StoreProblem as problem:
            log.critical("store", why=problem.why, detail=str(problem))
            return self._failed(str(problem), 0.0)
        self.reached, self.said, self._failures = True, "", 0
        return 0.0 if more and self.outbox.waiting(1) else POLL if more else IDLE

    def _failed(self, said: str, wait: float) -> float:
        self.reached, self.said = False, said
        self._failures += 1
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._failures, 12))
        jittered = self.dice.uniform(FIRST_WAIT / 2, longest)
        log.warning("not sent", said=said, failures=self._failures, wait_s=round(max(wait, jittered), 1))
        return wait + self.dice.uniform(0, 1) if wait > jittered else jittered

    def _set_clock(self) -> None:
        if self._heard_at is not None and self.steady() - self._heard_at < CLOCK_EVERY:
            return
        told = self.portal.time()
        self._heard_at = self.steady()
        self.clock.hear(told.at, told.read_at)
        self.outbox.remember("newest", told.at.isoformat())
        self.outbox.forget(KEEP_DAYS)

    def _send(self) -> bool:
        batch = self.outbox.waiting(self._most)
        if not batch:
            return False
        try:
            told = self.portal.upload(body_of(batch))
        except Problem as problem:
            if problem.status not in ALONE:
                raise
            self._divide(batch, problem)
            return True
        malformed = {
            one["index"]: Result("malformed", str(one.get("code", "")), str(one.get("message", "")))
            for one in told.get("malformed", [])
        }
        self.outbox.accepted(batch, str(told["upload"]), malformed)
        self._most = min(MOST_EVENTS, self._most * 2)
        for index, result in malformed.items():
            log.error("malformed", id=batch[index].id, code=result.code)
        return True

    def _divide(self, batch: list[Waiting], problem: Problem) -> None:
        """The portal can't take this body: half of it next time, and an event alone is put aside for a person."""
        if len(batch) > 1:
            self._most = len(batch) // 2
            return
        self.outbox.accepted(batch, "", {0: Result("malformed", problem.code, problem.title)})
        self._most = MOST_EVENTS
        log.error("malformed", id=batch[0].id, code=problem.code)

    def _read_back(self) -> bool:
        for upload in self.outbox.open_uploads():
            try:
                told = self.portal.results(upload)
            except Problem as problem:
                if problem.status != 404:
                    raise
                self.outbox.send_again(upload)  # the portal's records were put back to an earlier day
                continue
            results = {
                str(one["id"]): _result(one) for one in told.get("results", []) if one["state"] != "pending"
            }
            self.outbox.resolve(results)
            for event_id, result in results.items():
                if result.state != "applied":
                    log.error("not applied", id=event_id, state=result.state, code=result.code)
        return bool(self.outbox.open_uploads())


def body_of(batch: list[Waiting]) -> bytes:
    """The call's body; each event byte for byte as it was written the first time."""
    return ('{"events":[' + ",".join(one.body for one in batch) + "]}").encode()


def _result(one: dict[str, Any]) -> Result:
    state = str(one["state"])
    known = state if state in ("applied", "refused", "rejected") else "rejected"
    return Result(known, str(one.get("code", "")), str(one.get("message", "")))


class SenderThread(threading.Thread):
    """The sender by itself; `wake` when there is something new."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(name="sender", daemon=True)
        self._sender = sender
        self._news = threading.Event()
        self._ending = False

    def wake(self) -> None:
        """There is something new; only ends a wait that isn't the portal's wish."""
        if self._sender.reached is not False:
            self._news.set()

    def end(self) -> None:
        """Stop after what it is doing."""
        self._ending = True
        self._news.set()

    def run(self) -> None:
        """Send until the end."""
        while not self._ending:
            try:
                wait = self._sender.once()
            except Exception:
                log.exception("sender")
                wait = FIRST_WAIT * 10
            self._news.wait(wait)
            self._news.clear()
