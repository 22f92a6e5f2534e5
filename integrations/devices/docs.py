"""The readable page about the API: the same views and shapes as the OpenAPI document, in Chinese or English, without a script."""

from __future__ import annotations

import base64
import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from flask import Flask, Response, make_response, render_template
from pydantic import BaseModel

from integrations.devices import calls as words_of_calls
from integrations.devices.openapi import Call, calls_of
from integrations.devices.outgoing import CylinderBrief, MalformedSaid, RefusalSaid, ResultSaid
from integrations.devices.schemas import Event, Position
from integrations.devices.shape import described
from integrations.devices.words import EVENTS, FLAWS, NOTES, PROBLEMS, Said
from tenants.rules.fill import CAUTIONS
from tenants.rules.refusal import REASONS
from tenants.rules.states import NAMES, EventKind

STYLE = Path(__file__).parent / "templates" / "devices" / "docs.css"
INSIDE = (Event, Position, MalformedSaid, RefusalSaid, CylinderBrief, ResultSaid)


def page(app: Flask, language: str, origin: str) -> Response:
    """The page; it may use its own style and nothing else."""
    other = "zh" if language == "en" else "en"
    calls = list(calls_of(app))
    shown = render_template(
        "devices/docs.html",
        lang=language,
        other=other,
        t=lambda zh, en: Said(zh, en).in_(language),
        calls=[_told(call, language, origin) for call in calls],
        inside=[(shape.__name__, fields(shape, language)) for shape in INSIDE],
        kinds=[
            (kind.value, getattr(NAMES[kind], language), words_of_calls.DATA[kind.value])
            for kind in EventKind
        ],
        problems=[(code, status, said.in_(language)) for code, (status, said) in PROBLEMS.items()],
        malformed=[(code, said.in_(language)) for code, said in {**EVENTS, **FLAWS}.items()],
        notes=[(code, said.in_(language)) for code, said in NOTES.items()],
        refusals=[
            (code.value, Said(r.sentence_zh, r.sentence_en).in_(language), r.clause)
            for code, r in REASONS.items()
        ],
        cautions=[(code.value, Said(*said).in_(language)) for code, said in CAUTIONS.items()],
        origin=origin,
        per_second=app.config["SETTINGS"].device_calls_per_second,
    )
    response = make_response(shown)
    response.headers["Content-Security-Policy"] = policy()
    return response


@cache
def policy() -> str:
    """The page's own style sheet by its hash, and nothing else."""
    digest = base64.b64encode(sha256(STYLE.read_bytes().removesuffix(b"\n")).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


def _told(call: Call, language: str, origin: str) -> dict[str, Any]:
    said = call.said
    return {
        "method": call.method,
        "path": call.path,
        "anchor": call.name,
        "summary": said.summary.in_(language),
        "detail": said.detail.in_(language),
        "roles": call.roles if call.needs_token else (),
        "body": fields(said.body, language) if said.body else (),
        "status": said.status,
        "answer": fields(said.answer, language) if said.answer else (),
        "problems": sorted({PROBLEMS[code][0] for code in call.problems}),
        "curl": curl(call, origin),
    }


def _filled_in(path: str) -> str:
    return path.replace("{upload_id}", "$UPLOAD").replace("{uid}", "$CHIP")


def curl(call: Call, origin: str) -> str:
    """A command to copy: the shell's TOKEN, UPLOAD and CHIP are filled in by whoever runs it."""
    parts = [f"curl -sS -X {call.method} {origin}{_filled_in(call.path)}"]
    if call.needs_token:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if call.said.body is not None:
        parts.append("-H 'Content-Type: application/json'")
        parts.append(f"-d '{json.dumps(call.said.example, ensure_ascii=False)}'")
    return " \\\n  ".join(parts)


def fields(shape: type[BaseModel], language: str) -> list[tuple[str, str, bool, str]]:
    """Name, type, whether it may be left out, and what it is."""
    return [
        (name, _type(field.annotation), not field.is_required(), described(shape, name).in_(language))
        for name, field in shape.model_fields.items()
    ]


def _type(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        return " | ".join(_type(part) for part in get_args(annotation))
    if origin is list:
        return f"[{_type(get_args(annotation)[0])}, …]"
    if annotation is type(None):
        return "null"
    if origin is not None and hasattr(annotation, "__metadata__"):
        return _type(get_args(annotation)[0])
    if origin is dict:
        return "object"
    if origin is not None:
        return " | ".join(f'"{value}"' for value in get_args(annotation))
    names = {str: "string", int: "integer", float: "number", bool: "boolean"}
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))
