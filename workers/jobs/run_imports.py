"""Check, write or take back the imports that wait, one after the other."""

from __future__ import annotations

import resource
import time

import structlog

from tenants.services.imports.claims import claim_next
from tenants.services.imports.work import work_on
from workers import stopping

log = structlog.get_logger(__name__)


def run_imports() -> int:
    """Nothing that waits is left, or somebody else has it; how many imports were worked on."""
    done = 0
    while not stopping.wanted() and (claim := claim_next()) is not None:
        began = time.monotonic()
        work_on(claim)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        log.info(
            "import_worked_on",
            run=str(claim.id),
            seconds=round(time.monotonic() - began, 1),
            peak_mb=peak,
        )
        done += 1
    return done
