"""What the system's package manager brings: databases, a font, Chromium. Clusters and services that exist are left alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from ctypes.util import find_library
from pathlib import Path

from deploy.steps import run_step, say
from tenants.fonts import PACKAGE, find_font
from workers.accidents import CannotStart
from workers.binaries import (
    OLDEST_POSTGIS,
    OLDEST_POSTGRES,
    OLDEST_REDIS,
    find_postgres,
    find_redis,
    installed_postgres,
)

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The database package makes a cluster of its own and starts it, unless a file here says no while it is being installed.
_NO_CLUSTER = "/etc/postgresql-common/createcluster.d/portal.conf"


def ensure_servers(*, database: bool = True, redis: bool = True) -> None:
    """PostgreSQL with PostGIS and Redis, new enough, as far as wanted; raises CannotStart naming what to install."""
    wanted = [_postgres_package()] if database and find_postgres() is None else []
    wanted += ["redis-server"] if redis and find_redis() is None else []
    if not wanted:
        return
    install(wanted, without_cluster=database)
    if database and find_postgres() is None:
        postgis = ".".join(map(str, OLDEST_POSTGIS))
        raise CannotStart(
            f"This system's PostgreSQL is too old: install {OLDEST_POSTGRES} or newer with PostGIS {postgis}."
        )
    if redis and find_redis() is None:
        raise CannotStart(f"This system's Redis is too old: install {OLDEST_REDIS} or newer.")


def ensure_font(*, must: bool = True) -> None:
    """The Chinese font that labels are drawn with; where it may not be installed and need not be, one line says what is missing."""
    if find_font() is not None:
        return
    try:
        install([PACKAGE])
    except CannotStart:
        if must:
            raise
        say(f"没有中文字体，不能制作标签图样 · no label artwork without a Chinese font: install {PACKAGE}")


def ensure_browser() -> None:
    """Chromium, for the tests that look at pages."""
    if not any(map(shutil.which, _BROWSERS)):
        install(["chromium"])


def ensure_code_reader() -> None:
    """ZBar, one of the two readers that the tests give pictures of labels to."""
    if find_library("zbar") is None:
        install(["libzbar0"])


def ensure_load_generator() -> None:
    """wrk, which sends the benchmarks' requests."""
    if shutil.which("wrk") is None:
        install(["wrk"])


def install(packages: list[str], *, without_cluster: bool = False) -> None:
    """Install system packages where that is allowed; otherwise raises CannotStart with the command to give."""
    names = " ".join(packages)
    root = _as_root()
    if root is None or shutil.which("apt-get") is None:
        raise CannotStart(
            f"Missing system packages, and no right to install them: run apt-get install {names} as root."
        )
    say(f"安装系统软件包 · installing {names}")
    run_step("apt-get update", [*root, "apt-get", "update", "-q"])
    if without_cluster:
        _shell(
            root, f"mkdir -p {Path(_NO_CLUSTER).parent} && echo 'create_main_cluster = false' > {_NO_CLUSTER}"
        )
    try:
        quiet = [
            *root,
            "env",
            "DEBIAN_FRONTEND=noninteractive",
            "NEEDRESTART_SUSPEND=1",
            "apt-get",
            "install",
            "-q",
            "-y",
        ]
        options = [
            "--no-install-recommends",
            "-o",
            "DPkg::Options::=--force-confold",
            "-o",
            "DPkg::Lock::Timeout=300",
        ]
        run_step(f"apt-get install {names}", [*quiet, *options, *packages])
    finally:
        if without_cluster:
            _shell(
                root,
                f"rm -f {_NO_CLUSTER}; rmdir --ignore-fail-on-non-empty {Path(_NO_CLUSTER).parent} || true",
            )


def _postgres_package() -> str:
    without = [each.major for each in installed_postgres() if not each.has_postgis]
    return f"postgresql-{max(without)}-postgis-3" if without else "postgresql-postgis"


def _as_root() -> list[str] | None:
    """What to put before a command to run it as root; None where that isn't allowed without asking."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    allowed = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0
    return [sudo, "-n"] if allowed else None


def _shell(root: list[str], script: str) -> None:
    run_step("Preparing for the database package", [*root, "sh", "-c", script])
