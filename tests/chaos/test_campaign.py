"""The campaign in short: one world, a death at every other named place and one of each kind at random, and nothing is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tenants.faults import CrashPoint
from tests.chaos.campaign import Plan, Story, play
from tests.chaos.killer import Killer
from tests.chaos.world import World, running_world

CYLINDERS = 40
POINTS = (
    CrashPoint.AFTER_COMMIT_BEFORE_REPLY,
    CrashPoint.MID_APPLY,
    CrashPoint.AFTER_APPLY_COMMIT,
    CrashPoint.RELAY_BEFORE_MARK,
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with running_world(CYLINDERS) as running:
        yield running


@pytest.fixture(scope="module")
def story(world: World) -> Story:
    return play(world, Plan(seconds=10, repeats=1, seed=1, between=(0.2, 1.0), points=POINTS), CYLINDERS)


def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(story: Story) -> None:
    assert story.found.events > 0
    assert (story.found.lost, story.found.doubled, story.found.wrong) == ([], [], [])


def test_each_named_place_was_reached_and_survived(story: Story) -> None:
    assert story.not_reached == []


def test_each_event_was_judged_as_if_nobody_had_died(story: Story) -> None:
    assert story.found.overtaken or not story.found.judged_otherwise, story.found.judged_otherwise


def test_every_kind_of_death_can_be_dealt(story: Story, world: World) -> None:
    killer = Killer(world, seed=2)
    world.await_ready()
    idle = {"worker: child only"}  # there is none without work
    for way in killer.ways:
        if way not in idle:
            assert strike_when_it_runs(world, killer, way) == way
    world.await_ready()


def strike_when_it_runs(world: World, killer: Killer, way: str) -> str | None:
    """A process that died a moment ago is started again first; the portal may be ready without it."""
    for _ in range(100):
        world.await_ready()
        if (struck := killer.strike(way)) is not None:
            return struck
        time.sleep(0.1)
    return None
