"""The app in a real Chromium over a portal with its workers, and a stage of cylinders that it may fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.chaos.world import World, running_world
from tests.integrations.devices.handheld.handheld import ARGUMENTS, Handheld, give_pin

CYLINDERS = 1100


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with running_world(CYLINDERS, devices=1, durable=False) as running:
        give_pin()
        yield running


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def handhelds(world: World, playwright: Playwright) -> Iterator[Callable[..., Handheld]]:
    """`handhelds(profile, ...)` is another device, enrolled and at its list of tasks, in a browser profile that survives restarts."""
    made: list[Handheld] = []

    def make(profile: Path, *arguments: str, prepare: Any = None, **more: Any) -> Handheld:
        one = Handheld(world, playwright, profile, (*ARGUMENTS, *arguments), prepare)
        made.append(one)
        return one.begin(**more)

    yield make
    for one in made:
        one.close()


@pytest.fixture
def handheld(handhelds: Callable[..., Handheld], tmp_path: Path) -> Iterator[Callable[..., Handheld]]:
    """A device for one test alone."""
    made: list[Handheld] = []

    def make(*arguments: str, **more: Any) -> Handheld:
        made.append(handhelds(tmp_path / f"profile{len(made)}", *arguments, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
