"""`users create|set-password`: who may sign in."""

from __future__ import annotations

import secrets
import sys

import click
from sqlalchemy.orm import Session

from portal.cli.terminal import as_json, command, operator, tell
from tenants.errors import NotFound
from tenants.rules.states import Role
from tenants.scope import platform_scope
from tenants.services import accounts
from tenants.services.tenants import find_authority, get_tenant

from_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of stdin."
)
generated = click.option("--generate", is_flag=True, help="Make a password and print it once.")


@click.group()
def users() -> None:
    """Accounts."""


@users.command()
@click.argument("username")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--tenant", default="", metavar="DDDDDD-EEE", help="Of this enterprise.")
@click.option(
    "--authority", default="", metavar="PREFIX", help="Of the authority for this district, such as 3705."
)
@click.option("--display-name", default="")
@click.option("--staff-code", default=None, help="The worker's code, as devices send it.")
@from_stdin
@generated
@as_json
@command
def create(
    username: str,
    role: str,
    tenant: str,
    authority: str,
    display_name: str,
    staff_code: str | None,
    password_stdin: bool,
    generate: bool,
    as_json: bool,
) -> None:
    """Enter a user: of an enterprise, of an authority, or (operator) of the platform."""
    password = _password(password_stdin, generate)
    with platform_scope() as session:
        account_id = accounts.create_account(
            session,
            operator(),
            username,
            password,
            Role(role),
            tenant_id=get_tenant(session, tenant).id if tenant else None,
            authority_id=_authority(session, authority) if authority else None,
            display_name=display_name,
            staff_code=staff_code,
        )
    _say(
        as_json,
        {"account_id": account_id, "username": username, "role": role},
        password if generate else None,
    )


@users.command("set-password")
@click.argument("username")
@from_stdin
@generated
@as_json
@command
def set_password(username: str, password_stdin: bool, generate: bool, as_json: bool) -> None:
    """Set a new password, open a locked account and end its sessions."""
    password = _password(password_stdin, generate)
    with platform_scope() as session:
        accounts.set_password(session, operator(), username, password)
    _say(as_json, {"username": username}, password if generate else None)


def _password(password_stdin: bool, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(15)
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _authority(session: Session, jurisdiction: str) -> int:
    found = find_authority(session, jurisdiction)
    if found is None:
        raise NotFound(f"There is no authority for {jurisdiction}.")
    return found.id


def _say(as_json: bool, data: dict[str, object], password: str | None) -> None:
    said = {**data, "password": password} if password else data
    tell(as_json, said, [f"{data['username']} is ready.", *([f"password {password}"] if password else [])])
