"""May it be filled, as far as a snapshot can say? Never laxer than the server; the order is docs/snapshot-format.md's, «Saying no»."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from integrations.devices.snapshot.reading import Snapshot

CHINA = timezone(timedelta(hours=8))
DAY_ZERO = date(2000, 1, 1)
NO_DAY, NO_MASS, NO_PLACE = 65_535, 4_294_967_295, 255
_DATES = {
    "inspection_until": "inspection_overdue",
    "life_until": "beyond_service_life",
    "valve_until": "valve_too_old",
}


@dataclass(frozen=True, slots=True)
class Try:
    """What somebody wants to do; `code` is the 17 digits, None with `malformed` when the scan is none."""

    at: datetime
    code: str | None = None
    malformed: bool = False
    uid: str | None = None
    medium: str | None = None
    operator: str | None = None
    batch: str | None = None
    gas_kg: float | None = None


def refusals(snapshot: Snapshot, wanted: Try) -> list[str]:
    """Codes of every reason to refuse; empty means that the snapshot knows none."""
    return list(dict.fromkeys(_refusals(snapshot, wanted)))


def _refusals(snapshot: Snapshot, wanted: Try) -> Iterator[str]:
    header = snapshot.header
    if not header or wanted.at > datetime.fromisoformat(header["good_until"]):
        yield "snapshot_too_old"
    if not header:
        return
    day = max(wanted.at, datetime.fromisoformat(header["issued_at"])).astimezone(CHINA).date()
    code = wanted.code or (None if wanted.malformed else snapshot.chips.get(wanted.uid or ""))
    row = snapshot.find(code) if code else None
    if wanted.malformed:
        yield "malformed_code"
    elif row is None:
        foreign = wanted.code is not None and wanted.code[:9] != header["district"] + header["enterprise"]
        yield "not_own_cylinder" if foreign else "unknown_code" if code or wanted.uid else "no_label"
    yield from _site(header["site"], day)
    medium = _medium(header["site"], wanted)
    if row is not None:
        yield from _row(snapshot, row, wanted, day, medium)
    yield from _person(header["site"], wanted, day)
    yield from _medium_refused(header, row, medium, wanted, day)


def _site(site: dict[str, Any], day: date) -> Iterator[str]:
    yield from site["refused"]
    if site["licence_until"] is not None and date.fromisoformat(site["licence_until"]) < day:
        yield "licence_expired"


def _row(
    snapshot: Snapshot, row: dict[str, Any], wanted: Try, day: date, medium: str | None
) -> Iterator[str]:
    header = snapshot.header
    yield from (code for bit, code in enumerate(header["refusals"]) if row["refused"] >> bit & 1)
    for column, code in _DATES.items():
        if row[column] != NO_DAY and DAY_ZERO + timedelta(days=row[column]) < day:
            yield code
    if wanted.uid and wanted.code and _is_another_chip(snapshot, row, wanted.uid):
        yield "tag_mismatch"
    if row["status"] == NO_PLACE:
        return
    if wanted.medium and medium != header["media"][row["medium"]]:
        yield "wrong_medium"
    yield from _check(header["site"], row, wanted.at)
    limit = row["max_fill_g"]
    if (
        wanted.gas_kg is not None
        and limit != NO_MASS
        and wanted.gas_kg * 1000 > limit + header["site"]["mass_tolerance_g"]
    ):
        yield "overfill"


def _is_another_chip(snapshot: Snapshot, row: dict[str, Any], uid: str) -> bool:
    chips = snapshot.chips_of(row)
    return uid not in chips and (bool(chips) or uid in snapshot.chips)


def _check(site: dict[str, Any], row: dict[str, Any], at: datetime) -> Iterator[str]:
    now, checked = at.timestamp(), row["checked_at"]
    counts = (
        row["check"] != 0
        and row["filled_at"] < checked <= now
        and now - checked <= site["check_valid_hours"] * 3600
    )
    if not counts:
        yield "pre_fill_check_missing"
    elif row["check"] == 2:
        yield "pre_fill_check_failed"


def _person(site: dict[str, Any], wanted: Try, day: date) -> Iterator[str]:
    if wanted.operator is None:
        return
    person = next((one for one in site["operators"] if one["code"] == wanted.operator), None)
    left = (
        person is not None and person["left_on"] is not None and date.fromisoformat(person["left_on"]) < day
    )
    if person is None or left or not person["certified"]:
        yield "operator_uncertified"
    elif person["until"] is not None and date.fromisoformat(person["until"]) < day:
        yield "operator_certificate_expired"


def _medium(site: dict[str, Any], wanted: Try) -> str | None:
    codes = site["medium_codes"]
    return codes.get(wanted.medium) or (wanted.medium if wanted.medium in codes.values() else None)


def _medium_refused(
    header: dict[str, Any], row: dict[str, Any] | None, named: str | None, wanted: Try, day: date
) -> Iterator[str]:
    site = header["site"]
    own = header["media"][row["medium"]] if row is not None and row["medium"] != NO_PLACE else None
    medium = named or own
    if medium is None:
        return
    if site["licensed"] is not None and medium not in site["licensed"]:
        yield "medium_not_licensed"
    if medium in site["assay_required"] and not _assayed(site["assays"], medium, wanted.batch, day):
        yield "assay_missing"


def _assayed(assays: list[dict[str, Any]], medium: str, batch: str | None, day: date) -> bool:
    mine = [
        one for one in assays
        if one["medium"] == medium and date.fromisoformat(one["on"]) <= day and batch in (None, "", one["batch"])
    ]  # fmt: skip
    newest = max(mine, key=lambda one: (one["on"], not one["passed"]), default=None)
    good = newest is not None and newest["passed"]
    return bool(good and newest and (newest["until"] is None or date.fromisoformat(newest["until"]) >= day))
