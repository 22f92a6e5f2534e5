"""Who works with the device (`POST /operators/sign-in`), and which of its events never came (`GET /missing`)."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue

from integrations.devices import calls
from integrations.devices.answers import moment
from integrations.devices.describe import described
from integrations.devices.outgoing import CardAnswer, GapSaid, MissingAnswer
from integrations.devices.problems import Problem
from integrations.devices.reading import read_as
from integrations.devices.schemas import SignInRequest
from tenants import scope
from tenants.permissions import Permission, needs
from tenants.queries.device_gaps import gaps
from tenants.services.keys import b64
from tenants.services.operators import Refused, sign_in


def put_on(bp: Blueprint) -> None:
    """The views of this file."""
    bp.post("/operators/sign-in")(post_sign_in)
    bp.get("/missing")(get_missing)


@needs(Permission.DEVICE_SIGN_IN)
@described(calls.SIGN_IN)
def post_sign_in() -> ResponseReturnValue:
    """A card for a shift; a wrong PIN is counted before it is answered."""
    device_id = g.caller.device_id
    current_app.extensions["device_budget"].spend_sparingly(str(device_id), "sign_in")
    asked, vault = read_as(SignInRequest, request), current_app.extensions["device_vault"]
    with scope.device_scope(g.caller.tenant_id) as session:
        card = sign_in(session, device_id, asked.operator, asked.pin, vault, datetime.now(UTC))
    if isinstance(card, Refused):
        waiting = {"Retry-After": str(card.retry_after)} if card.retry_after else {}
        raise Problem(card.code, headers=waiting)
    answer = CardAnswer(
        operator=card.operator,
        kinds=list(card.kinds),
        good_until=moment(card.good_until),
        kid=card.kid,
        payload=b64(card.payload),
        signature=b64(card.signature),
    )
    return jsonify(answer.model_dump(mode="json"))


@needs(Permission.DEVICE_UPLOAD)
@described(calls.MISSING)
def get_missing() -> ResponseReturnValue:
    """Numbers that the caller gave out and the server never saw."""
    with scope.device_scope(g.caller.tenant_id) as session:
        found = gaps(session, g.caller.device_id)
    missing = [
        GapSaid(first=gap.first, last=gap.last, count=gap.count, after=gap.after, before=gap.before)
        for gap in found
    ]
    return jsonify(MissingAnswer(missing=missing).model_dump(mode="json"))
