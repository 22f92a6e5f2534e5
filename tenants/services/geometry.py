"""Points and the tiles they fall into. A tile is 0.02° wide; as an integer it can use an index behind a policy, a box can't."""

from __future__ import annotations

from math import floor

from geoalchemy2 import WKTElement

SRID = 4326


def tile_of(lon: float, lat: float) -> int:
    """The tile of a point in degrees (CGCS2000/WGS-84)."""
    return floor(lon * 50) * 100_000 + floor(lat * 50)


def point(lon: float, lat: float) -> WKTElement:
    """A point for a geometry column."""
    return WKTElement(f"POINT({lon:.6f} {lat:.6f})", srid=SRID)
