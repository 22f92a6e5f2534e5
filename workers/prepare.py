"""Everything the data needs before the first page: schema, reference tables, districts, demo. Each step may be run again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workers.accidents import disk_is_full, failed_step, full_disk
from workers.interruption import pause
from workers.processes import MARK, TICK, kill_marked, open_log, size_of, tail

FLASK = (sys.executable, "-m", "flask", "--app", "portal")


@dataclass(frozen=True, slots=True)
class Step:
    """One idempotent command, and what it is called in both languages."""

    title: str
    command: tuple[str, ...]


def data_steps(*, demo: bool) -> list[Step]:
    """The steps in the order in which they build on one another."""
    steps = [
        Step("数据库结构 · schema", (sys.executable, "-m", "workers.prepare")),
        Step("基础代码表 · reference tables", (*FLASK, "reference", "import")),
        Step("行政区划 · districts", (*FLASK, "geo", "load")),
    ]
    return [*steps, Step("演示数据 · demo data", (*FLASK, "demo", "load"))] if demo else steps


def prepare_data(
    steps: Sequence[Step], data_dir: Path, env: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Run the steps one after the other; raises CannotStart with what the failed one said last."""
    for step in steps:
        began = time.monotonic()
        _run(step, data_dir, env)
        say(f"{step.title}: {time.monotonic() - began:.1f} s")


def _run(step: Step, data_dir: Path, env: Mapping[str, str]) -> None:
    log = data_dir / "logs" / "prepare.log"
    server_log = data_dir / "logs" / "postgres.log"
    server_log_begins_at = size_of(server_log)
    mark = f"{data_dir}#prepare"
    with open_log(log) as output:
        begins_at = log.stat().st_size
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *step.command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**env, MARK: mark},
            start_new_session=True,
        )
    try:
        while process.poll() is None:
            pause(TICK)
    except BaseException:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
        kill_marked(mark)
        raise
    if process.returncode != 0:
        # the database server knows better than its client why it went away
        if disk_is_full(data_dir, tail(server_log, server_log_begins_at)):
            raise full_disk(data_dir)
        raise failed_step(step.title, tail(log, begins_at), data_dir, log)


def main() -> int:
    """Bring roles and schema of the database in the settings up to date; one sentence on stderr when that fails."""
    from sqlalchemy.exc import OperationalError

    from tenants.database import prepare
    from tenants.settings import Settings

    settings = Settings.from_env()
    try:
        prepare(settings.database_url, settings)
    except OperationalError as error:
        print(" ".join(str(error.orig).split()), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
