"""Run the benchmarks, print a table and write `bench/results/latest.json`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.citizens import citizens
from bench.dashboards import dashboards
from bench.imports import imports
from bench.load import NoLoadGenerator
from bench.rows import Row, events, one_at_a_time, requests
from bench.world import portal

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    """The exit status: 0 when everything was measured and nothing failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--seconds", type=int, default=10, help="how long each kind of request is sent (default 10)"
    )
    parser.add_argument(
        "--millions", type=int, nargs="*", default=[1, 10],
        help="with how many million fills in the tables the dashboards are asked (default 1 10; none leaves them out)",
    )  # fmt: skip
    parser.add_argument(
        "--cylinders", type=int, default=2_000_000,
        help="how many cylinders citizens ask for (default 2,000,000; 0 leaves them out)",
    )  # fmt: skip
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--only-dashboards", action="store_true", help="leave everything else out")
    only.add_argument("--only-citizens", action="store_true", help="leave everything else out")
    wanted = parser.parse_args()
    rows: list[Row] = []
    try:
        if not (wanted.only_dashboards or wanted.only_citizens):
            with portal() as world:
                rows += (
                    *requests(world, wanted.seconds),
                    *one_at_a_time(world),
                    *events(world),
                    *imports(world),
                )
            with portal(workers=1) as world:
                rows += events(world)
        if wanted.cylinders and not wanted.only_dashboards:
            with portal() as world:
                rows += citizens(world, wanted.cylinders, wanted.seconds)
        if wanted.millions and not wanted.only_citizens:
            with portal() as world:
                for millions in wanted.millions:
                    rows += dashboards(world, millions)
    except NoLoadGenerator as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    _print(rows)
    _write(rows)
    return 1 if any(row.failed for row in rows) else 0


def _print(rows: list[Row]) -> None:
    print(f"{'':<46}{'a second':>12}{'median ms':>11}{'p99 ms':>9}{'failed':>8}  of its yardstick")
    for row in rows:
        times = "".join(
            f"{'' if value is None else f'{value:.2f}':>{width}}"
            for value, width in ((row.median_ms, 11), (row.p99_ms, 9))
        )
        against = "" if row.against is None else f"{row.against:.1%} of {row.yardstick}"
        print(f"{row.name:<46}{row.per_second:>12,.1f}{times}{row.failed:>8}  {against}")


def _write(rows: list[Row]) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    found = {"at": datetime.now(UTC).isoformat(), "machine": machine, "rows": [row.as_json() for row in rows]}
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
