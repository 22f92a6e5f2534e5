"""Reading and shaping the boundaries of the districts; no database here.

The files are three coverages of the whole country (provinces, prefectures, counties), GeoJSON in CGCS2000, which is WGS-84 to
within a metre. Each coverage is simplified in one piece, so that neighbours keep touching.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiLineString, MultiPolygon, shape

from tenants.errors import Invalid
from tenants.services.boundary_source import FILES, BoundarySource, Expected

COUNTRY_DEGREES = {
    "province": 0.02,
    "city": 0.02,
    "district": 0.05,
}  # tolerance on a map of the whole country
PROVINCE_DEGREES = 0.01  # and on a map of one province
GRID_DEGREES = 0.0001
TEN_DASHES = 10
PAMIRS = shapely.box(73.0, 36.5, 76.0, 39.5)  # the only undefined boundary drawn there


@dataclass(slots=True)
class Area:
    """One district: its full boundary and the two simplified ones; level 1 province, 2 prefecture, 3 county."""

    code: str
    name: str
    geom: Any
    country: Any = None
    province: Any = None

    @property
    def level(self) -> int:
        """By the pattern of the code, not by the file it was found in."""
        return level_of(self.code)


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Every district by code, and the lines that belong to none (kind, geometry)."""

    areas: dict[str, Area] = field(default_factory=dict)
    lines: list[tuple[str, Any]] = field(default_factory=list)


def level_of(code: str) -> int:
    """1 for a province (xx0000), 2 for a prefecture (xxxx00), 3 for a county."""
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def parent_of(code: str, known: Iterable[str]) -> str | None:
    """The prefecture where it exists, else the province; None for a province."""
    if code.endswith("0000"):
        return None
    prefecture = f"{code[:4]}00"
    return prefecture if prefecture != code and prefecture in known else f"{code[:2]}0000"


def read_boundaries(source: BoundarySource) -> Boundaries:
    """Every district, valid, clockwise (as maps on a sphere need it), with both simplified forms; raises Invalid on other files."""
    found = Boundaries()
    for name in FILES:
        features = _features(source, name)
        polygons = [feature for feature in features if feature["properties"]["gb"]]
        if name == FILES[0]:
            found.lines.extend(_line(feature) for feature in features if not feature["properties"]["gb"])
        full = tidy([shape(feature["geometry"]) for feature in polygons])
        country = simplified(full, COUNTRY_DEGREES[name])
        province = simplified(full, PROVINCE_DEGREES)
        for feature, *shapes in zip(polygons, full, country, province, strict=True):
            code = feature["properties"]["gb"][3:]
            area = found.areas.setdefault(code, Area(code, feature["properties"]["name"], shapes[0]))
            if area.country is None or level_of(code) == FILES.index(name) + 1:
                area.country, area.province = shapes[1:]
    _check(found, source.expected)
    return found


def _features(source: BoundarySource, name: str) -> list[dict[str, Any]]:
    content = (source.folder / f"{name}.geojson").read_bytes()
    if hashlib.sha256(content).hexdigest() != source.sha256[name]:
        raise Invalid(
            f"The boundary file {name}.geojson is not the one that was checked; nothing was loaded."
        )
    features: list[dict[str, Any]] = json.loads(content)["features"]
    return features


def tidy(shapes: list[Any]) -> Any:
    """Valid MultiPolygons, exteriors clockwise."""
    valid = shapely.make_valid(np.array(shapes, dtype=object))
    return shapely.orient_polygons(
        np.array([_polygons(each) for each in valid], dtype=object), exterior_cw=True
    )


def _polygons(geometry: Any) -> Any:
    """The polygons of what make_valid left, as one MultiPolygon."""
    parts = shapely.get_parts(geometry)
    parts = shapely.get_parts(parts[np.isin(shapely.get_type_id(parts), (3, 6))])
    return MultiPolygon(list(parts))


def simplified(coverage: Any, degrees: float) -> Any:
    """The whole coverage at once; what would vanish on the grid keeps its full shape."""
    simple = shapely.set_precision(shapely.coverage_simplify(coverage, degrees), GRID_DEGREES)
    gone = shapely.is_empty(simple)
    simple[gone] = coverage[gone]
    return tidy(list(simple))


def _line(feature: dict[str, Any]) -> tuple[str, Any]:
    line = MultiLineString(shape(feature["geometry"]))
    if len(line.geoms) == TEN_DASHES:
        return "ten_dash", line
    return ("undefined" if PAMIRS.contains(line) else "province_sea"), line


def _check(found: Boundaries, expected: Expected) -> None:
    provinces = sum(area.level == 1 for area in found.areas.values())
    parents = {parent_of(code, found.areas) for code in found.areas}
    counts = (provinces, len(found.areas), len(found.areas.keys() - parents))
    if counts != (expected.provinces, expected.districts, expected.leaves):
        raise Invalid(
            f"The boundary files hold {counts} provinces, districts and leaves, which is not what was checked."
        )
    missing = [code for code in (*expected.codes, *filter(None, parents)) if code not in found.areas]
    shapes = [form for area in found.areas.values() for form in (area.geom, area.country, area.province)]
    if missing or not shapely.is_valid(shapes).all():
        raise Invalid("The boundary files lack a district or hold a shape that can't be mended.")
