"""Draw the label runs that wait, one after the other."""

from __future__ import annotations

import time

import structlog

from tenants.services.label_claims import claim_next
from tenants.services.label_work import work_on
from tenants.settings import Settings
from tenants.vault import Vault
from workers import stopping

log = structlog.get_logger(__name__)


def make_labels() -> int:
    """Nothing that waits is left, or somebody else has it; how many makings were worked on."""
    vault, done = Vault.of(Settings.from_env()), 0
    while not stopping.wanted() and (claim := claim_next()) is not None:
        began = time.monotonic()
        work_on(claim, vault)
        log.info("labels_made", making=str(claim.id), seconds=round(time.monotonic() - began, 1))
        done += 1
    return done
