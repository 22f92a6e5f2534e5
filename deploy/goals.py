"""The goals of the Makefile: which parts of the set-up each needs, and what it then becomes."""

from __future__ import annotations

import os
from pathlib import Path

from deploy import environment, packages
from deploy.environment import PYTHON, VENV
from deploy.steps import ROOT, run_check, say
from workers.preflight import check_address

# What belongs to a running portal and must not leak into tests, which bring their own servers and secrets.
OUTSIDE = (
    *("DATABASE_URL", "REDIS_URL", "DATA_DIR", "SECRET_KEY", "HOST", "PORT", "WORKERS"),
    *("PUBLIC_ORIGIN", "DEMO", "DEMO_PASSWORD", "TRUSTED_PROXIES", "FLASK_APP", "FLASK_DEBUG"),
    "DEVICE_CALLS_PER_SECOND",
)
# Each process has servers of its own; a file's tests stay together, because they share a database.
IN_TWO_PROCESSES = ("-n", "2", "--dist", "loadfile")
MODULES = {
    "run": "workers.supervisor",
    "bench": "bench",
    "chaos": "tests.chaos.campaign",
    "shift": "tests.integrations.devices.handheld.shift",
    "decode": "tests.tenants.artwork.campaign",
}
STYLE_AND_SHAPE = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")),
)


def reach(goal: str, arguments: list[str]) -> int:
    """Set up what the goal needs and do it; `run`, `bench`, `chaos`, `shift` and `decode` take over this process and don't return."""
    os.chdir(ROOT)
    with environment.one_at_a_time():
        _set_up(goal)
    if goal == "lint":
        return _check(STYLE_AND_SHAPE)
    if goal == "test":
        return _check((*STYLE_AND_SHAPE, ("pytest", ("-m", "pytest", *IN_TWO_PROCESSES, *arguments))))
    module = MODULES[goal]
    env = _inside() if goal in ("chaos", "shift", "decode") else dict(os.environ)
    return os.execve(PYTHON, [str(PYTHON), "-m", module, *arguments], env)


def _set_up(goal: str) -> None:
    """What may be refused comes first: it is better to hear it before all the downloads than after them."""
    if goal == "run" and environment.is_new():
        check_address(os.environ.get("HOST") or "127.0.0.1", _port())
    if goal != "lint":
        given = os.environ if goal in ("run", "bench") else {}
        packages.ensure_servers(database=not given.get("DATABASE_URL"), redis=not given.get("REDIS_URL"))
        packages.ensure_font(must=goal in ("test", "shift", "decode"))
    if goal in ("test", "shift"):
        packages.ensure_browser()
    if goal in ("test", "decode"):
        packages.ensure_code_reader()
    if goal == "bench":
        packages.ensure_load_generator()
    environment.ensure_python("requirements.txt" if goal == "run" else "requirements-dev.txt")
    if goal != "lint":
        environment.ensure_front_end()


def _port() -> int:
    port = os.environ.get("PORT") or "8000"
    return int(port) if port.isdecimal() else 0


def _check(checks: tuple[tuple[str, tuple[str, ...]], ...]) -> int:
    failed = [title for title, arguments in checks if not run_check(title, [PYTHON, *arguments], _inside())]
    if failed:
        say(f"\n未通过 · failed: {', '.join(failed)}")
    return 1 if failed else 0


def _inside() -> dict[str, str]:
    """The environment without what points to a running portal, and with the tools of `.venv` first."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    return {**kept, "PATH": path, "PYTHONPATH": str(Path(ROOT))}
