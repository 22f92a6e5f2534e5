"""One answer to one code: what the database tells a citizen, judged by the rule, in a shape that page and JSON share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

CHINA = ZoneInfo("Asia/Shanghai")
DATES = ("made", "last_inspection", "next_inspection", "end_of_life")
NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Known:
    """What is shown of a code that exists; `family` is the address it belongs to (Q or L), None where the medium isn't known."""

    code: str
    status: str
    reasons: tuple[tuple[str, str, str], ...]  # code, Chinese, English
    family: str | None
    enterprise: Mapping[str, Any]
    medium: Mapping[str, Any]
    cylinder: Mapping[str, Any]
    last_fill: Mapping[str, Any] | None


def look_up(session: Session, code: str, now: datetime) -> Known | None:
    """The answer for a well-formed code, None when nobody has issued it."""
    told = session.scalar(text("SELECT gas.public_cylinder(:code)"), {"code": code})
    if told is None:
        return None
    status, reasons = judged(told, now.astimezone(CHINA).date())
    return Known(
        code=code,
        status=status,
        reasons=reasons,
        family=(told["medium"] or NOTHING).get("family"),
        enterprise=told["enterprise"],
        medium=told["medium"] or NOTHING,
        cylinder=told["cylinder"] or NOTHING,
        last_fill=told["last_fill"],
    )


def judged(told: Mapping[str, Any], today: date) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """The rule's word on what the database told."""
    raise NotImplementedError


def day(cylinder: Mapping[str, Any], name: str) -> str | None:
    """A date to be read: to the month (2026-03) where only the month is stamped."""
    on: str | None = cylinder.get(f"{name}_on")
    return on[:7] if on and cylinder.get(f"{name}_precision") == "month" else on


def moment(stamp: str) -> datetime:
    """A time from the database, in China's time."""
    return datetime.fromisoformat(stamp).astimezone(CHINA)


def utc(stamp: str) -> str:
    """A time from the database, as UTC to the second."""
    return datetime.fromisoformat(stamp).astimezone(UTC).isoformat(timespec="seconds")
