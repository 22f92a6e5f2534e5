"""Districts (GB/T 2260) with their boundaries, and the lines of the national map that belong to no district."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, SCHEMA, Base, chars


class District(Base):
    """A province, prefecture or county; geometry is WGS-84/CGCS2000, exterior rings clockwise, None where no boundary is known."""

    __tablename__ = "district"
    code: Mapped[str] = mapped_column(chars(6), primary_key=True)
    name: Mapped[str]
    level: Mapped[int] = mapped_column(SmallInteger)  # 1 province, 2 prefecture, 3 county
    parent: Mapped[str | None] = mapped_column(chars(6), ForeignKey(f"{SCHEMA}.district.code"), index=True)
    geom: Mapped[Any | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    geom_country: Mapped[Any | None] = mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
    geom_province: Mapped[Any | None] = mapped_column(
        Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)
    )
    label_point: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    is_gb: Mapped[bool] = mapped_column(Boolean, default=True)
    source: Mapped[str]
    source_date: Mapped[date | None]
    review_no: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    __table_args__ = (Index("ix_district_geom", "geom", postgresql_using="gist"),)


class MapLine(Base):
    """A line drawn on the map beside the districts: the ten-dash line, undefined boundaries, lines at sea."""

    __tablename__ = "map_line"
    key: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    geom: Mapped[Any] = mapped_column(Geometry("MULTILINESTRING", srid=4326, spatial_index=False))


class MapSource(Base):
    """Where the districts on the map come from; the newest row is in force, `fingerprint` tells a repeated load from a new one."""

    __tablename__ = "map_source"
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]  # printed under every map
    source_date: Mapped[date | None]
    review_no: Mapped[str] = mapped_column(default="")
    loaded_at: Mapped[datetime] = mapped_column(server_default=NOW)


class DistrictAlias(Base):
    """A code that is used somewhere and stands for another that has a boundary."""

    __tablename__ = "district_alias"
    code: Mapped[str] = mapped_column(chars(6), primary_key=True)
    target: Mapped[str] = mapped_column(chars(6))
    note: Mapped[str] = mapped_column(default="")
