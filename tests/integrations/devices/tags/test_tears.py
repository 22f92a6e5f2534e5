"""A write that is torn after any byte ends, by itself or with the intent, at the old content or the new."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from integrations.devices.tags.image import Image, encode
from integrations.devices.tags.plans import Intent, Outcome, Plan, plan_write, profile_of, recover
from integrations.devices.tags.profiles import NTAG213, NTAG215, NTAG216, NTAG424, SLIX2, Profile, wrap
from integrations.devices.tags.reading import Reading, Verdict, read
from integrations.devices.tags.simulated import SimulatedChip, Torn
from tests.integrations.devices.tags import bench
from tests.integrations.devices.tags.bench import SITUATION, UID, filled, found, fresh, full, look

RUBBLE = (None, 0x00, 0xFF, 0x20, 0x30, 0x5A)


def tears(profile: Profile, old: bytes, new: bytes, rubble: int | None) -> Iterator[SimulatedChip]:
    """The chip after each tear that planned writing can meet."""
    plan = plan_write(wrap(profile, old), new, profile)
    for cut in range(sum(len(step.data) for step in plan.steps)):
        chip = SimulatedChip(UID, profile, bytearray(wrap(profile, old)), tear_after=cut, rubble=rubble)
        with pytest.raises(Torn):
            chip.follow(plan)
        chip.lift()
        yield chip


def says(reading: Reading) -> tuple[object, ...]:
    """What a tag surely says: the findings without the one whose slot is the next to be written."""
    sure = len(reading.image.findings) - 1 if reading.image else 0
    return reading.base, reading.fill, tuple(each.finding for each in reading.findings)[-sure:]


def steps_of(image: Image) -> Iterator[Image]:
    yield filled(image)
    yield found(image)
    yield found(image, disposition=3)


@pytest.mark.parametrize("profile", [NTAG215, NTAG216], ids=lambda profile: profile.name)
@pytest.mark.parametrize("rubble", RUBBLE)
def test_a_torn_fill_or_finding_needs_no_memory_of_it(profile: Profile, rubble: int | None) -> None:
    for old in (fresh(profile), filled(found(fresh(profile))), full(profile)):
        for new in steps_of(old):
            before, after = says(look(old)), says(look(new))
            for chip in tears(profile, encode(old), encode(new), rubble):
                reading = read(chip.read() or b"", UID, SITUATION)
                assert says(reading) in (before, after)
                assert reading.verdict is not Verdict.REFUSED


@pytest.mark.parametrize("profile", bench.HF, ids=lambda profile: profile.name)
@pytest.mark.parametrize("rubble", [None, 0x5A])
def test_every_torn_write_ends_at_the_new_content(profile: Profile, rubble: int | None) -> None:
    old, new = encode(full(profile)), encode(fresh(profile, seq=2))
    for chip in tears(profile, old, new, rubble):
        settle(chip, Intent(UID.hex(), profile.name, old, new))


@pytest.mark.parametrize(("old_slots", "new_slots"), [(0, 9), (9, 0), (9, 4)])
def test_a_content_of_another_length_too(old_slots: int, new_slots: int) -> None:
    old, new = encode(fresh(slots=old_slots)), encode(fresh(seq=2, slots=new_slots))
    for chip in tears(NTAG216, old, new, None):
        settle(chip, Intent(UID.hex(), NTAG216.name, old, new))


@pytest.mark.parametrize("profile", [NTAG213, NTAG216, NTAG424, SLIX2], ids=lambda profile: profile.name)
def test_a_phone_s_torn_write_too(profile: Profile) -> None:
    old, new = encode(full(profile)), encode(fresh(profile, seq=2))
    for cut in range(profile.memory):
        chip = SimulatedChip(UID, profile, bytearray(wrap(profile, old)), tear_after=cut)
        try:
            chip.write_message(new)
        except Torn:
            chip.lift()
        settle(chip, Intent(UID.hex(), profile.name, old, new), by_phone=True)


def settle(chip: SimulatedChip, intent: Intent, *, by_phone: bool = False) -> None:
    """What a device does at the next tap, with an intent that was kept over a restart."""
    intent = Intent.from_json(json.loads(json.dumps(intent.as_json())))
    seen = chip.read()
    holds = read(seen or b"", UID, SITUATION).verdict is Verdict.HOLDS
    assert not holds or seen in (intent.old, intent.new)
    recovery = recover(intent, seen, is_whole=holds)
    if recovery.target is not None:
        if by_phone:
            chip.write_message(recovery.target)
        else:
            plan = plan_write(bytes(chip.memory), recovery.target, profile_of(intent))
            chip.follow(plan)
            assert plan.is_done(bytes(chip.memory))
    assert recover(intent, chip.read()).outcome is Outcome.WRITTEN


def test_a_second_tear_while_recovering_changes_nothing() -> None:
    old, new = encode(full()), encode(filled(full()))
    intent = Intent(UID.hex(), NTAG216.name, old, new)
    for chip in tears(NTAG216, old, new, 0x5A):
        again = plan_write(bytes(chip.memory), new, NTAG216)
        chip.tear_after, chip.rubble = 2, 0xFF
        with pytest.raises(Torn):
            chip.follow(again)
        chip.lift()
        settle(chip, intent)


def test_what_somebody_else_wrote_since_stays() -> None:
    old, new, since = encode(fresh()), encode(filled(fresh())), encode(found(fresh()))
    recovery = recover(Intent(UID.hex(), NTAG216.name, old, new), since, is_whole=True)
    assert (recovery.outcome, recovery.target, recovery.settled) == (Outcome.CHANGED, None, True)


def test_what_does_not_change_is_not_written() -> None:
    def units(plan: Plan) -> list[int]:
        return [step.unit for step in plan.steps]

    memory = wrap(NTAG216, encode(full()))
    assert units(plan_write(memory, encode(full()), NTAG216)) == []
    fill, finding = encode(filled(full())), encode(found(full()))
    assert (
        len(units(plan_write(memory, fill, NTAG216))) <= 20
    )  # one slot of 80 bytes, no page of its neighbours
    assert len(units(plan_write(memory, finding, NTAG216))) <= 20


def test_a_chip_says_when_it_is_asked_too_much() -> None:
    chip = SimulatedChip(UID, NTAG213)
    assert chip.read() == b""
    assert chip.counter == 1
    with pytest.raises(ValueError, match="unit"):
        chip.write_unit(99, b"1234")
    with pytest.raises(ValueError, match="fit"):
        chip.write_message(encode(fresh(NTAG216)))
