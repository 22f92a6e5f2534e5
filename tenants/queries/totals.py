"""The totals as pages read them: what is folded and what is not folded yet, in one statement and so of one moment."""

from __future__ import annotations

from datetime import date

from sqlalchemy import column, table

EVER = date.min  # the day of what is counted since ever
ALL_MEDIA = "*"
_SHARED = ("district", "grain", "day", "metric", "key", "medium_id", "value")
BY_TENANT = table("total_of_tenant", column("tenant_id"), *map(column, _SHARED), schema="gas")
BY_DISTRICT = table("total_of_district", *map(column, _SHARED), schema="gas")
