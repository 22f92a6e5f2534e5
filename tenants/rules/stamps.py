"""A date as people write it from a stamp: to the day or to the month, and never more exact than it was written."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from tenants.rules.facts import StampedDate
from tenants.rules.states import DatePrecision

_PARTED = re.compile(r"([0-9]{4})[-./年 ]([0-9]{1,2})(?:[-./月 ]([0-9]{1,2})日?|月)?")
_SOLID = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")


@lru_cache(maxsize=4096)  # a file of a hundred thousand rows has a few hundred dates
def read_stamp(text: str) -> StampedDate:
    """2026-05, 2026-5-12, 2026/05, 2026.5, 202605, 20260512, 2026年5月, 2026年5月12日; raises ValueError for anything else."""
    found = _PARTED.fullmatch(text) or _SOLID.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day = found.groups()
    precision = DatePrecision.DAY if day else DatePrecision.MONTH
    return StampedDate(date(int(year), int(month), int(day or 1)), precision)
