"""The commands of `flask --app portal`: they translate between a terminal and the services, nothing more. Read `terminal.py` first."""

from __future__ import annotations

from flask import Flask

from portal.cli import (
    audit_commands,
    authority_commands,
    backup_commands,
    demo_commands,
    device_commands,
    geo_commands,
    key_commands,
    reference_commands,
    schema_commands,
    simulate_commands,
    tenant_commands,
    total_commands,
    user_commands,
)

COMMANDS = (
    audit_commands.audit,
    authority_commands.authorities,
    backup_commands.backup,
    backup_commands.restore,
    demo_commands.demo,
    device_commands.devices,
    geo_commands.geo,
    key_commands.keys,
    reference_commands.reference,
    schema_commands.migrate,
    simulate_commands.simulate,
    tenant_commands.tenants,
    total_commands.totals_group,
    user_commands.users,
)


def register(app: Flask) -> None:
    """Put every command onto the application's command line."""
    for command in COMMANDS:
        app.cli.add_command(command)
