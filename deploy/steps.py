"""How one step of the set-up is run: quietly, and when it fails with one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from workers.accidents import failed_step

ROOT = Path(__file__).resolve().parents[1]
_TOGETHER = ("setpriv", "--pdeathsig", "TERM")  # a step doesn't outlive the set-up


def say(line: str) -> None:
    """One line for the person at the terminal."""
    print(line, flush=True)


def run_step(title: str, command: Sequence[str | Path], **env: str) -> str:
    """Run a command without showing its output, which is returned; raises CannotStart with the last thing it said."""
    done = subprocess.run(
        [*_TOGETHER, *command],
        cwd=ROOT,
        env={**os.environ, "LC_ALL": "C.UTF-8", **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise failed_step(title, _telling_lines(done.stdout), ROOT)
    return done.stdout


def run_check(title: str, command: Sequence[str | Path], env: dict[str, str]) -> bool:
    """Run a check with its output on the terminal; True when it passed."""
    say(f"── {title}")
    sys.stdout.flush()
    return subprocess.run([*_TOGETHER, *command], cwd=ROOT, env=env, check=False).returncode == 0


def _telling_lines(output: str) -> str:
    """The errors in a tool's output, or all of it where it marks none."""
    marks = ("E:", "ERROR:", "npm error", "npm ERR!")
    lines = output.splitlines()
    errors = [line for line in lines if line.startswith(marks) and "complete log" not in line]
    if any("no space left" in line.lower() or "enospc" in line.lower() for line in lines):
        return output
    return "\n".join(errors[:1] or lines)
