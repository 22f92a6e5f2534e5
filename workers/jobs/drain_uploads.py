"""Apply what devices uploaded, one upload after the other, until the inbox has been empty for a moment."""

from __future__ import annotations

import time

import structlog

from tenants.services.apply.batch import apply_claimed, is_passing
from tenants.services.apply.inbox import Claim, claim_next, give_back
from tenants.settings import Settings
from tenants.verdict_cache import VerdictCache
from workers import queues, stopping

LONGEST = 50.0  # seconds; then another worker, or this one, goes on with a fresh process
LINGER = 5.0  # seconds to look for more: longer than a ring's echo, and a site at work finds somebody awake
LOOK_EVERY, LOOK_SELDOM = 0.02, 0.1  # seconds; the pause grows while nothing comes

log = structlog.get_logger(__name__)


def drain_uploads() -> int:
    """Apply what is due; the number of events. Stops after the upload in hand when the worker is told to stop."""
    cache = VerdictCache.at(Settings.from_env().redis_url)
    began = idle_since = time.monotonic()
    done, pause = 0, LOOK_EVERY
    while not stopping.wanted():
        now = time.monotonic()
        if now - began > LONGEST:
            queues.ring(queues.JobName.DRAIN_UPLOADS, again=True)
            break
        claim = claim_next()
        if claim is not None:
            done += apply_or_give_back(claim, cache)
            idle_since, pause = time.monotonic(), LOOK_EVERY
        elif now - idle_since > LINGER:
            break
        else:
            stopping.wait(pause)
            pause = min(LOOK_SELDOM, pause * 1.1)
    return done


def apply_or_give_back(claim: Claim, cache: VerdictCache) -> int:
    """Apply a claimed upload; when something passing stands in the way, leave it for a little later."""
    try:
        return apply_claimed(claim, cache)
    except Exception as problem:
        if not is_passing(problem):
            raise
        log.warning("upload_given_back", upload=str(claim.upload_ids[0]), problem=type(problem).__name__)
        give_back(claim)
        return 0
