"""Every import there is, by the kind that is kept with each run."""

from __future__ import annotations

from tenants.errors import NotFound
from tenants.services.imports.cylinders import CYLINDERS
from tenants.services.imports.template import Importer

IMPORTERS: dict[str, Importer] = {one.kind: one for one in (CYLINDERS,)}


def get_importer(kind: str) -> Importer:
    """The import of this kind; raises NotFound."""
    if kind not in IMPORTERS:
        raise NotFound(f"import {kind}")
    return IMPORTERS[kind]
