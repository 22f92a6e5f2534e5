"""The portal's own processes: which there are, and the command that starts each."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

from tenants.settings import Settings
from workers.nursery import Child

# 12 threads use up what a plane's connection pool gives; "backpressure" counts open connections, idle ones included
WEB = (
    "--interface wsgi --http 1 --no-ws --blocking-threads 12 --backpressure 512 --backlog 1024 "
    "--respawn-failed-workers --respawn-interval 0.5 --workers-kill-timeout 5 --log-level warning"
)
PYTHON = (sys.executable, "-m")


def portal_children(settings: Settings, env: Mapping[str, str]) -> list[Child]:
    """Web, workers, relay, the keeper of the cards and scheduler, as the settings want them."""
    commands = {
        **{f"worker-{number}": (*PYTHON, "workers.worker") for number in range(1, settings.workers + 1)},
        "worker-imports": (*PYTHON, "workers.worker", "--queue", "imports"),
        "worker-labels": (*PYTHON, "workers.worker", "--queue", "labels"),
        "worker-chores": (*PYTHON, "workers.worker", "--queue", "chores"),
        "relay": (*PYTHON, "workers.relay"),
        "cards": (*PYTHON, "workers.cards"),
        "scheduler": (*PYTHON, "workers.schedule"),
    }
    others = [Child(name, command, settings.data_dir, env) for name, command in commands.items()]
    return [_web(settings, env), *others]


def web_processes() -> int:
    """How many processes serve pages: one for each core, two at least, four at most."""
    return min(4, max(2, os.cpu_count() or 1))


def _web(settings: Settings, env: Mapping[str, str]) -> Child:
    """The web server; told to stop when its keeper dies, so that it takes its own processes along."""
    figures = settings.data_dir / "run" / "metrics"  # where its processes add up what they count
    shutil.rmtree(figures, ignore_errors=True)
    figures.mkdir(parents=True)
    address = ("--host", settings.host, "--port", str(settings.port), "--workers", str(web_processes()))
    command = (*PYTHON, "granian", *WEB.split(), *address, "portal.wsgi:app")
    web_env = {**env, "PROMETHEUS_MULTIPROC_DIR": str(figures)}
    return Child("web", command, settings.data_dir, web_env, death_signal="TERM")
