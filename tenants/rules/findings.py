"""What an inspector may decide about a cylinder, what of it forbids filling, and who may lift it again."""

from __future__ import annotations

from tenants.rules.states import Disposition

STOPPING = frozenset({Disposition.RECTIFY, Disposition.STOP})  # no fill while one of these stands
MOST_WORDS = 500
HAZARDS = range(1, 100)  # the number in the key of a kind of violation: 1 is V01


def violation_of(hazard: int) -> str:
    """The key of the kind of violation that a hazard's number stands for."""
    return f"V{hazard:02d}"


def hazard_of(violation: str) -> int | None:
    """The number of a kind of violation, None for a key that has no number."""
    number = int(violation[1:]) if violation[:1] == "V" and violation[1:].isdecimal() else 0
    return number if number in HAZARDS else None


def may_lift(made_in: str, lifter_in: str) -> bool:
    """Whether an office of jurisdiction `lifter_in` may lift what one of `made_in` decided: its own office or one above in its line."""
    return lifter_in != "" and made_in.startswith(lifter_in)
