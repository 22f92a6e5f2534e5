"""The numbers that an office writes on paper. Each series counts on within one enterprise; raises ValueError when it is full."""

from __future__ import annotations

from datetime import date

LAST = 9999


def customer_number(district: str, serial: int) -> str:
    """Ten digits: the district's six and a serial of four, such as 3705030010."""
    return f"{district}{_four(serial)}"


def order_number(enterprise: str, day: date, serial: int) -> str:
    """Fifteen digits: the enterprise's three, the day, and a serial of four within the day."""
    return f"{enterprise}{day:%Y%m%d}{_four(serial)}"


def recovery_number(day: date, serial: int) -> str:
    """HS, the day, and a serial of four within the day."""
    return f"HS{day:%Y%m%d}{_four(serial)}"


def _four(serial: int) -> str:
    if not 1 <= serial <= LAST:
        raise ValueError(f"a serial number goes from 1 to {LAST}")
    return f"{serial:04d}"
