"""How much may be in a cylinder, by mass and by pressure, and whether a figure may be relied on for a refusal.

The cylinder's own stamp (largest fill, nominal pressure) always counts. A figure of the reference table counts only with confidence S1 or
S2; one from memory (M) or unsure (U) is told as a caution. Sources: `tenants/reference/filling_limits.csv`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tenants.rules.facts import FillFacts, LimitFacts

LIMIT_NOT_VERIFIED = "limit_not_verified"
MASS_TOLERANCE_KG = Decimal("0.05")  # a filling scale's division; docs/decisions says why
PRESSURE_TOLERANCE_MPA = Decimal("0.1")  # a class 1.6 gauge at 6 MPa
ATMOSPHERE_MPA = Decimal("0.101325")
KELVIN, AT_20_C = Decimal("273.15"), Decimal("293.15")
HOTTEST_C = Decimal(60)  # without a temperature only what no temperature up to this could explain is refused


@dataclass(frozen=True, slots=True)
class Limit:
    """A largest value, and whether it may refuse."""

    value: Decimal
    trusted: bool
    source: str


def trusted(limit: LimitFacts) -> bool:
    """Whether a figure's confidence lets it refuse: S1 or S2."""
    return limit.confidence[:2] in ("S1", "S2")


def largest_fill_kg(f: FillFacts) -> Limit | None:
    """The smallest of the limits by mass that are known, trusted ones before others; None when none is."""
    found = list(_mass_limits(f))
    return min(found, key=lambda limit: (not limit.trusted, limit.value), default=None)


def _mass_limits(f: FillFacts) -> list[Limit]:
    c = f.cylinder
    if c is None:
        return []
    found = [Limit(c.max_fill_kg, True, "stamp")] if c.max_fill_kg is not None else []
    for row in _rows(f, "coef"):
        coefficient = _number(row.value)
        if (
            coefficient is not None
            and c.volume_l is not None
            and _condition_holds(row, c.nominal_pressure_mpa)
        ):
            found.append(Limit(coefficient * c.volume_l, trusted(row), row.key))
    for row in _rows(f, "max_mass"):
        factor = _number(row.value.partition("*")[0])  # 0.2*delta*V, delta the porosity
        if factor is not None and c.volume_l is not None and c.porosity is not None:
            found.append(Limit(factor * c.porosity * c.volume_l, trusted(row), row.key))
    return found


def overfilled(f: FillFacts) -> bool:
    """Whether the gas in the cylinder, what was left in it and what was added, is more than a trusted limit allows."""
    content, limit = gas_in_cylinder_kg(f), largest_fill_kg(f)
    if content is None or limit is None or not limit.trusted:
        return False
    return content > limit.value + MASS_TOLERANCE_KG


def gas_in_cylinder_kg(f: FillFacts) -> Decimal | None:
    """Residue plus what was added, where added is gross less the empty weight measured now, never less the stamped tare."""
    a = f.attempt
    measured = a.gross_kg - a.tare_kg if a.gross_kg is not None and a.tare_kg is not None else None
    net = max((value for value in (a.net_kg, measured) if value is not None), default=None)
    return None if net is None else net + (a.residual_kg or Decimal(0))


def overpressured(f: FillFacts) -> bool:
    """Whether the pressure is above the cap of the medium, or, for a compressed gas, above the nominal pressure at 20 °C."""
    pressure = f.attempt.pressure_mpa
    if pressure is None or f.cylinder is None:
        return False
    for row in _rows(f, "max_pressure_during_fill"):
        cap = _number(row.value)
        if cap is not None and trusted(row) and pressure > cap:
            return True
    nominal = f.cylinder.nominal_pressure_mpa
    if nominal is None or not any(trusted(row) for row in _rows(f, "pressure_at_20C")):
        return False
    return at_20_c(pressure, f.attempt.temperature_c) > nominal + PRESSURE_TOLERANCE_MPA


def at_20_c(pressure_mpa: Decimal, temperature_c: Decimal | None) -> Decimal:
    """The gauge pressure brought to 20 °C by the gas law (absolute pressure ∝ absolute temperature)."""
    kelvin = KELVIN + (HOTTEST_C if temperature_c is None else temperature_c)
    if kelvin <= 0:
        return pressure_mpa
    return (pressure_mpa + ATMOSPHERE_MPA) * AT_20_C / kelvin - ATMOSPHERE_MPA


def _rows(f: FillFacts, kind: str) -> list[LimitFacts]:
    medium = f.cylinder.medium_id if f.cylinder else None
    return [row for row in f.enterprise.limits if row.medium_id == medium and row.limit_kind == kind]


def _condition_holds(row: LimitFacts, nominal: Decimal | None) -> bool:
    """A coefficient may be given for one nominal pressure ("nominal 15 MPa") only."""
    words = row.condition.split()
    if len(words) == 3 and words[0] == "nominal" and words[2] == "MPa":
        wanted = _number(words[1])
        return wanted is not None and nominal == wanted
    return True


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
