"""May this cylinder be filled? One pure function over a table of reasons.

A fact that isn't known never refuses: an empty date, a limit of confidence U or without a number, an operator who wasn't named to a
gateway. What can't be decided is told as a caution instead, so that a person may decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum

from tenants.rules.facts import CylinderFacts, FillFacts, OperatorFacts, StampedDate
from tenants.rules.limits import LIMIT_NOT_VERIFIED, largest_fill_kg, overfilled, overpressured
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, LabelState, LicenceState, Ownership, TenantStatus

FILLING_ITEMS = frozenset({"P", "P1", "P2", "P3", "P4", "P5"})  # P since 2019; P1…P5 are the older items


def refusals(facts: FillFacts) -> tuple[Refusal, ...]:
    """Every reason to refuse this fill, gravest first; empty means it may be filled."""
    return tuple(refusal for refusal, applies in CHECKS if applies(facts))


def fillable_until(cylinder: CylinderFacts) -> date | None:
    """The last day on which it may be filled: the earliest of next inspection, end of life and the valve's; None when none is known."""
    stamped = (cylinder.next_inspection, cylinder.end_of_life, cylinder.valve_end_of_life)
    return min((date_.last_legal_day() for date_ in stamped if date_ is not None), default=None)


def _of_cylinder(applies: Callable[[CylinderFacts, FillFacts], bool]) -> Callable[[FillFacts], bool]:
    return lambda f: f.cylinder is not None and applies(f.cylinder, f)


def _past(stamped: StampedDate | None, f: FillFacts) -> bool:
    return stamped is not None and stamped.last_legal_day() < f.attempt.on


def _is_foreign_code(f: FillFacts) -> bool:
    code = f.attempt.scanned
    return code is not None and f.label is None and (code.district, code.enterprise) != _head(f)


def _is_unknown_code(f: FillFacts) -> bool:
    code = f.attempt.scanned
    if f.label is not None or f.attempt.scan_malformed:
        return False
    return (code.district, code.enterprise) == _head(f) if code is not None else f.attempt.uid is not None


def _head(f: FillFacts) -> tuple[str, str]:
    return f.enterprise.district, f.enterprise.enterprise


def _has_no_label(f: FillFacts) -> bool:
    """Nothing was scanned, or the label that was scanned is on no cylinder yet."""
    nothing = f.attempt.scanned is None and f.attempt.uid is None and not f.attempt.scan_malformed
    return nothing or (f.label is not None and f.label.state is LabelState.ISSUED)


def _is_not_own(c: CylinderFacts, f: FillFacts) -> bool:
    if c.tenant_id != f.enterprise.tenant_id or c.ownership is Ownership.FOREIGN:
        return True
    return c.ownership is Ownership.ENTRUSTED and not f.enterprise.entrusted_allowed


def _chip_of_another(f: FillFacts) -> bool:
    label, uid = f.label, f.attempt.uid
    return (
        label is not None
        and f.attempt.scanned is not None
        and uid is not None
        and label.uid is not None
        and label.uid != uid
    )


def _medium(f: FillFacts) -> str | None:
    return f.attempt.medium_id or (f.cylinder.medium_id if f.cylinder else None)


def _wrong_medium(c: CylinderFacts, f: FillFacts) -> bool:
    return f.attempt.medium_unknown or f.attempt.medium_id not in (None, c.medium_id)


def _medium_not_licensed(f: FillFacts) -> bool:
    medium = _medium(f)
    return (
        f.enterprise.licence_no is not None
        and medium is not None
        and medium not in f.enterprise.licence_media
    )


def _licence_expired(f: FillFacts) -> bool:
    until = f.enterprise.licence_expires_on
    return f.enterprise.licence_no is not None and until is not None and until < f.attempt.on


def _check_missing(c: CylinderFacts, f: FillFacts) -> bool:
    """No check since the last fill, or one that is older than the enterprise's limit, or one from after this fill."""
    if c.checked_at is None or c.checked_at > f.attempt.at:
        return True
    if c.filled_at is not None and c.filled_at >= c.checked_at:
        return True
    return f.attempt.at - c.checked_at > timedelta(hours=f.enterprise.check_valid_hours)


def _operator(f: FillFacts) -> OperatorFacts | None:
    return next((person for person in f.enterprise.operators if person.code == f.attempt.operator_code), None)


def _uncertified(f: FillFacts) -> bool:
    if f.attempt.operator_code is None:
        return False
    person = _operator(f)
    if person is None or (person.left_on is not None and person.left_on < f.attempt.on):
        return True
    return not any(certificate.item in FILLING_ITEMS for certificate in person.certificates)


def _certificate_expired(f: FillFacts) -> bool:
    person = _operator(f)
    if person is None or _uncertified(f):
        return False
    ends = [
        certificate.expires_on for certificate in person.certificates if certificate.item in FILLING_ITEMS
    ]
    return all(end is not None and end < f.attempt.on for end in ends)


def _assay_missing(f: FillFacts) -> bool:
    medium = _medium(f)
    if medium is None or medium not in f.enterprise.assay_required:
        return False
    assays = [assay for assay in f.enterprise.assays if assay.medium_id == medium]
    mine = [assay for assay in assays if assay.batch == f.attempt.batch] if f.attempt.batch else assays
    in_force = [
        a
        for a in mine
        if a.assayed_on <= f.attempt.on and (a.valid_until is None or f.attempt.on <= a.valid_until)
    ]
    newest = max(in_force, key=lambda assay: assay.assayed_on, default=None)
    return newest is None or not newest.passed


CHECKS: tuple[
    tuple[Refusal, Callable[[FillFacts], bool]], ...
] = (  # gravest first; the clauses are in REASONS
    (Refusal.MALFORMED_CODE, lambda f: f.attempt.scan_malformed),
    (Refusal.UNKNOWN_CODE, _is_unknown_code),
    (Refusal.LABEL_ON_TWO_CYLINDERS, lambda f: f.label is not None and f.label.disputed),
    (Refusal.CONDEMNED, _of_cylinder(lambda c, _: c.status is CylinderStatus.SCRAPPED)),
    (Refusal.CANCELLED, _of_cylinder(lambda c, _: c.status is CylinderStatus.CANCELLED)),
    (Refusal.NON_REFILLABLE, _of_cylinder(lambda c, _: c.non_refillable and c.filled_at is not None)),
    (Refusal.BEYOND_SERVICE_LIFE, _of_cylinder(lambda c, f: _past(c.end_of_life, f))),
    (Refusal.INSPECTION_OVERDUE, _of_cylinder(lambda c, f: _past(c.next_inspection, f))),
    (
        Refusal.NOT_OWN_CYLINDER,
        lambda f: _is_foreign_code(f) or (f.cylinder is not None and _is_not_own(f.cylinder, f)),
    ),
    (Refusal.TAG_MISMATCH, _chip_of_another),
    (Refusal.LABEL_LOST, lambda f: f.label is not None and f.label.state is LabelState.LOST),
    (Refusal.WRONG_MEDIUM, _of_cylinder(_wrong_medium)),
    (Refusal.OVERFILL, _of_cylinder(lambda _, f: overfilled(f))),
    (Refusal.OVERPRESSURE, _of_cylinder(lambda _, f: overpressured(f))),
    (Refusal.UNREGISTERED, _of_cylinder(lambda c, _: not c.registered)),
    (Refusal.LICENCE_MISSING, lambda f: f.enterprise.licence_no is None),
    (
        Refusal.LICENCE_SUSPENDED,
        lambda f: f.enterprise.licence_state in (LicenceState.SUSPENDED, LicenceState.REVOKED),
    ),
    (Refusal.LICENCE_EXPIRED, _licence_expired),
    (Refusal.ENTERPRISE_SUSPENDED, lambda f: f.enterprise.status is TenantStatus.SUSPENDED),
    (Refusal.MEDIUM_NOT_LICENSED, _medium_not_licensed),
    (Refusal.PRE_FILL_CHECK_MISSING, _of_cylinder(_check_missing)),
    (
        Refusal.PRE_FILL_CHECK_FAILED,
        _of_cylinder(lambda c, f: not _check_missing(c, f) and c.check_passed is False),
    ),
    (Refusal.NO_LABEL, _has_no_label),
    (Refusal.LABEL_VOID, lambda f: f.label is not None and f.label.state is LabelState.VOID),
    (Refusal.SUSPENDED, _of_cylinder(lambda c, _: c.status is CylinderStatus.SUSPENDED)),
    (Refusal.VALVE_TOO_OLD, _of_cylinder(lambda c, f: _past(c.valve_end_of_life, f))),
    (Refusal.OPERATOR_UNCERTIFIED, _uncertified),
    (Refusal.OPERATOR_CERTIFICATE_EXPIRED, _certificate_expired),
    (Refusal.ASSAY_MISSING, _assay_missing),
)


class Caution(StrEnum):
    """What the data can't decide; a person should look."""

    INSPECTION_DATE_UNKNOWN = "inspection_date_unknown"
    END_OF_LIFE_UNKNOWN = "end_of_life_unknown"
    OPERATOR_NOT_NAMED = "operator_not_named"
    LIMIT_NOT_VERIFIED = LIMIT_NOT_VERIFIED
    LIMIT_UNKNOWN = "limit_unknown"
    CERTIFICATE_DATE_UNKNOWN = "certificate_date_unknown"


CAUTIONS: dict[Caution, tuple[str, str]] = {
    Caution.INSPECTION_DATE_UNKNOWN: (
        "下次检验日期未知,请核对钢印",
        "The next inspection date is unknown; read the stamp",
    ),
    Caution.END_OF_LIFE_UNKNOWN: ("使用年限未知,请核对钢印", "The end of life is unknown; read the stamp"),
    Caution.OPERATOR_NOT_NAMED: ("未注明充装人员", "The operator was not named"),
    Caution.LIMIT_NOT_VERIFIED: (
        "充装系数未经核实,请人工复核",
        "The filling limit is not verified; let a person check",
    ),
    Caution.LIMIT_UNKNOWN: ("没有该介质的充装限值", "No filling limit is known for this medium"),
    Caution.CERTIFICATE_DATE_UNKNOWN: ("作业证有效期未知", "The certificate's end is unknown"),
}


def cautions(facts: FillFacts) -> tuple[Caution, ...]:
    """What could not be decided from the data; none of it refuses."""
    return tuple(_cautions(facts))


def _cautions(f: FillFacts) -> Iterator[Caution]:
    c = f.cylinder
    if c is not None and c.next_inspection is None:
        yield Caution.INSPECTION_DATE_UNKNOWN
    if c is not None and c.end_of_life is None:
        yield Caution.END_OF_LIFE_UNKNOWN
    if f.attempt.operator_code is None:
        yield Caution.OPERATOR_NOT_NAMED
    person = _operator(f)
    if person is not None and any(certificate.expires_on is None for certificate in person.certificates):
        yield Caution.CERTIFICATE_DATE_UNKNOWN
    if c is not None and f.attempt.net_kg is not None:
        limit = largest_fill_kg(f)
        if limit is None:
            yield Caution.LIMIT_UNKNOWN
        elif not limit.trusted:
            yield Caution.LIMIT_NOT_VERIFIED
