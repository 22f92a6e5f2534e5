"""The calls of the device API, version 1. A view translates; what it means is decided by services and rules.

Before a view runs, `_enter` finds out who calls whenever the view's permission is on the device plane, so that no view can forget it.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from integrations.devices import calls, docs, identity, openapi, operators, problems, tag_calls
from integrations.devices.answers import moment, receipt_answer, upload_answer, verdict_answer
from integrations.devices.auth import identify, note_seen
from integrations.devices.bell import wake_worker
from integrations.devices.budget import Budget
from integrations.devices.describe import described
from integrations.devices.intake import sort_events
from integrations.devices.problems import Problem
from integrations.devices.reading import read_as, read_events
from integrations.devices.schemas import VerdictRequest
from integrations.devices.signed import Nonces
from integrations.devices.snapshot import views as snapshot
from integrations.devices.words import language
from tenants import scope
from tenants.errors import NotAllowed, NotFound
from tenants.faults import CrashPoint, crash_point
from tenants.permissions import GRANTS, OPEN, Actor, Permission, needs
from tenants.planes import Plane
from tenants.services.sources import DatabaseSource
from tenants.services.uploads import of_unknown_operators, receive, upload_report
from tenants.services.verdicts import Verdict, Wanted, judge
from tenants.settings import Settings
from tenants.vault import Vault
from tenants.verdict_cache import CachedSource, VerdictCache

PREFIX = "/api/devices/v1"
BELL = "ring"  # where whoever composes the program hangs the bell

bp = Blueprint("devices", __name__, url_prefix=PREFIX, template_folder="templates")
problems.set_up(bp)
for part in (identity, operators, snapshot, tag_calls):
    part.put_on(bp)


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    """What the views share in this process."""
    settings: Settings = state.app.config.get("SETTINGS") or Settings.from_env()
    state.app.extensions["device_budget"] = Budget(settings.redis_url, settings.device_calls_per_second)
    state.app.extensions["device_nonces"] = Nonces(settings.redis_url)
    state.app.extensions["device_cache"] = VerdictCache.at(settings.redis_url) if settings.redis_url else None
    state.app.extensions["device_verdict_key"] = settings.derived_secret("verdict")
    state.app.extensions["device_vault"] = Vault.of(settings)


@bp.before_request
def _enter() -> None:
    permission = getattr(current_app.view_functions[request.endpoint or ""], "permission", None)
    if permission is None or permission in OPEN or GRANTS[permission].plane is not Plane.DEVICE:
        return
    origin, nonces = current_app.config["SETTINGS"].public_origin, current_app.extensions["device_nonces"]
    g.caller = caller = identify(request, origin, nonces)
    if caller.revoked and request.endpoint != f"{bp.name}.{post_events.__name__}":
        raise Problem("key_revoked")  # what it did before may still come in, and waits for a manager
    g.actor = Actor(role=caller.role, tenant_id=caller.tenant_id, device_id=caller.device_id)
    if not g.actor.may(permission):
        raise NotAllowed
    current_app.extensions["device_budget"].spend(caller.tenant_id, permission.value)
    note_seen(caller, request)


@bp.after_request
def _finish(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Language"] = language(request)
    response.vary.update(("Accept-Language", "Authorization", "Signature-Input"))
    return response


@bp.post("/verdicts")
@needs(Permission.DEVICE_VERDICT)
@described(calls.VERDICT)
def post_verdict() -> ResponseReturnValue:
    """Pass or block, with every reason."""
    asked = read_as(VerdictRequest, request)
    now = datetime.now(UTC)
    wanted = Wanted(
        at=now, label=asked.label, uid=asked.uid, medium=asked.medium or None, operator=asked.operator or None
    )
    key = current_app.extensions["device_verdict_key"]
    return _json(verdict_answer(_judge(wanted), now, language(request), key))


@bp.post("/events")
@needs(Permission.DEVICE_UPLOAD)
@described(calls.EVENTS)
def post_events() -> ResponseReturnValue:
    """202 once the events are durable, and not before."""
    events, key, revoked = read_events(request), g.caller.public_key, g.caller.revoked
    intake = sort_events(events, language(request), key, must_be_signed=revoked)
    with _scope() as session:
        receipt = receive(session, g.caller.device_id, intake.sent, hold=revoked)
        for index in of_unknown_operators(session, intake.sent):
            intake.note(index, "operator_unknown")
        crash_point(CrashPoint.AFTER_INBOX_INSERT)
    crash_point(CrashPoint.AFTER_COMMIT_BEFORE_REPLY)
    if receipt.accepted:
        wake_worker(current_app.extensions.get(BELL))
    upload = str(receipt.upload_id)
    body = receipt_answer(
        upload, receipt.accepted, receipt.duplicates, intake.all_malformed(receipt), intake.notes
    )
    return _json(body, 202, {"Location": f"{PREFIX}/uploads/{upload}"})


@bp.get("/uploads/<upload_id>")
@needs(Permission.DEVICE_UPLOAD)
@described(calls.UPLOAD)
def get_upload(upload_id: str) -> ResponseReturnValue:
    """What became of each event; another's upload and none are the same."""
    try:
        wanted = UUID(upload_id)
    except ValueError:
        raise NotFound from None
    with _scope() as session:
        report = upload_report(session, wanted, g.caller.device_id)
    return _json(upload_answer(report, language(request)))


@bp.get("/time")
@needs(Permission.OPEN)
@described(calls.TIME)
def get_time() -> ResponseReturnValue:
    """The server's clock, for a device that must know it before anything else."""
    return _json({"server_time": moment(datetime.now(UTC))})


@bp.get("/openapi.json")
@needs(Permission.OPEN)
def get_openapi() -> ResponseReturnValue:
    """What can be called, for programs."""
    return _json(openapi.document(current_app))


@bp.get("/docs")
@needs(Permission.OPEN)
def get_docs() -> ResponseReturnValue:
    """What can be called, for people."""
    return docs.page(current_app, language(request), current_app.config["SETTINGS"].public_origin)


def _scope() -> AbstractContextManager[Session]:
    return scope.device_scope(g.caller.tenant_id)


def _judge(wanted: Wanted) -> Verdict:
    """From the cache where it may be relied on, else from PostgreSQL; the verdict is the same."""
    cache, caller = current_app.extensions["device_cache"], g.caller
    if cache is not None:
        return judge(CachedSource(cache, caller.tenant_id, caller.epoch, caller.waiting, _scope), wanted)
    with _scope() as session:
        return judge(DatabaseSource(session, caller.tenant_id), wanted)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, mimetype="application/json")
