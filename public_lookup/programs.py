"""The JSON a program reads. The moment of the question is left open, as in a page."""

from __future__ import annotations

import json
from typing import Any

from public_lookup import lookup
from public_lookup.lookup import DATES, Known, Said
from public_lookup.pages import TIME
from public_lookup.words import FACES


def as_json(said: Said) -> tuple[bytes, ...]:
    """The public JSON in pieces; what isn't known is null. `precision` says which dates name only a month."""
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
        "batch": _batch(known),
        "label": {"signature": known.genuine.value} if known else None,
        "checked_at": TIME,
    }
    if said.face in ("too_many", "unavailable"):
        body["reasons"] = [{"code": said.face, "message": FACES[said.face].next[0].in_(said.language)}]
    before, _, after = json.dumps(body, ensure_ascii=False).rpartition(json.dumps(TIME))
    return f'{before}"'.encode(), TIME.encode(), f'"{after}'.encode()


def _batch(known: Known | None) -> dict[str, Any] | None:
    """The batch of the last fill, and how its newest assay ended where there is one."""
    if known is None or known.last_fill is None or not known.last_fill["batch"]:
        return None
    return {
        "number": known.last_fill["batch"],
        "assay_passed": known.assay["passed"] if known.assay else None,
        "assayed_on": known.assay["assayed_on"] if known.assay else None,
    }


def _medium(known: Known | None, language: str) -> dict[str, Any] | None:
    if known is None or not known.medium:
        return None
    return {"code": known.medium["code"], "name": known.medium["name_en" if language == "en" else "name_zh"]}
