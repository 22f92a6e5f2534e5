"""`python3 -m deploy.setup GOAL`: sets up whatever the goal needs, then becomes it. Called by the Makefile.

Each part of the set-up looks first and does only what is missing, so that the second time takes a moment. What can't be done is
told in one sentence on stderr, and the exit status is 1. A Python that is too old must be able to read this file.
"""

from __future__ import annotations

import os
import shutil
import sys

OLDEST_PYTHON = (3, 11)
GOALS = ("run", "test", "lint", "bench", "chaos", "shift", "decode")


def main(goal: str, arguments: list[str]) -> int:
    """Do it; returns the exit status where the goal didn't take over the process."""
    if goal not in GOALS:
        sys.stderr.write(f"Goals: {', '.join(GOALS)}.\n")
        return 2
    if sys.version_info < OLDEST_PYTHON:
        return _with_newer_python()
    from deploy.goals import reach
    from workers.accidents import CannotStart, explain

    try:
        return reach(goal, arguments)
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        from deploy.steps import ROOT

        sys.stderr.write(f"{explain(error, ROOT)}\n")
    except KeyboardInterrupt:
        return 130
    return 1


def _with_newer_python() -> int:
    for minor in range(19, OLDEST_PYTHON[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            os.execv(found, [found, "-m", "deploy.setup", *sys.argv[1:]])
    sys.stderr.write(
        "Python 3.11 or newer is needed: install it, or name it with make PYTHON=/path/to/python3.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]))
