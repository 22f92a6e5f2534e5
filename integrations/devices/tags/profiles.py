"""The chips: how their memory is divided, and how much of a QP1 message each holds."""

from __future__ import annotations

from dataclasses import dataclass

TLV_LOCK = bytes.fromhex("0103a00c34")  # what an NTAG213 leaves the factory with
TLV_NDEF, TLV_END = 0x03, 0xFE
SHORT_LENGTH = 254  # the longest message whose length is one byte
MIFARE_STYLE, FILE_STYLE, BANK_STYLE = "tlv", "file", "bank"


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of chip: `memory` bytes are written in whole units of `unit` bytes; `head` is what stands before the message's length."""

    name: str
    memory: int
    unit: int
    head: bytes = b""
    style: str = MIFARE_STYLE

    @property
    def capacity(self) -> int:
        """The longest NDEF message, in bytes; for a UHF bank, its bytes."""
        room = self.memory - len(self.head)
        if self.style == BANK_STYLE:
            return room
        if self.style == FILE_STYLE:
            return room - 2
        return room - 4 if room - 2 > SHORT_LENGTH else room - 2


NTAG213 = Profile("ntag213", 144, 4, TLV_LOCK)
NTAG215 = Profile("ntag215", 496, 4)
NTAG216 = Profile("ntag216", 872, 4)
NTAG424 = Profile("ntag424", 256, 1, style=FILE_STYLE)
SLIX2 = Profile("slix2", 316, 4, bytes.fromhex("e1402701"))
UHF64 = Profile("uhf64", 64, 2, style=BANK_STYLE)
PROFILES = {profile.name: profile for profile in (NTAG213, NTAG215, NTAG216, NTAG424, SLIX2, UHF64)}


def wrap(profile: Profile, message: bytes) -> bytes:
    """The whole memory with this message in it; raises ValueError when it doesn't fit."""
    if len(message) > profile.capacity:
        raise ValueError(f"{len(message)} bytes don't fit into {profile.name} ({profile.capacity})")
    memory = profile.head + _length(profile, len(message)) + message
    if profile.style == MIFARE_STYLE and len(memory) < profile.memory:
        memory += bytes([TLV_END])
    return memory.ljust(profile.memory, b"\0")


def unwrap(profile: Profile, memory: bytes) -> bytes | None:
    """The message in a memory, empty when its length says so; None when no message can be found, or it is longer than the memory."""
    if profile.style == BANK_STYLE:
        return memory[: profile.memory]
    if profile.style == FILE_STYLE:
        return _taken(memory, 2, int.from_bytes(memory[:2], "big")) if len(memory) >= 2 else None
    at = 4 if profile is SLIX2 else 0
    while at + 1 < len(memory) and memory[at] != TLV_NDEF:
        if memory[at] == TLV_END:
            return None
        at += 1 if memory[at] == 0 else 2 + memory[at + 1]
    if at + 1 >= len(memory):
        return None
    if memory[at + 1] != 0xFF:
        return _taken(memory, at + 2, memory[at + 1])
    return _taken(memory, at + 4, int.from_bytes(memory[at + 2 : at + 4], "big"))


def _length(profile: Profile, length: int) -> bytes:
    if profile.style == BANK_STYLE:
        return b""
    if profile.style == FILE_STYLE:
        return length.to_bytes(2, "big")
    short = bytes([TLV_NDEF, length]) if length <= SHORT_LENGTH else b""
    return short or bytes([TLV_NDEF, 0xFF]) + length.to_bytes(2, "big")


def _taken(memory: bytes, start: int, length: int) -> bytes | None:
    return memory[start : start + length] if start + length <= len(memory) else None
