"""Official boundaries in place of the packaged ones: a GeoJSON file whose features bear the codes of districts (GB/T 2260).

What is put in place stays when the packaged sources are loaded again. Coordinates are CGCS2000 or WGS-84, longitude first; a file that
lies some hundred metres off what is in force is most likely in a shifted datum, and the report says so.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from statistics import median
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Invalid
from tenants.models import District, MapSource
from tenants.permissions import Actor
from tenants.services.boundaries import (
    COUNTRY_DEGREES,
    PROVINCE_DEGREES,
    level_of,
    parent_of,
    simplified,
    tidy,
)
from tenants.services.geo import IMPORTED, wkb

CODE_FIELDS = ("code", "gb", "adcode", "id")
NAME_FIELDS = ("name", "NAME", "fullname")
KNOWN_CRS = re.compile(r"(?:EPSG|CRS|OGC)\D*(?:4490|4326|84)\b", re.IGNORECASE)
DEGREE_M = 111_320
SHIFTED_M = 250  # farther off than any two honest files, and about what a shifted datum makes
AREA_CHANGE = 0.05
CHINA = shapely.box(73.0, 3.0, 136.0, 54.0)


@dataclass(frozen=True, slots=True)
class Official:
    """What a file is, as the person who brings it says; `source` is printed under every map."""

    source: str
    source_date: date | None = None
    review_no: str = ""
    code_field: str = ""
    name_field: str = ""


@dataclass(slots=True)
class ImportReport:
    """What was (or would be) done, by code; `shift_m` is how far the middles of replaced districts moved, by the median."""

    dry_run: bool
    replaced: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    not_in_file: list[str] = field(
        default_factory=list
    )  # neighbours under the same prefecture that keep their old boundary
    mended: list[str] = field(default_factory=list)
    area_changed: list[str] = field(default_factory=list)  # by more than 5 %
    shift_m: float = 0.0
    warnings: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Drawn:
    code: str
    name: str
    geom: Any
    valid: bool


def import_boundaries(
    session: Session, actor: Actor, content: bytes, what: Official, *, dry_run: bool = False
) -> ImportReport:
    """Replace the boundaries of the districts in the file, add those that are new; needs the platform's scope. Raises Invalid.

    Nothing is changed when anything in the file can't be used, and nothing at all in a dry run.
    """
    drawn = _read(content, what)
    there = {row.code: row for row in session.execute(_there())}
    known = {*there, *(one.code for one in drawn)}
    orphans = [one.code for one in drawn if (parent := parent_of(one.code, known)) and parent not in known]
    if orphans:
        raise Invalid(f"There is no province or prefecture above {', '.join(orphans)}.")
    shapes = tidy([one.geom for one in drawn])
    report = _report(drawn, shapes, there, dry_run)
    if not dry_run:
        _write(session, drawn, shapes, what, known)
        _write_source(session, content, what)
        audit.write(
            session, actor, audit.Action.REFERENCE_CHANGED, "district", source=what.source,
            replaced=len(report.replaced), added=len(report.added),
        )  # fmt: skip
    return report


def _there() -> Any:
    return select(
        District.code, District.name, func.ST_X(func.ST_Centroid(District.geom)).label("lon"),
        func.ST_Y(func.ST_Centroid(District.geom)).label("lat"), func.ST_Area(District.geom).label("area"),
    ).where(District.valid_to.is_(None))  # fmt: skip


def _read(content: bytes, what: Official) -> list[_Drawn]:
    try:
        document = json.loads(content)
        features = document["features"]
        crs = json.dumps(document.get("crs", "EPSG:4490"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid("The file is not a GeoJSON FeatureCollection.") from None
    if not KNOWN_CRS.search(crs):
        raise Invalid("The file's coordinates are neither CGCS2000 (EPSG:4490) nor WGS-84 (EPSG:4326).")
    drawn = [found for feature in features if (found := _feature(feature, what)) is not None]
    twice = [code for code, many in Counter(one.code for one in drawn).items() if many > 1]
    if twice:
        raise Invalid(f"The file has these districts twice: {', '.join(sorted(twice))}.")
    if not drawn:
        raise Invalid("The file has no feature with the code of a district.")
    outside = [one.code for one in drawn if not CHINA.contains(one.geom)]
    if outside:
        raise Invalid(f"Not degrees of longitude and latitude in China: {', '.join(outside[:5])}.")
    return sorted(drawn, key=lambda one: one.code)


def _feature(feature: Any, what: Official) -> _Drawn | None:
    """A district; None for what bears no code, such as a line."""
    try:
        said: Mapping[str, Any] = {"id": feature.get("id"), **(feature.get("properties") or {})}
        code = code_in(said, what.code_field)
        if code is None:
            return None
        geom = shape(feature["geometry"])
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError):
        raise Invalid("A feature of the file can't be read.") from None
    if geom.geom_type not in ("Polygon", "MultiPolygon") or geom.is_empty:
        raise Invalid(f"The boundary of {code} is not a polygon.")
    name = next((str(said[key]).strip() for key in (what.name_field, *NAME_FIELDS) if said.get(key)), "")
    return _Drawn(code, name, geom, bool(geom.is_valid))


def code_in(said: Mapping[str, Any], named: str = "") -> str | None:
    """Six digits out of 370502, 156370502, 370502000000, 3705 or 37; None where there is no code. Raises Invalid for another text."""
    value = next(
        (said[key] for key in ((named,) if named else CODE_FIELDS) if said.get(key) not in (None, "")), None
    )
    if value is None:
        return None
    digits = str(value).strip()
    if re.fullmatch(r"156[0-9]{6}", digits):
        return digits[3:]
    if re.fullmatch(r"[0-9]{6}0{6}|[0-9]{6}", digits):
        return digits[:6]
    if re.fullmatch(r"[0-9]{4}|[0-9]{2}", digits):
        return digits.ljust(6, "0")
    raise Invalid(f"{digits[:40]!r} is not the code of a district; name the field with --code-field.")


def _report(drawn: list[_Drawn], shapes: Any, there: Mapping[str, Any], dry_run: bool) -> ImportReport:
    report = ImportReport(dry_run=dry_run)
    shifts = []
    for one, geom in zip(drawn, shapes, strict=True):
        before = there.get(one.code)
        (report.added if before is None else report.replaced).append(one.code)
        if not one.valid:
            report.mended.append(one.code)
        if before is not None and before.area:
            middle = geom.centroid
            shifts.append(float(np.hypot(middle.x - before.lon, middle.y - before.lat)) * DEGREE_M)
            if abs(geom.area / before.area - 1) > AREA_CHANGE:
                report.area_changed.append(one.code)
    codes = {one.code for one in drawn}
    prefixes = {code[:4] for code in codes if level_of(code) == 3}
    report.not_in_file = sorted(
        code for code in there if code[:4] in prefixes and level_of(code) == 3 and code not in codes
    )
    report.shift_m = round(median(shifts), 1) if shifts else 0.0
    if report.shift_m > SHIFTED_M:
        report.warnings.append(
            f"The districts lie {report.shift_m:.0f} m off those in force: the file may be in a shifted datum (GCJ-02, BD-09)."
        )
    if report.not_in_file:
        report.warnings.append(
            "Neighbours that are not in the file keep their old boundary; there may be gaps."
        )
    return report


_PUT = text("""
    INSERT INTO gas.district (code, name, level, parent, geom, geom_country, geom_province, label_point, is_gb, source, source_date,
                              review_no)
    VALUES (:code, :name, :level, :parent, CAST(:geom AS geometry), CAST(:country AS geometry), CAST(:province AS geometry),
            CAST(:label AS geometry), true, :source, :source_date, :review_no)
    ON CONFLICT (code) DO UPDATE SET name = CASE WHEN :named THEN excluded.name ELSE gas.district.name END, geom = excluded.geom,
      geom_country = excluded.geom_country, geom_province = excluded.geom_province, label_point = excluded.label_point,
      source = excluded.source, source_date = excluded.source_date, review_no = excluded.review_no, valid_to = NULL
""")


def _write(session: Session, drawn: list[_Drawn], shapes: Any, what: Official, known: set[str]) -> None:
    """Each level is simplified in one piece, so that neighbours in the file keep touching."""
    for level, name in enumerate(COUNTRY_DEGREES, start=1):
        places = [place for place, one in enumerate(drawn) if level_of(one.code) == level]
        if not places:
            continue
        full = shapes[places]
        forms = zip(
            places, wkb(full), wkb(simplified(full, COUNTRY_DEGREES[name])), wkb(simplified(full, PROVINCE_DEGREES)),
            wkb(shapely.point_on_surface(full)), strict=True,
        )  # fmt: skip
        for place, geom, country, province, label in forms:
            one = drawn[place]
            session.execute(
                _PUT,
                {
                    "code": one.code, "name": one.name or one.code, "named": bool(one.name), "level": level,
                    "parent": parent_of(one.code, known), "geom": geom, "country": country, "province": province, "label": label,
                    "source": f"{IMPORTED}{what.source}", "source_date": what.source_date, "review_no": what.review_no,
                },
            )  # fmt: skip


def _write_source(session: Session, content: bytes, what: Official) -> None:
    row = {
        "fingerprint": f"{IMPORTED}{sha256(content).hexdigest()}",
        "name": f"数据来源: {what.source}",
        "source_date": what.source_date,
        "review_no": what.review_no,
    }
    again = upsert(MapSource).values(row)
    session.execute(
        again.on_conflict_do_update(index_elements=["fingerprint"], set_={**row, "loaded_at": func.now()})
    )
