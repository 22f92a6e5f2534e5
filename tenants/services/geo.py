"""Loading the districts: boundaries from the packaged files, corrections from the patch table, all in one transaction.

A load with the same sources as the one in force does nothing. Many rows go in by INSERT … SELECT unnest, because COPY FROM is refused
under row-level security.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from tenants import audit
from tenants.models import District, DistrictAlias, MapLine, MapSource
from tenants.permissions import Actor
from tenants.services.boundaries import Boundaries, level_of, parent_of, read_boundaries
from tenants.services.boundary_source import BoundarySource, packaged_source
from tenants.services.district_patch import PATCH, Alias, Row, patched, read_corrections
from tenants.services.geometry import SRID

SHAPING = "1"  # raise it when boundaries.py shapes differently, so that the next load does its work
BATCH = 250
IMPORTED = "import:"  # what a person has put in place stays when the packaged sources are loaded again, unless that is forced


@dataclass(frozen=True, slots=True)
class GeoReport:
    """What is in the tables now; `loaded` is False when the same sources were in force already."""

    loaded: bool
    districts: int
    lines: int
    aliases: int
    source: str


def load_districts(
    session: Session,
    actor: Actor,
    source: BoundarySource | None = None,
    *,
    patch: Path = PATCH,
    force: bool = False,
) -> GeoReport:
    """Districts, lines and aliases as the sources have them; needs the platform's scope. Raises Invalid or Unavailable."""
    source = source or packaged_source()
    fingerprint = _fingerprint(source, patch)
    newest = (
        select(MapSource.fingerprint)
        .where(MapSource.fingerprint.not_like(f"{IMPORTED}%"))
        .order_by(MapSource.loaded_at.desc())
        .limit(1)
    )
    fresh = force or session.scalar(newest) != fingerprint
    if fresh:
        boundaries = read_boundaries(source)
        rows, aliases = patched(boundaries, read_corrections(patch), source.name)
        _write_districts(session, rows, source, keep="" if force else f"{IMPORTED}%")
        _write_lines(session, boundaries)
        _write_aliases(session, aliases)
        _write_source(session, source, fingerprint)
        audit.write(
            session, actor, audit.Action.REFERENCE_CHANGED, "district", source=source.name, rows=len(rows)
        )
    return _report(session, source, loaded=fresh)


def _fingerprint(source: BoundarySource, patch: Path) -> str:
    parts = [SHAPING, source.name, source.review_no, dict(source.sha256), patch.read_text(encoding="utf-8")]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


_INSERT = text("""
    INSERT INTO gas.district (code, name, level, parent, geom, geom_country, geom_province, label_point, is_gb, source, source_date,
                              review_no)
    SELECT code, name, level, parent, geom::geometry, country::geometry, province::geometry, label::geometry, is_gb, source,
           CAST(:source_date AS date), CAST(:review_no AS text)
    FROM unnest(CAST(:code AS text[]), CAST(:name AS text[]), CAST(:level AS int[]), CAST(:parent AS text[]), CAST(:geom AS text[]),
                CAST(:country AS text[]), CAST(:province AS text[]), CAST(:label AS text[]), CAST(:is_gb AS boolean[]),
                CAST(:source AS text[])) AS t(code, name, level, parent, geom, country, province, label, is_gb, source)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent, geom = excluded.geom,
      geom_country = excluded.geom_country, geom_province = excluded.geom_province, label_point = excluded.label_point,
      is_gb = excluded.is_gb, source = excluded.source, source_date = excluded.source_date, review_no = excluded.review_no,
      valid_to = NULL
    WHERE gas.district.source NOT LIKE :keep
""")


def _write_districts(session: Session, rows: Sequence[Row], source: BoundarySource, keep: str) -> None:
    """Insert or replace; a district that the sources no longer have is closed as of today and kept."""
    known = {row.code for row in rows}
    for start in range(0, len(rows), BATCH):  # in the order of codes: parents come first
        some = rows[start : start + BATCH]
        areas = [row.area for row in some]
        full = [area.geom if area else None for area in areas]
        columns: dict[str, list[Any]] = {
            "code": [row.code for row in some],
            "name": [row.name for row in some],
            "level": [level_of(row.code) for row in some],
            "parent": [parent_of(row.code, known) for row in some],
            "geom": wkb(full),
            "country": wkb([area.country if area else None for area in areas]),
            "province": wkb([area.province if area else None for area in areas]),
            "label": wkb(shapely.point_on_surface(full)),
            "is_gb": [row.is_gb for row in some],
            "source": [row.source for row in some],
        }
        session.execute(
            _INSERT,
            {**columns, "source_date": source.source_date, "review_no": source.review_no, "keep": keep},
        )
    gone = text(
        "UPDATE gas.district SET valid_to = current_date WHERE valid_to IS NULL AND code <> ALL(CAST(:known AS char(6)[]))"
        " AND source NOT LIKE :keep"
    )
    session.execute(gone, {"known": sorted(known), "keep": keep})


def wkb(geometries: Any) -> list[str | None]:
    """Shapes as the database reads them; None stays None."""
    return list(shapely.to_wkb(shapely.set_srid(geometries, SRID), hex=True, include_srid=True))


def _write_lines(session: Session, boundaries: Boundaries) -> None:
    session.execute(delete(MapLine))
    lines = [
        {"key": f"{kind}-{number}", "kind": kind, "geom": f"SRID={SRID};{line.wkt}"}
        for number, (kind, line) in enumerate(boundaries.lines, start=1)
    ]
    if lines:
        session.execute(insert(MapLine), lines)


def _write_aliases(session: Session, aliases: Sequence[Alias]) -> None:
    session.execute(delete(DistrictAlias))
    rows = [{"code": alias.code, "target": alias.target, "note": alias.note} for alias in aliases]
    if rows:
        session.execute(insert(DistrictAlias), rows)


def _write_source(session: Session, source: BoundarySource, fingerprint: str) -> None:
    row = {
        "fingerprint": fingerprint,
        "name": source.notice,
        "source_date": source.source_date,
        "review_no": source.review_no,
    }
    again = upsert(MapSource).values(row)
    session.execute(
        again.on_conflict_do_update(index_elements=["fingerprint"], set_={"loaded_at": func.now()})
    )


def _report(session: Session, source: BoundarySource, *, loaded: bool) -> GeoReport:
    def count(table: Any) -> int:
        return session.scalar(select(func.count()).select_from(table)) or 0

    return GeoReport(loaded, count(District), count(MapLine), count(DistrictAlias), source.name)
