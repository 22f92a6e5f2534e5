"""How much fits on which chip: the specification's table is counted, not remembered."""

from __future__ import annotations

from integrations.devices.tags import private, uhf
from integrations.devices.tags.image import encode, fill_slots, most_slots
from integrations.devices.tags.profiles import NTAG213, NTAG215, NTAG216, NTAG424, SLIX2, UHF64
from tests.integrations.devices.tags import bench, make_vectors
from tests.integrations.devices.tags.bench import URL, fresh

SPEC = make_vectors.FILE.parents[1] / "tag-layout-qp1.md"
NAMES = {
    NTAG213: "NTAG213",
    NTAG215: "NTAG215",
    NTAG216: "NTAG216",
    NTAG424: "NTAG 424 DNA",
    SLIX2: "ICODE SLIX2",
}
PRIVATE = private.OVERHEAD + 32


def table() -> str:
    rows = [
        "| Chip | room for a message | base, slots for fills, ring of findings | bytes used | left | with 32 private bytes |",
        "|---|---|---|---|---|---|",
    ]
    for profile in bench.HF:
        slots = most_slots(profile, URL)
        used = len(encode(fresh(profile)))
        beside = most_slots(profile, URL, PRIVATE)
        rows.append(
            f"| {NAMES[profile]} | {profile.capacity} | {shape(slots)} | {used} | {profile.capacity - used} | {shape(beside)} |"
        )
    rows.append(
        f"| UHF, 512 bits | {UHF64.capacity} | base, fill, 2 findings, one MAC | {uhf.SIZE} | 14 | – |"
    )
    return "\n".join(rows)


def shape(slots: int) -> str:
    fills = fill_slots(slots)
    return "–" if slots < 0 else f"B + {fills} F + {slots - fills} I" if slots else "B"


def test_the_table_of_the_specification_is_right() -> None:
    assert table() in SPEC.read_text(), table()


def test_what_the_chips_hold() -> None:
    assert [most_slots(profile, URL) for profile in bench.HF] == [0, 4, 9, 1, 2]
    assert len(encode(fresh(NTAG213))) == 131
    assert len(encode(fresh(NTAG216))) == NTAG216.capacity
    assert most_slots(NTAG213, URL, PRIVATE) == -1


def test_slots_of_the_large_chips_begin_on_pages_of_their_own() -> None:
    for profile in (NTAG215, NTAG216):
        message = encode(fresh(profile))
        before_first_slot = 4 + len(message) - 80 * most_slots(profile, URL)
        assert before_first_slot % profile.unit == 0
