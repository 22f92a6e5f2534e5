"""The frames that pages live in: a side menu by role, what templates can call, and how values are written for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask_babel import lazy_gettext
from flask_wtf.csrf import generate_csrf

from portal import i18n
from tenants.permissions import Permission
from tenants.rules.codes import grouped
from tenants.rules.refusal import REASONS, Refusal
from tenants.rules.states import DatePrecision, Role

SHANGHAI = ZoneInfo(i18n.ZONE)
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the side menu; it is shown to whoever holds the permission, and only when its page exists."""

    endpoint: str
    title: object
    icon: str
    permission: Permission


MENU: list[Entry] = [
    Entry("home.enterprise", lazy_gettext("首页"), "home", Permission.ENTERPRISE_HOME),
    Entry("home.authority", lazy_gettext("首页"), "home", Permission.AUTHORITY_HOME),
    Entry("home.inspector", lazy_gettext("首页"), "home", Permission.INSPECTOR_HOME),
    Entry("home.platform", lazy_gettext("首页"), "home", Permission.PLATFORM_HOME),
]
FRAMES = {
    Role.REGULATOR: (lazy_gettext("监管工作台"), "building-bank"),
    Role.INSPECTOR: (lazy_gettext("监察工作台"), "clipboard-check"),
    Role.OPERATOR: (lazy_gettext("平台运营"), "server-2"),
}
ENTERPRISE_FRAME = (lazy_gettext("企业工作台"), "building-factory-2")


def extend_menu(entries: Iterable[Entry]) -> None:
    """Add lines at the end; one that is there already is not added again."""
    MENU.extend(entry for entry in entries if entry.endpoint not in {known.endpoint for known in MENU})


def menu() -> Sequence[Entry]:
    """The lines for whoever is signed in."""
    actor = g.get("actor")
    if actor is None:
        return ()
    return [
        entry
        for entry in MENU
        if actor.may(entry.permission) and entry.endpoint in current_app.view_functions
    ]


def is_here(entry: Entry) -> bool:
    """Whether the page shown belongs to this line."""
    path = url_for(entry.endpoint)
    home = entry.endpoint.startswith("home.")
    return request.path == path if home else request.path == path or request.path.startswith(path + "/")


def frame() -> tuple[object, str]:
    """The name and icon of the desk."""
    actor = g.get("actor")
    return FRAMES.get(actor.role, ENTERPRISE_FRAME) if actor else ENTERPRISE_FRAME


def theme() -> str:
    """auto, light or dark, as the visitor chose."""
    wanted = request.cookies.get("theme", "auto")
    return wanted if wanted in THEMES else "auto"


def when(value: datetime | None) -> str:
    """A time in Asia/Shanghai: 2026-11-22 14:05."""
    return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else ""


def day(value: date | None, precision: str = "day") -> str:
    """A date as stamped: 2026-11-22, or 2026-11."""
    return (
        "" if value is None else value.strftime("%Y-%m" if precision == DatePrecision.MONTH else "%Y-%m-%d")
    )


def number(value: Decimal | int | float | None) -> str:
    """A number without needless zeros, thousands parted."""
    if value is None:
        return ""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def refusal_sentence(code: str) -> str:
    """What a refusal's public code means, in the reader's language; a code of a later version stays a code."""
    try:
        reason = REASONS[Refusal(code)]
    except ValueError:
        return code
    return reason.sentence_en if i18n.language() == "en" else reason.sentence_zh


def refusal_to_do(code: str) -> str:
    """What to do about a refusal."""
    reason = REASONS[Refusal(code)]
    return reason.to_do_en if i18n.language() == "en" else reason.to_do_zh


def today() -> date:
    """The day in Asia/Shanghai."""
    return datetime.now(UTC).astimezone(SHANGHAI).date()


def here() -> str:
    """This page's address, to come back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("home.start")


def set_up(app: Flask) -> None:
    """What templates can call."""
    app.jinja_env.globals.update(menu=menu, is_here=is_here, frame=frame, theme=theme, csrf_token=generate_csrf, here=here,
                                 language=i18n.language, locales=i18n.LOCALES)  # fmt: skip
    app.jinja_env.globals.update(today=today)
    app.jinja_env.filters.update(
        refusal_sentence=refusal_sentence,
        refusal_to_do=refusal_to_do,
        when=when,
        day=day,
        number=number,
        grouped=grouped,
        named=i18n.name_of,
        spoken=i18n.spoken,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
