"""How much is too much: the stamp first, then a table that can be trusted; never a figure from memory."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.rules.facts import CylinderFacts, FillFacts, LimitFacts
from tenants.rules.fill import Caution, cautions, refusals
from tenants.rules.limits import MASS_TOLERANCE_KG, at_20_c, largest_fill_kg
from tenants.rules.refusal import Refusal
from tests.rules import tables
from tests.rules.examples import ATTEMPT, CYLINDER, ENTERPRISE, GOOD, attempt, enterprise


def filled(medium_id: str, cylinder: dict[str, object], **what: str | None) -> FillFacts:
    """A fill of this medium under the project's own table."""
    amounts = {name: None if value is None else Decimal(value) for name, value in what.items()}
    return replace(
        GOOD,
        cylinder=replace(CYLINDER, medium_id=medium_id, **{"max_fill_kg": None, **cylinder}),
        enterprise=replace(ENTERPRISE, licence_media=(medium_id,), limits=tables.limits(medium_id)),
        attempt=replace(ATTEMPT, medium_id=medium_id, **{"net_kg": None, **amounts}),
    )


@pytest.mark.parametrize(
    ("confidence", "refused"), [("S1", True), ("S2", True), ("M", False), ("U", False), ("", False)]
)
def test_a_limit_that_is_not_trusted_never_refuses(confidence: str, refused: bool) -> None:
    facts = replace(
        enterprise(limits=(LimitFacts("L", "LPG", "coef", "0.42", "kg/L", "", confidence),)),
        cylinder=replace(CYLINDER, max_fill_kg=None),
        attempt=replace(ATTEMPT, net_kg=Decimal(20)),
    )
    assert (refusals(facts) == (Refusal.OVERFILL,)) is refused
    assert (Caution.LIMIT_NOT_VERIFIED in cautions(facts)) is not refused


@pytest.mark.parametrize("value", ["", "-", "see the stamp", "NaN", "Infinity"])
def test_a_limit_without_a_figure_never_refuses(value: str) -> None:
    facts = replace(
        enterprise(limits=(LimitFacts("L", "LPG", "coef", value, "kg/L", "", "S1"),)),
        cylinder=replace(CYLINDER, max_fill_kg=None),
        attempt=replace(ATTEMPT, net_kg=Decimal(99)),
    )
    assert (refusals(facts), cautions(facts)) == ((), (Caution.LIMIT_UNKNOWN,))


@pytest.mark.parametrize(
    ("stamped", "volume", "largest"),
    [
        ("14.9", "35.5", "14.9"),  # the stamp is the least
        ("16", "35.5", "14.91"),  # 0.42 kg/L is
        (None, "35.5", "14.91"),
        (None, "118", "49.56"),
        ("14.9", None, "14.9"),
    ],
)
def test_the_least_of_stamp_coefficient_and_trade_limit_counts_for_lpg(
    stamped: str | None, volume: str | None, largest: str
) -> None:
    size = {
        "max_fill_kg": None if stamped is None else Decimal(stamped),
        "volume_l": None if volume is None else Decimal(volume),
    }
    facts = filled("LPG", size)
    limit = largest_fill_kg(facts)
    assert limit is not None
    assert (limit.value, limit.trusted) == (Decimal(largest), True)


def test_the_trade_limit_holds_for_its_own_size_only() -> None:
    def largest(volume: str) -> Decimal | None:
        facts = filled("LPG", {"volume_l": Decimal(volume)})
        only = tuple(row for row in facts.enterprise.limits if row.limit_kind == "range")
        limit = largest_fill_kg(replace(facts, enterprise=replace(facts.enterprise, limits=only)))
        return limit and limit.value

    assert largest("35.5") == Decimal("15.0")
    assert largest("118") is None


def test_overfill_counts_what_was_in_the_cylinder_before() -> None:
    assert refusals(attempt(net_kg=Decimal("14.0"), residual_kg=Decimal("1.2"))) == (Refusal.OVERFILL,)
    assert refusals(attempt(net_kg=Decimal("15.5"), residual_kg=Decimal("-1"))) == (Refusal.OVERFILL,)


def test_the_measured_empty_weight_counts_not_the_stamped_one() -> None:
    assert refusals(attempt(net_kg=None, gross_kg=Decimal("31.9"), tare_kg=Decimal("17.085"))) == ()
    heavy = attempt(net_kg=None, gross_kg=Decimal("32.1"), tare_kg=Decimal("17.0"))
    assert refusals(heavy) == (Refusal.OVERFILL,)
    said_less = attempt(net_kg=Decimal("14.0"), gross_kg=Decimal("32.1"), tare_kg=Decimal("17.0"))
    assert refusals(said_less) == (Refusal.OVERFILL,)


@given(st.decimals(0, 100, places=3))
def test_the_tolerance_is_counted_once_and_exactly(net: Decimal) -> None:
    over = net > Decimal("14.9") + MASS_TOLERANCE_KG
    assert (refusals(attempt(net_kg=net)) == (Refusal.OVERFILL,)) is over


@given(st.decimals(0, 100, places=3), st.decimals(0, 100, places=3))
def test_more_gas_is_never_judged_more_kindly(net: Decimal, more: Decimal) -> None:
    assert set(refusals(attempt(net_kg=net))) <= set(refusals(attempt(net_kg=net + more)))
    assert set(refusals(attempt(net_kg=net))) <= set(refusals(attempt(net_kg=net, residual_kg=more)))


def test_acetylene_is_limited_by_its_porous_mass_and_by_a_cap() -> None:
    bottle = {"volume_l": Decimal(40), "porosity": Decimal("0.9")}  # 0.2 × 0.9 × 40 = 7.2 kg
    assert refusals(filled("C2H2", bottle, net_kg="7.2", pressure_mpa="2.5")) == ()
    assert refusals(filled("C2H2", bottle, net_kg="7.26")) == (Refusal.OVERFILL,)
    assert refusals(filled("C2H2", bottle, pressure_mpa="2.51", temperature_c="40")) == (
        Refusal.OVERPRESSURE,
    )
    assert cautions(filled("C2H2", {**bottle, "porosity": None}, net_kg="9")) == (Caution.LIMIT_UNKNOWN,)


def test_a_coefficient_for_one_nominal_pressure_is_not_used_for_another() -> None:
    def doubtful(nominal: str | None, net: str) -> bool:
        size = {"volume_l": Decimal(40), "nominal_pressure_mpa": nominal and Decimal(nominal)}
        facts = filled("CO2", size, net_kg=net)
        assert refusals(facts) == ()  # from memory: told, never refused
        limit = largest_fill_kg(facts)
        return limit is not None and not limit.trusted and Caution.LIMIT_NOT_VERIFIED in cautions(facts)

    assert doubtful("15", "30")
    assert doubtful("20", "30")
    assert not doubtful("12.5", "30")
    assert not doubtful(None, "30")


def test_a_stamp_that_allows_more_than_a_figure_from_memory_is_worth_a_look() -> None:
    bottle = {"volume_l": Decimal(40), "nominal_pressure_mpa": Decimal(15), "max_fill_kg": Decimal(30)}
    assert cautions(filled("CO2", bottle, net_kg="23")) == ()
    assert cautions(filled("CO2", bottle, net_kg="26")) == (Caution.LIMIT_NOT_VERIFIED,)
    assert refusals(filled("CO2", bottle, net_kg="31")) == (Refusal.OVERFILL,)


def oxygen(pressure: str, temperature: str | None) -> FillFacts:
    return filled(
        "O2", {"nominal_pressure_mpa": Decimal(15)}, pressure_mpa=pressure, temperature_c=temperature
    )


@pytest.mark.parametrize(
    ("pressure", "temperature", "refused"),
    [
        ("15", "20", False),
        ("15.1", "20", False),  # the tolerance
        ("15.11", "20", True),
        ("15.9", "40", False),
        ("15.9", "20", True),
        ("14.5", "-10", True),
        ("16.5", None, False),  # 50 °C would explain it
        ("18", None, True),  # nothing up to 60 °C does
        ("18", "200", True),  # nor does a broken thermometer
        ("15", "-300", True),
    ],
)
def test_the_pressure_of_a_compressed_gas_is_judged_at_20_degrees(
    pressure: str, temperature: str | None, refused: bool
) -> None:
    assert (refusals(oxygen(pressure, temperature)) == (Refusal.OVERPRESSURE,)) is refused


def test_a_high_pressure_without_a_temperature_is_told() -> None:
    assert cautions(oxygen("16.5", None)) == (Caution.TEMPERATURE_NOT_GIVEN,)
    assert cautions(oxygen("16.5", "45")) == ()
    assert cautions(oxygen("14", None)) == ()


def test_the_gas_law_is_that_of_absolute_pressure() -> None:
    assert at_20_c(Decimal(15), Decimal(20)) == Decimal(15)
    assert round(at_20_c(Decimal("15"), Decimal(0)), 3) == Decimal("16.106")


@given(st.decimals(0, 40, places=2), st.decimals(-60, 60, places=1), st.decimals(0, 20, places=1))
def test_a_warmer_reading_never_judges_a_pressure_more_harshly(
    pressure: Decimal, temperature: Decimal, warmer: Decimal
) -> None:
    assert at_20_c(pressure, temperature + warmer) <= at_20_c(pressure, temperature)
    assert at_20_c(pressure, None) <= at_20_c(pressure, temperature)


def test_the_nominal_pressure_of_a_liquefied_gas_is_no_filling_limit() -> None:
    bottle = {"nominal_pressure_mpa": Decimal("2.1")}
    assert refusals(filled("LPG", bottle, pressure_mpa="5", temperature_c="20")) == ()


def test_a_compressed_gas_that_was_weighed_needs_no_limit_by_mass() -> None:
    assert cautions(filled("O2", {"nominal_pressure_mpa": Decimal(15)}, net_kg="8")) == ()


def test_every_limit_of_the_table_can_be_read() -> None:
    used = {"coef", "max_mass", "range", "max_pressure_during_fill", "pressure_at_20C"}
    kept = {"settled_pressure_15C", "max_wall_temp", "max_flow", "min_rest_between_partial_fills"}
    bottle: CylinderFacts = replace(
        CYLINDER, max_fill_kg=None, volume_l=Decimal("35.5"), porosity=Decimal("0.9")
    )
    for row in tables.rows("filling_limits"):
        assert row["limit_kind"] in used | kept
        if row["limit_kind"] not in ("coef", "max_mass", "range"):
            continue
        limit = LimitFacts(
            row["key"], "X", row["limit_kind"], row["value"], row["unit"], "", row["confidence"]
        )
        facts = replace(enterprise(limits=(limit,)), cylinder=replace(bottle, medium_id="X"))
        assert largest_fill_kg(facts) is not None, row["key"]
