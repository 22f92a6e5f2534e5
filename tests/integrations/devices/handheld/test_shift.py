"""The shift in short: a few handhelds, less than half an hour, and the database says what they did."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from tests.chaos.world import World
from tests.integrations.devices.handheld.shift import Plan, play


def test_nothing_is_lost_or_doubled_in_a_short_shift(world: World) -> None:
    plan = Plan(handhelds=3, hours=0.4, seed=3, first=600)
    with ThreadPoolExecutor(1) as another:  # this one may have a browser's loop already
        told = another.submit(asyncio.run, play(world, plan)).result()
    assert (told.lost, told.doubled, told.otherwise) == ([], [], [])
    assert told.scans == 3 * 2 * 2 * 12
