"""The OpenAPI 3.1 document, made by looking at the views that are really there and at the shapes that really check."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic.json_schema import models_json_schema

from integrations.devices.describe import Description, description_of
from integrations.devices.outgoing import ProblemDetails
from integrations.devices.schemas import Shape
from integrations.devices.words import PROBLEMS
from tenants.permissions import GRANTS, OPEN, Permission
from tenants.planes import Plane

VERSION = "1.0.0"
NAME = "devices"
OF_EVERY_CALLER = (
    "bad_token", "bad_signature", "signature_incomplete", "bad_digest", "clock_skew", "signature_expired", "replayed", "unknown_key",
    "key_revoked", "not_allowed", "too_many", "unavailable",
)  # fmt: skip
JSON, PROBLEM = "application/json", "application/problem+json"
UUID_SCHEMA = {"type": "string", "format": "uuid"}
PATH_SCHEMAS = {"uid": {"type": "string", "pattern": "^([0-9A-Fa-f]{2}){4,16}$"}}
BOTH = {"description": "zh or en; Chinese where neither is asked for", "schema": {"type": "string"}}


@dataclass(frozen=True, slots=True)
class Call:
    """One view as a caller sees it."""

    method: str
    path: str
    name: str
    permission: Permission
    said: Description

    @property
    def needs_token(self) -> bool:
        """Whether a device must say who it is."""
        return self.permission not in OPEN and GRANTS[self.permission].plane is Plane.DEVICE

    @property
    def problems(self) -> tuple[str, ...]:
        """Codes of every problem that the call can end with."""
        return (*self.said.problems, *(OF_EVERY_CALLER if self.needs_token else ()))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of devices that may make the call; none where anybody may."""
        return tuple(sorted(role.value for role in GRANTS[self.permission].roles))


def calls_of(app: Flask) -> Iterator[Call]:
    """Every described view of this API, by path."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        said = description_of(view)
        if rule.endpoint.startswith(f"{NAME}.") and said is not None:
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            path = re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", r"{\1}", rule.rule)
            yield Call(method, path, rule.endpoint.removeprefix(f"{NAME}."), view.permission, said)  # type: ignore[attr-defined]


def document(app: Flask) -> dict[str, Any]:
    """The whole document."""
    calls = list(calls_of(app))
    bodies, answers = shapes_of(calls)
    modes = [(shape, "validation") for shape in bodies] + [(shape, "serialization") for shape in answers]
    _, schemas = models_json_schema(modes, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Cylinder traceability: device API",
            "version": VERSION,
            "description": "For filling guns, scales, gateways and handhelds. Errors are RFC 9457 problem details with a stable"
            " `code`. Sentences come in Chinese or English by Accept-Language.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "From `devices issue-token`."},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature-Input",
                    "description": "HTTP Message Signature (RFC 9421), `ed25519`, tag `qp-device`, with `Signature` and"
                    " `Content-Digest`; see docs/device-keys.md.",
                },
            },
        },
    }


def shapes_of(calls: list[Call]) -> tuple[list[type[Shape]], list[Any]]:
    """What goes in and what comes out, each shape once."""
    bodies = dict.fromkeys(call.said.body for call in calls if call.said.body is not None)
    answers = dict.fromkeys(call.said.answer for call in calls if call.said.answer is not None)
    return list(bodies), [*answers, ProblemDetails]  # type: ignore[arg-type]


def _operation(call: Call) -> dict[str, Any]:
    said = call.said
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": said.summary.en,
        "description": said.detail.en,
        "x-summary-zh": said.summary.zh,
        "x-description-zh": said.detail.zh,
        "parameters": [
            {"name": "Accept-Language", "in": "header", "required": False, **BOTH},
            *_path_parameters(call.path),
            *_query_parameters(call),
        ],
        "security": [{"bearer": []}, {"signature": []}] if call.needs_token else [],
        "responses": _responses(call),
    }
    if said.body is not None:
        content: dict[str, Any] = {"schema": _ref(said.body)}
        operation["requestBody"] = {
            "required": True,
            "content": {JSON: content | ({"example": said.example} if said.example else {})},
        }
    return operation


def _path_parameters(path: str) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", path):
        yield {"name": name, "in": "path", "required": True, "schema": PATH_SCHEMAS.get(name, UUID_SCHEMA)}


def _query_parameters(call: Call) -> Iterator[dict[str, Any]]:
    for name, said in call.said.query:
        told = {"description": said.en, "x-description-zh": said.zh, "schema": {"type": "string"}}
        yield {"name": name, "in": "query", "required": False, **told}


def _responses(call: Call) -> dict[str, Any]:
    said = call.said
    content = {JSON: {"schema": _ref(said.answer)}} if said.answer is not None else {said.file: {}}
    good: dict[str, Any] = {"description": said.summary.en, "content": content}
    by_status: dict[int, list[str]] = {}
    for code in call.problems:
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    return {str(said.status): good} | {
        str(status): _bad(codes) for status, codes in sorted(by_status.items())
    }


def _bad(codes: list[str]) -> dict[str, Any]:
    bad: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {PROBLEMS[code][1].en}" for code in codes),
        "content": {PROBLEM: {"schema": _ref(ProblemDetails)}},
    }
    if {"too_many", "unavailable"} & set(codes):
        bad["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    if "bad_token" in codes:
        bad["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return bad


def _ref(shape: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{shape.__name__}"}
