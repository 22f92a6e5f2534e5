"""The cylinders of a demo enterprise and the labels on them: most in good order, and some in every state there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from uuid import UUID

from tenants.demo.bulk import complete
from tenants.demo.cast import Enterprise
from tenants.models import Cylinder
from tenants.rules.states import Ownership, Stage


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of cylinder: intervals in years, kg, litres, MPa; the figures are those of the reference tables."""

    kind_code: str
    medium_id: str
    interval: int
    life: int
    volume_l: Decimal
    tare_kg: Decimal
    nominal_mpa: Decimal
    max_fill_kg: Decimal | None = None
    porosity: Decimal | None = None


def _industrial(medium_id: str, interval: int, max_fill_kg: str | None = None) -> Model:
    limit = Decimal(max_fill_kg) if max_fill_kg else None
    return Model("2310", medium_id, interval, 30, Decimal(40), Decimal("48.5"), Decimal(15), limit)


LPG_35 = Model("2320LPG", "LPG", 4, 8, Decimal("35.5"), Decimal("16.5"), Decimal("2.1"), Decimal("14.9"))
MODELS: dict[str, Model] = {
    "YSP35.5": LPG_35,
    "YSP118": Model("2320LPG50", "LPG", 4, 8, Decimal(118), Decimal("41.2"), Decimal("2.1"), Decimal("49.5")),
    "YSP118I": Model(
        "2320LPG50", "LPGI", 4, 8, Decimal(118), Decimal("41.2"), Decimal("2.1"), Decimal("49.5")
    ),
    "O2-40": _industrial("O2", 3),
    "N2-40": _industrial("N2", 5),
    "AR-40": _industrial("AR", 5),
    "CO2-40": _industrial("CO2", 3, "24.0"),
    "C2H2-40": Model(
        "23T0C2H2", "C2H2", 3, 30, Decimal(40), Decimal(60), Decimal("1.56"), Decimal("7.2"), Decimal("0.91")
    ),
    "AR-ONCE": Model("NONREFILL", "AR", 3, 3, Decimal("2.2"), Decimal("1.9"), Decimal(11)),
}


class Story(StrEnum):
    """What is the matter with a cylinder."""

    GOOD = "good"
    DUE_SOON = "due_soon"
    DATE_UNKNOWN = "date_unknown"
    OVERDUE = "overdue"
    BEYOND_LIFE = "beyond_life"
    VALVE_OLD = "valve_old"
    SCRAPPED = "scrapped"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    UNREGISTERED = "unregistered"
    ENTRUSTED = "entrusted"
    FOREIGN = "foreign"
    NO_LABEL = "no_label"
    LABEL_VOID = "label_void"
    LABEL_LOST = "label_lost"
    LABEL_DISPUTED = "label_disputed"
    NON_REFILLABLE = "non_refillable"
    OVERFILLED = "overfilled"
    OVERPRESSURED = "overpressured"
    WRONG_MEDIUM = "wrong_medium"
    UNCHECKED = "unchecked"
    CHECK_FAILED = "check_failed"
    UNCERTIFIED = "uncertified"
    CERTIFICATE_EXPIRED = "certificate_expired"
    UNASSAYED = "unassayed"
    INSPECTED = "inspected"
    TAG_MISMATCH = "tag_mismatch"
    UNREADABLE = "unreadable"
    FILLED_TWICE = "filled_twice"
    DUE_NEXT = "due_next"
    NIGHT = "night"
    CLUSTER = "cluster"


HOW_MANY = {Story.DUE_SOON: 5, Story.OVERDUE: 5, Story.BEYOND_LIFE: 3, Story.SCRAPPED: 3, Story.INSPECTED: 4}
OF_CHARACTER = (Story.DUE_NEXT, Story.NIGHT, Story.CLUSTER)  # how many is the enterprise's character
FEW = (
    Story.DUE_SOON,
    Story.OVERDUE,
    Story.SCRAPPED,
    Story.LABEL_VOID,
    Story.NO_LABEL,
    Story.UNCHECKED,
)


@dataclass(slots=True)
class Item:
    """One cylinder, its model and its story; `number` counts within the enterprise."""

    number: int
    model: Model
    story: Story
    cylinder: Cylinder


def stock_of(enterprise: Enterprise, today: date, rng: Random, share: float = 1.0) -> list[Item]:
    """Every cylinder of an enterprise, in the order of their numbers; of those in good order only this share."""
    items = []
    for number, (model, story) in enumerate(_wanted(enterprise, rng, share), start=1):
        cylinder = _cylinder(enterprise, model, number, today, rng)
        _tell(cylinder, model, story, today, rng)
        complete(cylinder)
        items.append(Item(number, model, story, cylinder))
    return items


def _wanted(enterprise: Enterprise, rng: Random, share: float) -> Iterator[tuple[Model, Story]]:
    for name, count in enterprise.cylinders:
        for place in range(max(4, round(count * share))):
            yield MODELS[name], Story.GOOD if place < 3 else _by_character(enterprise, rng)
    first = MODELS[enterprise.cylinders[0][0]]
    for story in Story:
        if story in OF_CHARACTER:
            many = _of_character(enterprise, story, share)
        elif story is not Story.GOOD and (enterprise.every_state or story in FEW):
            many = HOW_MANY.get(story, 2)
        else:
            many = 0
        model = _model_for(story, enterprise, first)
        if model is not None and enterprise.character.overdue:
            yield from ((model, story) for _ in range(many))


def _by_character(enterprise: Enterprise, rng: Random) -> Story:
    chance, character = rng.random(), enterprise.character
    if chance < character.overdue:
        return Story.OVERDUE
    return Story.DUE_NEXT if chance < character.overdue + character.due_next_month else Story.GOOD


def _of_character(enterprise: Enterprise, story: Story, share: float) -> int:
    character = enterprise.character
    if story is Story.NIGHT and character.night_days:
        return max(5, round(90 * share))
    return max(5, round(65 * share)) if story is Story.CLUSTER and character.cluster_days else 0


def _model_for(story: Story, enterprise: Enterprise, first: Model) -> Model | None:
    """The kind of cylinder that a story can happen to; None where the enterprise has none."""
    media = enterprise.media.values()
    match story:
        case Story.NON_REFILLABLE:
            return MODELS["AR-ONCE"] if "AR" in media else None
        case Story.UNASSAYED:
            return MODELS["C2H2-40"] if enterprise.assayed else None
        case Story.OVERPRESSURED:  # what is filled by mass isn't judged by pressure
            return first if first.max_fill_kg is None else None
        case Story.OVERFILLED if first.max_fill_kg is None:
            return MODELS["CO2-40"] if "CO2" in media else None
        case Story.TAG_MISMATCH:
            return first if enterprise.family == "L" else None
    return first


def _cylinder(enterprise: Enterprise, model: Model, number: int, today: date, rng: Random) -> Cylinder:
    """A cylinder in good order, inspected within the last interval."""
    inspected = month_of(today, -rng.randint(0, model.interval * 12 - 1))
    first_due = model.interval * 12
    made = month_of(
        inspected, -first_due * rng.randint(0, max(0, (model.life - model.interval) // model.interval - 1))
    )
    return Cylinder(
        id=UUID(int=rng.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62),
        serial_no=f"{str(made.year)[2:]}{enterprise.code[3:6]}{number:05d}",
        maker=rng.choice(enterprise.makers),
        kind_code=model.kind_code,
        medium_id=model.medium_id,
        registration_no=f"瓶{enterprise.code[2:4]}{enterprise.code[-3:]}{number:06d}",
        ownership=Ownership.OWN.value,
        made_on=made,
        last_inspection_on=inspected,
        next_inspection_on=month_of(inspected, first_due),
        end_of_life_on=month_of(made, model.life * 12),
        valve_end_of_life_on=month_of(today, rng.randint(6, 60)),
        volume_l=model.volume_l,
        nominal_pressure_mpa=model.nominal_mpa,
        tare_kg=model.tare_kg + Decimal(rng.randint(-8, 8)) / 10,
        max_fill_kg=model.max_fill_kg,
        porosity=model.porosity,
        stage=Stage.NEW.value,
        place="K1",
        district=enterprise.code[:6],
    )


def _tell(cylinder: Cylinder, model: Model, story: Story, today: date, rng: Random) -> None:
    """Bend a good cylinder to its story; what happens during the weeks is told in weeks.py."""
    match story:
        case Story.DUE_SOON:
            cylinder.next_inspection_on = month_of(today, 0)
            cylinder.last_inspection_on = month_of(today, -12 * model.interval)
        case Story.DATE_UNKNOWN:
            cylinder.next_inspection_on = cylinder.last_inspection_on = None
        case Story.OVERDUE:
            cylinder.next_inspection_on = month_of(today, -1)
            cylinder.last_inspection_on = month_of(today, -12 * model.interval - 1)
        case Story.DUE_NEXT:
            cylinder.next_inspection_on = month_of(today, 1)
            cylinder.last_inspection_on = month_of(today, 1 - 12 * model.interval)
        case Story.CLUSTER:
            late = rng.randint(2, 14)
            cylinder.next_inspection_on = month_of(today, -late)
            cylinder.last_inspection_on = month_of(today, -12 * model.interval - late)
        case Story.INSPECTED:
            cylinder.next_inspection_on = month_of(today, 0)
            cylinder.last_inspection_on = month_of(today, -12 * model.interval)
        case Story.BEYOND_LIFE:
            cylinder.end_of_life_on = month_of(today, -2)
            cylinder.made_on = month_of(today, -2 - 12 * model.life)
        case Story.VALVE_OLD:
            cylinder.valve_end_of_life_on = month_of(today, -2)
        case Story.UNREGISTERED:
            cylinder.registration_no = ""
        case Story.ENTRUSTED:
            cylinder.ownership = Ownership.ENTRUSTED.value
        case Story.FOREIGN:
            cylinder.ownership = Ownership.FOREIGN.value


def month_of(day: date, months: int) -> date:
    """The first of the month so many months later."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def last_of_month(day: date) -> date:
    """The last day of the month."""
    return month_of(day, 1) - timedelta(days=1)
