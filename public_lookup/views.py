"""`/Q` (industrial gases) and `/L` (LPG): the address behind the code on a cylinder, answered from PostgreSQL.

Printed codes are permanent, so http is answered like https and nothing is ever redirected but to the sibling address. `express.py` stands
before these views and answers the same from the card file while that is fresh; whatever it passes on comes here.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import BadRequest

from public_lookup import answers
from public_lookup.calendar import calendar_file
from public_lookup.genuine import Prover
from public_lookup.limits import Budget, Shares, Spent
from public_lookup.openapi import document
from public_lookup.pages import policy, text_page
from public_lookup.privacy import PARTS, TITLE
from public_lookup.question import Question, asked
from tenants.cards.card import Card
from tenants.errors import Unavailable
from tenants.permissions import Permission, needs
from tenants.settings import Settings
from tenants.vault import Vault

COUNTED = "public_lookup.counted"  # in the environment of a request that the limits have let pass
bp = Blueprint("public_lookup", __name__, template_folder="templates")


@bp.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Give the limits their place to count, and whoever proves labels the means."""
    settings: Settings = state.app.config.get("SETTINGS") or Settings.from_env()
    state.app.extensions["lookups"] = Budget(
        settings.lookups_path, settings.derived_secret("lookups"), Shares.of(settings.lookups_per_minute)
    )
    state.app.extensions["label_prover"] = Prover(Vault.of(settings))


@bp.get("/Q")
@needs(Permission.PUBLIC_LOOKUP)
def industrial() -> ResponseReturnValue:
    """The page behind the code on a cylinder for industrial gas."""
    return respond()


@bp.get("/L")
@needs(Permission.PUBLIC_LOOKUP)
def lpg() -> ResponseReturnValue:
    """The page behind the code on an LPG cylinder."""
    return respond()


@bp.get("/calendar")
@needs(Permission.PUBLIC_LOOKUP)
def remind() -> ResponseReturnValue:
    """The due date of a cylinder as a calendar file; the page of the answer where there is no such date."""
    question, now = _question(), datetime.now(UTC)
    wanted, budget = question.wanted, budget_of(current_app)
    budget.spend(request.remote_addr, wanted.code)
    card = missed(budget, told_by_database)(wanted.code) if wanted.code else None
    body = calendar_file(card, wanted.code, wanted.language, now) if card else None
    if body is None:
        return _sent(answers.answer(question, lambda _: card, prover_of(current_app), now))
    named = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{wanted.code}.ics"',
    }
    return Response(body, 200, {**named, "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"})


@bp.get("/privacy")
@needs(Permission.OPEN)
def privacy() -> ResponseReturnValue:
    """What a scan leaves behind."""
    language = _question().wanted.language
    response = Response(text_page(TITLE, PARTS, language), 200, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = policy()
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Vary"] = "Accept-Language"
    return response


@bp.get("/lookup/openapi.json")
@needs(Permission.OPEN)
def describe() -> ResponseReturnValue:
    """The public part as an OpenAPI document."""
    response = jsonify(document())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def respond() -> Response:
    """The answer, within the limits."""
    question, budget = _question(), budget_of(current_app)
    if COUNTED not in request.environ:
        budget.spend(request.remote_addr, question.wanted.code)
    find = missed(budget, told_by_database)
    return _sent(answers.answer(question, find, prover_of(current_app), datetime.now(UTC)))


def told_by_database(code: str) -> Card | None:
    """What PostgreSQL tells a citizen of a code."""
    told = g.session.scalar(text("SELECT CAST(gas.public_cylinder(:code) AS text)"), {"code": code})
    return None if told is None else Card(told)


def missed(budget: Budget, find: answers.Find) -> answers.Find:
    """Count what nobody has issued."""

    def found(code: str) -> Card | None:
        card = find(code)
        if card is None:
            budget.miss(code)
        return card

    return found


def budget_of(app: Flask) -> Budget:
    """How often anyone may ask here."""
    budget: Budget = app.extensions["lookups"]
    return budget


def prover_of(app: Flask) -> Prover:
    """What signatures are worth here."""
    prover: Prover = app.extensions["label_prover"]
    return prover


@bp.errorhandler(BadRequest)
def not_a_question(_: BadRequest) -> ResponseReturnValue:
    """400: the address holds what no code can hold."""
    return _sent(answers.malformed(_question(), datetime.now(UTC)))


@bp.errorhandler(Spent)
def too_many(spent: Spent) -> ResponseReturnValue:
    """429 with the seconds to wait."""
    return _sent(answers.too_many(_question(), datetime.now(UTC), spent.wait))


@bp.errorhandler(OperationalError)
@bp.errorhandler(InterfaceError)
@bp.errorhandler(NoConnection)
@bp.errorhandler(Unavailable)
def unavailable(_: Exception) -> ResponseReturnValue:
    """503: the database is away, come back."""
    return _sent(answers.unavailable(_question(), datetime.now(UTC)))


def _question() -> Question:
    return asked(request.environ, "Q" if request.endpoint == "public_lookup.industrial" else "L")


def _sent(answer: answers.Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers))
