"""What the rule is told: frozen facts of a cylinder, of its enterprise and of what is being tried.

Every one of them can be written as JSON and read back unchanged, because the verdict cache keeps them so. Masses are in kg, volumes in
litres, pressures in MPa (gauge), temperatures in °C.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tenants.rules.codes import ScannedCode
from tenants.rules.jsonable import Jsonable
from tenants.rules.states import (
    CylinderStatus,
    DatePrecision,
    LabelKind,
    LabelState,
    LicenceState,
    Ownership,
    Stage,
    TenantStatus,
)

NON_REFILLABLE_KINDS = frozenset({"NONREFILL"})  # kinds of inspection_cycles.csv that are filled once


@dataclass(frozen=True, slots=True)
class StampedDate(Jsonable):
    """A date as it is stamped: to the day, or only to the month."""

    on: date
    precision: DatePrecision = DatePrecision.DAY

    def last_legal_day(self) -> date:
        """The last day on which the date still holds: a month holds to its end (docs/decisions says why)."""
        if self.precision is DatePrecision.DAY:
            return self.on
        return self.on.replace(day=calendar.monthrange(self.on.year, self.on.month)[1])


@dataclass(frozen=True, slots=True)
class LabelFacts(Jsonable):
    """One label; `disputed` means that somebody found it on a second cylinder."""

    code: str
    kind: LabelKind
    state: LabelState
    uid: str | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class CylinderFacts(Jsonable):
    """One cylinder as it stands in the archive; `version` rises with every change of any of these."""

    id: UUID
    version: int
    tenant_id: int
    serial_no: str
    kind_code: str
    medium_id: str
    status: CylinderStatus
    stage: Stage
    ownership: Ownership
    registered: bool
    non_refillable: bool
    made: StampedDate | None = None
    next_inspection: StampedDate | None = None
    end_of_life: StampedDate | None = None
    valve_end_of_life: StampedDate | None = None
    volume_l: Decimal | None = None
    nominal_pressure_mpa: Decimal | None = None
    tare_kg: Decimal | None = None
    max_fill_kg: Decimal | None = None
    porosity: Decimal | None = None
    checked_at: datetime | None = None
    check_passed: bool | None = None
    filled_at: datetime | None = None
    stopped: bool = False
    labels: tuple[LabelFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificateFacts(Jsonable):
    """What a certificate covers (P: cylinder filling) and until which day, inclusive."""

    item: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class OperatorFacts(Jsonable):
    """A worker, known by the code only."""

    code: str
    left_on: date | None = None
    certificates: tuple[CertificateFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class AssayFacts(Jsonable):
    """The newest assay of a batch, or of the medium at large (batch None)."""

    medium_id: str
    batch: str | None
    passed: bool
    assayed_on: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class LimitFacts(Jsonable):
    """A filling limit from the reference table, with its confidence: whether it may refuse is said in `limits.py`."""

    key: str
    medium_id: str
    limit_kind: str
    value: str
    unit: str
    condition: str
    confidence: str


@dataclass(frozen=True, slots=True)
class EnterpriseFacts(Jsonable):
    """A filling enterprise: licence, media, people, assays, limits."""

    tenant_id: int
    version: int
    district: str
    enterprise: str
    status: TenantStatus = TenantStatus.ACTIVE
    licence_no: str | None = None
    licence_state: LicenceState | None = None
    licence_expires_on: date | None = None
    licence_media: tuple[str, ...] = ()
    medium_codes: tuple[tuple[str, str], ...] = ()
    assay_required: tuple[str, ...] = ()
    assays: tuple[AssayFacts, ...] = ()
    operators: tuple[OperatorFacts, ...] = ()
    limits: tuple[LimitFacts, ...] = ()
    check_valid_hours: int = 24
    entrusted_allowed: bool = False


@dataclass(frozen=True, slots=True)
class FillAttempt(Jsonable):
    """What somebody wants to do, or says was done: `on` is the day in Asia/Shanghai, `at` the moment in UTC."""

    at: datetime
    on: date
    scanned: ScannedCode | None = None
    scan_malformed: bool = False
    uid: str | None = None
    medium_id: str | None = None
    medium_unknown: bool = False
    net_kg: Decimal | None = None
    gross_kg: Decimal | None = None
    tare_kg: Decimal | None = None
    residual_kg: Decimal | None = None
    pressure_mpa: Decimal | None = None
    temperature_c: Decimal | None = None
    batch: str | None = None
    operator_code: str | None = None


@dataclass(frozen=True, slots=True)
class FillFacts(Jsonable):
    """Everything that the rule is told; a cylinder or label that isn't known is None.

    `label` is the one whose code was scanned (or, without a code, whose chip was read). Where a code and a chip were both read, `chip`
    is the label in force that bears this chip, None when no label of the enterprise does.
    """

    cylinder: CylinderFacts | None
    label: LabelFacts | None
    enterprise: EnterpriseFacts
    attempt: FillAttempt
    chip: LabelFacts | None = None
