"""Districts: names, paths, children, the one at a point, and the one that a code without a boundary is counted under."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, select, text
from sqlalchemy.orm import Session

from tenants.models import District, DistrictAlias, MapSource


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One district; level 1 province, 2 prefecture, 3 county."""

    code: str
    name: str
    level: int
    parent: str | None


_COLUMNS = (District.code, District.name, District.level, District.parent)


def find_district(session: Session, code: str) -> DistrictRow | None:
    """The district with exactly this code, or None."""
    row = session.execute(select(*_COLUMNS).where(District.code == code)).first()
    return DistrictRow(*row) if row else None


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """The names of these districts; an unknown code is left out."""
    wanted = list(set(codes))
    if not wanted:
        return {}
    return dict(session.execute(select(District.code, District.name).where(District.code.in_(wanted))).all())


def path_of(session: Session, code: str) -> tuple[DistrictRow, ...]:
    """From the province down to the district itself; empty when the code is unknown."""
    wanted = {f"{code[:2]}0000", f"{code[:4]}00", code}
    rows = [
        DistrictRow(*row)
        for row in session.execute(select(*_COLUMNS).where(District.code.in_(sorted(wanted))))
    ]
    found = tuple(sorted(rows, key=lambda row: (row.level, row.code)))
    return found if any(row.code == code for row in found) else ()


def path_text(session: Session, code: str, between: str = "") -> str:
    """A path for people, such as 山东省东营市东营区; the code itself when it is unknown."""
    return between.join(row.name for row in path_of(session, code)) or code


def children_of(session: Session, code: str | None) -> tuple[DistrictRow, ...]:
    """The districts directly below, by code; below the country (None) are the provinces."""
    below = District.parent == code if code else District.parent.is_(None)
    rows = session.execute(
        select(*_COLUMNS).where(below, District.valid_to.is_(None)).order_by(District.code)
    )
    return tuple(DistrictRow(*row) for row in rows)


_AT_POINT = text("""
    SELECT code, name, level, parent FROM gas.district
    WHERE valid_to IS NULL AND geom && ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)
      AND ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326))
    ORDER BY level DESC, code LIMIT 1""")


def district_of_point(session: Session, lon: float, lat: float) -> DistrictRow | None:
    """The smallest district at a point (degrees, CGCS2000/WGS-84); on a border the one with the lower code; None at sea or abroad."""
    row = session.execute(_AT_POINT, {"lon": lon, "lat": lat}).first()
    return DistrictRow(*row) if row else None


def drawn_as(session: Session, code: str) -> str | None:
    """The code under which a record is counted on the map: the district, its alias, or the nearest one above with a boundary."""
    target = session.scalar(select(DistrictAlias.target).where(DistrictAlias.code == code)) or code
    steps = list(dict.fromkeys((target, f"{target[:4]}00", f"{target[:2]}0000")))
    nearest = case({step: place for place, step in enumerate(steps)}, value=District.code)
    return session.scalar(
        select(District.code)
        .where(District.code.in_(steps), District.geom.is_not(None))
        .order_by(nearest)
        .limit(1)
    )


def map_notice(session: Session) -> str:
    """What stands under every map: the source and its review number where it has one; empty when nothing is loaded."""
    row = session.execute(
        select(MapSource.name, MapSource.review_no).order_by(MapSource.loaded_at.desc()).limit(1)
    ).first()
    return " ".join(part for part in row if part) if row else ""
