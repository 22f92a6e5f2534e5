"""How lookups end, counted for the alarm: someone who walks through the codes raises the share of unknown ones.

A rule such as `rate(public_lookups_total{answer="unknown"}[10m]) / rate(public_lookups_total[10m]) > 0.2` notices it.
"""

from __future__ import annotations

from prometheus_client import Counter

ANSWERS = ("ok", "due_soon", "do_not_use", "unknown", "malformed", "too_many", "unavailable", "redirect")

lookups = Counter("public_lookups_total", "Public lookups by how they ended", ["answer"])
for answer in ANSWERS:
    lookups.labels(answer)
