"""A chip in memory: number, units, one-way counter, and writes that can be torn after any byte. For tests and demos."""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.devices.tags.plans import Plan
from integrations.devices.tags.profiles import BANK_STYLE, FILE_STYLE, Profile, unwrap, wrap


class Torn(ConnectionError):
    """The chip left the field while it was being written."""


@dataclass
class SimulatedChip:
    """A chip of a profile; `tear_after` bytes of writing it leaves the field, and `rubble` (if any) fills the unit it was torn in."""

    uid: bytes
    profile: Profile
    memory: bytearray = field(default_factory=bytearray)
    counter: int = 0
    tear_after: int | None = None
    rubble: int | None = None
    written: int = 0

    def __post_init__(self) -> None:
        blank = bytes(self.profile.memory) if self.profile.style == BANK_STYLE else wrap(self.profile, b"")
        self.memory = self.memory or bytearray(blank)

    def read(self) -> bytes | None:
        """The message, as a phone is given it: empty when the length is nought, None when there is no message; counts one tap."""
        self.counter += 1
        return unwrap(self.profile, bytes(self.memory))

    def write_unit(self, unit: int, data: bytes) -> None:
        """Write one unit; raises Torn when the chip leaves before its end, ValueError outside the memory."""
        at, size = unit * self.profile.unit, self.profile.unit
        if len(data) > size or not 0 <= at < len(self.memory):
            raise ValueError("not a unit of this chip")
        for offset, byte in enumerate(data):
            if self.tear_after is not None and self.written >= self.tear_after:
                if self.rubble is not None:
                    self.memory[at : at + len(data)] = bytes([self.rubble]) * len(data)
                raise Torn
            self.memory[at + offset] = byte
            self.written += 1

    def follow(self, plan: Plan) -> None:
        """Carry out a plan, as a fixed reader does; raises Torn."""
        for step in plan.steps:
            self.write_unit(step.unit, step.data)

    def write_message(self, message: bytes) -> None:
        """Write a whole message as phones do: length nought, body, length; raises Torn, or ValueError when it doesn't fit."""
        wanted, size = wrap(self.profile, message), self.profile.unit
        first = len(self.profile.head)
        if self.profile.style != BANK_STYLE:
            at = first + (0 if self.profile.style == FILE_STYLE else 1)
            length = range(at, first + 4 if self.profile.style != FILE_STYLE else first + 2)
            blank = bytearray(self.memory)
            for place in length:
                blank[place] = 0
            self.write_unit(at // size, bytes(blank[at - at % size : at - at % size + size]))
        body = [start for start in range(0, len(wanted), size) if start // size != first // size]
        for start in [*body, first - first % size]:
            self.write_unit(start // size, wanted[start : start + size])

    def lift(self) -> None:
        """The next write is not torn."""
        self.tear_after, self.written = None, 0
