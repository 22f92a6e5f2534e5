"""`migrate`: roles and schema at their newest revision."""

from __future__ import annotations

import click

from portal.cli.terminal import as_json, command, settings_in_force, tell
from tenants.database import prepare


@click.command()
@as_json
@command
def migrate(as_json: bool) -> None:
    """Make or update roles, logins and schema; changes nothing that is right already."""
    settings = settings_in_force()
    prepare(settings.database_url, settings)
    tell(as_json, {"migrated": True}, ["The schema is at its newest revision."])
