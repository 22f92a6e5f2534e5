"""The composition root: settings → app. The only file of the portal that knows the other rooms."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import (
    account,
    assets,
    errors,
    frames,
    guard,
    headers,
    health,
    home,
    i18n,
    limits,
    logs,
    sessions,
    web,
)
from tenants import scope
from tenants.settings import Settings
from workers import queues

LARGEST_BODY = 1024 * 1024
ROOMS = ("public_lookup.views", "integrations.devices.api")  # each offers a blueprint `bp`


def create_app(settings: Settings | None = None) -> Flask:
    """The whole program for one process; settings come from the environment unless given."""
    settings = settings or Settings.from_env()
    secure = settings.public_origin.startswith("https://")
    logs.configure()
    scope.configure(settings)
    app = guard.Portal("portal", static_folder=None)
    app.secret_key = settings.derived_secret("web")
    app.config.update(SETTINGS=settings, MAX_CONTENT_LENGTH=LARGEST_BODY, MAX_FORM_PARTS=2000)
    app.extensions["settings"] = settings
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    logs.set_up(app)
    headers.set_up(app)
    sessions.set_up(app, secure=secure)
    guard.set_up(app)
    errors.set_up(app)
    i18n.set_up(app)
    limits.set_up(app, settings)
    queues.configure(settings.redis_url)
    app.extensions["ring"] = (
        queues.ring
    )  # outer rooms don't know one another; this is how the device API wakes a worker
    for part in (assets, frames, health, account, home, web):
        part.set_up(app)
    _join_rooms(app)
    return app


def _join_rooms(app: Flask) -> None:
    if find_spec("tenants.demo.load"):
        import_module("portal.cli").register(app)
    for name in ROOMS:
        if find_spec(name.rpartition(".")[0]) and find_spec(name):
            app.register_blueprint(import_module(name).bp)
