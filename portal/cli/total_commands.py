"""`totals check|repair`: the totals of dashboards beside a recount of the rows they count."""

from __future__ import annotations

import click

from portal.cli.terminal import as_json, command, tell
from tenants.services import totals


@click.group(name="totals")
def totals_group() -> None:
    """The numbers that dashboards add up."""


@totals_group.command()
@as_json
@command
def check(as_json: bool) -> None:
    """Recount everything; exit status 1 when a number differs. Reads every record: for quiet hours."""
    wrong = {tenant_id: len(totals.check_one(tenant_id)) for tenant_id in totals.enterprises()}
    astray = totals.astray_now()
    found = {tenant_id: number for tenant_id, number in wrong.items() if number}
    lines = [f"{tenant_id}\t{number} numbers differ from the recount" for tenant_id, number in found.items()]
    lines.append(
        f"{len(wrong)} enterprises recounted, {sum(found.values())} numbers wrong, {astray} sums astray"
    )
    tell(as_json, {"enterprises": len(wrong), "wrong": found, "astray": astray}, lines)
    if found or astray:
        raise SystemExit(1)


@totals_group.command()
@as_json
@command
def repair(as_json: bool) -> None:
    """Make every number equal to its recount; work may go on meanwhile."""
    mended = totals.mend_all(totals.enterprises())
    tell(as_json, {"mended": mended}, [f"{mended} numbers mended"])
