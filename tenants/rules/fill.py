"""May this cylinder be filled? One pure function over a table of reasons.

A fact that isn't known never refuses: an empty date, a limit of confidence U or without a number, an operator who wasn't named to a
gateway. What can't be decided is told as a caution instead, so that a person may decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum

from tenants.rules import identity, limits, papers
from tenants.rules.facts import CylinderFacts, FillFacts, StampedDate
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, LabelState, LicenceState, TenantStatus

Applies = Callable[[FillFacts], bool]


def refusals(facts: FillFacts) -> tuple[Refusal, ...]:
    """Every reason to refuse this fill, gravest first; empty means it may be filled."""
    return tuple(refusal for refusal, applies in CHECKS if applies(facts))


def fillable_until(cylinder: CylinderFacts) -> date | None:
    """The last day on which it may be filled: the earliest of next inspection, end of life and the valve's; None when none is known."""
    stamped = (cylinder.next_inspection, cylinder.end_of_life, cylinder.valve_end_of_life)
    return min((date_.last_legal_day() for date_ in stamped if date_ is not None), default=None)


def _of_cylinder(applies: Callable[[CylinderFacts, FillFacts], bool]) -> Applies:
    return lambda f: f.cylinder is not None and applies(f.cylinder, f)


def _has_status(status: CylinderStatus) -> Applies:
    return lambda f: f.cylinder is not None and f.cylinder.status is status


def _has_label(state: LabelState) -> Applies:
    return lambda f: f.label is not None and f.label.state is state


def _past(of: Callable[[CylinderFacts], StampedDate | None]) -> Applies:
    def applies(c: CylinderFacts, f: FillFacts) -> bool:
        stamped = of(c)
        return stamped is not None and stamped.last_legal_day() < f.attempt.on

    return _of_cylinder(applies)


def _is_not_ours(f: FillFacts) -> bool:
    return identity.is_foreign_code(f) or (f.cylinder is not None and identity.is_not_own(f.cylinder, f))


def _licence_stopped(f: FillFacts) -> bool:
    return f.enterprise.licence_state in (LicenceState.SUSPENDED, LicenceState.REVOKED)


# Gravest first. The comment names the kind of violation; its clause and the sentences are in REASONS.
CHECKS: tuple[tuple[Refusal, Applies], ...] = (
    (Refusal.MALFORMED_CODE, lambda f: f.attempt.scan_malformed),  # V06: nothing else can be judged
    (Refusal.UNKNOWN_CODE, identity.is_unknown_code),  # V09
    (Refusal.LABEL_ON_TWO_CYLINDERS, lambda f: f.label is not None and f.label.disputed),  # V08
    (Refusal.CONDEMNED, _has_status(CylinderStatus.SCRAPPED)),  # V02
    (Refusal.CANCELLED, _has_status(CylinderStatus.CANCELLED)),  # V25
    (Refusal.NON_REFILLABLE, _of_cylinder(lambda c, _: c.non_refillable and c.filled_at is not None)),  # V31
    (Refusal.BEYOND_SERVICE_LIFE, _past(lambda c: c.end_of_life)),  # V03
    (Refusal.INSPECTION_OVERDUE, _past(lambda c: c.next_inspection)),  # V01
    (Refusal.NOT_OWN_CYLINDER, _is_not_ours),  # V04
    (Refusal.TAG_MISMATCH, identity.is_another_label),  # V07
    (Refusal.LABEL_LOST, _has_label(LabelState.LOST)),  # V07
    (Refusal.WRONG_MEDIUM, _of_cylinder(papers.wrong_medium)),  # V10
    (Refusal.OVERFILL, _of_cylinder(lambda _, f: limits.overfilled(f))),  # V12
    (Refusal.OVERPRESSURE, _of_cylinder(lambda _, f: limits.overpressured(f))),  # V13
    (Refusal.UNREGISTERED, _of_cylinder(lambda c, _: not c.registered)),  # V05
    (Refusal.LICENCE_MISSING, lambda f: f.enterprise.licence_no is None),  # V15
    (Refusal.LICENCE_SUSPENDED, _licence_stopped),  # V16
    (Refusal.LICENCE_EXPIRED, papers.licence_expired),  # V16
    (Refusal.ENTERPRISE_SUSPENDED, lambda f: f.enterprise.status is TenantStatus.SUSPENDED),  # V16
    (Refusal.MEDIUM_NOT_LICENSED, papers.medium_not_licensed),  # V17
    (Refusal.PRE_FILL_CHECK_MISSING, _of_cylinder(papers.check_missing)),  # V20
    (Refusal.PRE_FILL_CHECK_FAILED, _of_cylinder(papers.check_failed)),  # V27
    (Refusal.NO_LABEL, identity.has_no_label),  # V06
    (Refusal.LABEL_VOID, _has_label(LabelState.VOID)),  # V06
    (Refusal.STOPPED_BY_INSPECTOR, _of_cylinder(lambda c, _: c.stopped)),  # V24
    (Refusal.SUSPENDED, _has_status(CylinderStatus.SUSPENDED)),  # V24
    (Refusal.VALVE_TOO_OLD, _past(lambda c: c.valve_end_of_life)),  # V32
    (Refusal.OPERATOR_UNCERTIFIED, papers.uncertified),  # V18
    (Refusal.OPERATOR_CERTIFICATE_EXPIRED, papers.certificate_expired),  # V19
    (Refusal.ASSAY_MISSING, papers.assay_missing),  # V38
)


class Caution(StrEnum):
    """What the data can't decide; a person should look."""

    INSPECTION_DATE_UNKNOWN = "inspection_date_unknown"
    END_OF_LIFE_UNKNOWN = "end_of_life_unknown"
    CHIP_UNKNOWN = "chip_unknown"
    MEDIUM_NOT_NAMED = "medium_not_named"
    OPERATOR_NOT_NAMED = "operator_not_named"
    CERTIFICATE_DATE_UNKNOWN = "certificate_date_unknown"
    LIMIT_UNKNOWN = "limit_unknown"
    LIMIT_NOT_VERIFIED = "limit_not_verified"
    TEMPERATURE_NOT_GIVEN = "temperature_not_given"


CAUTIONS: dict[Caution, tuple[str, str]] = {
    Caution.INSPECTION_DATE_UNKNOWN: (
        "下次检验日期未知，请核对钢印",
        "The next inspection date is unknown; read the stamp",
    ),
    Caution.END_OF_LIFE_UNKNOWN: ("使用年限未知，请核对钢印", "The end of life is unknown; read the stamp"),
    Caution.CHIP_UNKNOWN: ("电子标签未登记，请核对钢印", "The chip is not on record; compare the stamp"),
    Caution.MEDIUM_NOT_NAMED: ("未注明充装介质，请核对", "The medium was not named; check it"),
    Caution.OPERATOR_NOT_NAMED: ("未注明充装人员", "The operator was not named"),
    Caution.CERTIFICATE_DATE_UNKNOWN: ("作业证有效期未知", "The certificate's end is unknown"),
    Caution.LIMIT_UNKNOWN: ("没有该气瓶的充装限值", "No filling limit is known for this cylinder"),
    Caution.LIMIT_NOT_VERIFIED: (
        "充装限值未经核实，请人工复核",
        "The filling limit is not verified; let a person check",
    ),
    Caution.TEMPERATURE_NOT_GIVEN: (
        "压力偏高且没有温度，请人工复核",
        "High pressure and no temperature; let a person check",
    ),
}


def cautions(facts: FillFacts) -> tuple[Caution, ...]:
    """What could not be decided from the data; none of it refuses."""
    return tuple(_cautions(facts))


def _cautions(f: FillFacts) -> Iterator[Caution]:
    c, person = f.cylinder, papers.operator_of(f)
    if c is not None and c.next_inspection is None and not c.non_refillable:
        yield Caution.INSPECTION_DATE_UNKNOWN
    if c is not None and c.end_of_life is None:
        yield Caution.END_OF_LIFE_UNKNOWN
    if identity.is_unknown_chip(f):
        yield Caution.CHIP_UNKNOWN
    if f.attempt.medium_id is None and not f.attempt.medium_unknown:
        yield Caution.MEDIUM_NOT_NAMED
    if f.attempt.operator_code is None:
        yield Caution.OPERATOR_NOT_NAMED
    if person is not None and any(one.expires_on is None for one in person.certificates):
        yield Caution.CERTIFICATE_DATE_UNKNOWN
    if limits.limit_unknown(f):
        yield Caution.LIMIT_UNKNOWN
    if limits.limit_doubtful(f):
        yield Caution.LIMIT_NOT_VERIFIED
    if limits.temperature_missing(f):
        yield Caution.TEMPERATURE_NOT_GIVEN
