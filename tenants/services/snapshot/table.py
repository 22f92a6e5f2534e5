"""From rows to columns. The rule itself says what it refuses; it is asked once for all rows that look the same to it.

What the rule says of the site, the check, the person, the medium and the mass is left out of `refused`: the device decides these at the
moment of the fill, from the header and from the other columns.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from tenants.rules import facts as known
from tenants.rules.codes import parse_scan
from tenants.rules.fill import refusals
from tenants.rules.limits import largest_fill_kg
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus, DatePrecision, LabelKind, LabelState, Ownership, Stage
from tenants.services.apply.event import SHANGHAI

DAY_ZERO = date(2000, 1, 1)
NO_DAY, NO_MASS, NO_PLACE, NO_KIND = 65_535, 4_294_967_295, 255, 65_535
REFUSALS = tuple(Refusal)
OF_THE_SITE = frozenset({
    Refusal.ENTERPRISE_SUSPENDED, Refusal.LICENCE_MISSING, Refusal.LICENCE_SUSPENDED, Refusal.LICENCE_EXPIRED,
})  # fmt: skip
OF_THE_FILL = frozenset({
    Refusal.MEDIUM_NOT_LICENSED, Refusal.WRONG_MEDIUM, Refusal.PRE_FILL_CHECK_MISSING, Refusal.PRE_FILL_CHECK_FAILED,
    Refusal.OPERATOR_UNCERTIFIED, Refusal.OPERATOR_CERTIFICATE_EXPIRED, Refusal.OVERFILL, Refusal.OVERPRESSURE, Refusal.ASSAY_MISSING,
})  # fmt: skip
_NOBODY = UUID(int=0)
_CODES = {"u8": "B", "u16": "H", "u32": "I"}
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type, how many values, its bytes."""

    name: str
    type: str
    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Lists:
    """What columns point into; part of the basis, so that a delta points into the same."""

    media: tuple[str, ...]
    kinds: tuple[str, ...]
    statuses: tuple[str, ...] = tuple(CylinderStatus)
    stages: tuple[str, ...] = tuple(Stage)
    label_states: tuple[str, ...] = tuple(LabelState)


def columns_of(
    rows: Sequence[Any], enterprise: known.EnterpriseFacts, lists: Lists, now: datetime
) -> list[Column]:
    """Every column of these rows, chips included."""
    judge = _Judge(enterprise, now)
    status, stage = _places(lists.statuses, NO_PLACE), _places(lists.stages, NO_PLACE)
    medium, kind = _places(lists.media, NO_PLACE), _places(lists.kinds, NO_KIND)
    state = _places(lists.label_states, NO_PLACE)
    return [
        _numbers("head", "u32", (row.head for row in rows)),
        _numbers("tail", "u32", (row.tail for row in rows)),
        _numbers("on_head", "u32", (row.on_head or 0 for row in rows)),
        _numbers("on_tail", "u32", (row.on_tail or 0 for row in rows)),
        _numbers("refused", "u32", (judge.refused(row) for row in rows)),
        _numbers("inspection_until", "u16", (_until(row[16], row[17]) for row in rows)),
        _numbers("life_until", "u16", (_until(row[18], row[19]) for row in rows)),
        _numbers("valve_until", "u16", (_until(row[20], row[21]) for row in rows)),
        _numbers("status", "u8", (status(row.status) for row in rows)),
        _numbers("stage", "u8", (stage(row.stage) for row in rows)),
        _numbers("label_state", "u8", (state(row.state) for row in rows)),
        _numbers("medium", "u8", (medium(row.medium_id) for row in rows)),
        _numbers("kind", "u16", (kind(row.kind_code) for row in rows)),
        _numbers("max_fill_g", "u32", (judge.max_fill_g(row) for row in rows)),
        _numbers("tare_g", "u32", (row.tare_g for row in rows)),
        _numbers("checked_at", "u32", (row.checked_at for row in rows)),
        _numbers("filled_at", "u32", (row.filled_at for row in rows)),
        _numbers("check", "u8", (row.check_result for row in rows)),
        _texts("serial_no", [row.serial_no or "" for row in rows]),
        *_chips([row for row in rows if row.uid and row.state == LabelState.BOUND]),
    ]


def _chips(rows: Sequence[Any]) -> list[Column]:
    in_order = sorted((bytes.fromhex(row.uid), row.head, row.tail) for row in rows)
    return [
        Column("chip", "bytes16", len(in_order), b"".join(uid.ljust(16, b"\0") for uid, _, _ in in_order)),
        _numbers("chip_len", "u8", (len(uid) for uid, _, _ in in_order)),
        _numbers("chip_head", "u32", (head for _, head, _ in in_order)),
        _numbers("chip_tail", "u32", (tail for _, _, tail in in_order)),
    ]


class _Judge:
    """Asks the rule, once for all rows that look the same to it."""

    def __init__(self, enterprise: known.EnterpriseFacts, now: datetime) -> None:
        self._enterprise, self._now = enterprise, now
        self._today = now.astimezone(SHANGHAI).date()
        self._day = (self._today - DAY_ZERO).days
        self._refused: dict[Hashable, int] = {}
        self._masses: dict[Hashable, int] = {}

    def refused(self, row: Any) -> int:
        """The bits of what the rule refuses, without what is of the site or of the fill."""
        past = tuple(_until(row[at], row[at + 1]) < self._day for at in (16, 18, 20))
        looks = (*row[5:6], *row[7:9], *row[10:16], row.filled_at > 0, row.stopped, past)
        return _once(self._refused, looks, lambda: _bits(refusals(self._facts(row))))

    def max_fill_g(self, row: Any) -> int:
        """The largest fill that the rule relies on, grams, rounded down."""
        looks = (
            row.on_cylinder,
            row.medium_id,
            row.volume_l,
            row.nominal_pressure_mpa,
            row.porosity,
            row.max_fill_kg,
        )
        return _once(self._masses, looks, lambda: _grams(largest_fill_kg(self._facts(row))))

    def _facts(self, row: Any) -> known.FillFacts:
        label = known.LabelFacts(
            code=row.code, kind=LabelKind.METAL, state=LabelState(row.state), disputed=row.disputed
        )
        attempt = known.FillAttempt(
            at=self._now, on=self._today, scanned=parse_scan(row.code, self._enterprise.district)
        )
        cylinder = self._cylinder(row, label) if row.on_cylinder else None
        return known.FillFacts(cylinder=cylinder, label=label, enterprise=self._enterprise, attempt=attempt)

    def _cylinder(self, row: Any, label: known.LabelFacts) -> known.CylinderFacts:
        return known.CylinderFacts(
            id=_NOBODY,
            version=0,
            tenant_id=self._enterprise.tenant_id,
            serial_no=row.serial_no,
            kind_code=row.kind_code,
            medium_id=row.medium_id,
            status=CylinderStatus(row.status),
            stage=Stage(row.stage),
            ownership=Ownership(row.ownership),
            registered=row.registered,
            non_refillable=row.kind_code in known.NON_REFILLABLE_KINDS,
            next_inspection=_stamped(row[16], row[17]),
            end_of_life=_stamped(row[18], row[19]),
            valve_end_of_life=_stamped(row[20], row[21]),
            volume_l=row.volume_l,
            nominal_pressure_mpa=row.nominal_pressure_mpa,
            max_fill_kg=row.max_fill_kg,
            porosity=row.porosity,
            filled_at=self._now if row.filled_at else None,
            stopped=row.stopped,
            labels=(label,),
        )


def _once(answers: dict[Hashable, int], looks: Hashable, ask: Callable[[], int]) -> int:
    if (known_answer := answers.get(looks)) is not None:
        return known_answer
    answers[looks] = found = ask()
    return found


def _bits(found: Iterable[Refusal]) -> int:
    return sum(1 << REFUSALS.index(refusal) for refusal in found if refusal not in OF_THE_SITE | OF_THE_FILL)


def _grams(limit: Any) -> int:
    if limit is None or not limit.trusted:
        return NO_MASS
    return max(0, min(int(limit.value * Decimal(1000)), NO_MASS - 1))


def _stamped(on: date | None, precision: str | None) -> known.StampedDate | None:
    return None if on is None else known.StampedDate(on, DatePrecision(precision or "day"))


@lru_cache(maxsize=50_000)
def _until(on: date | None, precision: str | None) -> int:
    """The last legal day, counted from 2000; a day before that counts as the first of all."""
    stamped = _stamped(on, precision)
    return NO_DAY if stamped is None else max(0, min((stamped.last_legal_day() - DAY_ZERO).days, NO_DAY - 1))


def _places(values: Sequence[str], otherwise: int) -> Callable[[str | None], int]:
    place = {value: index for index, value in enumerate(values)}
    return lambda value: place.get(value, otherwise) if value is not None else otherwise


def _numbers(name: str, kind: str, values: Iterable[int]) -> Column:
    packed = array(_CODES[kind], values)
    if sys.byteorder == "big":
        packed.byteswap()
    return Column(name, kind, len(packed), packed.tobytes())


def _texts(name: str, values: Sequence[str]) -> Column:
    encoded = [value.encode() for value in values]
    ends, at = array("I", [0]), 0
    for one in encoded:
        at += len(one)
        ends.append(at)
    if sys.byteorder == "big":
        ends.byteswap()
    return Column(name, "text", len(values), ends.tobytes() + b"".join(encoded))
