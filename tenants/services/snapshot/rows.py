"""Labels with their cylinders in one question, and the number by which the next question asks for what changed since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from tenants.models import CacheEpoch

_VERSION = re.compile(r"([0-9]{1,19})\.([0-9]{1,19})\.([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Version:
    """How far a snapshot goes: `epoch` since the last restore, `horizon` the oldest transaction that may be missing, `basis` a digest of
    everything else that rows were made from."""

    epoch: int
    horizon: int
    basis: str

    def __str__(self) -> str:
        return f"{self.epoch}.{self.horizon}.{self.basis}"

    def goes_on_from(self, earlier: Version | None) -> bool:
        """Whether a delta may be built on an earlier one."""
        return (
            earlier is not None
            and (earlier.epoch, earlier.basis) == (self.epoch, self.basis)
            and earlier.horizon <= self.horizon
        )


def read_version(said: str | None) -> Version | None:
    """What a device says it holds; None for nothing that we gave out."""
    found = _VERSION.fullmatch(said or "")
    return None if found is None else Version(int(found[1]), int(found[2]), found[3])


def horizon(session: Session, basis: str) -> Version:
    """The version of whatever is read after this."""
    epoch = session.scalars(select(CacheEpoch.epoch)).one()
    oldest = session.scalar(
        text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")
    )
    return Version(epoch, int(oldest or 0), basis)


_ROWS = """
SELECT CAST(left(l.code, 9) AS int) AS head, CAST(right(l.code, 8) AS int) AS tail,
       CAST(left(l.first_code, 9) AS int) AS on_head, CAST(right(l.first_code, 8) AS int) AS on_tail,
       l.code, l.state, l.uid, l.disputed_at IS NOT NULL AS disputed, c.id IS NOT NULL AS on_cylinder,
       c.serial_no, c.status, c.stage, c.ownership, c.registration_no <> '' AS registered, c.kind_code, c.medium_id,
       c.next_inspection_on, c.next_inspection_precision, c.end_of_life_on, c.end_of_life_precision,
       c.valve_end_of_life_on, c.valve_end_of_life_precision, c.volume_l, c.nominal_pressure_mpa, c.porosity, c.max_fill_kg,
       coalesce(CAST(round(c.tare_kg * 1000) AS bigint), 4294967295) AS tare_g,
       coalesce(CAST(floor(extract(epoch FROM c.checked_at)) AS bigint), 0) AS checked_at,
       coalesce(CAST(floor(extract(epoch FROM c.filled_at)) AS bigint), 0) AS filled_at,
       CASE WHEN c.checked_at IS NULL OR c.check_passed IS NULL THEN 0 WHEN c.check_passed THEN 1 ELSE 2 END AS check_result,
       c.stopped_at IS NOT NULL AS stopped
FROM (SELECT l.*, CASE WHEN l.cylinder_id IS NOT NULL THEN min(l.code) OVER (PARTITION BY l.cylinder_id) END AS first_code
      FROM gas.label l) l
LEFT JOIN gas.cylinder c ON c.tenant_id = l.tenant_id AND c.id = l.cylinder_id
WHERE l.changed >= :since OR c.changed >= :since
ORDER BY l.code
"""


def changed_rows(session: Session, since: int) -> Sequence[Row[Any]]:
    """Every label that was touched, or whose cylinder was touched, by transaction `since` or a later one; 0 for all."""
    return session.execute(text(_ROWS), {"since": since}).all()


def kinds_in_use(session: Session) -> tuple[str, ...]:
    """The kinds of cylinder in this enterprise's archive."""
    return tuple(session.scalars(text("SELECT DISTINCT kind_code FROM gas.cylinder ORDER BY 1")))
