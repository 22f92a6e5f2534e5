"""Where a person arrives: `/` sends each role to its start page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Flask, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from portal import sessions
from portal.frames import today
from tenants.permissions import Permission, needs
from tenants.queries import authority as authority_queries
from tenants.queries import home as home_queries
from tenants.queries import platform as platform_queries
from tenants.queries.authority import EnterpriseLine
from tenants.queries.due import SOON_DAYS
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
    most = max(one.fills for one in desk.days)
    total = sum(one.fills for one in desk.days)
    return render_template(
        "home/enterprise.html", desk=desk, stages=tuple(Stage), most=most, total=total, now=datetime.now(UTC)
    )


@dataclass(frozen=True, slots=True)
class Concern:
    """Enterprises that an official should look into, and why; `tone` is stop or warn."""

    tone: str
    title: object
    lines: Sequence[EnterpriseLine]


def concerns(lines: Sequence[EnterpriseLine], day: date) -> list[Concern]:
    """What is wrong with licences, gravest first; a reason that holds for nobody is left out."""
    soon = day + timedelta(days=SOON_DAYS)
    reasons: list[tuple[str, object, Callable[[EnterpriseLine], bool]]] = [
        ("stop", lazy_gettext("已暂停充装"), lambda line: line.stopped),
        ("stop", lazy_gettext("没有充装许可证"), lambda line: line.licence_expires_on is None),
        ("stop", lazy_gettext("许可证已过期"), lambda line: line.licence_expires_on is not None and line.licence_expires_on < day),
        ("warn", lazy_gettext("许可证 60 天内到期"),
         lambda line: line.licence_expires_on is not None and day <= line.licence_expires_on <= soon),
    ]  # fmt: skip
    found = (Concern(tone, title, [line for line in lines if holds(line)]) for tone, title, holds in reasons)
    return [concern for concern in found if concern.lines]


@bp.get("/authority")
@needs(Permission.AUTHORITY_HOME)
def authority() -> ResponseReturnValue:
    """The authority's enterprises, with what is overdue and what was refused."""
    lines = authority_queries.enterprises(g.session, today())
    return render_template(
        "home/authority.html", lines=lines, concerns=concerns(lines, today()), now=datetime.now(UTC)
    )


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
