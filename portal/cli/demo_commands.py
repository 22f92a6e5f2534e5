"""`demo load`: the enterprises, people and cylinders that a first visitor finds."""

from __future__ import annotations

import os

import click

from portal.cli.terminal import as_json, command, operator, settings_in_force, tell
from tenants.demo.load import load_demo
from tenants.errors import NotAllowed


@click.group()
def demo() -> None:
    """Made-up data to look at."""


@demo.command()
@as_json
@command
def load(as_json: bool) -> None:
    """Load the demo; a second time changes nothing. Refused with DEMO=0, because its passwords are published."""
    settings = settings_in_force()
    if not settings.demo:
        raise NotAllowed("With DEMO=0 there is no demo: its passwords are published.")
    report = load_demo(operator(), settings.demo_password, processes=min(4, os.cpu_count() or 1))
    tell(
        as_json,
        report,
        [
            f"{report.tenants} enterprises, {report.accounts} accounts, {report.cylinders} cylinders, {report.fills} fills,"
            f" {report.violations} violations added."
        ],
    )
