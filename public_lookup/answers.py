"""One answer written down: as the page a person reads, or as the JSON a program reads."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Request, render_template, url_for

from public_lookup import lookup
from public_lookup.lookup import CHINA, DATES, Known
from public_lookup.question import typed
from public_lookup.words import FACES, text
from tenants.rules.codes import grouped

STYLE = Path(__file__).parent / "templates" / "public" / "page.css"


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that an answer says; `face` is a key of FACES."""

    face: str
    status: int
    language: str
    code: str | None
    known: Known | None
    reasons: tuple[tuple[str, str, str], ...]
    checked_at: datetime

    def sentences(self) -> list[str]:
        """The reasons in the answer's language."""
        return [english if self.language == "en" else chinese for _, chinese, english in self.reasons]


@cache
def policy() -> str:
    """The page may use its own style and send its own form, and nothing else."""
    digest = base64.b64encode(sha256(STYLE.read_bytes().removesuffix(b"\n")).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'"
    )


def as_page(said: Said, request: Request) -> str:
    """The page, complete in one response."""
    asked = typed(request)
    switched = {"id": said.code or asked, "lang": "zh" if said.language == "en" else "en"}
    form = {"unknown": "correct", "malformed": "correct", "too_many": "retry", "unavailable": "retry"}.get(
        said.face, "again"
    )
    endpoint = request.endpoint or "public_lookup.industrial"
    return render_template(
        "public/page.html",
        face=FACES[said.face],
        lang=said.language,
        t=text,
        groups=grouped(said.code).split() if said.code else (),
        reasons=said.sentences(),
        facts=facts(said.known, said.language) if said.known else (),
        form=form,
        typed="" if form == "again" else said.code or asked,
        action=url_for(endpoint),
        other_language=url_for(endpoint, **switched),
        checked_at=said.checked_at.replace(microsecond=0),
        clock=said.checked_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
    )


def facts(known: Known, language: str) -> list[tuple[str, str, str]]:
    """The definition list: name, value, and a number to dial where there is one."""
    none = text("none", language)
    cylinder, fill = known.cylinder, known.last_fill
    rows = [
        ("enterprise", known.enterprise["name"]),
        ("licence_no", known.enterprise["licence_no"]),
        ("phone", known.enterprise["phone"]),
        ("medium", known.medium.get("name_en" if language == "en" else "name_zh")),
    ]
    if cylinder:
        rows += [("serial_no", cylinder["serial_no"]), ("maker", cylinder["maker"])]
        rows += [(f"{name}_on", lookup.day(cylinder, name)) for name in DATES]
        rows += [("last_fill_at", f"{lookup.moment(fill['at']):%Y-%m-%d %H:%M}" if fill else None)]
        rows += [("last_fill_kg", f"{fill['net_kg']:g} kg")] if fill and fill["net_kg"] is not None else []
    return [
        (text(key, language), value or none, dial(value) if key == "phone" else "") for key, value in rows
    ]


def dial(phone: str | None) -> str:
    """The digits to dial, empty when there are none."""
    return "".join(sign for sign in phone or "" if sign in "+0123456789")


def as_json(said: Said) -> str:
    """The public JSON; what isn't known is null. `precision` says which dates name only a month."""
    known, cylinder = said.known, said.known.cylinder if said.known else {}
    fill = known.last_fill if known else None
    status = said.face if said.face in ("ok", "due_soon", "do_not_use") else "unknown"
    body: dict[str, Any] = {
        "code": said.code,
        "status": status,
        "headline": FACES[said.face].word.in_(said.language),
        "reasons": [
            {"code": reason[0], "message": message}
            for reason, message in zip(said.reasons, said.sentences(), strict=True)
        ],
        "enterprise": {key: known.enterprise[key] or None for key in ("name", "licence_no", "phone")}
        if known
        else None,
        "medium": _medium(known, said.language),
        "kind": cylinder.get("kind_code"),
        "serial_no": cylinder.get("serial_no"),
        "manufacturer": cylinder.get("maker") or None,
        **{f"{name}_on": cylinder.get(f"{name}_on") for name in DATES},
        "precision": {
            f"{name}_on": cylinder[f"{name}_precision"] for name in DATES if cylinder.get(f"{name}_on")
        },
        "last_fill": {
            "at": lookup.utc(fill["at"]),
            "net_kg": fill["net_kg"],
            "enterprise": known.enterprise["name"],
        }
        if fill and known
        else None,
        "checked_at": said.checked_at.isoformat(timespec="seconds"),
    }
    if said.face in ("too_many", "unavailable"):
        body["reasons"] = [{"code": said.face, "message": FACES[said.face].next[0].in_(said.language)}]
    return json.dumps(body, ensure_ascii=False)


def _medium(known: Known | None, language: str) -> dict[str, Any] | None:
    if known is None or not known.medium:
        return None
    return {"code": known.medium["code"], "name": known.medium["name_en" if language == "en" else "name_zh"]}
