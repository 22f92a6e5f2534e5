"""`tenants create|list`: the enterprises of the platform."""

from __future__ import annotations

import click

from portal.cli.terminal import as_json, command, day, operator, tell
from tenants.queries.tenants import list_tenants
from tenants.scope import platform_scope
from tenants.services.tenants import NewLicence, NewMediumCode, NewTenant, create_tenant


@click.group()
def tenants() -> None:
    """Filling enterprises."""


@tenants.command()
@click.argument("code", metavar="DDDDDD-EEE")
@click.option("--name", required=True, help="The registered name.")
@click.option("--short-name", default="", help="What labels and lists show.")
@click.option("--phone", default="", help="Shown to citizens.")
@click.option("--address", default="")
@click.option("--credit-code", default="", help="统一社会信用代码.")
@click.option("--licence", default="", help="Number of the filling licence.")
@click.option("--licence-media", default="", help="Media it covers, such as LPG,O2.")
@click.option("--licence-expires", default="", metavar="YYYY-MM-DD", help="Its last day.")
@click.option(
    "--medium", "media", multiple=True, metavar="CC=KEY", help="A medium code, such as 01=LPG; repeat it."
)
@click.option(
    "--assay", "assays", multiple=True, metavar="CC", help="This code's medium needs a passing assay."
)
@as_json
@command
def create(
    code: str,
    name: str,
    short_name: str,
    phone: str,
    address: str,
    credit_code: str,
    licence: str,
    licence_media: str,
    licence_expires: str,
    media: tuple[str, ...],
    assays: tuple[str, ...],
    as_json: bool,
) -> None:
    """Open an enterprise: district (6 digits), hyphen, number in the district (3 digits)."""
    wanted = NewTenant(
        code=code,
        name=name,
        short_name=short_name,
        phone=phone,
        address=address,
        credit_code=credit_code,
        licence=_licence(licence, licence_media, licence_expires),
        medium_codes=tuple(_medium(text, assays) for text in media),
    )
    with platform_scope() as session:
        tenant_id = create_tenant(session, operator(), wanted).id
    tell(as_json, {"tenant_id": tenant_id, "code": code, "name": name}, [f"{code} {name} is open."])


def _licence(number: str, media: str, expires: str) -> NewLicence | None:
    if not number:
        return None
    last_day = day(expires)
    if last_day is None:
        raise click.UsageError("--licence needs --licence-expires and --licence-media.")
    return NewLicence(number, tuple(part.strip() for part in media.split(",") if part.strip()), last_day)


def _medium(text: str, assays: tuple[str, ...]) -> NewMediumCode:
    code, equals, key = text.partition("=")
    if not equals:
        raise click.BadParameter(f"write a medium code as 01=LPG, not {text!r}")
    return NewMediumCode(code, key, code in assays)


@tenants.command("list")
@as_json
@command
def show(as_json: bool) -> None:
    """Every enterprise with its licence."""
    with platform_scope() as session:
        found = list_tenants(session)
    tell(
        as_json,
        found,
        (
            f"{row.code}\t{row.name}\t{row.status}\t{row.licence_no or '-'}\t{row.licence_expires_on or '-'}"
            for row in found
        ),
    )
