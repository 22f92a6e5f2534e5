"""A reading as JSON values: what the API answers and what the shared vectors expect. Bytes are hex, times end in Z."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from integrations.devices.tags.chain import FindingRead
from integrations.devices.tags.reading import Reading
from integrations.devices.tags.sections import Base, Fill


def told(reading: Reading) -> dict[str, Any]:
    """Verdict, flaws in order, and each part or null."""
    return {
        "verdict": reading.verdict.value,
        "flaws": [
            {"part": flaw.part.value, "fault": flaw.fault.value, "at": flaw.at} for flaw in reading.flaws
        ],
        "url": reading.url,
        "base": base_told(reading.base) if reading.base else None,
        "fill": fill_told(reading.fill) if reading.fill else None,
        "findings": [finding_told(each) for each in reading.findings],
        "secret": None if reading.secret is None else reading.secret.hex(),
        "seen": asdict(reading.seen) if reading.seen else None,
    }


def base_told(base: Base) -> dict[str, Any]:
    """The base in JSON's values."""
    return {
        "kid": base.kid,
        "code": base.code,
        "due_on": base.due_on.isoformat() if base.due_on else None,
        "scrap_on": base.scrap_on.isoformat() if base.scrap_on else None,
        "status": base.status,
        "seq": base.seq,
        "issued_at": moment(base.issued_at),
        "max_fill_g": base.max_fill_g,
    }


def fill_told(fill: Fill) -> dict[str, Any]:
    """The last fill in JSON's values."""
    return {
        "kid": fill.kid,
        "seq": fill.seq,
        "filled_at": moment(fill.filled_at),
        "net_g": fill.net_g,
        "station": fill.station,
        "operator": fill.operator,
    }


def finding_told(each: FindingRead) -> dict[str, Any]:
    """A finding in JSON's values."""
    found = each.finding
    return {
        "kid": found.kid,
        "seq": found.seq,
        "found_at": moment(found.found_at),
        "hazard": found.hazard,
        "disposition": found.disposition,
        "fault": each.fault.value if each.fault else None,
    }


def moment(at: datetime) -> str:
    """A whole minute of UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:00Z")
