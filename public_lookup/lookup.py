"""One answer to one code: what the database tells a citizen, judged by the rule, in a shape that page and JSON share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from public_lookup.words import explained
from tenants.rules.facts import NON_REFILLABLE_KINDS, CylinderFacts, LabelFacts, StampedDate
from tenants.rules.fill import CAUTIONS
from tenants.rules.label_words import Genuine
from tenants.rules.public import ALARMS, Alarm, public_status
from tenants.rules.states import CylinderStatus, DatePrecision, LabelKind, LabelState, Ownership, Stage

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
    assay: Mapping[str, Any] | None
    genuine: Genuine


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that an answer says but its moment; `face` is a key of FACES."""

    face: str
    language: str
    code: str | None
    known: Known | None
    reasons: tuple[tuple[str, str, str], ...]

    def sentences(self) -> list[str]:
        """The reasons in the answer's language."""
        return [english if self.language == "en" else chinese for _, chinese, english in self.reasons]


def known_of(told: Mapping[str, Any], code: str, today: date, genuine: Genuine = Genuine.ABSENT) -> Known:
    """What is shown on a day (Asia/Shanghai) of a code that exists, from what `gas.public_cylinder` tells of it."""
    status, reasons = judged(told, today, genuine)
    return Known(
        code=code,
        status=status,
        reasons=reasons,
        family=(told["medium"] or NOTHING).get("family"),
        enterprise=told["enterprise"],
        medium=told["medium"] or NOTHING,
        cylinder=told["cylinder"] or NOTHING,
        last_fill=told["last_fill"],
        assay=told["assay"],
        genuine=genuine,
    )


def judged(
    told: Mapping[str, Any], today: date, genuine: Genuine
) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """The rule's word on what the database told."""
    cylinder, label = told["cylinder"], told["label"]
    known_label = LabelFacts(
        code=label["code"],
        kind=LabelKind(label["kind"]),
        state=LabelState(label["state"]),
        disputed=label["disputed"],
    )
    alarms = (
        *((Alarm.LABEL_FORGED,) if genuine is Genuine.WRONG else ()),
        *((Alarm.BATCH_FAILED,) if told["assay"] and not told["assay"]["passed"] else ()),
    )
    verdict = public_status(facts_of(cylinder) if cylinder else None, known_label, today, alarms)
    state = None if cylinder else known_label.state
    told_why = [(alarm.value, *ALARMS[alarm]) for alarm in verdict.alarms]
    told_why += [(refusal.value, *explained(refusal, state)) for refusal in verdict.reasons]
    told_why += [(caution.value, *CAUTIONS[caution]) for caution in verdict.cautions]
    return verdict.status.value, tuple(told_why)


def facts_of(cylinder: Mapping[str, Any]) -> CylinderFacts:
    """The rule's facts, as far as a citizen is told them; ids stay behind the wall."""
    return CylinderFacts(
        id=UUID(int=0),
        version=0,
        tenant_id=0,
        serial_no=cylinder["serial_no"],
        kind_code=cylinder["kind_code"],
        medium_id=cylinder["medium_id"],
        status=CylinderStatus(cylinder["status"]),
        stage=Stage(cylinder["stage"]),
        ownership=Ownership(cylinder["ownership"]),
        registered=cylinder["registered"],
        stopped=cylinder["stopped"],
        non_refillable=cylinder["kind_code"] in NON_REFILLABLE_KINDS,
        made=stamped(cylinder, "made"),
        next_inspection=stamped(cylinder, "next_inspection"),
        end_of_life=stamped(cylinder, "end_of_life"),
        valve_end_of_life=stamped(cylinder, "valve_end_of_life"),
    )


def stamped(cylinder: Mapping[str, Any], name: str) -> StampedDate | None:
    """A date with its precision, None when it isn't recorded."""
    on = cylinder[f"{name}_on"]
    return StampedDate(date.fromisoformat(on), DatePrecision(cylinder[f"{name}_precision"])) if on else None


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
