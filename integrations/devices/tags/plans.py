"""Bringing an image onto a chip so that a torn write loses nothing.

Before the first byte is written, the device keeps an `Intent` durably. Units that don't change are not written; those that do are written
in rising order, the one that says how long the message is last. So a torn fill or finding leaves the slot before it, and the address that
any phone opens is hardly ever touched. Whatever is found afterwards, `recover` says what to do, and the end of it is the old image
or the new one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integrations.devices.tags.profiles import BANK_STYLE, PROFILES, Profile, unwrap, wrap


@dataclass(frozen=True, slots=True)
class Step:
    """Write `data` at this unit (page, block, word) of the user memory."""

    unit: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in order, and what the memory must read like afterwards."""

    profile: Profile
    steps: tuple[Step, ...]
    result: bytes

    def is_done(self, memory: bytes) -> bool:
        """Whether a memory that was read back is what was meant; what stands behind the message doesn't matter."""
        return unwrap(self.profile, memory) == unwrap(self.profile, self.result)


def plan_write(old_memory: bytes, new_image: bytes, profile: Profile) -> Plan:
    """How to get from the memory as it was read to one that holds the new image; raises ValueError when that doesn't fit."""
    wanted = wrap(profile, new_image)
    size, at = profile.unit, len(profile.head) // profile.unit
    old = old_memory.ljust(len(wanted), b"\0")
    changed = [
        Step(start // size, wanted[start : start + size])
        for start in range(0, len(wanted), size)
        if wanted[start : start + size] != old[start : start + size]
    ]
    last = [step for step in changed if profile.style != BANK_STYLE and _holds_length(step, at, profile)]
    return Plan(profile, (*(step for step in changed if step not in last), *last), wanted)


def _holds_length(step: Step, first: int, profile: Profile) -> bool:
    return first * profile.unit <= step.unit * profile.unit < first * profile.unit + 4


@dataclass(frozen=True, slots=True)
class Intent:
    """What a device is about to write; kept durably before the write and until the read-back check has passed."""

    uid: str
    profile: str
    old: bytes
    new: bytes

    def as_json(self) -> dict[str, Any]:
        """Bytes in base64."""
        return {
            "uid": self.uid,
            "profile": self.profile,
            "old": base64.b64encode(self.old).decode(),
            "new": base64.b64encode(self.new).decode(),
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Intent:
        """What `as_json` kept."""
        return cls(kept["uid"], kept["profile"], base64.b64decode(kept["old"]), base64.b64decode(kept["new"]))


class Outcome(StrEnum):
    """What a tag turned out to hold after a write that may have been torn."""

    WRITTEN = "written"
    UNTOUCHED = "untouched"
    TORN = "torn"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Recovery:
    """`target` is the image that must be on the tag in the end, None when nothing needs writing; `settled` closes the intent."""

    outcome: Outcome
    target: bytes | None
    settled: bool


def recover(intent: Intent, found: bytes | None, *, is_whole: bool = False) -> Recovery:
    """What to do with a tag whose intent is open; `found` is the message that was read, None when none could be.

    `is_whole` says that the found message holds by itself: then somebody else has written since, and his content stays.
    """
    if found == intent.new:
        return Recovery(Outcome.WRITTEN, None, settled=True)
    if found == intent.old:
        return Recovery(Outcome.UNTOUCHED, intent.new, settled=False)
    if is_whole:
        return Recovery(Outcome.CHANGED, None, settled=True)
    return Recovery(Outcome.TORN, intent.new, settled=False)


def profile_of(intent: Intent) -> Profile:
    """The chip of an intent; raises KeyError for one this program doesn't know."""
    return PROFILES[intent.profile]
