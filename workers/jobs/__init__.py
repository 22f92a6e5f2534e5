"""What a worker can do, one file a verb; only what stands in this table is ever called, whatever a queue says.

Running a job twice does no harm, and a job that dies is not missed: PostgreSQL has the work, and the scheduler rings again.
"""

from __future__ import annotations

from collections.abc import Callable

from workers.jobs.check_totals import check_totals
from workers.jobs.drain_uploads import drain_uploads
from workers.jobs.fold_totals import fold_totals
from workers.jobs.keep_partitions import keep_partitions
from workers.jobs.make_labels import make_labels
from workers.jobs.run_imports import run_imports
from workers.jobs.sweep_imports import sweep_imports
from workers.jobs.sweep_sessions import sweep_sessions
from workers.queues import JobName

JOBS: dict[JobName, Callable[..., object]] = {
    JobName.CHECK_TOTALS: check_totals,
    JobName.DRAIN_UPLOADS: drain_uploads,
    JobName.FOLD_TOTALS: fold_totals,
    JobName.KEEP_PARTITIONS: keep_partitions,
    JobName.MAKE_LABELS: make_labels,
    JobName.RUN_IMPORTS: run_imports,
    JobName.SWEEP_IMPORTS: sweep_imports,
    JobName.SWEEP_SESSIONS: sweep_sessions,
}
