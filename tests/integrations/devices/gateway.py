"""A gateway of one enterprise before the portal, and events that are in order unless a test says otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants.models.base import new_id
from tests.cast import A, Enterprise

PREFIX = "/api/devices/v1"


@dataclass(frozen=True, slots=True)
class Gateway:
    """One device; `token` is what it sends, empty for none."""

    client: FlaskClient
    token: str

    def headers(self, **more: str) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**bearer, "Accept-Language": "en", **more}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(PREFIX + path, headers=self.headers(**headers))

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        """Send a body as JSON; bytes and texts go as they are."""
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.client.post(
            PREFIX + path, data=data, headers=self.headers(**headers), content_type="application/json"
        )

    def verdict(self, **asked: Any) -> dict[str, Any]:
        response = self.post("/verdicts", {"purpose": "fill", **asked})
        assert response.status_code == 200, response.text
        return response.get_json()

    def upload(self, *events: Any) -> dict[str, Any]:
        response = self.post("/events", {"events": list(events)})
        assert response.status_code == 202, response.text
        return response.get_json()

    def results(self, upload: str) -> dict[str, Any]:
        response = self.get(f"/uploads/{upload}")
        assert response.status_code == 200, response.text
        return response.get_json()


def event(**changes: Any) -> dict[str, Any]:
    """An event in order; a change to `...` leaves the field out."""
    body = {
        "id": str(new_id()),
        "seq": 1,
        "kind": "take_in",
        "occurred_at": datetime.now(UTC).isoformat(),
        "label": A.code("good"),
        "data": {},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def codes(said: list[dict[str, Any]]) -> list[str]:
    return [one["code"] for one in said]


def check(e: Enterprise, name: str = "good") -> dict[str, Any]:
    return event(kind="check_before_fill", label=e.code(name), data={"passed": True})
