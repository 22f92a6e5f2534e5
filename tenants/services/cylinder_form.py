"""What a person fills in about a cylinder: which values are believable, and how they become columns of the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.errors import Invalid
from tenants.models import Cylinder, InspectionCycle, Medium, MediumCode
from tenants.rules.facts import StampedDate
from tenants.rules.states import DatePrecision, Ownership
from tenants.rules.vessels import can_hold
from tenants.sentences import Sentence, say

EARLIEST = date(1950, 1, 1)
TEXTS = {"serial_no": 40, "maker": 80, "registration_no": 60, "note": 500}
# field → the largest believable value; the smallest is above 0
NUMBERS = {"volume_l": Decimal(3000), "nominal_pressure_mpa": Decimal(100), "tare_kg": Decimal(5000), "max_fill_kg": Decimal(5000),
           "porosity": Decimal(1)}  # fmt: skip
PLACES = {"volume_l": 2, "nominal_pressure_mpa": 2, "tare_kg": 3, "max_fill_kg": 3, "porosity": 3}
DATES = ("made", "last_inspection", "next_inspection", "end_of_life", "valve_end_of_life")


@dataclass(frozen=True, slots=True)
class CylinderForm:
    """Every field of the archive that a person fills in. Masses in kg, volume in litres, pressure in MPa."""

    serial_no: str
    kind_code: str
    medium_id: str
    maker: str = ""
    registration_no: str = ""
    ownership: Ownership = Ownership.OWN
    made: StampedDate | None = None
    last_inspection: StampedDate | None = None
    next_inspection: StampedDate | None = None
    end_of_life: StampedDate | None = None
    valve_end_of_life: StampedDate | None = None
    volume_l: Decimal | None = None
    nominal_pressure_mpa: Decimal | None = None
    tare_kg: Decimal | None = None
    max_fill_kg: Decimal | None = None
    porosity: Decimal | None = None
    note: str = ""


def form_of(cylinder: Cylinder) -> CylinderForm:
    """What the archive holds, as the form."""
    values: dict[str, Any] = {
        field.name: _stamped(cylinder, field.name) if field.name in DATES else getattr(cylinder, field.name)
        for field in fields(CylinderForm)
    }
    return CylinderForm(**values | {"ownership": Ownership(cylinder.ownership)})


def _stamped(cylinder: Cylinder, name: str) -> StampedDate | None:
    on = getattr(cylinder, f"{name}_on")
    return None if on is None else StampedDate(on, DatePrecision(getattr(cylinder, f"{name}_precision")))


def columns_of(form: CylinderForm) -> dict[str, object]:
    """The form as columns; a month is kept as its first day."""
    columns: dict[str, object] = {}
    for field in fields(form):
        value = getattr(form, field.name)
        if field.name not in DATES:
            columns[field.name] = value.value if isinstance(value, Ownership) else value
            continue
        precision = value.precision if value else DatePrecision.MONTH
        columns[f"{field.name}_precision"] = precision.value
        columns[f"{field.name}_on"] = (
            (value.on.replace(day=1) if precision is DatePrecision.MONTH else value.on) if value else None
        )
    return columns


@dataclass(frozen=True, slots=True)
class Known:
    """What a form may choose from today: kinds of cylinder, the enterprise's media, and every medium's state and class."""

    today: date
    kinds: frozenset[str]
    media: frozenset[str]
    classes: Mapping[str, tuple[str, str]]


def known_today(session: Session) -> Known:
    """The tables as they are now, read once for any number of forms."""
    kinds = select(InspectionCycle.kind_code).where(InspectionCycle.valid_to.is_(None)).distinct()
    own = select(MediumCode.medium_id).where(MediumCode.retired_at.is_(None)).distinct()
    media = select(Medium.key, Medium.state_class, Medium.cycle_class).where(Medium.valid_to.is_(None))
    return Known(
        today=datetime.now(ZoneInfo("Asia/Shanghai")).date(),
        kinds=frozenset(session.scalars(kinds)) - {"", "*"},
        media=frozenset(session.scalars(own)) - {"", "*"},
        classes={row.key: (row.state_class, row.cycle_class) for row in session.execute(media)},
    )


def require_valid(session: Session, form: CylinderForm, before: Cylinder | None) -> None:
    """Raise Invalid with every field that can't be kept; `before` is the cylinder as it stands, None for a new one."""
    if problems := problems_of(form, known_today(session), before):
        raise Invalid(fields=problems)


def problems_of(form: CylinderForm, known: Known, before: Cylinder | None = None) -> dict[str, Sentence]:
    """What can't be kept, field by field; a kind and a medium that the archive already holds may stay."""
    problems: dict[str, Sentence] = {}
    for name, longest in TEXTS.items():
        if len(getattr(form, name)) > longest:
            problems[name] = say("不能超过 %(longest)d 个字", longest=longest)
    if not form.serial_no:
        problems["serial_no"] = say("请填写出厂编号")
    held = (None, None) if before is None else (before.kind_code, before.medium_id)
    if form.medium_id not in known.media and form.medium_id != held[1]:
        problems["medium_id"] = say("请选择本单位介质代码表中的介质")
    if form.kind_code not in known.kinds and form.kind_code != held[0]:
        problems["kind_code"] = say("请选择气瓶品种")
    classes = known.classes.get(form.medium_id, ("", ""))
    if (form.kind_code, form.medium_id) != held and not can_hold(form.kind_code, form.medium_id, *classes):
        problems.setdefault("medium_id", say("这个品种的气瓶不能盛装该介质"))
    for name, largest in NUMBERS.items():
        if problem := _number_problem(getattr(form, name), largest, PLACES[name]):
            problems[name] = problem
    return problems | _date_problems(form, known.today)


def _number_problem(value: Decimal | None, largest: Decimal, places: int) -> Sentence | None:
    if value is None:
        return None
    if not value.is_finite() or not 0 < value <= largest:
        return say("应大于 0,不超过 %(largest)s", largest=largest)
    exponent = value.normalize().as_tuple().exponent
    return (
        say("最多 %(places)d 位小数", places=places)
        if isinstance(exponent, int) and -exponent > places
        else None
    )


def _date_problems(form: CylinderForm, today: date) -> dict[str, Sentence]:
    problems: dict[str, Sentence] = {}
    for name in DATES:
        stamped: StampedDate | None = getattr(form, name)
        if stamped is not None and not EARLIEST <= stamped.on <= date(today.year + 60, 12, 31):
            problems[name] = say("日期不合理")
    for name in ("made", "last_inspection"):
        stamped = getattr(form, name)
        if stamped is not None and stamped.on > today:
            problems[name] = say("不能晚于今天")
    for earlier, later in (
        ("made", "last_inspection"),
        ("last_inspection", "next_inspection"),
        ("made", "end_of_life"),
    ):
        first, second = getattr(form, earlier), getattr(form, later)
        if first and second and second.last_legal_day() < first.on:
            problems.setdefault(later, say("不能早于前一个日期"))
    return problems
