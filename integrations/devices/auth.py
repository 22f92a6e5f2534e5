"""Who calls: a bearer token or a signature → the device, its enterprise and role.

A missing, an unknown and a revoked token look the same; what is wrong with a signature is told, because a device must know what to mend.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from flask import Request
from sqlalchemy.exc import SQLAlchemyError

from integrations.devices.signed import Nonces, identify_signed, is_signed
from tenants import scope
from tenants.errors import SignInNeeded
from tenants.queries.device_callers import Caller, find_caller
from tenants.services.devices import hash_token, see_device

SEEN_EVERY = timedelta(minutes=1)
MOST_REMEMBERED = 10_000
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{8,256}=*)", re.IGNORECASE)
_seen: dict[UUID, float] = {}  # when this process last wrote that it saw a device

log = structlog.get_logger(__name__)


def identify(request: Request, origin: str, nonces: Nonces) -> Caller:
    """The device that calls; raises SignInNeeded, or Problem for a signature that doesn't count."""
    if is_signed(request):
        return identify_signed(request, origin, nonces)
    found = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if found is None:
        raise SignInNeeded
    with scope.device_key_scope() as session:
        caller = find_caller(session, hash_token(found[1]))
    if caller is None:
        raise SignInNeeded
    return caller


def _telling(request: Request) -> tuple[str | None, int | None]:
    """What a device says of itself: the version of its program, and its battery in percent."""
    version, battery = request.headers.get("X-App-Version", ""), request.headers.get("X-Battery", "")
    charge = int(battery) if battery.isascii() and battery.isdecimal() and len(battery) < 4 else None
    printable = "".join(sign for sign in version if sign.isprintable())[:32]
    return printable or None, charge if charge is not None and charge <= 100 else None


def note_seen(caller: Caller, request: Request) -> None:
    """Remember, at most once a minute, that the device was there; the call goes on whether or not that can be written."""
    now = datetime.now(UTC)
    if caller.last_seen_at is not None and now - caller.last_seen_at < SEEN_EVERY:
        return
    clock = time.monotonic()
    if clock - _seen.get(caller.device_id, -SEEN_EVERY.total_seconds()) < SEEN_EVERY.total_seconds():
        return
    if len(_seen) >= MOST_REMEMBERED:
        _seen.clear()
    _seen[caller.device_id] = clock
    try:
        with scope.device_scope(caller.tenant_id) as session:
            see_device(session, caller.device_id, now, *_telling(request))
    except SQLAlchemyError as problem:
        log.warning("device_seen_not_noted", problem=type(problem).__name__)
