"""The tables of the domain as data: media, inspection cycles, kinds of violation, filling limits.

A row is never edited: a change closes it with `valid_to` and adds a new one, so that a verdict of last year can be explained
with last year's table. `confidence` says how far the figure may be trusted (S1, S2, M, U).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import Base


class Versioned:
    """A keyed row with the time in which it holds."""

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(String(40), default="U")


class Medium(Versioned, Base):
    """A gas or mixture; key is its short name such as O2 or LPG."""

    __tablename__ = "medium"
    name_zh: Mapped[str]
    name_en: Mapped[str]
    formula: Mapped[str]
    un_number: Mapped[str]
    un_class: Mapped[str]
    state_class: Mapped[str]  # GB/T 16163: 压缩, 高压液化, 低压液化, 低温液化, 溶解, 混合
    flammable: Mapped[bool]
    toxic: Mapped[bool]
    oxidising: Mapped[bool]
    corrosive: Mapped[bool]
    inert: Mapped[bool]
    colour_zh: Mapped[str]
    colour_hex: Mapped[str]
    lettering_zh: Mapped[str]
    lettering_colour_zh: Mapped[str]
    lettering_hex: Mapped[str]
    family: Mapped[str] = mapped_column(String(1))
    cycle_class: Mapped[str]
    __table_args__ = (CheckConstraint("family IN ('Q', 'L')", name="family"),)


class InspectionCycle(Versioned, Base):
    """How often a kind of cylinder with a class of medium is inspected, and how long it may serve."""

    __tablename__ = "inspection_cycle"
    kind_code: Mapped[str]
    kind_zh: Mapped[str]
    medium_class: Mapped[str]
    interval_years: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    interval_confidence: Mapped[str]
    service_life_years: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    life_confidence: Mapped[str]
    note: Mapped[str]


class ViolationKind(Versioned, Base):
    """A way to break the rules; key is V01…V44."""

    __tablename__ = "violation_kind"
    name_zh: Mapped[str]
    name_en: Mapped[str]
    severity: Mapped[str]
    stage: Mapped[str]
    rule_broken: Mapped[str]


class FillingLimit(Versioned, Base):
    """How much of a medium may be in a cylinder; `value` is text where the source gives a formula."""

    __tablename__ = "filling_limit"
    medium_zh: Mapped[str]
    medium_id: Mapped[str | None]
    limit_kind: Mapped[str]
    value: Mapped[str]
    unit: Mapped[str]
    condition: Mapped[str]
