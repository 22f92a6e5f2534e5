"""Numbers that a device gave to events and that never came: evidence that something is missing.

Only devices with a key are looked at: a handheld counts one by one, while some gateways count in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST = 50


@dataclass(frozen=True, slots=True)
class Gap:
    """Events `first` to `last` of a device are missing, between the moments (RFC 3339, as the device said) of those around them."""

    device_id: UUID
    device: str
    first: int
    last: int
    after: str
    before: str

    @property
    def count(self) -> int:
        """How many."""
        return self.last - self.first + 1


_GAPS = text("""
WITH numbered AS (
  SELECT e.device_id, d.name, e.id, e.upload_id, e.seq, lag(e.seq) OVER w AS seq_before, lag(e.id) OVER w AS id_before,
         lag(e.upload_id) OVER w AS upload_before
  FROM gas.device_event e JOIN gas.device d ON d.tenant_id = e.tenant_id AND d.id = e.device_id
  WHERE e.received_at > now() - interval '30 days'
    AND (CAST(:device AS uuid) IS NULL OR e.device_id = CAST(:device AS uuid))
    AND EXISTS (SELECT 1 FROM gas.device_key k WHERE k.tenant_id = e.tenant_id AND k.device_id = e.device_id)
  WINDOW w AS (PARTITION BY e.device_id ORDER BY e.seq)
), gaps AS (SELECT * FROM numbered WHERE seq - seq_before > 1 ORDER BY id DESC LIMIT :most)
SELECT g.device_id, g.name, g.seq_before + 1 AS first, g.seq - 1 AS last,
  (SELECT b ->> 'occurred_at' FROM gas.upload u, jsonb_array_elements(u.events) b
   WHERE u.id = g.upload_before AND b ->> 'id' = CAST(g.id_before AS text)) AS after,
  (SELECT b ->> 'occurred_at' FROM gas.upload u, jsonb_array_elements(u.events) b
   WHERE u.id = g.upload_id AND b ->> 'id' = CAST(g.id AS text)) AS before
FROM gaps g ORDER BY g.name, g.seq
""")


def gaps(session: Session, device_id: UUID | None = None) -> tuple[Gap, ...]:
    """What is missing of the last 30 days, of one device or of all; at most 50, the newest."""
    rows = session.execute(_GAPS, {"device": device_id, "most": MOST})
    return tuple(
        Gap(row.device_id, row.name, row.first, row.last, row.after or "", row.before or "") for row in rows
    )
