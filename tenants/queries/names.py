"""Names of media and kinds of cylinder, from the reference tables in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import InspectionCycle, Medium, MediumCode, ViolationKind
from tenants.rules.findings import hazard_of


@dataclass(frozen=True, slots=True)
class Named:
    """A key and what people call it."""

    key: str
    zh: str
    en: str


def media(session: Session) -> dict[str, Named]:
    """Every medium, by key."""
    rows = session.execute(
        select(Medium.key, Medium.name_zh, Medium.name_en)
        .where(Medium.valid_to.is_(None))
        .order_by(Medium.key)
    )
    return {row.key: Named(row.key, row.name_zh, row.name_en) for row in rows}


def own_media(session: Session) -> Sequence[tuple[str, Named]]:
    """The enterprise's medium codes in use, each with its medium."""
    known = media(session)
    rows = session.execute(
        select(MediumCode.code, MediumCode.medium_id)
        .where(MediumCode.retired_at.is_(None))
        .order_by(MediumCode.code)
    )
    return tuple(
        (row.code, known.get(row.medium_id, Named(row.medium_id, row.medium_id, row.medium_id)))
        for row in rows
    )


def kinds(session: Session) -> dict[str, str]:
    """Kinds of cylinder, by code, in Chinese."""
    rows = session.execute(
        select(InspectionCycle.kind_code, InspectionCycle.kind_zh)
        .where(InspectionCycle.valid_to.is_(None))
        .distinct()
        .order_by(InspectionCycle.kind_code)
    )
    return {row.kind_code: row.kind_zh for row in rows}


def hazards(session: Session) -> dict[int, Named]:
    """Kinds of violation as an inspector's hazards, by number."""
    rows = session.execute(
        select(ViolationKind.key, ViolationKind.name_zh, ViolationKind.name_en)
        .where(ViolationKind.valid_to.is_(None))
        .order_by(ViolationKind.key)
    )
    known = {hazard_of(row.key): Named(row.key, row.name_zh, row.name_en) for row in rows}
    return {number: named for number, named in known.items() if number is not None}
