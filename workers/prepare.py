"""Everything the data needs before the first page: schema, reference tables, districts, demo. Each step may be run again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path

from tenants.settings import Settings
from workers.accidents import disk_is_full, failed_step, full_disk
from workers.interruption import pause
from workers.processes import MARK, TICK, kill_marked, open_log, size_of, tail
from workers.terminal import say

COMMANDS = {
    "数据库结构 · schema": ("migrate",),
    "基础代码表 · reference tables": ("reference", "import"),
    "行政区划 · districts": ("geo", "load"),
}
DEMO = {"演示数据 · demo data": ("demo", "load")}
PREPARATION = (sys.executable, "-m", "workers.prepare")


def prepare_data(command: Sequence[str], data_dir: Path, env: Mapping[str, str]) -> None:
    """Run the command that prepares the data; it speaks to the terminal itself, and its errors go to the log.

    Raises CannotStart with what it said last when it fails.
    """
    log = data_dir / "logs" / "prepare.log"
    server_log = data_dir / "logs" / "postgres.log"
    server_log_begins_at = size_of(server_log)
    mark = f"{data_dir}#prepare"
    with open_log(log) as output:
        begins_at = log.stat().st_size
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            stdin=subprocess.DEVNULL,
            stderr=output,
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
        raise failed_step("Preparing the data", tail(log, begins_at), data_dir, log)


def main() -> int:
    """The portal's own commands, one after the other in one process, each with a line at the terminal when it is done."""
    from flask.cli import FlaskGroup, ScriptInfo

    portal = ScriptInfo(app_import_path="portal")
    group = FlaskGroup(load_dotenv=False)
    for title, arguments in (COMMANDS | (DEMO if Settings.from_env().demo else {})).items():
        began = time.monotonic()
        try:
            with redirect_stdout(sys.stderr):
                group.main(args=list(arguments), prog_name="flask", obj=portal)
        except SystemExit as end:
            if end.code:
                return 1
        say(f"{title}: {time.monotonic() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
