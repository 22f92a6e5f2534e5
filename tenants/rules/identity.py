"""Is this the cylinder that its label says, and is it ours? What the rule asks of codes, labels and chips."""

from __future__ import annotations

from tenants.rules.facts import CylinderFacts, FillFacts
from tenants.rules.states import LabelState, Ownership


def _head(f: FillFacts) -> tuple[str, str]:
    return f.enterprise.district, f.enterprise.enterprise


def is_foreign_code(f: FillFacts) -> bool:
    """A well-formed code that we don't know and that bears another enterprise's number."""
    code = f.attempt.scanned
    return code is not None and f.label is None and (code.district, code.enterprise) != _head(f)


def is_unknown_code(f: FillFacts) -> bool:
    """A code with our own number that nobody has issued, or a chip that stands on no label of ours."""
    code = f.attempt.scanned
    if f.label is not None or f.attempt.scan_malformed:
        return False
    return (code.district, code.enterprise) == _head(f) if code is not None else f.attempt.uid is not None


def has_no_label(f: FillFacts) -> bool:
    """Nothing was scanned, or the label that was scanned stands on no cylinder."""
    if f.label is not None:
        return f.label.state is LabelState.ISSUED or (
            f.label.state is LabelState.BOUND and f.cylinder is None
        )
    return f.attempt.scanned is None and f.attempt.uid is None and not f.attempt.scan_malformed


def is_not_own(c: CylinderFacts, f: FillFacts) -> bool:
    """In another enterprise's archive, marked as foreign, or only entrusted where the region doesn't allow it."""
    if c.tenant_id != f.enterprise.tenant_id or c.ownership is Ownership.FOREIGN:
        return True
    return c.ownership is Ownership.ENTRUSTED and not f.enterprise.entrusted_allowed


def is_another_label(f: FillFacts) -> bool:
    """The chip that was read belongs to another cylinder than the code, or the code isn't the label's."""
    if f.label is None or f.attempt.scanned is None:
        return False
    if f.label.code != f.attempt.scanned.code:
        return True
    if f.attempt.uid is None or f.attempt.uid in _chips(f):
        return False
    return bool(_chips(f)) or f.chip is not None


def is_unknown_chip(f: FillFacts) -> bool:
    """A chip was read beside the code of a cylinder that has none on record; nothing says whose it is."""
    both = f.label is not None and f.attempt.scanned is not None and f.attempt.uid is not None
    return both and f.chip is None and not _chips(f)


def _chips(f: FillFacts) -> frozenset[str]:
    """The chips that this cylinder bears: of the scanned label and of every other in force."""
    labels = () if f.cylinder is None else f.cylinder.labels
    in_force = {label.uid for label in labels if label.state is LabelState.BOUND}
    scanned = {f.label.uid} if f.label is not None else set()
    return frozenset(uid for uid in in_force | scanned if uid is not None)
