"""Who is who: sessions on the server for people who signed in, a signed cookie for those who haven't yet.

The cookie of a signed-in person is a random token; everything else is in PostgreSQL and is read only when a page asks for it. A visitor
gets a cookie only where a form needs one, and never a row. A copied cookie is worthless after sign-out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import structlog
from flask import Flask, Request, Response, g, session
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, login_user
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.exc import DBAPIError

from tenants.scope import auth_scope
from tenants.services import web_sessions
from tenants.services.web_sessions import Person

VISITOR, MEMBER = "v.", "m."
_json = TaggedJSONSerializer()
log = structlog.get_logger("portal.sessions")


class User(UserMixin):
    """A person as flask-login wants to see one."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        """The account's id."""
        return str(self.person.account_id)


class PortalSession(SessionMixin):
    """A dictionary that is fetched when first looked into."""

    def __init__(self, interface: ServerSessions, cookie: str) -> None:
        self._interface, self.cookie = interface, cookie
        self._data: dict[str, Any] | None = None
        self._person: Person | None = None
        self.modified = self.replaced = False

    @property
    def looked_into(self) -> bool:
        """Whether a page asked for anything."""
        return self._data is not None

    @property
    def hashed(self) -> str | None:
        """The hash of a signed-in person's token."""
        return web_sessions.token_hash(self.cookie[2:]) if self.cookie.startswith(MEMBER) else None

    @property
    def person(self) -> Person | None:
        """Who is signed in."""
        self.data()
        return self._person

    def data(self) -> dict[str, Any]:
        """What is kept; fetched once."""
        if self._data is None:
            self._data, self._person = self._interface.fetch(self)
            if self._person is None and self.hashed:
                self.cookie = ""
        return self._data

    def become(self, person: Person | None, cookie: str) -> None:
        """From now on this is another session: nothing of the earlier one is kept."""
        self._data, self._person, self.cookie = {}, person, cookie
        self.modified = self.replaced = True
        g.pop("csrf_token", None)

    def __getitem__(self, key: str) -> Any:
        return self.data()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.data()[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self.data()[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self.data())

    def __len__(self) -> int:
        return len(self.data())


class ServerSessions(SessionInterface):
    """Reads and writes `PortalSession`."""

    def __init__(self, app: Flask, secure: bool) -> None:
        self.secure = secure
        self.name = "__Host-portal" if secure else "portal"
        app.config["SESSION_COOKIE_NAME"] = self.name
        self._signer = URLSafeTimedSerializer(app.secret_key or "", salt="visitor")

    def open_session(self, app: Flask, request: Request) -> PortalSession:  # noqa: ARG002
        """The session of this request; nothing is fetched yet."""
        return PortalSession(self, request.cookies.get(self.name, ""))

    def fetch(self, kept: PortalSession) -> tuple[dict[str, Any], Person | None]:
        """What is kept under the cookie, and whose it is."""
        if kept.hashed:
            with auth_scope(session=kept.hashed) as db:
                found = web_sessions.find_session(db, kept.hashed)
            return (_json.loads(found.data) if found.data else {}, found.person) if found else ({}, None)
        if kept.cookie.startswith(VISITOR):
            age = int(web_sessions.IDLE.total_seconds())
            try:
                return dict(self._signer.loads(kept.cookie[2:], max_age=age)), None
            except (BadSignature, TypeError, ValueError):
                return {}, None
        return {}, None

    def save_session(self, app: Flask, kept: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Keep what changed, and send the cookie when it is new."""
        if not isinstance(kept, PortalSession) or not kept.looked_into:
            return
        response.vary.add("Cookie")
        if not kept.modified:
            return
        if kept.hashed:
            self._keep(kept.hashed, _json.dumps(kept.data()).encode())
        else:
            kept.cookie = VISITOR + str(self._signer.dumps(kept.data())) if kept.data() else ""
            kept.replaced = True
        if kept.replaced and kept.cookie:
            response.set_cookie(self.name, kept.cookie, secure=self.secure, httponly=True, samesite="Lax")
        elif kept.replaced:
            response.delete_cookie(self.name, secure=self.secure, httponly=True, samesite="Lax")

    @staticmethod
    def _keep(hashed: str, data: bytes) -> None:
        try:
            with auth_scope(session=hashed) as db:
                web_sessions.keep_data(db, hashed, data)
        except (
            DBAPIError
        ):  # the page itself is done; what is lost is a form's token, and that form will say so
            log.warning("session_not_kept")


def person() -> Person | None:
    """Who is signed in at this screen."""
    return session.person if isinstance(session._get_current_object(), PortalSession) else None  # type: ignore[attr-defined]


def begin(someone: Person, token: str) -> None:
    """This screen is now this person's; `token` must have been opened with `web_sessions.open_session`."""
    forget()
    session.become(someone, MEMBER + token)  # type: ignore[attr-defined]
    login_user(User(someone))


def forget() -> None:
    """End the session on the server and at this screen."""
    if hashed := session.hashed:  # type: ignore[attr-defined]
        with auth_scope(session=hashed) as db:
            web_sessions.end_session(db, hashed)
    session.become(None, "")  # type: ignore[attr-defined]


def set_up(app: Flask, *, secure: bool) -> None:
    """Sessions and flask-login for this app."""
    app.session_interface = ServerSessions(app, secure)
    manager = LoginManager()
    manager.session_protection = None  # the token is the protection; addresses of phones change
    manager.user_loader(_load)
    app.login_manager = manager  # type: ignore[attr-defined]  # not init_app: that looks into the session on every request


def _load(account_id: str) -> User | None:
    someone = person()
    return User(someone) if someone is not None and str(someone.account_id) == account_id else None
