"""The calls of the device API, version 1. A view translates; what it means is decided by services and rules.

Before a view runs, `_enter` finds out who calls whenever the view's permission is on the device plane, so that no view can forget it.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from integrations.devices import calls, docs, openapi, problems
from integrations.devices.answers import moment, receipt_answer, upload_answer, verdict_answer
from integrations.devices.auth import identify, note_seen
from integrations.devices.bell import wake_worker
from integrations.devices.body import Flaw, flaw_in, read_json
from integrations.devices.budget import Budget
from integrations.devices.describe import described
from integrations.devices.intake import sort_events
from integrations.devices.problems import Problem
from integrations.devices.schemas import MOST_EVENTS, VerdictRequest
from integrations.devices.shape import Wrong, flawed, what_is_wrong
from integrations.devices.words import EVENTS, language
from tenants import scope
from tenants.errors import NotAllowed, NotFound
from tenants.faults import CrashPoint, crash_point
from tenants.permissions import GRANTS, Actor, Permission, needs
from tenants.planes import Plane
from tenants.services.sources import DatabaseSource
from tenants.services.uploads import receive, upload_report
from tenants.services.verdicts import Verdict, Wanted, judge
from tenants.settings import Settings
from tenants.verdict_cache import CachedSource, VerdictCache

PREFIX = "/api/devices/v1"
LARGEST_BODY = 1024 * 1024
BELL = "ring"  # where whoever composes the program hangs the bell
Asked = TypeVar("Asked", bound=BaseModel)

bp = Blueprint("devices", __name__, url_prefix=PREFIX, template_folder="templates")
problems.set_up(bp)


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    """What the views share in this process."""
    settings: Settings = state.app.config.get("SETTINGS") or Settings.from_env()
    state.app.extensions["device_budget"] = Budget(settings.redis_url, settings.device_calls_per_second)
    state.app.extensions["device_cache"] = VerdictCache.at(settings.redis_url) if settings.redis_url else None
    state.app.extensions["device_verdict_key"] = settings.derived_secret("verdict")


@bp.before_request
def _enter() -> None:
    permission = getattr(current_app.view_functions[request.endpoint or ""], "permission", None)
    if permission is None or GRANTS[permission].plane is not Plane.DEVICE:
        return
    g.caller = caller = identify(request)
    g.actor = Actor(role=caller.role, tenant_id=caller.tenant_id, device_id=caller.device_id)
    if not g.actor.may(permission):
        raise NotAllowed
    current_app.extensions["device_budget"].spend(caller.tenant_id, permission.value)
    note_seen(caller)


@bp.after_request
def _finish(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Content-Language"] = language(request)
    response.vary.update(("Accept-Language", "Authorization"))
    return response


@bp.post("/verdicts")
@needs(Permission.DEVICE_VERDICT)
@described(calls.VERDICT)
def post_verdict() -> ResponseReturnValue:
    """Pass or block, with every reason."""
    asked = _body_as(VerdictRequest)
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
    intake = sort_events(_events(), language(request))
    with _scope() as session:
        receipt = receive(session, g.caller.device_id, intake.sent)
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


def _events() -> list[Any]:
    """The list of a call's events, whatever they are; raises Problem when there is no such list."""
    body = _body()
    if not isinstance(body, dict):
        raise _invalid(
            [
                flawed(body.code)
                if isinstance(body, Flaw)
                else Wrong("not_an_object", None, EVENTS["not_an_object"])
            ]
        )
    if flaw := flaw_in(list(body)):
        raise _invalid([flawed(flaw)])
    if unknown := [name for name in body if name != "events"]:
        raise _invalid([Wrong("unknown_field", unknown[0][:64], EVENTS["unknown_field"])])
    events = body.get("events")
    if not isinstance(events, list) or not events:
        raise Problem("no_events")
    if len(events) > MOST_EVENTS:
        raise Problem("too_many_events")
    return events


def _body_as(shape: type[Asked]) -> Asked:
    body = _body()
    if flaw := flaw_in(body):
        raise _invalid([flawed(flaw)])
    try:
        return shape.model_validate(body)
    except ValidationError as error:
        raise _invalid(what_is_wrong(shape, error)) from None


def _body() -> Any:
    """The body's value with flaws in place; raises Problem."""
    if not request.is_json or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem("unsupported_media_type")
    request.max_content_length = LARGEST_BODY + 1  # a body of unknown length is cut there without a word
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST_BODY:
        raise Problem("too_large")
    try:
        return read_json(raw)
    except ValueError:
        raise Problem("malformed_json") from None


def _invalid(wrongs: list[Wrong]) -> Problem:
    spoken = language(request)
    errors = [{"field": one.field or "", "code": one.code, "message": one.said.in_(spoken)} for one in wrongs]
    return Problem("invalid", errors=errors)


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, mimetype="application/json")
