"""The shared vectors: `python -m tests.integrations.devices.tags.make_vectors` writes docs/tag-vectors/qp1.json anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from integrations.devices.tags import plans, private, uhf
from integrations.devices.tags.image import Image, encode, most_slots
from integrations.devices.tags.plans import plan_write
from integrations.devices.tags.profiles import NTAG213, NTAG216, SLIX2, UHF64, wrap
from integrations.devices.tags.reading import Known, read
from integrations.devices.tags.telling import told
from integrations.devices.tags.writing import CannotWrite, add_fill, add_finding, issue
from tests.integrations.devices.tags import bench
from tests.integrations.devices.tags.bench import NOW, SITUATION, UID, URL, filled, found, fresh, full

FILE = Path(__file__).parents[4] / "docs" / "tag-vectors" / "qp1.json"


def everything() -> dict[str, Any]:
    return {
        "layout": "QP1",
        "note": "All keys are for tests only. Bytes are hex. `now` holds for every case. See docs/tag-layout-qp1.md.",
        "now": NOW.isoformat().replace("+00:00", "Z"),
        "keyring": bench.RING,
        "private_seeds": {
            str(kid): bench.private(kid).private_bytes_raw().hex()
            for kid in (*(key["kid"] for key in bench.RING), bench.UNKNOWN)
        },
        "secrets": {str(bench.SECRET_KID): bench.SECRET_KEY.hex()},
        "read": [*_good(), *_damaged(), *_spliced(), *_known()],
        "write": [*_writes()],
        "memory": [*_memories()],
        "plan": [*_plans()],
        "recover": [*_recoveries()],
        "uhf": [*_uhf()],
    }


def _case(
    name: str, message: bytes, uid: bytes = UID, known: Known | None = None, counter: int | None = None
) -> dict[str, Any]:
    about = replace(SITUATION, known=known, counter=counter)
    return {
        "name": name,
        "uid": uid.hex(),
        "message": message.hex(),
        "known": asdict(known) if known else None,
        "counter": counter,
        "expect": told(read(message, uid, about)),
    }


def sealed(image: Image, kid: int = bench.SECRET_KID, key: bytes = bench.SECRET_KEY) -> Image:
    block = private.seal("客户 0017".encode(), kid, key, bytes(range(12)), UID, image.digest)
    return replace(image, private=block)


def _good() -> Iterator[dict[str, Any]]:
    for profile in bench.HF:
        yield _case(f"{profile.name}: as issued", encode(fresh(profile)))
        yield _case(f"{profile.name}: full", encode(full(profile)))
    yield _case("one fill", encode(filled(fresh())))
    yield _case("a finding that stops", encode(found(fresh(), disposition=3)))
    yield _case("stopped, then lifted", encode(found(found(fresh(), disposition=3), disposition=4)))
    yield _case("private block", encode(sealed(fresh(slots=6))))
    yield _case("private block without its key", encode(sealed(fresh(slots=6), kid=27)))
    yield _case("private block under another key", encode(sealed(fresh(slots=6), key=bytes(16))))


def _damaged() -> Iterator[dict[str, Any]]:
    whole = full()
    message = encode(whole)
    yield _case("nothing", b"")
    yield _case("zeros", bytes(40))
    yield _case("cut in the address", message[:20])
    yield _case("cut after the address", message[:40])
    yield _case("cut in the base", message[:100])
    yield _case("cut in the last slot", message[:-1])
    yield _case("something behind", message + b"\0")
    yield _case("another record", bytes.fromhex("d101085402656e68656c6c6f"))
    yield _case("a bit of the base", _flip(message, 70))
    yield _case("a bit of the address", _flip(message, 30))
    yield _case("a bit of the base's signature", _flip(message, 100))
    yield _case("moved to another chip", message, bench.OTHER_UID)
    yield _case("a version to come", encode(replace(whole, base=bytes([0x20]) + whole.base[1:])))
    yield _case("base by an unknown key", encode(_base_by(bench.UNKNOWN)))
    yield _case("base by a device's key", encode(_base_by(bench.DEVICE)))
    yield _case("fill by a revoked key", encode(filled(fresh(), kid=bench.REVOKED)))
    yield _case("fill by an expired key", encode(filled(fresh(), kid=bench.EXPIRED)))
    yield _case("fill by an unknown key", encode(filled(fresh(), kid=bench.UNKNOWN)))
    yield _case("finding by a filling device", encode(found(fresh(), kid=bench.DEVICE)))
    two = filled(fresh(), 2)
    yield _case("the newest fill is torn", encode(two.with_slot(0, two.slots[0][:40] + bytes(40))))
    yield _case("the fill before is damaged", encode(two.with_slot(1, two.slots[1][:40] + bytes(40))))
    yield _case("fills changed places", encode(two.with_slot(0, two.slots[1]).with_slot(1, two.slots[0])))


def _spliced() -> Iterator[dict[str, Any]]:
    five, empty = found(fresh(), 5), bytes(80)
    yield _case("the newest finding is torn", encode(_slot(five, 5, _ring(five, 5)[:16] + bytes(64))))
    yield _case("a middle finding is gone", encode(_slot(five, 3, empty)))
    yield _case("a middle finding is damaged", encode(_slot(five, 3, _flip(_ring(five, 3), 70))))
    yield _case("the first finding is gone", encode(_slot(five, 1, empty)))
    yield _case(
        "two findings changed places", encode(_slot(_slot(five, 2, _ring(five, 3)), 3, _ring(five, 2)))
    )
    other = found(found(fresh(), disposition=2), 4)
    yield _case("a finding from another history", encode(_slot(five, 3, _ring(other, 3))))
    earlier = found(fresh(seq=2), 5)
    yield _case("findings of an earlier base", encode(_slot(five, 3, _ring(earlier, 3))))
    ring = full()
    newest = read(encode(ring), UID, SITUATION).findings[-1].finding.seq
    yield _case(
        "the oldest of a full ring is being overwritten", encode(_slot(ring, newest + 1, b"\x55" * 80))
    )
    yield _case("a full ring lacks one in the middle", encode(_slot(ring, newest - 2, empty)))


def _known() -> Iterator[dict[str, Any]]:
    one = found(filled(fresh(), 3), 2)
    seen = read(encode(one), UID, SITUATION).seen or Known()
    yield _case("known and the same", encode(one), known=seen)
    yield _case("known, and a fill more", encode(filled(one)), known=seen)
    yield _case("a fill less than known", encode(one), known=replace(seen, fill_seq=4))
    yield _case("a finding less than known", encode(one), known=replace(seen, finding_seq=3))
    yield _case("an older base than known", encode(one), known=replace(seen, base_seq=2))
    yield _case("a newer base than known", encode(fresh(seq=2)), known=seen)
    yield _case("another base under the same number", encode(one), known=replace(seen, digest="00" * 8))
    yield _case("the chip's counter went back", encode(one), known=replace(seen, counter=900), counter=899)
    yield _case("the chip's counter went on", encode(one), known=replace(seen, counter=900), counter=901)


def _writes() -> Iterator[dict[str, Any]]:
    blank = fresh()
    for profile in bench.HF:
        slots = most_slots(profile, URL)
        made = issue(bench.base(), URL, UID, slots, bench.private(bench.PLATFORM).sign)
        asked = {"base": told(read(encode(made), UID, SITUATION))["base"], "url": URL, "slots": slots}
        yield {
            "name": f"issue for {profile.name}",
            "do": "issue",
            "uid": UID.hex(),
            **asked,
            "to": encode(made).hex(),
        }
    yield _write("first fill", blank, "fill")
    yield _write("second fill", filled(blank), "fill")
    yield _write("third fill takes the first one's slot", filled(blank, 2), "fill")
    yield _write("fill without a slot", fresh(NTAG213), "fill")
    yield _write("first finding", blank, "finding")
    yield _write("finding into a full ring", full(), "finding", synced=0xFFFF)
    yield _write("finding into a full ring that isn't synced", full(), "finding", synced=1)
    standing = found(found(blank, disposition=3), 6)
    yield _write("never over the one that stands", standing, "finding", synced=0xFFFF)
    yield _write("lifting the one that stands", standing, "finding", disposition=4, synced=0xFFFF)
    spliced = _slot(found(blank, 5), 3, bytes(80))
    yield _write("not onto a broken ring", spliced, "finding")


def _write(name: str, image: Image, do: str, disposition: int = 1, synced: int = 0) -> dict[str, Any]:
    reading = read(encode(image), UID, SITUATION)
    case: dict[str, Any] = {
        "name": name,
        "do": do,
        "uid": UID.hex(),
        "from": encode(image).hex(),
        "at": "2026-05-30T06:05:00Z",
    }
    at = NOW.replace(month=5, day=30, hour=6, minute=5)
    try:
        if do == "fill":
            case |= {"kid": bench.DEVICE, "net_g": 14490, "station": 3, "operator": 17}
            made = add_fill(reading, UID, bench.DEVICE, at, 14490, 3, 17, bench.private(bench.DEVICE).sign)
        else:
            case |= {"kid": bench.INSPECTOR, "hazard": 205, "disposition": disposition, "synced": synced}
            sign = bench.private(bench.INSPECTOR).sign
            made = add_finding(reading, UID, bench.INSPECTOR, at, 205, disposition, sign, synced)
    except CannotWrite as refused:
        return case | {"refused": refused.reason.value}
    return case | {"to": encode(made).hex()}


def _memories() -> Iterator[dict[str, Any]]:
    for profile in bench.HF:
        message = encode(fresh(profile))
        yield {"profile": profile.name, "message": message.hex(), "memory": wrap(profile, message).hex()}


def _plans() -> Iterator[dict[str, Any]]:
    two = filled(fresh(), 2)
    for name, profile, old, new in (
        ("a fill touches one slot", NTAG216, encode(two), encode(filled(two))),
        ("a finding touches one slot", NTAG216, encode(two), encode(found(two))),
        ("a longer message: its length last", SLIX2, encode(fresh(SLIX2, slots=0)), encode(fresh(SLIX2))),
    ):
        plan = plan_write(wrap(profile, old), new, profile)
        steps = [[step.unit, step.data.hex()] for step in plan.steps]
        memory = wrap(profile, old).hex()
        yield {"name": name, "profile": profile.name, "memory": memory, "message": new.hex(), "steps": steps}


def _recoveries() -> Iterator[dict[str, Any]]:
    old, new = encode(fresh()), encode(filled(fresh()))
    intent = plans.Intent(UID.hex(), NTAG216.name, old, new)
    for name, seen, whole in (
        ("written", new, True),
        ("untouched", old, True),
        ("emptied", b"", False),
        ("unreadable", None, False),
        ("half", new[:400] + old[400:], False),
        ("somebody wrote since", encode(found(fresh())), True),
    ):
        got = plans.recover(intent, seen, is_whole=whole)
        target = None if got.target is None else got.target.hex()
        yield {
            "name": name, "intent": intent.as_json(), "found": None if seen is None else seen.hex(), "is_whole": whole,
            "expect": {"outcome": got.outcome.value, "target": target, "settled": got.settled},
        }  # fmt: skip


def _uhf() -> Iterator[dict[str, Any]]:
    tid, key = bytes.fromhex("e2003412013a0d000a1b2c3d"), bytes(range(16, 32))
    first = bench.base()
    tag = uhf.UhfTag(
        3,
        first.due_on,
        first.scrap_on,
        1,
        1,
        14500,
        uhf.UhfFill(2, NOW, 14480),
        (uhf.UhfFinding(1, NOW, 101, 2),),
    )
    bank = uhf.encode(tag, bench.CODE, tid, key)
    for name, seen, code, keys in (
        ("holds", bank, bench.CODE, {3: key}),
        ("without a key", bank, bench.CODE, {}),
        ("another code in the EPC", bank, "37050200101000002", {3: key}),
        ("a bit", _flip(bank, 14), bench.CODE, {3: key}),
        ("cut", bank[:49], bench.CODE, {3: key}),
        ("empty", bytes(UHF64.memory), bench.CODE, {3: key}),
    ):
        said, fault = uhf.decode(seen, code, tid, keys)
        yield {
            "name": name, "bank": seen.hex(), "code": code, "tid": tid.hex(),
            "keys": {str(kid): value.hex() for kid, value in keys.items()},
            "expect": {"fault": fault.value if fault else None, "tag": json.loads(json.dumps(asdict(said), default=str)) if said else None},
        }  # fmt: skip


def _base_by(kid: int) -> Image:
    return issue(bench.base(kid=kid), URL, UID, 9, bench.private(kid).sign)


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _ring(image: Image, seq: int) -> bytes:
    return image.findings[seq % len(image.findings)]


def _slot(image: Image, seq: int, slot: bytes) -> Image:
    return image.with_slot(len(image.fills) + seq % len(image.findings), slot)


def text() -> str:
    """The file's content."""
    return json.dumps(everything(), ensure_ascii=False, indent=1, sort_keys=False) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text())
