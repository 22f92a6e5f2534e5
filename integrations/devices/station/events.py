"""A fill as the device API wants it; weights in kg, exactly as many grams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from integrations.devices.station.machine import residue_of
from integrations.devices.station.seen import Release
from integrations.devices.station.words import Why

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gun:
    """What every event of this station says of where it was."""

    gun: str
    place: str | None = None
    medium: str | None = None


def draft(gun: Gun, release: Release, operator: str | None, moment: str, trust: str) -> Json:
    """What is known when the valve opens; `finished` makes the event of it."""
    answer, override = release.answer, release.override
    data: Json = {
        "medium": gun.medium,
        "gun": gun.gun,
        "tare_kg": release.tare_g / 1000,
        "residual_kg": None if answer.tare_g is None else residue_of(answer.tare_g, release.tare_g) / 1000,
        "started_at": moment,
        "clock": trust,
        "verdict": answer.proof,
    }
    if override is not None:
        data["override"] = {
            "reason": override.reason,
            "operator": override.operator,
            "instead_of": answer.why,
            "refusals": [code for code, _ in answer.refusals],
        }
    event = {
        "kind": "fill",
        "label": release.tag.label,
        "uid": release.tag.uid,
        "operator": override.operator if override else operator,
        "place": gun.place or gun.gun,
        "data": _told(data),
    }
    return _told(event)


def finished(begun: Json, fill_id: str, why: Why, gross_g: int, weighing: str, moment: str) -> Json:
    """The event of a fill that is over. `weighing`: stable, unstable, or last (the last weight before something went wrong)."""
    data = dict(begun["data"])
    tare_g = round(data["tare_kg"] * 1000)
    data |= {
        "gross_kg": gross_g / 1000,
        "net_kg": max(0, gross_g - tare_g) / 1000,
        "ended_at": moment,
        "ended": why.value,
        "weighing": weighing,
    }
    return {**begun, "id": fill_id, "occurred_at": moment, "data": data}


def _told(values: Json) -> Json:
    return {key: value for key, value in values.items() if value not in (None, "")}
