"""How often a client may try: counted in Redis, or in this process while Redis is away."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from tenants.callers import client_of
from tenants.settings import Settings

SIGN_IN = "20 per minute; 200 per hour"
EXPORT = "10 per minute"


def client() -> str:
    """The caller, for counting."""
    return client_of(request.remote_addr)


limiter = Limiter(
    client,
    key_prefix="portal",
    strategy="fixed-window",
    in_memory_fallback_enabled=True,
    storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
)
per_client_sign_in = limiter.shared_limit(SIGN_IN, scope="sign-in", key_func=client)
per_client_export = limiter.shared_limit(EXPORT, scope="export", key_func=client)


def set_up(app: Flask, settings: Settings) -> None:
    """Count in this installation's Redis."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", settings.limits_url)
    limiter.init_app(app)
