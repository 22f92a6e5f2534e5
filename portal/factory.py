"""The composition root: settings → app. The only file of the portal that knows the other rooms."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboards import mount as dashboards
from integrations.devices import api as device_api
from integrations.devices.handheld import views as handheld
from portal import (
    account,
    assets,
    cli,
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
from public_lookup import reports as public_reports
from public_lookup import views as public_pages
from public_lookup.express import Express
from tenants import scope
from tenants.cards.file import CardFile
from tenants.settings import Settings
from workers import queues

LARGEST_BODY = 1024 * 1024


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
    )  # outer rooms don't know one another; the device API wakes a worker with this
    for part in (assets, frames, health, account, home, web):
        part.set_up(app)
    for room in (public_pages, public_reports, device_api):
        app.register_blueprint(room.bp)
    handheld.set_up(app, tokens=assets.HERE / "tokens.css", packages=assets.PACKAGES, policy=headers.POLICY)
    pages = dashboards.set_up(app, tokens=assets.HERE / "tokens.css", policy=headers.POLICY)
    frames.extend_menu(frames.Entry(page.endpoint, page.title, page.icon, page.permission) for page in pages)
    cli.register(app)
    _stand_before(app, settings)
    return app


def _stand_before(app: Flask, settings: Settings) -> None:
    """What meets a request before Flask does, the outermost last."""
    short = Express(
        app.wsgi_app, CardFile(settings.cards_path), public_pages.budget_of(app), public_pages.prover_of(app),
        headers.ALWAYS, headers.A_YEAR,
    )  # fmt: skip
    app.wsgi_app = short  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
