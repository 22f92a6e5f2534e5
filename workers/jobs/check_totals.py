"""Compare every enterprise's totals with a recount, and keep what was found."""

from __future__ import annotations

import structlog

from tenants.services.totals import astray_now, check_one, enterprises
from workers import queues
from workers.queues import JobName

log = structlog.get_logger(__name__)


def check_totals(tenant: str = "") -> int:
    """How many numbers of an enterprise are wrong; without one, have each looked at in a job of its own."""
    if tenant:
        found = check_one(int(tenant))
        if found:
            log.error("totals_wrong", tenant=int(tenant), numbers=len(found))
        return len(found)
    for one in enterprises():
        queues.ring(JobName.CHECK_TOTALS, again=True, tenant=str(one))
    wrong = astray_now()
    if wrong:
        log.error("totals_astray", numbers=wrong)
    return wrong
