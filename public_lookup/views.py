"""`/Q` (industrial gases) and `/L` (LPG): translate a question into an answer, as a page or as JSON.

Printed codes are permanent, so http is answered like https and nothing is ever redirected but to the sibling address. Nothing is kept
by caches: a cylinder can be forbidden at any moment, and a phone that was handed on shouldn't show what was looked up before.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug import Response
from werkzeug.exceptions import BadRequest

from public_lookup import answers, figures, limits
from public_lookup.lookup import Known, look_up
from public_lookup.question import asked_code, language, wants_json
from public_lookup.words import NO_SUCH_CODE
from tenants.errors import Unavailable
from tenants.permissions import Permission, needs
from tenants.rules.codes import MalformedCode, ScannedCode
from tenants.rules.refusal import Refusal
from tenants.settings import Settings

bp = Blueprint("public_lookup", __name__, template_folder="templates")
ADDRESSES = {"Q": "public_lookup.industrial", "L": "public_lookup.lpg"}


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Give the limits their place to count."""
    limits.set_up(state.app, state.app.config.get("SETTINGS") or Settings.from_env())


@bp.get("/Q")
@needs(Permission.PUBLIC_LOOKUP)
@limits.altogether
@limits.per_code
@limits.per_client
def industrial() -> ResponseReturnValue:
    """The page behind the code on a cylinder for industrial gas."""
    return respond("Q")


@bp.get("/L")
@needs(Permission.PUBLIC_LOOKUP)
@limits.altogether
@limits.per_code
@limits.per_client
def lpg() -> ResponseReturnValue:
    """The page behind the code on an LPG cylinder."""
    return respond("L")


def respond(family: str) -> ResponseReturnValue:
    """200 for a cylinder, 404 for none, 400 malformed, a redirect to the sibling for a cylinder of the other family."""
    try:
        scanned = asked_code(request)
    except MalformedCode as problem:
        return answer("malformed", 400, reasons=((problem.reason.value, problem.zh, problem.en),))
    known = look_up(g.session, scanned.code, datetime.now(UTC))
    if known is None:
        return answer("unknown", 404, scanned, reasons=((Refusal.UNKNOWN_CODE.value, *NO_SUCH_CODE),))
    if known.family in ADDRESSES and known.family != family:
        figures.lookups.labels("redirect").inc()
        lang = {"lang": request.args["lang"]} if "lang" in request.args else {}
        return finish(redirect(url_for(ADDRESSES[known.family], id=known.code, **lang), 302))
    return answer(known.status, 404 if known.status == "unknown" else 200, scanned, known, known.reasons)


@bp.errorhandler(BadRequest)
def not_a_question(_: BadRequest) -> ResponseReturnValue:
    """400: the address holds what no code can hold."""
    return answer("malformed", 400)


@bp.errorhandler(RateLimitExceeded)
def too_many(_: RateLimitExceeded) -> ResponseReturnValue:
    """429 with the seconds to wait."""
    now = int(datetime.now(UTC).timestamp())
    spent = limits.limiter.current_limit
    wait = max(1, spent.reset_at - now) if spent else 60
    response = answer("too_many", 429)
    response.headers["Retry-After"] = str(wait)
    return response


@bp.errorhandler(OperationalError)
@bp.errorhandler(InterfaceError)
@bp.errorhandler(NoConnection)
@bp.errorhandler(Unavailable)
def unavailable(_: Exception) -> ResponseReturnValue:
    """503: the database is away, come back."""
    response = answer("unavailable", 503)
    response.headers["Retry-After"] = "120"
    return response


def answer(
    face: str,
    status: int,
    scanned: ScannedCode | None = None,
    known: Known | None = None,
    reasons: tuple[tuple[str, str, str], ...] = (),
) -> Response:
    """The page or the JSON of one face of the answer, counted."""
    figures.lookups.labels(face).inc()
    said = answers.Said(
        face, status, language(request), scanned.code if scanned else None, known, reasons, datetime.now(UTC)
    )
    body, kind = (
        (answers.as_json(said), "application/json")
        if wants_json(request)
        else (answers.as_page(said, request), "text/html")
    )
    response = make_response(body, status)
    response.content_type = f"{kind}; charset=utf-8" if kind == "text/html" else kind
    response.headers["Content-Language"] = said.language
    return finish(response)


def finish(response: Response) -> Response:
    """What every answer says to caches, search engines and the browser."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Content-Security-Policy"] = answers.policy()
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
