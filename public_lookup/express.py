"""The short way to an answer: before Flask, from the card file. It gives what the views give, or passes the request on to them.

A citizen's question needs no sign-in, no session and no form, so nothing of what stands around other views is missed. The card file
holds the public projection and nothing else, so there is nothing here that a permission would have to protect. What this way can't
answer surely (a card file that isn't fresh, an odd method, a NUL) goes the long way.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from public_lookup import answers
from public_lookup.limits import Budget, Spent
from public_lookup.question import Question, asked
from public_lookup.views import COUNTED, missed
from tenants.cards.file import CardFile, Stale

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FAMILIES = {"/Q": "Q", "/L": "L"}
STATUS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Express:
    """A WSGI middleware. `always` are the headers that every answer of the portal has; an answer's own go before them.

    One thread answers at a time: Python runs one anyway, and threads that each let go of the interpreter while SQLite reads, for a
    few microseconds, cost a third of the answers in waiting for one another.
    """

    def __init__(
        self,
        app: WSGIApplication,
        cards: CardFile,
        budget: Budget,
        prove: answers.Prove,
        always: Mapping[str, str],
        over_tls: str = "",
    ) -> None:
        self._app = app
        self._find = missed(budget, cards.find)
        self._budget, self._prove = budget, prove
        self._always = [(name, value) for name, value in always.items()]
        self._over_tls = ("Strict-Transport-Security", over_tls)
        self._one_at_a_time = threading.Lock()
        self._complete: dict[tuple[tuple[str, str], ...], list[tuple[str, str]]] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or pass on."""
        family = FAMILIES.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if family is None or method not in ("GET", "HEAD") or _has_nul(environ.get("QUERY_STRING", "")):
            return self._app(environ, start_response)
        try:
            with self._one_at_a_time:
                answer = self._answer(asked(environ, family), environ, datetime.now(UTC))
        except Stale:
            environ[COUNTED] = True
            return self._app(environ, start_response)
        headers = [
            *self._headers(answer.headers),
            ("Content-Length", str(len(answer.body))),
            ("X-Request-ID", secrets.token_hex(8)),
        ]
        if environ.get("wsgi.url_scheme") == "https":
            headers.append(self._over_tls)
        start_response(STATUS[answer.status], headers)
        return () if method == "HEAD" else (answer.body,)

    def _answer(self, question: Question, environ: Mapping[str, Any], now: datetime) -> answers.Answer:
        try:
            self._budget.spend(environ.get("REMOTE_ADDR"), question.wanted.code)
            return answers.answer(question, self._find, self._prove, now)
        except Spent as spent:
            return answers.too_many(question, now, spent.wait)

    def _headers(self, own: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
        """An answer's headers and those that all have; made once for each set but the redirects, which differ."""
        found = self._complete.get(own)
        if found is None:
            named = {name for name, _ in own}
            found = [*own, *(pair for pair in self._always if pair[0] not in named)]
            if not named & {"Location", "Retry-After"}:
                self._complete[own] = found
        return found


def _has_nul(query: str) -> bool:
    return "%00" in query or "\0" in query
