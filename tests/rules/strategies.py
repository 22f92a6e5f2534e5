"""Facts of every shape, for the properties of the rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tenants.rules import facts, states
from tenants.rules.codes import ScannedCode
from tests.rules.examples import GOOD

MEDIA = st.sampled_from(["LPG", "O2", "C2H2"])
OPERATORS = st.sampled_from(["F1", "F2", "F3"])
BATCHES = st.none() | st.sampled_from(["B1", "B2"])
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
CODES = st.sampled_from([f"370502001010000{n:02d}" for n in range(3)] + ["37050300101000001"])
CHIPS = st.none() | st.sampled_from(["04A1", "04B2", "04C3"])


def amounts(most: int) -> st.SearchStrategy[Decimal | None]:
    return st.none() | st.decimals(0, most, places=3)


STAMPED = st.builds(facts.StampedDate, DAYS, st.sampled_from(states.DatePrecision))
LABELS = st.builds(
    facts.LabelFacts,
    CODES,
    st.sampled_from(states.LabelKind),
    st.sampled_from(states.LabelState),
    CHIPS,
    st.booleans(),
)
CYLINDERS = st.builds(
    facts.CylinderFacts,
    id=st.uuids(),
    version=st.integers(0, 10**9),
    tenant_id=st.integers(1, 2),
    serial_no=st.text(max_size=20),
    kind_code=st.sampled_from(["2320LPG", "2310", "NONREFILL"]),
    medium_id=MEDIA,
    status=st.sampled_from(states.CylinderStatus),
    stage=st.sampled_from(states.Stage),
    ownership=st.sampled_from(states.Ownership),
    registered=st.booleans(),
    non_refillable=st.booleans(),
    made=st.none() | STAMPED,
    next_inspection=st.none() | STAMPED,
    end_of_life=st.none() | STAMPED,
    valve_end_of_life=st.none() | STAMPED,
    volume_l=amounts(1000),
    nominal_pressure_mpa=amounts(30),
    tare_kg=amounts(100),
    max_fill_kg=amounts(100),
    porosity=amounts(1),
    checked_at=st.none() | TIMES,
    check_passed=st.none() | st.booleans(),
    filled_at=st.none() | TIMES,
    labels=st.lists(LABELS, max_size=3).map(tuple),
)
LIMITS = st.builds(
    facts.LimitFacts,
    key=st.sampled_from(["L1", "L2"]),
    medium_id=MEDIA,
    limit_kind=st.sampled_from(
        ["coef", "max_mass", "range", "max_pressure_during_fill", "pressure_at_20C", "odd"]
    ),
    value=st.sampled_from(
        ["0.42", "0.2*delta*V", "14.0-15.0", "2.50", "nominal_working_pressure", "", "NaN", "-"]
    ),
    unit=st.just("kg/L"),
    condition=st.sampled_from(["", "nominal 15 MPa", "volume 35.5 L; of the trade", "any time"]),
    confidence=st.sampled_from(["S1", "S1 derived", "S2", "M", "U", ""]),
)
CERTIFICATES = st.builds(facts.CertificateFacts, st.sampled_from(["P", "P4", "R2"]), st.none() | DAYS)
PEOPLE = st.builds(
    facts.OperatorFacts, OPERATORS, st.none() | DAYS, st.lists(CERTIFICATES, max_size=2).map(tuple)
)
ASSAYS = st.builds(facts.AssayFacts, MEDIA, BATCHES, st.booleans(), DAYS, st.none() | DAYS)
ENTERPRISES = st.builds(
    facts.EnterpriseFacts,
    tenant_id=st.just(1),
    version=st.integers(0, 10**9),
    district=st.just("370502"),
    enterprise=st.just("001"),
    status=st.sampled_from(states.TenantStatus),
    licence_no=st.none() | st.just("TS42370001-2028"),
    licence_state=st.none() | st.sampled_from(states.LicenceState),
    licence_expires_on=st.none() | DAYS,
    licence_media=st.sets(MEDIA).map(lambda media: tuple(sorted(media))),
    medium_codes=st.just((("01", "LPG"), ("02", "O2"), ("03", "C2H2"))),
    assay_required=st.sets(MEDIA).map(lambda media: tuple(sorted(media))),
    assays=st.lists(ASSAYS, max_size=3).map(tuple),
    operators=st.lists(PEOPLE, max_size=3, unique_by=lambda person: person.code).map(tuple),
    limits=st.lists(LIMITS, max_size=4).map(tuple),
    check_valid_hours=st.integers(1, 48),
    entrusted_allowed=st.booleans(),
)
ATTEMPTS = st.builds(
    facts.FillAttempt,
    at=TIMES,
    on=DAYS,
    scanned=st.none() | st.builds(ScannedCode, CODES, st.none() | st.sampled_from("QL")),
    scan_malformed=st.booleans(),
    uid=CHIPS,
    medium_id=st.none() | MEDIA,
    medium_unknown=st.booleans(),
    net_kg=amounts(100),
    gross_kg=amounts(200),
    tare_kg=amounts(100),
    residual_kg=amounts(20),
    pressure_mpa=amounts(40),
    temperature_c=st.none() | st.decimals(-300, 300, places=1),
    batch=BATCHES,
    operator_code=st.none() | OPERATORS,
)
ANY_FACTS = st.builds(
    facts.FillFacts,
    cylinder=st.none() | CYLINDERS,
    label=st.none() | LABELS,
    enterprise=ENTERPRISES,
    attempt=ATTEMPTS,
    chip=st.none() | LABELS,
)

# One or two things changed in a fill that is allowed: here a single reason can be the only one.
CHANGES: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("cylinder", "next_inspection"): st.none() | STAMPED,
    ("cylinder", "end_of_life"): st.none() | STAMPED,
    ("cylinder", "valve_end_of_life"): st.none() | STAMPED,
    ("cylinder", "status"): st.sampled_from(states.CylinderStatus),
    ("cylinder", "ownership"): st.sampled_from(states.Ownership),
    ("cylinder", "registered"): st.booleans(),
    ("cylinder", "stopped"): st.booleans(),
    ("cylinder", "medium_id"): MEDIA,
    ("cylinder", "max_fill_kg"): amounts(30),
    ("cylinder", "checked_at"): st.none() | TIMES,
    ("cylinder", "check_passed"): st.none() | st.booleans(),
    ("cylinder", "filled_at"): st.none() | TIMES,
    ("cylinder", "labels"): st.lists(LABELS, max_size=2).map(tuple),
    ("label", "state"): st.sampled_from(states.LabelState),
    ("label", "uid"): CHIPS,
    ("label", "disputed"): st.booleans(),
    ("enterprise", "status"): st.sampled_from(states.TenantStatus),
    ("enterprise", "licence_no"): st.none() | st.just("TS42370001-2028"),
    ("enterprise", "licence_state"): st.none() | st.sampled_from(states.LicenceState),
    ("enterprise", "licence_expires_on"): st.none() | DAYS,
    ("enterprise", "licence_media"): st.sets(MEDIA).map(tuple),
    ("enterprise", "assay_required"): st.sets(MEDIA).map(tuple),
    ("enterprise", "assays"): st.lists(ASSAYS, max_size=3).map(tuple),
    ("enterprise", "operators"): st.lists(PEOPLE, max_size=2, unique_by=lambda person: person.code).map(
        tuple
    ),
    ("enterprise", "limits"): st.lists(LIMITS, max_size=2).map(tuple),
    ("attempt", "on"): DAYS,
    ("attempt", "uid"): CHIPS,
    ("attempt", "medium_id"): st.none() | MEDIA,
    ("attempt", "net_kg"): amounts(30),
    ("attempt", "operator_code"): st.none() | OPERATORS,
}


@st.composite
def nearly_good(draw: st.DrawFn) -> facts.FillFacts:
    found = GOOD
    for part, name in draw(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=2, unique=True)):
        changed = replace(getattr(found, part), **{name: draw(CHANGES[part, name])})
        found = replace(found, **{part: changed})
    return found


MOST_FACTS = nearly_good() | ANY_FACTS
