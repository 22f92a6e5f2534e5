"""`authorities create|list`: the supervision authorities, each with the district it answers for."""

from __future__ import annotations

import click

from portal.cli.terminal import as_json, command, operator, tell
from tenants.queries.tenants import list_authorities
from tenants.scope import platform_scope
from tenants.services.tenants import create_authority


@click.group()
def authorities() -> None:
    """Supervision authorities."""


@authorities.command()
@click.argument("prefix")
@click.option("--name", required=True, help="The office's name, as its people read it.")
@as_json
@command
def create(prefix: str, name: str, as_json: bool) -> None:
    """Enter an authority for a district: 2 digits for a province, 4 for a prefecture, 6 for a county."""
    with platform_scope() as session:
        made = create_authority(session, operator(), name, prefix).id
    told = {"authority_id": made, "jurisdiction": prefix, "name": name}
    tell(as_json, told, [f"{prefix} {name} is entered."])


@authorities.command("list")
@as_json
@command
def show(as_json: bool) -> None:
    """Every authority, the widest districts first."""
    with platform_scope() as session:
        found = list_authorities(session)
    tell(as_json, found, (f"{row.jurisdiction}\t{row.name}" for row in found))
