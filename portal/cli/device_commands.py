"""`devices enrol-token|issue-token|list|revoke`."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import click

from portal.cli.terminal import as_json, command, operator, settings_in_force, tell
from tenants.queries.devices import list_devices
from tenants.rules.states import Role
from tenants.scope import platform_scope, tenant_scope
from tenants.services import devices as services
from tenants.services import operators as pins
from tenants.services.enrolment import enrolment_url, open_enrolment
from tenants.services.tenants import get_tenant

of_tenant = click.option(
    "--tenant", required=True, metavar="DDDDDD-EEE", help="The enterprise, such as 370502-001."
)


@click.group()
def devices() -> None:
    """Handhelds, filling guns, scales and gateways."""


as_role = click.option(
    "--role", required=True, type=click.Choice(sorted(role.value for role in services.DEVICE_ROLES))
)


@devices.command("enrol-token")
@of_tenant
@as_role
@click.option("--name", default="", help="What to call the device.")
@as_json
@command
def enrol_token(tenant: str, role: str, name: str, as_json: bool) -> None:
    """Print a one-time token by which a handheld enters its own key; it is shown this once and holds ten minutes."""
    with tenant_scope(_id_of(tenant)) as session:
        opened = open_enrolment(session, operator(), Role(role), datetime.now(UTC), name)
    told = {
        "token": opened.token,
        "url": enrolment_url(settings_in_force().public_origin, opened.token),
        "expires_at": opened.expires_at.isoformat(timespec="seconds"),
    }
    tell(as_json, told, [f"{key}\t{value}" for key, value in told.items()])


@devices.command("issue-token")
@of_tenant
@as_role
@click.option("--name", default="", help="What to call the device.")
@as_json
@command
def issue_token(tenant: str, role: str, name: str, as_json: bool) -> None:
    """Enter a device and print its token, which is shown this once."""
    with tenant_scope(_id_of(tenant)) as session:
        issued = services.issue_token(session, operator(), Role(role), name)
    tell(as_json, issued, [f"device {issued.device_id}", f"token  {issued.token}"])


@devices.command("list")
@of_tenant
@as_json
@command
def show(tenant: str, as_json: bool) -> None:
    """The devices of an enterprise, the newest first."""
    with tenant_scope(_id_of(tenant)) as session:
        found = list_devices(session)
    tell(
        as_json,
        found,
        (
            f"{row.device_id}\t{row.role}\t{row.name}\t{'revoked' if row.revoked_at else 'active'}"
            for row in found
        ),
    )


@devices.command()
@click.argument("device_id", type=UUID)
@of_tenant
@click.option("--reason", default="", help="Why; kept with the device.")
@as_json
@command
def revoke(device_id: UUID, tenant: str, reason: str, as_json: bool) -> None:
    """Make a device's token or key worthless at once."""
    with tenant_scope(_id_of(tenant)) as session:
        device = services.revoke_device(session, operator(), device_id, reason)
        name = device.name
    tell(as_json, {"device_id": device_id, "name": name, "revoked": True}, [f"{name} is revoked."])


@devices.command("set-pin")
@of_tenant
@click.option("--staff", required=True, help="The worker's code.")
@click.option("--pin", prompt=True, hide_input=True, help="4 to 8 digits; asked for when left out.")
@as_json
@command
def set_pin(tenant: str, staff: str, pin: str, as_json: bool) -> None:
    """Give a worker the PIN to sign in on devices with."""
    with tenant_scope(_id_of(tenant)) as session:
        pins.set_pin(session, operator(), staff, pin, datetime.now(UTC))
    tell(as_json, {"staff": staff, "set": True}, [f"{staff} has a new PIN."])


def _id_of(tenant: str) -> int:
    with platform_scope() as session:
        return get_tenant(session, tenant).id
