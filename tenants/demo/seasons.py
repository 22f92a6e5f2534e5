"""When work is done: shifts, lunch, short Sundays, holidays, and how much more gas is used in winter and before Spring Festival."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from random import Random

BEIJING = timezone(timedelta(hours=8))  # China has no summer time; a fixed offset is reckoned fastest
SPRING_FESTIVALS = (
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
    date(2030, 2, 3), date(2031, 1, 23), date(2032, 2, 11),
)  # fmt: skip
MORNING, AFTERNOON = (8 * 60, 11 * 60 + 40), (13 * 60, 17 * 60 + 40)  # minutes of the day; lunch between
HOME_GAS = (1.35, 1.3, 1.1, 1.0, 0.9, 0.8, 0.75, 0.75, 0.85, 0.95, 1.1, 1.25)  # LPG, January to December


def days_to_festival(day: date) -> int:
    """Days until the nearest Spring Festival; negative after it."""
    return min(((festival - day).days for festival in SPRING_FESTIVALS), key=abs)


@lru_cache(4096)
def demand(day: date, family: str) -> float:
    """How fast a full cylinder is used up, 1 in an ordinary week; `family` is L (LPG) or Q (industrial)."""
    ahead = days_to_festival(day)
    if family == "L":
        season = HOME_GAS[day.month - 1]
        return season * (1.5 if 0 <= ahead <= 15 else 0.6 if -6 <= ahead < 0 else 1.0)
    return 0.2 if -10 <= ahead <= 3 else 1.0


@lru_cache(4096)
def shifts(day: date, family: str) -> tuple[tuple[int, int], ...]:
    """The minutes of the day in which work is done: from, until."""
    ahead = days_to_festival(day)
    if family == "L":
        return () if -1 <= ahead <= 0 else (MORNING,) if day.weekday() == 6 else (MORNING, AFTERNOON)
    holiday = -6 <= ahead <= 1 or (day.month == 10 and day.day <= 5)
    return () if holiday or day.weekday() == 6 else (MORNING,) if day.weekday() == 5 else (MORNING, AFTERNOON)


def at_work(at: datetime, family: str, rng: Random) -> datetime:
    """That moment if work is being done then, else one in the next shift."""
    local = at.astimezone(BEIJING)
    day, minute = local.date(), local.hour * 60 + local.minute
    for begins, ends in shifts(day, family):
        if minute < begins:
            return _within(day, begins, ends, rng)
        if minute < ends:
            return at
    day += timedelta(days=1)
    while not shifts(day, family):
        day += timedelta(days=1)
    return _within(day, *rng.choice(shifts(day, family)), rng)


def _within(day: date, begins: int, ends: int, rng: Random) -> datetime:
    return moment(day, rng.uniform(begins + 2, ends - 20))


def moment(day: date, minutes: float) -> datetime:
    """The moment so many minutes after midnight in China, UTC."""
    return (datetime.combine(day, time(), BEIJING) + timedelta(minutes=minutes)).astimezone(UTC)
