"""The ring of findings: finding number s lies in slot s mod n, and each begins with a hash of the one before it.

Of n slots the newest n-1 findings are sure to be there: the slot of the finding to come is the only one that a write may be tearing.
So damage there is a torn write, and damage, a gap or a stranger anywhere else is found out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from integrations.devices.tags.flaws import NOT_VERIFIED, Fault, Flaw, Part
from integrations.devices.tags.image import EMPTY_SLOT, Image, split_finding
from integrations.devices.tags.sections import BASE, Disposition, Finding

Judge = Callable[[bytes, bytes, Finding], Fault | None]


@dataclass(frozen=True, slots=True)
class FindingRead:
    """A finding on a tag, the slot it was read from, and what is wrong with its signature, if anything."""

    finding: Finding
    slot: int
    fault: Fault | None


def link(previous_slot: bytes | None, image: Image) -> bytes:
    """What the finding after this slot begins with; for the first, after the base."""
    return sha256(image.base[: BASE.size] if previous_slot is None else previous_slot).digest()[:4]


def read_findings(image: Image, judge: Judge) -> tuple[tuple[FindingRead, ...], tuple[Flaw, ...]]:
    """Findings that are what some key signed, oldest first, and what is wrong with the ring."""
    read, damaged = [], []
    for at, slot in enumerate(image.findings):
        if slot == EMPTY_SLOT:
            continue
        parts = split_finding(slot)
        found = Finding.unpack(parts[0]) if parts else None
        fault = judge(*parts, found) if parts and found else Fault.ALTERED
        if found is None or fault is Fault.ALTERED:
            damaged.append(at)
        else:
            read.append(FindingRead(found, at, fault))
    loose = [each for each in read if each.fault in NOT_VERIFIED and not _fits(image, each, read)]
    damaged += [each.slot for each in loose]
    read = sorted((each for each in read if each not in loose), key=lambda each: each.finding.seq)
    return tuple(read), (*_of_keys(read), *_of_order(image, read, sorted(damaged)))


def _fits(image: Image, one: FindingRead, read: list[FindingRead]) -> bool:
    """Whether its neighbours know a finding that no key vouches for; else it is rubble that looks like one."""
    seq = one.finding.seq
    before = next((each for each in read if each.finding.seq == seq - 1), None)
    after = next((each for each in read if each.finding.seq == seq + 1), None)
    links = []
    if before or seq == 1:
        links.append(one.finding.previous == link(image.findings[before.slot] if before else None, image))
    if after:
        links.append(after.finding.previous == link(image.findings[one.slot], image))
    return bool(links) and all(links)


def _of_keys(read: list[FindingRead]) -> list[Flaw]:
    return [Flaw(Part.FINDINGS, each.fault, each.finding.seq) for each in read if each.fault]


def _of_order(image: Image, read: list[FindingRead], damaged: list[int]) -> list[Flaw]:
    size = len(image.findings)
    if not size:
        return []
    newest = read[-1].finding.seq if read else 0
    flaws = [
        Flaw(Part.FINDINGS, Fault.TORN if at == (newest + 1) % size else Fault.ALTERED, at) for at in damaged
    ]
    strays = [each for each in read if each.finding.seq % size != each.slot or not each.finding.seq]
    if strays or len({each.finding.seq for each in read}) < len(read):
        return [
            *flaws,
            *(Flaw(Part.FINDINGS, Fault.CHAIN_REORDERED, each.finding.seq) for each in strays or read),
        ]
    return [*flaws, *_of_links(image, {each.finding.seq: each for each in read}, newest, damaged)]


def _of_links(image: Image, by_seq: dict[int, FindingRead], newest: int, damaged: list[int]) -> list[Flaw]:
    size = len(image.findings)
    flaws = []
    for seq in range(max(1, newest - size + 1), newest + 1):
        spare = seq == newest - size + 1 and size > 1 and seq % size in damaged
        if seq not in by_seq:
            if not spare:
                flaws.append(Flaw(Part.FINDINGS, Fault.CHAIN_DROPPED, seq))
            continue
        before = by_seq.get(seq - 1)
        if before is None and seq > 1:
            continue
        expected = link(image.findings[before.slot] if before else None, image)
        if by_seq[seq].finding.previous != expected:
            flaws.append(Flaw(Part.FINDINGS, Fault.CHAIN_SPLICED, seq))
    if any(seq < newest - size + 1 for seq in by_seq):
        flaws.append(Flaw(Part.FINDINGS, Fault.CHAIN_REORDERED, min(by_seq)))
    return flaws


def standing(findings: tuple[FindingRead, ...]) -> Finding | None:
    """The newest non-conforming finding that no later one has lifted, whether or not its key is still believed."""
    bad = None
    for each in findings:
        if each.finding.disposition == Disposition.LIFTED and each.fault is None:
            bad = None
        elif each.finding.disposition != Disposition.NOTED and each.finding.disposition != Disposition.LIFTED:
            bad = each.finding
    return bad
