"""What a snapshot says of the whole enterprise: licence, media, people, assays; and the words for codes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import Medium
from tenants.rules import facts as known
from tenants.rules.fill import refusals
from tenants.rules.limits import MASS_TOLERANCE_KG
from tenants.rules.papers import FILLING_ITEMS
from tenants.rules.refusal import REASONS
from tenants.services.apply.event import SHANGHAI
from tenants.services.snapshot.table import OF_THE_SITE


def site(enterprise: known.EnterpriseFacts, now: datetime) -> dict[str, Any]:
    """Everything that a fill depends on and that isn't a cylinder's."""
    return {
        "refused": _refused_now(enterprise, now),
        "licence_until": _said(enterprise.licence_expires_on),
        "licensed": list(enterprise.licence_media) if enterprise.licence_no is not None else None,
        "medium_codes": dict(enterprise.medium_codes),
        "assay_required": list(enterprise.assay_required),
        "assays": [_assay(assay) for assay in enterprise.assays],
        "operators": [_operator(person) for person in enterprise.operators],
        "check_valid_hours": enterprise.check_valid_hours,
        "mass_tolerance_g": int(MASS_TOLERANCE_KG * 1000),
    }


def _refused_now(enterprise: known.EnterpriseFacts, now: datetime) -> list[str]:
    attempt = known.FillAttempt(at=now, on=now.astimezone(SHANGHAI).date())
    found = refusals(known.FillFacts(None, None, enterprise, attempt))
    return [refusal.value for refusal in found if refusal in OF_THE_SITE]


def _assay(assay: known.AssayFacts) -> dict[str, Any]:
    return {
        "medium": assay.medium_id,
        "batch": assay.batch,
        "passed": assay.passed,
        "on": _said(assay.assayed_on),
        "until": _said(assay.valid_until),
    }


def _operator(person: known.OperatorFacts) -> dict[str, Any]:
    ends = [one.expires_on for one in person.certificates if one.item in FILLING_ITEMS]
    known_ends = [end for end in ends if end is not None]
    return {
        "code": person.code,
        "left_on": _said(person.left_on),
        "certified": bool(ends),
        "until": _said(max(known_ends)) if known_ends and len(known_ends) == len(ends) else None,
    }


def names(session: Session, media: Iterable[str]) -> dict[str, Any]:
    """Words for refusals and media in both languages."""
    rows = session.execute(
        select(Medium.key, Medium.name_zh, Medium.name_en).where(
            Medium.key.in_(list(media)), Medium.valid_to.is_(None)
        )
    )
    return {
        "refusals": {
            code.value: {
                "zh": reason.sentence_zh,
                "en": reason.sentence_en,
                "to_do_zh": reason.to_do_zh,
                "to_do_en": reason.to_do_en,
                "severity": reason.severity.value,
            }
            for code, reason in REASONS.items()
        },
        "media": {row.key: {"zh": row.name_zh, "en": row.name_en} for row in rows},
    }


def _said(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
