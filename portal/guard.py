"""The guard: no view without a permission, no permission without its plane, and one transaction around every view.

A view is tagged with `@needs(Permission.X)`. The guard finds out who asks, opens the scope of the permission's plane as `g.session`, with
`g.actor`, commits when the view returns and rolls back when it raises. Forms carry a token; calls of devices bring their own proof instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import structlog
from flask import Flask, g, request, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from portal import sessions
from tenants import scope
from tenants.errors import NotAllowed, SignInNeeded
from tenants.permissions import GRANTS, OPEN, Actor, Permission, View
from tenants.planes import Plane

csrf = CSRFProtect()
log = structlog.get_logger("portal.guard")

_SCOPES: dict[Plane | None, Callable[[Actor], AbstractContextManager[Session]]] = {
    Plane.AUTH: lambda _: scope.auth_scope(session=session.hashed),  # type: ignore[attr-defined]
    Plane.TENANT: lambda actor: scope.tenant_scope(actor.tenant_id or 0),
    Plane.REGULATOR: lambda actor: scope.regulator_scope(actor.jurisdiction),
    Plane.INSPECTOR: lambda actor: scope.inspector_scope(actor.jurisdiction),
    Plane.PLATFORM: lambda _: scope.platform_scope(),
}


class Portal(Flask):
    """A Flask app whose every view passes the guard."""

    def dispatch_request(self) -> ResponseReturnValue:
        """The view, inside its scope; what it raises rolls back."""
        if request.routing_exception is not None:
            return super().dispatch_request()
        with admitted(self):
            return super().dispatch_request()


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """The permission that a view names."""
    return getattr(app.view_functions[endpoint], "permission", None)


@contextmanager
def admitted(app: Flask) -> Iterator[None]:
    """Whoever may enter stands on the right plane; raises SignInNeeded or NotAllowed for all others."""
    permission = permission_of(app, request.endpoint or "")
    if permission is None:
        log.error("view_without_permission", endpoint=request.endpoint)
        raise NotAllowed("this view names no permission")
    _widen(app, permission)
    _refuse_nul()
    g.permission = permission
    with _enter(app, permission):
        yield


def takes(largest_body: int) -> Callable[[View], View]:
    """Tag a view that takes a larger body, in bytes, from whoever may use it; everybody else is stopped at the usual size."""

    def tag(view: View) -> View:
        view.largest_body = largest_body  # type: ignore[attr-defined]
        return view

    return tag


def _widen(app: Flask, permission: Permission) -> None:
    """Before anything of the body is read."""
    largest = getattr(app.view_functions[request.endpoint or ""], "largest_body", None)
    if largest is not None and request.method == "POST":
        person = None if permission in OPEN else sessions.person()
        if permission in OPEN or (person is not None and person.actor().may(permission)):
            request.max_content_length = largest


def _enter(app: Flask, permission: Permission) -> AbstractContextManager[object]:
    plane = GRANTS[permission].plane
    if plane is Plane.DEVICE:
        return nullcontext()  # the device API knows its callers by key and opens their scope itself
    if plane is Plane.PUBLIC:
        return _standing(
            scope.public_scope()
        )  # a citizen's form brings a token of its own and acts for nobody
    if permission in OPEN:
        _check_form(app)
        return nullcontext()
    person = sessions.person()
    if person is None:
        raise SignInNeeded
    g.person, g.actor = person, person.actor()
    if not g.actor.may(permission):
        raise NotAllowed
    _check_form(app)
    return _standing(_SCOPES[plane](g.actor))


@contextmanager
def _standing(opened: AbstractContextManager[Session]) -> Iterator[None]:
    with opened as db:
        g.session = db
        yield


def _check_form(app: Flask) -> None:
    if app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def _refuse_nul() -> None:
    """PostgreSQL has no NUL in a text, so no text of ours may hold one."""
    texts = [request.full_path, *request.args.values()]
    if request.method == "POST" and request.mimetype in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        texts += request.form.values()
    if any("\0" in text for text in texts):
        raise BadRequest("NUL character")


def set_up(app: Flask) -> None:
    """The guard itself calls for the form's token, so that a view can't be left out by accident."""
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None)
    app.config.setdefault("WTF_CSRF_ENABLED", True)
    csrf.init_app(app)
