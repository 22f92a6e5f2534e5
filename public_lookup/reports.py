"""`/report`: a citizen reports a cylinder and follows what becomes of it. No account, no script, no captcha of others.

Spam is held off by budgets an hour, a field that people don't see, the age of the form, and, only when in doubt, a small sum.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from public_lookup import report_words, tickets
from public_lookup.limits import Budget, Shares, Spent
from public_lookup.pages import HERE, PAGES
from public_lookup.question import asked
from public_lookup.report_form import Typed, checked
from public_lookup.report_progress import read_progress
from public_lookup.tickets import Form, Tickets
from public_lookup.views import budget_of
from public_lookup.words import LANGUAGES
from tenants.errors import Unavailable
from tenants.permissions import Permission, needs
from tenants.rules.reports import ReportKind, ReportMatter, phone_name
from tenants.settings import Settings
from tenants.vault import Vault

HOUR = 3600
LARGEST_BODY = 9 * 1024 * 1024
HARD = Shares(client=30, network=300, code=60, altogether=5000)  # reports an hour, tries among them
EASY = Shares(client=3, network=20, code=10, altogether=300)  # beyond this a sum is asked
STYLES = ("page.css", "report.css")
bp = Blueprint("reports", __name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What taking reports needs; one for each app."""

    hard: Budget
    easy: Budget
    tickets: Tickets
    vault: Vault


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Make the desk."""
    settings: Settings = state.app.config.get("SETTINGS") or Settings.from_env()
    path, secret = settings.reports_path, settings.derived_secret("reports")
    state.app.extensions["reports"] = Desk(
        Budget(path, secret, HARD, HOUR),
        Budget(path, settings.derived_secret("reports-easy"), EASY, HOUR),
        Tickets(secret),
        Vault.of(settings),
    )


def desk() -> Desk:
    """This app's."""
    found: Desk = current_app.extensions["reports"]
    return found


def form() -> ResponseReturnValue:
    """An empty form, with the code that the cylinder's page was about; or the way to a ticket that was typed."""
    if typed := request.args.get("ticket", "").strip():
        where = (
            f"/report/{quote(tickets.read(typed) or typed[:40], safe='')}?{urlencode({'lang': language()})}"
        )
        return Response("", 303, [("Location", where), *_headers()])
    values = {"code": request.args.get("id", "").strip()[:200], "kind": request.args.get("kind", "")}
    return _form(Typed(values), desk().tickets.form(datetime.now(UTC)))


def send() -> ResponseReturnValue:
    """Keep a report, or say what is to be corrected; 303 to its ticket."""
    at, now = desk(), datetime.now(UTC)
    at.hard.spend(request.remote_addr, "")
    photo = request.files.get("photo")
    typed = checked(request.form, photo.read() if photo else None)
    handed_out = at.tickets.returned(request.form.get("token", ""), now)
    if handed_out is None:
        return _form(typed, at.tickets.form(now), "too_old")
    if typed.problems:
        return _form(typed, handed_out, "problems")
    if _in_doubt(at, handed_out, typed) and request.form.get("sum", "").strip() != str(
        handed_out.first + handed_out.second
    ):
        typed.problems["sum"] = "do_sum"
        return _form(typed, handed_out, "problems")
    ticket = at.tickets.ticket(handed_out)
    _file(ticket, typed, at.vault)
    query = "?" + urlencode({"lang": language()}) if request.form.get("lang") else ""
    return Response("", 303, [("Location", f"/report/{ticket}{query}"), *_headers()])


def ticket(ticket: str) -> ResponseReturnValue:
    """How far it is."""
    told, found = tickets.read(ticket), None
    budget_of(current_app).spend(request.remote_addr, ticket[:40])
    if told is not None:
        found = g.session.scalar(text("SELECT gas.report_progress(:hash)"), {"hash": tickets.hashed(told)})
    if found is None:
        return _notice("unknown", 404)
    return _page(
        "public/ticket.html", 200, ticket=told, progress=read_progress(found, language(), datetime.now(UTC))
    )


def _in_doubt(at: Desk, handed_out: Form, typed: Typed) -> bool:
    """Whether a machine may be sending: the hidden field is filled, it came too soon, or too many come from there."""
    doubtful = bool(request.form.get("website")) or handed_out.quick
    try:
        at.easy.spend(request.remote_addr, typed.code)
    except Spent:
        doubtful = True
    return doubtful


def _file(ticket: str, typed: Typed, vault: Vault) -> None:
    number = ticket.partition("-")[0]
    sealed = vault.seal(phone_name(number), typed.phone.encode()) if typed.phone else None
    g.session.execute(
        text(
            "SELECT gas.file_report(:hash, :number, :code, :kind, :matter, :words, :phone, :photo, :hidden)"
        ),
        {
            "hash": tickets.hashed(ticket), "number": number, "code": typed.code, "kind": typed.values["kind"],
            "matter": typed.values["matter"], "words": typed.values["words"], "phone": sealed, "photo": typed.photo,
            "hidden": bool(typed.values["hidden"]),
        },
    )  # fmt: skip


def language() -> str:
    """What the address or the form says, else what the browser prefers."""
    chosen = request.args.get("lang") or (request.form.get("lang") if request.method == "POST" else "")
    return chosen if chosen in LANGUAGES else asked(request.environ, "L").wanted.language


def _form(typed: Typed, handed_out: Form, said: str = "") -> Response:
    return _page(
        "public/report.html", 400 if said else 200, typed=typed, form=handed_out, said=said,
        kinds=tuple(ReportKind), matters=tuple(ReportMatter),
    )  # fmt: skip


def _notice(key: str, status: int, *more: tuple[str, str]) -> Response:
    return _page("public/notice.html", status, *more, key=key)


def _page(template: str, status: int, *more: tuple[str, str], **values: object) -> Response:
    lang = language()
    other = "zh" if lang == "en" else "en"
    given = {"id": request.args["id"], "lang": other} if request.args.get("id") else {"lang": other}
    path = request.path if request.endpoint == "reports.ticket" else "/report"
    page = PAGES.get_template(template).render(
        **values,
        lang=lang,
        t=report_words.text,
        name=report_words.name,
        other=f"{path}?{urlencode(given)}",
    )
    return Response(page, status, [*_headers(), *more], mimetype="text/html")


def _headers() -> list[tuple[str, str]]:
    return [
        ("Content-Security-Policy", policy()),
        ("Cache-Control", "private, no-store"),
        ("X-Robots-Tag", "noindex"),
        ("Referrer-Policy", "no-referrer"),
        ("Vary", "Accept-Language"),
    ]


@cache
def style() -> str:
    """The style of these pages, as the frame includes it: the lookup's, and what forms need more."""
    return "".join((HERE / "public" / name).read_text(encoding="utf-8").removesuffix("\n") for name in STYLES)


@cache
def policy() -> str:
    """The page may use its own style and send its own form, and nothing else."""
    digest = base64.b64encode(sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )


@bp.errorhandler(Spent)
def too_many(spent: Spent) -> ResponseReturnValue:
    """429 with the seconds to wait."""
    return _notice("too_many", 429, ("Retry-After", str(max(1, spent.wait))))


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    """413: a film, or a photo that no phone makes."""
    return Response(*_bare("body_too_large", 413))


@bp.errorhandler(BadRequest)
def not_a_report(_: BadRequest) -> ResponseReturnValue:
    """400: what was sent holds what no text can hold."""
    return Response(*_bare("unknown", 400))


@bp.errorhandler(OperationalError)
@bp.errorhandler(InterfaceError)
@bp.errorhandler(NoConnection)
@bp.errorhandler(Unavailable)
def unavailable(_: Exception) -> ResponseReturnValue:
    """503: the database is away, come back."""
    return _notice("unavailable", 503, ("Retry-After", "120"))


def _bare(key: str, status: int) -> tuple[str, int, list[tuple[str, str]]]:
    """A notice that reads nothing of the form."""
    lang = asked(request.environ, "L").wanted.language
    page = PAGES.get_template("public/notice.html").render(
        key=key, lang=lang, t=report_words.text, other="/report"
    )
    return page, status, [("Content-Type", "text/html; charset=utf-8"), *_headers()]


def _add(rule: str, view: object, method: str, largest_body: int = 0) -> None:
    """`largest_body` is read by the guard before anything of the body is."""
    tagged = needs(Permission.PUBLIC_REPORT)(view)  # type: ignore[type-var]
    if largest_body:
        tagged.largest_body = largest_body  # type: ignore[attr-defined]
    bp.add_url_rule(rule, view_func=tagged, methods=[method])  # type: ignore[arg-type]


_add("/report", form, "GET")
_add("/report", send, "POST", LARGEST_BODY)
_add("/report/<ticket>", ticket, "GET")
