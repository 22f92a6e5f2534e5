"""How much may be in a cylinder, by mass and by pressure, and whether a figure may be relied on for a refusal.

The cylinder's own stamp (largest fill, nominal pressure) always counts. A figure of the reference table counts only with confidence
S1 or S2; one from memory (M) or unsure (U) is told as a caution. Sources: `tenants/reference/filling_limits.csv`; tolerances:
docs/decisions/0012.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from tenants.rules.facts import CylinderFacts, FillFacts, LimitFacts

MASS_TOLERANCE_KG = Decimal("0.05")
PRESSURE_TOLERANCE_MPA = Decimal("0.1")
ATMOSPHERE_MPA = Decimal("0.101325")
KELVIN, AT_20_C = Decimal("273.15"), Decimal("293.15")
COLDEST_C, HOTTEST_C = (
    Decimal(-60),
    Decimal(60),
)  # a reading beyond is taken for this; none at all for the hottest


@dataclass(frozen=True, slots=True)
class Limit:
    """A largest value, and whether it may refuse."""

    value: Decimal
    trusted: bool
    source: str


def trusted(limit: LimitFacts) -> bool:
    """Whether a figure's confidence lets it refuse: S1 or S2."""
    return limit.confidence[:2] in ("S1", "S2")


def overfilled(f: FillFacts) -> bool:
    """Whether the gas in the cylinder, what was left in it and what was added, is more than a trusted limit allows."""
    content, limit = gas_in_cylinder_kg(f), largest_fill_kg(f)
    return (
        content is not None
        and limit is not None
        and limit.trusted
        and content > limit.value + MASS_TOLERANCE_KG
    )


def limit_unknown(f: FillFacts) -> bool:
    """Whether a mass was reported and nothing says how much there may be; a compressed gas is judged by its pressure."""
    if f.cylinder is None or gas_in_cylinder_kg(f) is None or _trusted_rows(f, "pressure_at_20C"):
        return False
    return largest_fill_kg(f) is None


def limit_doubtful(f: FillFacts) -> bool:
    """Whether a mass was reported that only an untrusted limit could judge, or that exceeds one."""
    content, known = gas_in_cylinder_kg(f), mass_limits(f)
    if content is None or not known:
        return False
    doubtful = [limit for limit in known if not limit.trusted]
    return len(doubtful) == len(known) or any(content > limit.value + MASS_TOLERANCE_KG for limit in doubtful)


def gas_in_cylinder_kg(f: FillFacts) -> Decimal | None:
    """Residue plus what was added; added is gross less the empty weight measured now, or the net that was reported if that is more."""
    a = f.attempt
    measured = a.gross_kg - a.tare_kg if a.gross_kg is not None and a.tare_kg is not None else None
    net = max((value for value in (a.net_kg, measured) if value is not None), default=None)
    return None if net is None else net + max(a.residual_kg or Decimal(0), Decimal(0))


def largest_fill_kg(f: FillFacts) -> Limit | None:
    """The smallest of the limits by mass that are known, trusted ones before others; None when none is."""
    return min(mass_limits(f), key=lambda limit: (not limit.trusted, limit.value), default=None)


def mass_limits(f: FillFacts) -> list[Limit]:
    """What is stamped, what the medium's coefficient makes of the volume, and what the trade allows for this size."""
    c = f.cylinder
    if c is None:
        return []
    found = [Limit(c.max_fill_kg, trusted=True, source="stamp")] if c.max_fill_kg is not None else []
    for row in f.enterprise.limits:
        if row.medium_id == c.medium_id and _condition_holds(row, c):
            value = _mass(row, c)
            found += [] if value is None else [Limit(value, trusted(row), row.key)]
    return found


def _mass(row: LimitFacts, c: CylinderFacts) -> Decimal | None:
    """The limit in kg that a row sets: `coef` kg/L, `max_mass` 0.2*delta*V (delta the porosity, V in litres), `range` lowest-highest."""
    if row.limit_kind == "range":
        return _number(row.value.rpartition("-")[2])
    factor = _number(row.value.partition("*")[0])
    if factor is None or c.volume_l is None or row.limit_kind not in ("coef", "max_mass"):
        return None
    if row.limit_kind == "coef":
        return factor * c.volume_l
    return None if c.porosity is None else factor * c.porosity * c.volume_l


def overpressured(f: FillFacts) -> bool:
    """Whether the pressure is above the cap of the medium, or, for a compressed gas, above the nominal pressure at 20 °C."""
    pressure, c = f.attempt.pressure_mpa, f.cylinder
    if pressure is None or c is None:
        return False
    caps = (_number(row.value) for row in _trusted_rows(f, "max_pressure_during_fill"))
    if any(cap is not None and pressure > cap for cap in caps):
        return True
    return _above_nominal(f, at_20_c(pressure, f.attempt.temperature_c))


def temperature_missing(f: FillFacts) -> bool:
    """Whether a compressed gas stands above its nominal pressure and only a temperature could say if that is too much."""
    pressure = f.attempt.pressure_mpa
    return pressure is not None and f.attempt.temperature_c is None and _above_nominal(f, pressure)


def _above_nominal(f: FillFacts, pressure_mpa: Decimal) -> bool:
    nominal = f.cylinder.nominal_pressure_mpa if f.cylinder is not None else None
    judged = nominal is not None and bool(_trusted_rows(f, "pressure_at_20C"))
    return judged and nominal is not None and pressure_mpa > nominal + PRESSURE_TOLERANCE_MPA


def at_20_c(pressure_mpa: Decimal, temperature_c: Decimal | None) -> Decimal:
    """The gauge pressure brought to 20 °C by the gas law (absolute pressure ∝ absolute temperature)."""
    celsius = HOTTEST_C if temperature_c is None else min(max(temperature_c, COLDEST_C), HOTTEST_C)
    return (pressure_mpa + ATMOSPHERE_MPA) * AT_20_C / (KELVIN + celsius) - ATMOSPHERE_MPA


def _trusted_rows(f: FillFacts, kind: str) -> list[LimitFacts]:
    medium = f.cylinder.medium_id if f.cylinder else None
    return [
        row
        for row in f.enterprise.limits
        if row.medium_id == medium and row.limit_kind == kind and trusted(row)
    ]


def _condition_holds(row: LimitFacts, c: CylinderFacts) -> bool:
    """Whether a row is for this cylinder: "nominal 15 MPa" or "volume 35.5 L" among its conditions limit it to that size."""
    sizes = {("nominal", "MPa"): c.nominal_pressure_mpa, ("volume", "L"): c.volume_l}
    for clause in row.condition.split(";"):
        words = clause.split()
        if (
            len(words) == 3
            and (words[0], words[2]) in sizes
            and _number(words[1]) != sizes[words[0], words[2]]
        ):
            return False
    return True


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
