"""May this enterprise and this person fill this medium? What the rule asks of licence, certificates, checks and assays."""

from __future__ import annotations

from datetime import timedelta

from tenants.rules.facts import CylinderFacts, FillFacts, OperatorFacts

FILLING_ITEMS = frozenset({"P", "P1", "P2", "P3", "P4", "P5"})  # P since 2019; P1…P5 are the older items


def medium_of(f: FillFacts) -> str | None:
    """The medium to be filled: the one that was named, else the cylinder's own."""
    return f.attempt.medium_id or (f.cylinder.medium_id if f.cylinder else None)


def wrong_medium(c: CylinderFacts, f: FillFacts) -> bool:
    """The medium that was named isn't the cylinder's, or is none of the enterprise's."""
    return f.attempt.medium_unknown or f.attempt.medium_id not in (None, c.medium_id)


def medium_not_licensed(f: FillFacts) -> bool:
    """There is a licence, and it doesn't list the medium."""
    medium = medium_of(f)
    return (
        f.enterprise.licence_no is not None
        and medium is not None
        and medium not in f.enterprise.licence_media
    )


def licence_expired(f: FillFacts) -> bool:
    """The licence's last day is past."""
    until = f.enterprise.licence_expires_on
    return f.enterprise.licence_no is not None and until is not None and until < f.attempt.on


def check_missing(c: CylinderFacts, f: FillFacts) -> bool:
    """No check since the last fill, or one that is older than the enterprise's limit, or one from after this fill."""
    if c.checked_at is None or c.check_passed is None or c.checked_at > f.attempt.at:
        return True
    if c.filled_at is not None and c.filled_at >= c.checked_at:
        return True
    return f.attempt.at - c.checked_at > timedelta(hours=f.enterprise.check_valid_hours)


def check_failed(c: CylinderFacts, f: FillFacts) -> bool:
    """The check that counts for this fill was not passed."""
    return not check_missing(c, f) and c.check_passed is False


def operator_of(f: FillFacts) -> OperatorFacts | None:
    """The person who was named, if the enterprise knows the code."""
    return next((person for person in f.enterprise.operators if person.code == f.attempt.operator_code), None)


def uncertified(f: FillFacts) -> bool:
    """The person who was named isn't known, has left, or never had a certificate for filling."""
    if f.attempt.operator_code is None:
        return False
    person = operator_of(f)
    if person is None or (person.left_on is not None and person.left_on < f.attempt.on):
        return True
    return not any(certificate.item in FILLING_ITEMS for certificate in person.certificates)


def certificate_expired(f: FillFacts) -> bool:
    """Every certificate for filling that the person has is past its last day."""
    person = operator_of(f)
    if person is None or uncertified(f):
        return False
    ends = [one.expires_on for one in person.certificates if one.item in FILLING_ITEMS]
    return all(end is not None and end < f.attempt.on for end in ends)


def assay_missing(f: FillFacts) -> bool:
    """An assay is required, and the newest (of the batch, where one was named) is missing, failed or past its validity."""
    medium, batch, on = medium_of(f), f.attempt.batch, f.attempt.on
    if medium is None or medium not in f.enterprise.assay_required:
        return False
    of_medium = [
        assay for assay in f.enterprise.assays if assay.medium_id == medium and assay.assayed_on <= on
    ]
    mine = [assay for assay in of_medium if assay.batch == batch] if batch else of_medium
    newest = max(mine, key=lambda assay: (assay.assayed_on, not assay.passed), default=None)
    return newest is None or not newest.passed or (newest.valid_until is not None and newest.valid_until < on)
