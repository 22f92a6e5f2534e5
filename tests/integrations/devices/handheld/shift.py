"""A shift in fast time: `make shift` or `python -m tests.integrations.devices.handheld.shift [--handhelds 20] [--hours 3] [--seed 7]`.

Real handheld apps, each in a browser context of its own, scan as fast as they say «saved», while networks come and go, answers get lost
and apps are started again. What each did is the truth; afterwards the database must say the same, event by event.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright
from sqlalchemy import text

from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.enrolment import open_enrolment
from tests.cast import A
from tests.chaos.invariants import come_to_rest
from tests.chaos.world import World, code_of, running_world
from tests.integrations.devices.handheld.handheld import (
    ARGUMENTS,
    PHONE,
    PIN,
    SCANS,
    WAITING,
    give_pin,
)

SCANS_AN_HOUR = 120  # of one handheld: one in 30 seconds, since a bottle takes a minute or more to fill
BATCH = 12
EVENTS = "**/api/devices/v1/events"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many handhelds work how many hours, and by which dice."""

    handhelds: int = 20
    hours: float = 3.0
    seed: int = 7
    first: int = 0  # number of the first cylinder of the stage that is theirs

    @property
    def rounds(self) -> int:
        """Each round of one handheld takes a batch of cylinders in and fills it."""
        return max(1, round(self.hours * SCANS_AN_HOUR / (2 * BATCH)))


@dataclass(slots=True)
class Told:
    """What came of it: the truth of the handhelds beside the database."""

    scans: int = 0
    events: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    otherwise: list[str] = field(default_factory=list)
    accidents: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def fine(self) -> bool:
        """Nothing lost, nothing doubled, nothing else than what was done."""
        return not (self.lost or self.doubled or self.otherwise)


class Worker:
    """One handheld and whoever holds it; `truth` is what he did, in order."""

    def __init__(self, world: World, number: int, plan: Plan, accidents: Counter[str]) -> None:
        self.world, self.number, self.plan, self.accidents = world, number, plan, accidents
        self.name = f"shift {number}"
        self.truth: list[tuple[str, str]] = []
        self.dice = Random(f"{plan.seed} {number}")
        self.losing = False
        self.page: Page
        self.context: BrowserContext

    @property
    def cylinders(self) -> list[str]:
        """His own, so that nobody else explains what became of them."""
        each = self.plan.rounds * BATCH
        return [code_of(A, self.plan.first + self.number * each + i) for i in range(each)]

    async def begin(self, browser: Browser) -> None:
        """Enrol, and go to work."""
        self.context = await browser.new_context(viewport=PHONE, locale="zh-CN")
        self.context.set_default_timeout(120_000)
        await self.context.route(EVENTS, self._perhaps_lose)
        self.page = await self.context.new_page()
        with scope.tenant_scope(A.tenant_id) as session:
            boss = Actor(role=Role.ADMIN, username="boss", tenant_id=A.tenant_id)
            token = open_enrolment(session, boss, Role.FILLER, datetime.now(UTC)).token
        await self.page.goto(f"{self.world.settings.public_origin}/handheld/#enrol={token}")
        await self.page.fill("[name=name]", self.name)
        await self.page.click("button.go")
        await self.page.fill("[name=operator]", f"{A.mark}filler")
        await self.page.fill("[name=pin]", PIN)
        await self.page.click("button.go")
        await self.page.wait_for_selector(".menu")
        await self.page.evaluate(LISTED)

    async def work(self) -> None:
        """Round after round: take in, then fill, whatever the network does."""
        for number in range(self.plan.rounds):
            batch = self.cylinders[number * BATCH : (number + 1) * BATCH]
            await self._happen()
            await self._scan("take_in", batch)
            self.truth += [("take_in", one) for one in batch]
            await self._happen()
            await self._scan("fill", batch)
            self.truth += [(kind, one) for one in batch for kind in ("check_before_fill", "fill")]
            if self.number == 0 and number % 5 == 4:
                print(f"round {number + 1} of {self.plan.rounds}", file=sys.stderr, flush=True)

    async def finish(self) -> None:
        """Everything comes back, and everything is sent."""
        self.losing = False
        await self.context.set_offline(False)
        while await self.page.evaluate(WAITING):
            await self.page.wait_for_timeout(200)

    async def _happen(self) -> None:
        accident = self.dice.choice(("away", "back", "back", "loses", "answers", "restart", "nothing"))
        self.accidents[accident] += 1
        if accident in ("away", "back"):
            await self.context.set_offline(accident == "away")
        elif accident in ("loses", "answers"):
            self.losing = accident == "loses"
        elif accident == "restart":
            await self.page.reload()
            await self.page.click("text=开始作业")
            await self.page.wait_for_selector(".menu")

    async def _perhaps_lose(self, route: Route) -> None:
        """The server has it, and the answer never comes."""
        if self.losing and self.dice.random() < 0.7:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    async def _scan(self, task: str, batch: list[str]) -> None:
        await self.page.click(f".task.{task}")
        if task == "fill":
            await self.page.fill("[name=medium]", "01")
            await self.page.click("button.go")
        await self.page.wait_for_selector(".prompt")
        await self.page.evaluate(SCANS, batch)
        await self.page.click("button.back")
        await self.page.wait_for_selector(".menu")


LISTED = "import('/handheld/files/snapshot.js').then((list) => list.refresh())"


async def play(world: World, plan: Plan) -> Told:
    """The shift, and what came of it."""
    told, began = Told(), time.monotonic()
    scope.configure(world.settings)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(ARGUMENTS))
        workers = [Worker(world, number, plan, told.accidents) for number in range(plan.handhelds)]
        for worker in workers:
            await worker.begin(browser)
        await asyncio.gather(*(worker.work() for worker in workers))
        for worker in workers:
            await worker.finish()
        await browser.close()
    await asyncio.to_thread(come_to_rest, world)
    told.scans = sum(1 for worker in workers for kind, _ in worker.truth if kind != "check_before_fill")
    for worker in workers:
        compare(world, worker, told)
    told.seconds = time.monotonic() - began
    return told


_ARRIVED = text("""
SELECT e.seq, e.kind, e.state,
  (SELECT count(*) FROM gas.fill f WHERE f.event_id = e.id) AS fills,
  (SELECT min(t.label_code) FROM gas.trace_event t WHERE t.event_id = e.id) AS code
FROM gas.device_event e JOIN gas.device d ON d.tenant_id = e.tenant_id AND d.id = e.device_id
WHERE e.tenant_id = :tenant AND d.name = :name ORDER BY e.seq
""")


def compare(world: World, worker: Worker, told: Told) -> None:
    """One handheld's truth beside its events in the database."""
    with world.database.as_admin() as connection:
        rows = connection.execute(_ARRIVED, {"tenant": A.tenant_id, "name": worker.name}).all()
    told.events += len(rows)
    numbers = Counter(row.seq for row in rows)
    told.doubled += [f"{worker.name} {seq}" for seq, times in numbers.items() if times > 1]
    for seq, (kind, code) in enumerate(worker.truth, 1):
        found = next((row for row in rows if row.seq == seq), None)
        if found is None:
            told.lost.append(f"{worker.name} {seq} {kind} {code}")
        elif (found.kind, found.code, found.state) != (kind, code, "applied"):
            told.otherwise.append(
                f"{worker.name} {seq}: {kind} {code}, but {found.kind} {found.code} {found.state}"
            )
        elif kind == "fill" and found.fills != 1:
            told.doubled.append(f"{worker.name} {seq}: {found.fills} fills")
    if len(rows) > len(worker.truth):
        told.doubled.append(f"{worker.name}: {len(rows)} events of {len(worker.truth)}")


def main(arguments: list[str] | None = None) -> int:
    """Play, tell, and say by the exit status whether all was well."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--handhelds", type=int, default=20)
    parser.add_argument("--hours", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args(arguments)
    plan = Plan(asked.handhelds, asked.hours, asked.seed)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    with running_world(plan.handhelds * plan.rounds * BATCH, devices=1, durable=False) as world:
        give_pin()
        told = asyncio.run(play(world, plan))
    figures: dict[str, Any] = {
        "handhelds": plan.handhelds, "hours": plan.hours, "seed": plan.seed, "scans": told.scans, "events": told.events,
        "lost": len(told.lost), "doubled": len(told.doubled), "otherwise": len(told.otherwise),
        "accidents": dict(told.accidents), "seconds": round(told.seconds),
    }  # fmt: skip
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    for line in (*told.lost[:5], *told.doubled[:5], *told.otherwise[:5]):
        print(line)
    return 0 if told.fine else 1


if __name__ == "__main__":
    sys.exit(main())
