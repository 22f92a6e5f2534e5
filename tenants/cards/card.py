"""One card, as text: so it is kept, compared and hashed cheaply, and read only when something new has to be said of it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple


class Card(NamedTuple):
    """What `gas.public_cylinder` tells of a code; parts that many cards share may stand apart. JSON each."""

    own: str
    enterprise: str | None = None
    medium: str | None = None
    assay: str | None = None

    def told(self) -> dict[str, Any]:
        """All of it."""
        found: dict[str, Any] = json.loads(self.own)
        for name in ("enterprise", "medium", "assay"):
            part = getattr(self, name)
            if part is not None or name not in found:
                found[name] = None if part is None else json.loads(part)
        return found
