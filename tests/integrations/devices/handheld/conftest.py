"""The app in a real Chromium over a portal with its workers, and a stage of cylinders that it may fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from tests.chaos.world import World, running_world
from tests.integrations.devices.handheld.handheld import ARGUMENTS, Handheld

CYLINDERS = 1100


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with running_world(CYLINDERS, devices=12, durable=False) as running:
        yield running


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def handheld(world: World, playwright: Playwright, tmp_path: Path) -> Iterator[Callable[..., Handheld]]:
    """`handheld(...)` is another device, enrolled and at its list of tasks, in a browser profile of its own that survives restarts."""
    made: list[Handheld] = []

    def make(
        *arguments: str, prepare: Callable[[BrowserContext], None] | None = None, **more: object
    ) -> Handheld:
        one = Handheld(world, playwright, tmp_path / f"profile{len(made)}", (*ARGUMENTS, *arguments), prepare)
        made.append(one)
        return one.begin(**more)

    yield make
    for one in made:
        one.close()
