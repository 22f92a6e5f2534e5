"""`backup FILE` and `restore FILE`."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.terminal import as_json, command, settings_in_force, tell
from tenants import audit, scope
from tenants import backup as backups


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
@command
def backup(file: Path, as_json: bool) -> None:
    """Write everything to FILE, readable by its owner only, and check that it can be read back."""
    done = backups.back_up(settings_in_force(), file)
    tell(as_json, done, [f"{done.file}: {done.size} bytes, {done.entries} entries."])


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace what is in the database now.")
@click.option("--yes", is_flag=True, help="Don't ask before replacing.")
@as_json
@command
def restore(file: Path, replace: bool, yes: bool, as_json: bool) -> None:
    """Put FILE back into an empty database while the portal is stopped, then verify the audit."""
    settings = settings_in_force()
    if replace and not yes:
        click.confirm("Everything in the database now will be replaced. Go on?", abort=True)
    scope.dispose()
    entries = backups.restore(settings, file, replace=replace)
    with scope.platform_scope() as session:
        chains = audit.verify(session)
    broken = [chain.tenant_id for chain in chains if chain.broken_at]
    tell(
        as_json,
        {"file": str(file), "entries": entries, "chains": len(chains), "broken": broken},
        [f"{file}: {entries} entries restored; {len(chains)} audit chains, {len(broken)} broken."],
    )
    if broken:
        raise SystemExit(1)
