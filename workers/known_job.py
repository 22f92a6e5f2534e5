"""A job as it comes out of Redis: its name is looked up in a table and never imported, and nothing else in it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rq.job import Job

from workers.jobs import JOBS
from workers.queues import JobName


class UnknownJob(Exception):
    """A queue asked for something that isn't on the list; whoever can write to Redis still can't run code here."""


class KnownJob(Job):
    """A job of the table; callbacks and webhooks that a queue entry may carry are ignored."""

    @property
    def func(self) -> Callable[..., Any]:
        """The function of the table that has this name; raises UnknownJob."""
        try:
            return JOBS[JobName(str(self.func_name))]
        except (ValueError, KeyError):
            raise UnknownJob(str(self.func_name)[:80]) from None

    def restore(self, raw_data: Any) -> Any:
        """Read the job, and drop whatever in it names code or addresses."""
        restored = super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        return restored
