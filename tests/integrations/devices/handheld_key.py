"""A handheld of the tests: it makes its key, enrols, and signs."""

from __future__ import annotations

import base64
import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.enrolment import OpenedEnrolment, open_enrolment
from tests.cast import Enterprise
from tests.integrations.devices.gateway import PREFIX

ORIGIN = "http://127.0.0.1:8000"


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


@dataclass
class Handheld:
    """An enrolled device: what it sends is signed with its key, unless a test spoils it."""

    client: FlaskClient
    private: Ed25519PrivateKey
    told: dict[str, Any]

    @property
    def key_id(self) -> str:
        return str(self.told["key_id"])

    def headers(
        self,
        method: str,
        path: str,
        body: bytes,
        *,
        cover: tuple[str, ...] | None = None,
        origin: str = ORIGIN,
        digest: bytes | None = None,
        **changes: Any,
    ) -> dict[str, str]:
        """The headers of a signed request; a parameter changed to `...` is left out."""
        digested = b64(sha256(body if digest is None else digest).digest())
        values = {
            "@method": method,
            "@target-uri": origin + PREFIX + path,
            "content-digest": f"sha-256=:{digested}:",
            "accept-language": "en",
        }
        covered = cover or ("@method", "@target-uri", *(("content-digest",) if body else ()))
        given = {
            "created": int(time.time()), "keyid": self.key_id, "alg": "ed25519", "nonce": os.urandom(12).hex(), "tag": "qp-device",
            **changes,
        }  # fmt: skip
        spelled = "".join(
            f";{name}={value}" if isinstance(value, int) else f';{name}="{value}"'
            for name, value in given.items()
            if value is not ...
        )
        quoted = " ".join(f'"{name}"' for name in covered)
        params = f"({quoted}){spelled}"
        lines = [f'"{name}": {values[name]}' for name in covered] + [f'"@signature-params": {params}']
        signature = b64(self.private.sign("\n".join(lines).encode()))
        return {
            "Accept-Language": "en",
            **({"Content-Digest": values["content-digest"]} if body else {}),
            "Signature-Input": f"sig1={params}",
            "Signature": f"sig1=:{signature}:",
        }

    def get(self, path: str, **spoilt: Any) -> TestResponse:
        return self.client.get(PREFIX + path, headers=self.headers("GET", path, b"", **spoilt))

    def post(self, path: str, body: Any, **spoilt: Any) -> TestResponse:
        data = json.dumps(body).encode()
        return self.client.post(
            PREFIX + path,
            data=data,
            headers=self.headers("POST", path, data, **spoilt),
            content_type="application/json",
        )


def handheld(app: Flask, e: Enterprise, role: Role = Role.FILLER, name: str = "") -> Handheld:
    """A device of an enterprise, freshly enrolled."""
    client, private = app.test_client(), Ed25519PrivateKey.generate()
    answer = enrol(client, opened(e, datetime.now(UTC), role, name).token, private)
    assert answer.status_code == 201, answer.text
    return Handheld(client, private, answer.get_json())
