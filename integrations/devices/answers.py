"""A verdict written down for a device, and signed."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from integrations.devices.outgoing import (
    CylinderBrief,
    ReceiptAnswer,
    RefusalSaid,
    ResultSaid,
    Said,
    UploadAnswer,
    VerdictAnswer,
)
from integrations.devices.words import Said as Sentence
from tenants.rules.facts import StampedDate
from tenants.rules.fill import CAUTIONS, Caution
from tenants.rules.refusal import REASONS, Refusal
from tenants.services.uploads import UploadReport
from tenants.services.verdicts import Verdict

HOLDS = timedelta(seconds=60)
SIGNATURE = "hmac-sha256"


def verdict_answer(verdict: Verdict, now: datetime, language: str, key: str) -> dict[str, Any]:
    """The answer as JSON values, with its signature; good for a minute."""
    answer = VerdictAnswer(
        verdict="pass" if verdict.passed else "block",
        refusals=[refusal_said(refusal, language) for refusal in verdict.refusals],
        cautions=[caution_said(Caution(caution), language) for caution in verdict.cautions],
        cylinder=brief(verdict),
        issued_at=moment(now),
        valid_until=moment(now + HOLDS),
        signature="",
    )
    body = answer.model_dump(mode="json")
    return body | {"signature": signature(body, key)}


def signature(body: dict[str, Any], key: str) -> str:
    """hmac-sha256:<hex> over everything but the signature itself, in one fixed spelling."""
    signed = {name: value for name, value in body.items() if name != "signature"}
    text = json.dumps(signed, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{SIGNATURE}:{hmac.new(key.encode(), text.encode(), sha256).hexdigest()}"


def refusal_said(refusal: Refusal, language: str) -> RefusalSaid:
    """A refusal for people and programs."""
    reason = REASONS[refusal]
    return RefusalSaid(
        code=refusal.value,
        message=Sentence(reason.sentence_zh, reason.sentence_en).in_(language),
        severity=reason.severity.value,
        to_do=Sentence(reason.to_do_zh, reason.to_do_en).in_(language),
    )


def caution_said(caution: Caution, language: str) -> Said:
    """A caution for people and programs."""
    return Said(code=caution.value, message=Sentence(*CAUTIONS[caution]).in_(language))


def brief(verdict: Verdict) -> CylinderBrief:
    """What a device may show of the cylinder; all null when this enterprise knows no such label."""
    known = verdict.cylinder
    return CylinderBrief(
        code=verdict.code,
        serial_no=known.serial_no if known else None,
        medium=known.medium_id if known else None,
        kind=known.kind_code if known else None,
        status=known.status if known else None,
        stage=known.stage if known else None,
        fillable_until=_day(verdict.fillable_until),
        next_inspection_on=_stamped(known.next_inspection) if known else None,
        end_of_life_on=_stamped(known.end_of_life) if known else None,
        tare_kg=_number(known.tare_kg) if known else None,
        max_fill_kg=_number(known.max_fill_kg) if known else None,
        volume_l=_number(known.volume_l) if known else None,
    )


def receipt_answer(
    upload: str, accepted: int, duplicates: int, malformed: list[Any], notes: list[Any]
) -> dict[str, Any]:
    """What a device is told once its events are durable."""
    answer = ReceiptAnswer(
        upload=upload, accepted=accepted, duplicates=duplicates, malformed=malformed, notes=notes
    )
    return answer.model_dump(mode="json")


def upload_answer(report: UploadReport, language: str) -> dict[str, Any]:
    """What became of an upload."""
    results = [
        ResultSaid(
            id=str(result.id),
            state=result.state,  # type: ignore[arg-type]
            refusals=list(result.refusals),
            code=result.code,
            message=result.message.get(language, ""),
        )
        for result in report.results
    ]
    return UploadAnswer(state="done" if report.done else "queued", results=results).model_dump(mode="json")


def moment(at: datetime) -> str:
    """A moment in UTC, as 2026-03-01T00:15:00.123Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _stamped(date_: StampedDate | None) -> str | None:
    return None if date_ is None else _day(date_.on)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
