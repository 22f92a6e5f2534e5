"""A cylinder that may be filled, and for each refusal the one change that refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from tenants.rules.codes import ScannedCode
from tenants.rules.facts import (
    AssayFacts,
    CertificateFacts,
    CylinderFacts,
    EnterpriseFacts,
    FillAttempt,
    FillFacts,
    LabelFacts,
    LimitFacts,
    OperatorFacts,
    StampedDate,
)
from tenants.rules.refusal import Refusal
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

NOW = datetime(2026, 6, 15, 2, 0, tzinfo=UTC)
TODAY = date(2026, 6, 15)
CODE = "37050200101000001"

LABEL = LabelFacts(CODE, LabelKind.METAL, LabelState.BOUND, uid="04A1B2C3D4E5F6")
CYLINDER = CylinderFacts(
    id=UUID("01900000-0000-7000-8000-000000000001"),
    version=3,
    tenant_id=1,
    serial_no="1031482",
    kind_code="2320LPG",
    medium_id="LPG",
    status=CylinderStatus.IN_USE,
    stage=Stage.CHECKED,
    ownership=Ownership.OWN,
    registered=True,
    non_refillable=False,
    made=StampedDate(date(2022, 3, 1), DatePrecision.MONTH),
    next_inspection=StampedDate(date(2026, 6, 1), DatePrecision.MONTH),
    end_of_life=StampedDate(date(2030, 3, 1), DatePrecision.MONTH),
    valve_end_of_life=StampedDate(date(2026, 6, 15)),
    volume_l=Decimal("35.5"),
    nominal_pressure_mpa=Decimal("2.1"),
    tare_kg=Decimal("16.5"),
    max_fill_kg=Decimal("14.9"),
    checked_at=NOW - timedelta(hours=1),
    check_passed=True,
    filled_at=NOW - timedelta(days=30),
    labels=(LABEL,),
)
ENTERPRISE = EnterpriseFacts(
    tenant_id=1,
    version=7,
    district="370502",
    enterprise="001",
    licence_no="TS42370001-2028",
    licence_state=LicenceState.VALID,
    licence_expires_on=TODAY,
    licence_media=("LPG", "C2H2", "O2"),
    medium_codes=(("01", "LPG"), ("02", "C2H2"), ("03", "O2")),
    operators=(
        OperatorFacts("F1", None, (CertificateFacts("P", TODAY),)),
        OperatorFacts("F2", None, (CertificateFacts("P", TODAY - timedelta(days=1)),)),
        OperatorFacts("F3", None, (CertificateFacts("R2", date(2030, 1, 1)),)),
    ),
    limits=(
        LimitFacts("L01", "LPG", "coef", "0.42", "kg/L", "", "S1 derived"),
        LimitFacts("L04", "C2H2", "max_pressure_during_fill", "2.50", "MPa", "any time", "S2"),
        LimitFacts("L09", "O2", "pressure_at_20C", "nominal_working_pressure", "MPa", "", "S2"),
    ),
)
ATTEMPT = FillAttempt(
    at=NOW, on=TODAY, scanned=ScannedCode(CODE), medium_id="LPG", net_kg=Decimal("14.5"), operator_code="F1"
)
GOOD = FillFacts(CYLINDER, LABEL, ENTERPRISE, ATTEMPT)


def cylinder(**changes: object) -> FillFacts:
    """The good fill with another cylinder."""
    return replace(GOOD, cylinder=replace(CYLINDER, **changes))


def label(**changes: object) -> FillFacts:
    """The good fill with another label."""
    return replace(GOOD, label=replace(LABEL, **changes))


def enterprise(**changes: object) -> FillFacts:
    """The good fill by another enterprise."""
    return replace(GOOD, enterprise=replace(ENTERPRISE, **changes))


def attempt(**changes: object) -> FillFacts:
    """The good cylinder, another attempt."""
    return replace(GOOD, attempt=replace(ATTEMPT, **changes))


def unknown(code: str) -> FillFacts:
    """A code that nobody knows."""
    return FillFacts(None, None, ENTERPRISE, replace(ATTEMPT, scanned=ScannedCode(code)))


OVERDUE = StampedDate(date(2026, 5, 1), DatePrecision.MONTH)
ACETYLENE = {"medium_id": "C2H2", "max_fill_kg": None}

EXAMPLES: dict[Refusal, Callable[[], FillFacts]] = {
    Refusal.MALFORMED_CODE: lambda: FillFacts(
        None, None, ENTERPRISE, replace(ATTEMPT, scanned=None, scan_malformed=True)
    ),
    Refusal.NO_LABEL: lambda: label(state=LabelState.ISSUED),
    Refusal.UNKNOWN_CODE: lambda: unknown("37050200101999999"),
    Refusal.NOT_OWN_CYLINDER: lambda: cylinder(ownership=Ownership.FOREIGN),
    Refusal.LABEL_VOID: lambda: label(state=LabelState.VOID),
    Refusal.LABEL_LOST: lambda: label(state=LabelState.LOST),
    Refusal.LABEL_ON_TWO_CYLINDERS: lambda: label(disputed=True),
    Refusal.TAG_MISMATCH: lambda: attempt(uid="04FFFFFFFFFFFF"),
    Refusal.CONDEMNED: lambda: cylinder(status=CylinderStatus.SCRAPPED),
    Refusal.STOPPED_BY_INSPECTOR: lambda: cylinder(stopped=True),
    Refusal.CANCELLED: lambda: cylinder(status=CylinderStatus.CANCELLED),
    Refusal.SUSPENDED: lambda: cylinder(status=CylinderStatus.SUSPENDED),
    Refusal.NON_REFILLABLE: lambda: cylinder(non_refillable=True),
    Refusal.BEYOND_SERVICE_LIFE: lambda: cylinder(end_of_life=OVERDUE),
    Refusal.INSPECTION_OVERDUE: lambda: cylinder(next_inspection=OVERDUE),
    Refusal.VALVE_TOO_OLD: lambda: cylinder(valve_end_of_life=StampedDate(TODAY - timedelta(days=1))),
    Refusal.UNREGISTERED: lambda: cylinder(registered=False),
    Refusal.ENTERPRISE_SUSPENDED: lambda: enterprise(status=TenantStatus.SUSPENDED),
    Refusal.LICENCE_MISSING: lambda: enterprise(
        licence_no=None, licence_state=None, licence_expires_on=None, licence_media=()
    ),
    Refusal.LICENCE_SUSPENDED: lambda: enterprise(licence_state=LicenceState.REVOKED),
    Refusal.LICENCE_EXPIRED: lambda: enterprise(licence_expires_on=TODAY - timedelta(days=1)),
    Refusal.MEDIUM_NOT_LICENSED: lambda: enterprise(licence_media=("O2",)),
    Refusal.WRONG_MEDIUM: lambda: attempt(medium_id="O2"),
    Refusal.PRE_FILL_CHECK_MISSING: lambda: cylinder(checked_at=NOW - timedelta(days=31)),
    Refusal.PRE_FILL_CHECK_FAILED: lambda: cylinder(check_passed=False),
    Refusal.OPERATOR_UNCERTIFIED: lambda: attempt(operator_code="F3"),
    Refusal.OPERATOR_CERTIFICATE_EXPIRED: lambda: attempt(operator_code="F2"),
    Refusal.OVERFILL: lambda: attempt(net_kg=Decimal("15.0")),
    Refusal.OVERPRESSURE: lambda: replace(
        attempt(medium_id="C2H2", net_kg=None, pressure_mpa=Decimal("2.51")),
        cylinder=replace(CYLINDER, **ACETYLENE),
    ),
    Refusal.ASSAY_MISSING: lambda: enterprise(
        assay_required=("LPG",), assays=(AssayFacts("LPG", None, False, TODAY),)
    ),
}
