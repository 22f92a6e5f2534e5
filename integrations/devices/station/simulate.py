"""`--simulate N`: a shift of N cylinders on simulated hardware, against the portal of the configuration."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from integrations.devices.station.clocks import Clock, steady
from integrations.devices.station.config import (
    Config,
    SimulatedReaderPart,
    SimulatedScalePart,
    SimulatedValvePart,
)
from integrations.devices.station.drivers.simulated import Bench, Cylinder
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.runtime import Runtime
from integrations.devices.station.seen import Tag
from integrations.devices.station.words import Phase, Why

WAIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one cylinder."""

    label: str
    why: Why
    gas_g: int  # what really flowed
    net_g: int | None  # what was weighed


def simulated(config: Config) -> Config:
    """The same station without its hardware."""
    return config.model_copy(
        update={
            "reader": SimulatedReaderPart(driver="simulated"),
            "scale": SimulatedScalePart(driver="simulated"),
            "interlock": SimulatedValvePart(driver="simulated"),
        }
    )


def check_first(outbox: Outbox, clock: Clock, label: str) -> None:
    """Report the check that a person would have made before the fill."""
    outbox.add(
        {
            "kind": "check_before_fill",
            "occurred_at": clock.stamp(),
            "label": label,
            "data": {"passed": True, "note": "simulated"},
        }
    )


def shift(
    runtime: Runtime, bench: Bench, labels: list[str], *, checks: bool, seed: int = 1
) -> Iterator[Done]:
    """One cylinder after the other; the loop must be running. Raises TimeoutError when the station stands still."""
    dice = Random(seed)  # noqa: S311 — weights of a simulation
    agent, pause = runtime.agent, threading.Event()
    for label in labels:
        if checks:
            check_first(agent.outbox, agent.clock, label)
            until(lambda: not _undecided(agent.outbox), pause, runtime.thread.wake)
        cylinder = Cylinder(Tag(label=label), tare_g=dice.randrange(14_800, 16_900, 10))
        bench.put(cylinder)
        until(lambda: agent.state.phase is Phase.OVER, pause)
        done = Done(label, agent.state.why, round(cylinder.gas_g), agent.state.net_g)
        bench.take()
        until(lambda: agent.state.phase is Phase.IDLE, pause)
        yield done


def settle(runtime: Runtime) -> None:
    """Wait until the portal has said what became of everything; raises TimeoutError."""
    until(lambda: not _undecided(runtime.agent.outbox), threading.Event(), runtime.thread.wake)


def _undecided(outbox: Outbox) -> int:
    counts = outbox.counts()
    return counts.get("waiting", 0) + counts.get("accepted", 0)


def until(
    is_so: Callable[[], bool], pause: threading.Event, nudge: Callable[[], None] = lambda: None
) -> None:
    """Wait for something to be so; raises TimeoutError."""
    end = steady() + WAIT_S
    while not is_so():
        if steady() > end:
            raise TimeoutError("the station stands still")
        nudge()
        pause.wait(0.05)
