"""`keys list|rotate|revoke`: the platform's signing keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from portal.cli.terminal import as_json, command, operator, settings_in_force, tell
from tenants.scope import platform_scope
from tenants.services import keys as services
from tenants.vault import Vault


@click.group()
def keys() -> None:
    """The platform's own keys: for the key ring, for tags, for snapshots."""


@keys.command("list")
@as_json
@command
def show(as_json: bool) -> None:
    """Every key, the newest first."""
    with platform_scope() as session:
        found = [
            {
                "kid": key.kid,
                "purpose": key.purpose,
                "signs_from": key.signs_from,
                "not_after": key.not_after,
                "revoked_at": key.revoked_at,
            }
            for key in services.list_keys(session)
        ]
    tell(
        as_json,
        found,
        (
            f"{row['kid']}\t{row['purpose']}\t{row['signs_from']}\t{'revoked' if row['revoked_at'] else 'good'}"
            for row in found
        ),
    )


@keys.command()
@click.option("--purpose", required=True, type=click.Choice([purpose.value for purpose in services.Purpose]))
@click.option(
    "--after-hours", type=click.IntRange(0, 720), default=24, help="When the new key begins to sign."
)
@as_json
@command
def rotate(purpose: str, after_hours: int, as_json: bool) -> None:
    """Make a successor; devices learn of it before it signs."""
    with platform_scope() as session:
        kid = services.rotate(
            session,
            operator(),
            services.Purpose(purpose),
            Vault.of(settings_in_force()),
            datetime.now(UTC),
            timedelta(hours=after_hours),
        )
    tell(as_json, {"kid": kid, "purpose": purpose}, [f"Key {kid} signs for {purpose} in {after_hours} h."])


@keys.command()
@click.argument("kid", type=int)
@click.option("--reason", required=True)
@as_json
@command
def revoke(kid: int, reason: str, as_json: bool) -> None:
    """Take a key out of trust at once; where it was the only one for its purpose, a successor signs from now on."""
    with platform_scope() as session:
        successor = services.revoke(
            session, operator(), kid, reason, Vault.of(settings_in_force()), datetime.now(UTC)
        )
    lines = [f"Key {kid} is revoked."] + ([f"Key {successor} signs from now on."] if successor else [])
    tell(as_json, {"kid": kid, "revoked": True, "successor": successor}, lines)
