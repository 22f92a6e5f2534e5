"""How often a client may try: counted in Redis, or in this process while Redis is away."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, request
from flask_limiter import Limiter

from tenants.settings import Settings

SIGN_IN = "20 per minute; 200 per hour"
EXPORT = "10 per minute"


def client() -> str:
    """The caller's address; an IPv6 subscriber owns a /64, so that counts as one."""
    text = (request.remote_addr or "").partition("%")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return text or "unknown"
    if not isinstance(address, IPv6Address):
        return text
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))


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
    address = settings.redis_url
    uri = f"redis+{address}" if address.startswith("unix:") else address or "memory://"
    app.config.setdefault("RATELIMIT_STORAGE_URI", uri)
    limiter.init_app(app)
