"""`simulate`: devices at work over the demo's enterprises, through the public device API."""

from __future__ import annotations

import math
import secrets
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from uuid import UUID

import click
import requests

from portal.cli.gateway import Gateway, Tally, total
from portal.cli.terminal import as_json, command, operator, settings_in_force, tell
from tenants.demo.enterprises import ENTERPRISES
from tenants.demo.traffic import open_yard
from tenants.errors import Conflict, NotAllowed, Unavailable
from tenants.rules.states import LicenceState, Role, TenantStatus
from tenants.scope import platform_scope, tenant_scope
from tenants.services import devices
from tenants.services.tenants import find_tenant, get_tenant
from tenants.settings import Settings

SETTLES_WITHIN = 10.0  # seconds to hear what became of the last uploads
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to


@click.command()
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 10_000),
    default=5.0,
    show_default=True,
    help="Events a second, all together.",
)
@click.option(
    "--minutes", type=click.FloatRange(0.01, 24 * 60), default=1.0, show_default=True, help="For how long."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same scans.")
@click.option(
    "--tenant", "tenants", multiple=True, metavar="DDDDDD-EEE", help="Only this enterprise; may be repeated."
)
@as_json
@command
def simulate(rate: float, minutes: float, seed: int, tenants: tuple[str, ...], as_json: bool) -> None:
    """Let devices of the demo's enterprises work, through the device API of the portal that runs with these settings.

    Mostly good rounds, some refusals. A line a second says how it goes; Ctrl-C ends it cleanly. What is recorded stays on
    record, so it is refused with DEMO=0; and it speaks to the portal's own HOST and PORT only.
    """  # fmt: skip
    settings = settings_in_force()
    if not settings.demo:
        raise NotAllowed("With DEMO=0 nothing is simulated: what devices report can't be erased.")
    origin = _origin(settings)
    _require_portal(origin)
    ending = threading.Event()
    with _heeding_signals(ending), _gateways(origin, _working(tenants), rate, seed, ending) as gateways:
        began = time.monotonic()
        for gateway in gateways:
            gateway.start()
        while time.monotonic() - began < minutes * 60 and not ending.wait(1.0):
            click.echo(_now(gateways).line(time.monotonic() - began), err=as_json)
        ending.set()
        for gateway in gateways:
            gateway.join()
        until = time.monotonic() + SETTLES_WITHIN
        for gateway in gateways:
            gateway.settle(until - time.monotonic())
        seconds = time.monotonic() - began
    said = _now(gateways)
    tell(
        as_json,
        said,
        [
            f"{said.line(seconds)}; {len(gateways)} enterprises, {said.verdicts} verdicts, {said.failures} failures."
        ],
    )


def _now(gateways: Sequence[Gateway]) -> Tally:
    return total([gateway.tally for gateway in gateways])


def _origin(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ANYWHERE else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _require_portal(origin: str) -> None:
    try:
        requests.get(f"{origin}/healthz", timeout=5).raise_for_status()
    except requests.RequestException:
        raise Unavailable(f"No portal answers at {origin}; start it with `make run` first.") from None


def _working(wanted: Sequence[str]) -> list[tuple[str, int]]:
    """The enterprises named, or those of the demo that may fill; code and id."""
    with platform_scope() as session:
        if wanted:
            return [(code, get_tenant(session, code).id) for code in dict.fromkeys(wanted)]
        usual = [
            each.code
            for each in ENTERPRISES
            if each.character.licensed and each.character.licence_days is None
            and each.character.licence_state is LicenceState.VALID and each.character.status is TenantStatus.ACTIVE
        ]  # fmt: skip
        found = [(code, find_tenant(session, code)) for code in usual]
        return [(code, tenant.id) for code, tenant in found if tenant is not None]


@contextmanager
def _gateways(
    origin: str, working: Sequence[tuple[str, int]], rate: float, seed: int, ending: threading.Event
) -> Iterator[list[Gateway]]:
    """A gateway for every enterprise that has cylinders, with devices that are revoked afterwards, come what may."""
    issued: list[tuple[int, UUID]] = []
    try:
        made = []
        for code, tenant_id in working:
            with tenant_scope(tenant_id) as session:
                yard = open_yard(session, code, seed)
            if yard.bottles:
                tokens = {away: _token(tenant_id, away, issued) for away in (False, True)}
                made.append((yard, tokens))
        if not made:
            raise Conflict("There is no cylinder to work with; load the demo with `demo load` first.")
        weights = [math.sqrt(len(yard.bottles)) for yard, _ in made]
        yield [
            Gateway(origin, yard, tokens, rate * weight / sum(weights), ending)
            for (yard, tokens), weight in zip(made, weights, strict=True)
        ]
    finally:
        ending.set()
        for tenant_id, device_id in issued:
            with tenant_scope(tenant_id) as session:
                devices.revoke_device(session, operator(), device_id)


def _token(tenant_id: int, away: bool, issued: list[tuple[int, UUID]]) -> str:
    role = Role.DRIVER if away else Role.FILLER
    with tenant_scope(tenant_id) as session:
        device = devices.issue_token(
            session, operator(), role, f"simulate {role.value} {secrets.token_hex(4)}"
        )
    issued.append((tenant_id, device.device_id))
    return device.token


@contextmanager
def _heeding_signals(ending: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM end it early and cleanly."""

    def end(_: int, __: FrameType | None) -> None:
        ending.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
