"""A verdict before the fill: may this cylinder be filled now, by this person, with this medium?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from tenants.rules.codes import MalformedCode, ScannedCode, parse_scan
from tenants.rules.facts import CylinderFacts, EnterpriseFacts, FillAttempt, FillFacts, LabelFacts
from tenants.rules.fill import cautions, fillable_until, refusals
from tenants.rules.refusal import Refusal
from tenants.services.apply.event import SHANGHAI


class FactsSource(Protocol):
    """Where facts come from: PostgreSQL or the enterprise's cache; a verdict can't tell which."""

    def enterprise(self) -> EnterpriseFacts:
        """The enterprise that asks."""
        ...

    def by_code(self, code: str) -> tuple[LabelFacts | None, CylinderFacts | None]:
        """The enterprise's label with these 17 digits and the cylinder it stands on."""
        ...

    def by_uid(self, uid: str) -> tuple[LabelFacts | None, CylinderFacts | None]:
        """The same by the chip of an RFID label (upper-case hex)."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a device asks: what it scanned, and what is to be filled by whom."""

    at: datetime
    label: str | None = None
    uid: str | None = None
    medium: str | None = None
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer: no refusals means pass."""

    refusals: tuple[Refusal, ...]
    cautions: tuple[str, ...]
    code: str | None
    cylinder: CylinderFacts | None
    fillable_until: date | None

    @property
    def passed(self) -> bool:
        """Whether it may be filled."""
        return not self.refusals


def judge(source: FactsSource, wanted: Wanted) -> Verdict:
    """Ask the rule with the facts of this source."""
    enterprise = source.enterprise()
    scanned = _read(wanted.label, enterprise.district)
    uid = wanted.uid.upper() if wanted.uid else None
    label, cylinder, chip = None, None, None
    if scanned is not None:
        label, cylinder = source.by_code(scanned.code)
        chip = source.by_uid(uid)[0] if uid else None
    elif uid and not wanted.label:
        label, cylinder = source.by_uid(uid)
    medium_id = medium_of(enterprise, wanted.medium)
    attempt = FillAttempt(
        at=wanted.at,
        on=wanted.at.astimezone(SHANGHAI).date(),
        scanned=scanned,
        scan_malformed=scanned is None and bool(wanted.label),
        uid=uid,
        medium_id=medium_id,
        medium_unknown=bool(wanted.medium) and medium_id is None,
        operator_code=wanted.operator,
    )
    facts = FillFacts(cylinder=cylinder, label=label, enterprise=enterprise, attempt=attempt, chip=chip)
    return Verdict(
        refusals=refusals(facts),
        cautions=tuple(caution.value for caution in cautions(facts)),
        code=scanned.code if scanned else (label.code if label else None),
        cylinder=cylinder,
        fillable_until=fillable_until(cylinder) if cylinder else None,
    )


def medium_of(enterprise: EnterpriseFacts, wanted: str | None) -> str | None:
    """The medium that a device named by the enterprise's two digits or by its key; None when it named none or an unknown one."""
    if not wanted:
        return None
    codes = dict(enterprise.medium_codes)
    return codes.get(wanted) or (wanted if wanted in codes.values() else None)


def _read(label: str | None, district: str) -> ScannedCode | None:
    try:
        return parse_scan(label, district) if label else None
    except MalformedCode:
        return None
