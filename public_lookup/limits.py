"""How often anyone may ask: per client, per code and altogether; kept in Redis, and in this process while Redis is away.

Thousands of phones can stand behind one IPv4 address of a mobile network, so the client's share is generous and the budgets per
code and for all guard the database. An IPv6 subscriber owns a /64, so the /64 counts as one client.
"""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_limiter import Limiter

from public_lookup.question import asked_code
from tenants.callers import client_of
from tenants.rules.codes import MalformedCode
from tenants.settings import Settings

PER_CLIENT = "60 per minute"
PER_CODE = "120 per minute"


def client() -> str:
    """Who asks."""
    return client_of(request.remote_addr)


def code() -> str:
    """Which code is asked for; everything malformed counts as one."""
    try:
        return asked_code(request).code
    except MalformedCode:
        return "malformed"


limiter = Limiter(
    client,
    key_prefix="public",
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
)
per_client = limiter.shared_limit(PER_CLIENT, scope="lookup-client", key_func=client)
per_code = limiter.shared_limit(PER_CODE, scope="lookup-code", key_func=code)
altogether = limiter.shared_limit(
    lambda: f"{current_app.extensions['settings'].lookups_per_minute} per minute",
    scope="lookup-all",
    key_func=lambda: "all",
)


def set_up(app: Flask, settings: Settings) -> None:
    """Use this installation's Redis; without one, count in this process."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", settings.limits_url)
    app.config["RATELIMIT_ENABLED"] = (
        True  # or another room's limiter that is switched off would switch this one off
    )
    limiter.init_app(app)
