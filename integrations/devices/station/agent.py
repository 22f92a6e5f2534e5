"""The loop beside the gun: look, step, do. It alone moves the valve, and the first thing it does is to shut it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

import structlog

from integrations.devices.station import events
from integrations.devices.station.clocks import Clock, steady
from integrations.devices.station.judge import Judge
from integrations.devices.station.machine import step
from integrations.devices.station.outbox import Outbox, StoreProblem
from integrations.devices.station.seen import (
    Answer,
    Ask,
    Command,
    Finish,
    Hold,
    Limits,
    Override,
    Release,
    Seen,
    Shut,
    State,
)
from integrations.devices.station.sensors import Sensors
from integrations.devices.station.valve import Valve
from integrations.devices.station.words import Phase, Why

CHECK_S = 10.0  # between looks at the disk
STALL_S = 2.0  # a loop that stood still so long no longer knows what the valve did
log = structlog.get_logger("station")


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed something on the display: stop, reset, override or operator."""

    what: str
    override: Override | None = None
    operator: str | None = None


@dataclass(slots=True)
class Agent:
    """One filling place. `tick` is one round of the loop; everything it needs comes from outside."""

    gun: events.Gun
    limits: Limits
    sensors: Sensors
    valve: Valve
    judge: Judge
    outbox: Outbox
    clock: Clock
    operator: str | None = None
    news: Callable[[], None] = lambda: None
    steady: Callable[[], float] = steady
    asker: Any = field(default_factory=lambda: ThreadPoolExecutor(2, "asker"))
    state: State = field(default_factory=State)
    presses: SimpleQueue[Press] = field(default_factory=SimpleQueue)
    alarm: str = ""  # what was done against the portal's word, until the next cylinder
    _asked: Future[Answer] | None = None
    _unsaved: Finish | None = None
    _store: Why | None = None
    _recovered: bool = False
    _checked_at: float = float("-inf")
    _ticked_at: float | None = None

    def start(self) -> None:
        """Shut the valve, whatever it was; then turn a fill that was cut short into its event."""
        self.valve.shut(Why.WAITING)
        self._recovered = self._kept(self._recover)

    def _recover(self) -> None:
        if (begun := self.outbox.begun()) is not None:
            event = events.finished(
                begun.draft, begun.id, Why.INTERRUPTED, begun.gross_g, "last", begun.noted_at
            )
            self.outbox.finish_fill(event)
            log.error("interrupted fill recorded", id=begun.id, gross_g=begun.gross_g)
            self.news()

    def tick(self) -> None:
        """Look, step, do."""
        seen = self._look()
        before = self.state
        done = step(before, seen, self.limits)
        self.state = done.state
        for command in done.commands:
            if not self._do(command):
                break
        self._after(before)

    def _look(self) -> Seen:
        now = self.steady()
        valve_open = self.valve.look(now)  # first: what it says is among the problems
        press = self._pressed()
        rescanned = self.state.phase is Phase.OVER and self.sensors.tags.scanned_since(self.state.since)
        return Seen(
            now=now,
            tag=self.sensors.tags.now(now),
            weight=self.sensors.weight,
            answer=self._answered(),
            problems=self._problems(now),
            valve_open=valve_open,
            stop=press is not None and press.what == "stop",
            reset=rescanned or (press is not None and press.what == "reset"),
            override=press.override if press is not None else None,
        )

    def _pressed(self) -> Press | None:
        try:
            press = self.presses.get_nowait()
        except Empty:
            return None
        if press.what == "operator":
            self.operator = press.operator
        return press

    def _answered(self) -> Answer | None:
        if self._asked is None or not self._asked.done():
            return None
        return self._asked.result()

    def _problems(self, now: float) -> tuple[Why, ...]:
        stalled = self._ticked_at is not None and now - self._ticked_at > STALL_S
        self._ticked_at = now
        if not self._recovered:
            self._recovered = self._kept(self._recover)
        if self._unsaved is not None:
            self._finish(self._unsaved)
        if self._store is not None or now - self._checked_at > CHECK_S:
            self._checked_at = now
            self._kept(self.outbox.check)
        found = [
            *self.valve.problems(),
            Why.STALLED if stalled else None,
            self._store,
            self.store_problem,
            None if self.sensors.reader_up else Why.READER_LOST,
        ]
        return tuple(one for one in found if one is not None)

    def _do(self, command: Command) -> bool:
        """Whether it was done; the commands after one that failed are left out, and the next look says why."""
        if isinstance(command, Shut):
            self.valve.shut(command.why)
        elif isinstance(command, Ask):
            self._asked = self.asker.submit(self.judge.ask, command.tag, self.operator)
        elif isinstance(command, Release):
            return self._release(command)
        elif isinstance(command, Hold):
            self.valve.hold()
            noted = command.note_g
            return noted is None or self._kept(lambda: self.outbox.note_weight(noted, self.clock.stamp()))
        else:
            self._finish(command)
        return True

    def _release(self, release: Release) -> bool:
        """First the line that gas may flow, then the valve."""
        moment = self.clock.stamp()
        begun = events.draft(self.gun, release, self.operator, moment, self.clock.trust())
        if not self._kept(lambda: self.outbox.begin_fill(begun, release.tare_g, moment)):
            return False
        self.judge.used(release.tag)
        if release.override is not None:
            self.alarm = str(release.answer.why or "")
            log.critical(
                "OVERRIDE 强制充装",
                instead_of=release.answer.why,
                refusals=[code for code, _ in release.answer.refusals],
            )
        return self.valve.release()

    def _finish(self, finish: Finish) -> None:
        def keep() -> None:
            begun = self.outbox.begun()
            if begun is None:
                return
            event = events.finished(
                begun.draft, begun.id, finish.why, finish.gross_g, finish.weighing, self.clock.stamp()
            )
            self.outbox.finish_fill(None if finish.nothing else event)
            log.info(
                "fill over", id=begun.id, why=finish.why, weighing=finish.weighing, nothing=finish.nothing
            )
            self.news()

        self._unsaved = None if self._kept(keep) else finish

    @property
    def store_problem(self) -> Why | None:
        """Why nothing can be kept now, or None."""
        return self._store or (Why.NOT_SAVED if self._unsaved is not None or not self._recovered else None)

    def _kept(self, what: Callable[[], object]) -> bool:
        try:
            what()
        except StoreProblem as problem:
            if self._store is not problem.why:
                log.critical("store", why=problem.why, detail=str(problem))
            self._store = problem.why
            return False
        self._store = None
        return True

    def _after(self, before: State) -> None:
        if self.state.phase is before.phase and self.state.why is before.why:
            return
        if self.state.phase is Phase.IDLE and before.phase is Phase.OVER:
            self.sensors.tags.forget_before(before.since)
            self._asked, self.alarm = None, ""
        log.info("phase", phase=self.state.phase, why=self.state.why, net_g=self.state.net_g)

    def run(self, ending: threading.Event, every_s: float, beat: Callable[[], None]) -> None:
        """Tick until the end; shuts the valve whatever happens."""
        try:
            self.start()
            while not ending.wait(every_s):
                self.tick()
                beat()
        finally:
            self.valve.shut(Why.WAITING)
            self.asker.shutdown(wait=False, cancel_futures=True)
