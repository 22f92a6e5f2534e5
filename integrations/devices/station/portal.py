"""The portal as a station sees it: six calls of the device API over HTTP, nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.auth import AuthBase

PREFIX = "/api/devices/v1"
LONGEST_WAIT = 3600.0
MOST_BYTES = 4_000_000
Json = dict[str, Any]


class NoAnswer(Exception):
    """No answer that can be used; `wait` is how long the portal asks to stay away, seconds."""

    def __init__(self, detail: str, wait: float = 0.0) -> None:
        super().__init__(detail)
        self.wait = wait


class Problem(Exception):
    """The portal answered with a problem of which sending again won't help by itself."""

    def __init__(self, status: int, code: str, title: str, detail: Json | None = None) -> None:
        super().__init__(f"{status} {code}: {title}")
        self.status, self.code, self.title, self.detail = status, code, title, detail or {}


@dataclass(frozen=True, slots=True)
class ServerTime:
    """The portal's clock at a moment of ours, and how unsure that is, seconds."""

    at: datetime
    read_at: float
    unsure_s: float


class Portal:
    """One portal and how to speak to it."""

    def __init__(
        self, url: str, auth: AuthBase | None, *, language: str = "zh", timeout_s: float = 5.0, ca: str | bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._url, self._auth, self._timeout, self._clock = url.rstrip("/") + PREFIX, auth, timeout_s, clock
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy and no .netrc of whoever starts it
        self._session.verify = ca
        self._session.headers.update({"Accept-Language": language, "User-Agent": "station-agent/1"})

    def verdict(self, asked: Json) -> Json:
        """May it be filled? Raises NoAnswer or Problem."""
        return self._call("POST", "/verdicts", asked)

    def upload(self, body: bytes) -> Json:
        """Hand over events: `{"events": [...]}` as it stands."""
        return self._call("POST", "/events", body)

    def results(self, upload: str) -> Json:
        """What became of an upload."""
        return self._call("GET", f"/uploads/{upload}")

    def enrol(self, body: Json) -> Json:
        """Exchange a one-time token for an identity."""
        return self._call("POST", "/enrol", body)

    def time(self) -> ServerTime:
        """The portal's clock."""
        before = self._clock()
        told = self._call("GET", "/time").get("server_time")
        after = self._clock()
        try:
            at = datetime.fromisoformat(str(told))
        except ValueError:
            raise NoAnswer("the portal's clock can't be read") from None
        if at.tzinfo is None:
            raise NoAnswer("the portal's clock has no offset")
        return ServerTime(at.astimezone(UTC), (before + after) / 2, (after - before) / 2)

    def _call(self, method: str, path: str, body: Json | bytes | None = None) -> Json:
        how: Json = {"json": body} if isinstance(body, dict) else {"data": body}
        headers = {"Content-Type": "application/json"} if isinstance(body, bytes) else {}
        try:
            answer = self._session.request(
                method,
                self._url + path,
                auth=self._auth,
                timeout=self._timeout,
                headers=headers,
                allow_redirects=False,
                **how,
            )
            told = answer.json() if len(answer.content) <= MOST_BYTES else None
        except (requests.RequestException, ValueError) as problem:
            raise NoAnswer(type(problem).__name__) from problem
        if answer.status_code in (200, 201, 202) and isinstance(told, dict):
            return told
        return _raise(answer, told)


def _raise(answer: requests.Response, told: Any) -> Json:
    status = answer.status_code
    problem = told if isinstance(told, dict) else {}
    if status >= 500 or status in (408, 425, 429) or not status >= 400:
        raise NoAnswer(
            f"{status} {problem.get('code', '')}", retry_after(answer.headers.get("Retry-After", ""))
        )
    raise Problem(status, str(problem.get("code", "")), str(problem.get("title", "")), problem)


def retry_after(told: str) -> float:
    """Seconds to stay away, at most an hour; nought when it isn't said."""
    told = told.strip()
    if told.isascii() and told.isdigit():
        return min(float(told), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return 0.0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)
