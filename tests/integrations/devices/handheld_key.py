"""A handheld of the tests: it makes its key, enrols, and signs."""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.enrolment import OpenedEnrolment, open_enrolment
from tests.cast import Enterprise
from tests.integrations.devices.gateway import PREFIX


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def opened(e: Enterprise, now: Any, role: Role = Role.FILLER, name: str = "") -> OpenedEnrolment:
    """A token as the enterprise's manager gets it."""
    with scope.tenant_scope(e.tenant_id) as session:
        return open_enrolment(session, Actor(role=Role.ADMIN, username="boss"), role, now, name)


def enrol(
    client: FlaskClient, token: str, private: Ed25519PrivateKey | None = None, **changes: Any
) -> TestResponse:
    """What a handheld sends; a change to `...` leaves the field out."""
    key = private or Ed25519PrivateKey.generate()
    body = {
        "token": token,
        "public_key": b64(key.public_key().public_bytes_raw()),
        "name": "",
        "model": "UROVO DT50",
        **changes,
    }
    sent = {name: value for name, value in body.items() if value is not ...}
    return client.post(f"{PREFIX}/enrol", json=sent, headers={"Accept-Language": "en"})
