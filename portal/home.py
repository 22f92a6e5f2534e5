"""Where a person arrives: `/` sends each role to its start page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Flask, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import sessions
from portal.frames import today
from tenants.permissions import Permission, needs
from tenants.queries import authority as authority_queries
from tenants.queries import home as home_queries
from tenants.queries import platform as platform_queries
from tenants.rules.states import Role, Stage
from tenants.scope import relay_scope

bp = Blueprint("home", __name__)
ARRIVALS = {
    Role.REGULATOR: "home.authority",
    Role.INSPECTOR: "home.inspector",
    Role.OPERATOR: "home.platform",
}


@bp.get("/")
@needs(Permission.OPEN)
def start() -> ResponseReturnValue:
    """Send everyone to where their work begins."""
    person = sessions.person()
    endpoint = ARRIVALS.get(person.role, "home.enterprise") if person else "account.sign_in_page"
    return redirect(url_for(endpoint), 303)


@bp.get("/enterprise")
@needs(Permission.ENTERPRISE_HOME)
def enterprise() -> ResponseReturnValue:
    """The enterprise's day: stock, what is due, what was refused."""
    desk = home_queries.enterprise_desk(g.session, today())
    return render_template("home/enterprise.html", desk=desk, stages=tuple(Stage), now=datetime.now(UTC))


@bp.get("/authority")
@needs(Permission.AUTHORITY_HOME)
def authority() -> ResponseReturnValue:
    """The authority's enterprises, with what is overdue and what was refused."""
    lines = authority_queries.enterprises(g.session, today())
    return render_template("home/authority.html", lines=lines, now=datetime.now(UTC))


@bp.get("/inspector")
@needs(Permission.INSPECTOR_HOME)
def inspector() -> ResponseReturnValue:
    """What an inspector can look into."""
    lines = authority_queries.enterprises(g.session, today())
    return render_template("home/inspector.html", lines=lines, now=datetime.now(UTC))


@bp.get("/platform")
@needs(Permission.PLATFORM_HOME)
def platform() -> ResponseReturnValue:
    """Every enterprise and authority on the platform."""
    with relay_scope() as bell:
        uploads = platform_queries.last_uploads(bell)
    desk = platform_queries.desk(g.session)
    return render_template("home/platform.html", desk=desk, uploads=uploads, now=datetime.now(UTC))


def set_up(app: Flask) -> None:
    """Put the pages in."""
    app.register_blueprint(bp)
