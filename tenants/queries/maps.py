"""The shapes of a district's map: what lies next below it, simplified for the scale, as GeoJSON that a browser can keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Float, cast, func, select, text
from sqlalchemy.orm import Session

from tenants.models import District, MapSource

_SHAPES = text("""
    SELECT json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(
        'type', 'Feature', 'id', d.code, 'properties', json_build_object('name', d.name),
        'geometry', ST_AsGeoJSON(ST_ForcePolygonCW(
            CASE WHEN d.code = :code THEN ST_SimplifyPreserveTopology(d.geom, 0.001) ELSE d.geom_province END
        ), 4)::json) ORDER BY d.code), '[]'::json))::text
    FROM gas.district d
    WHERE d.valid_to IS NULL AND d.geom_province IS NOT NULL
      AND (d.parent = :code OR d.code = :code AND NOT EXISTS (
           SELECT 1 FROM gas.district c WHERE c.parent = :code AND c.valid_to IS NULL AND c.geom_province IS NOT NULL))""")
_EXTENT = text("""
    SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM (
        SELECT ST_Extent(geom_province) AS e FROM gas.district WHERE code = ANY(:codes)) AS drawn""")
_LINES = text("""
    SELECT ST_AsGeoJSON(ST_SimplifyPreserveTopology(geom, 0.02), 3)::json -> 'coordinates'
    FROM gas.map_line WHERE kind = 'ten_dash' ORDER BY key""")


@dataclass(frozen=True, slots=True)
class Place:
    """A district on the map, with the point (degrees) where its label stands."""

    code: str
    name: str
    level: int
    lon: float | None
    lat: float | None


def shapes(session: Session, code: str) -> str:
    """A FeatureCollection of the districts directly below, or of the district itself where nothing is below; ids are codes.

    Exterior rings run clockwise, as the browser's map wants them; degrees with four decimals.
    """
    return str(session.execute(_SHAPES, {"code": code}).scalar_one())


def places(session: Session, code: str) -> tuple[Place, ...]:
    """The districts that `shapes` draws, by code."""
    point = (cast(func.ST_X(District.label_point), Float), cast(func.ST_Y(District.label_point), Float))
    columns = (District.code, District.name, District.level, *point)
    drawn = (District.valid_to.is_(None), District.geom_province.is_not(None))
    rows = session.execute(
        select(*columns).where(District.parent == code, *drawn).order_by(District.code)
    ).all()
    if not rows:
        rows = session.execute(select(*columns).where(District.code == code, *drawn)).all()
    return tuple(Place(*row) for row in rows)


def extent(session: Session, codes: Sequence[str]) -> tuple[float, float, float, float] | None:
    """West, south, east and north of these districts in degrees; None where none of them is drawn."""
    west, south, east, north = session.execute(_EXTENT, {"codes": list(codes)}).one()
    return None if west is None else (float(west), float(south), float(east), float(north))


def ten_dash(session: Session) -> tuple[tuple[tuple[float, float], ...], ...]:
    """The strokes of the ten-dash line, each as points (longitude, latitude)."""
    lines = session.execute(_LINES).scalars().all()
    return tuple(tuple((float(x), float(y)) for x, y in stroke) for line in lines for stroke in line)


def version(session: Session) -> str:
    """Changes when other boundaries are loaded; part of the address of the shapes."""
    newest = select(MapSource.fingerprint).order_by(MapSource.loaded_at.desc()).limit(1)
    return sha256((session.scalar(newest) or "").encode()).hexdigest()[:16]


def review_number(session: Session) -> str:
    """The 审图号 of the boundaries in force; empty where they have none."""
    newest = select(MapSource.review_no).order_by(MapSource.loaded_at.desc()).limit(1)
    return session.scalar(newest) or ""
