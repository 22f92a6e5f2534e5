"""`audit verify`: recompute every chain of the audit."""

from __future__ import annotations

import click

from portal.cli.terminal import as_json, command, tell
from tenants import audit as chains
from tenants.scope import platform_scope


@click.group()
def audit() -> None:
    """The record of who did what."""


@audit.command()
@as_json
@command
def verify(as_json: bool) -> None:
    """Recompute every chain; exit status 1 when one doesn't fit. Keep the heads elsewhere: a chain cut short fits too."""
    with platform_scope() as session:
        found = chains.verify(session)
    tell(
        as_json,
        {"ok": not any(chain.broken_at for chain in found), "chains": found},
        (f"{chain.tenant_id}\t{chain.entries} entries\t{_said(chain)}" for chain in found),
    )
    if any(chain.broken_at for chain in found):
        raise SystemExit(1)


def _said(chain: chains.ChainReport) -> str:
    return f"BROKEN at entry {chain.broken_at}" if chain.broken_at else f"intact, head {chain.head}"
