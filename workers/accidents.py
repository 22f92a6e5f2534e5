"""One clear sentence for each thing that keeps the portal from starting. Standard library only: the set-up uses it too."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

ALMOST_NOTHING = 8 * 1024 * 1024  # bytes free: below this a failed step failed for want of room
_FULL_DISK_WORDS = ("no space left on device", "enospc", "disk quota exceeded")
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


class CannotStart(Exception):
    """The portal can't start; the message is one sentence for the person who started it."""


def disk_is_full(path: Path, output: str = "") -> bool:
    """True when a step's output, or the room left on the disk that holds `path`, says that the disk is full."""
    said = output.lower()
    return any(words in said for words in _FULL_DISK_WORDS) or _free(path) < ALMOST_NOTHING


def full_disk(path: Path) -> CannotStart:
    """The sentence for a full disk."""
    return CannotStart(f"The disk that holds {path} is full: free some space and start again.")


def explain(error: OSError, path: Path) -> CannotStart:
    """The sentence for an operating system's error met while writing under `path`."""
    if error.errno in _FULL_DISK:
        return full_disk(path)
    where = error.filename or path
    if isinstance(error, PermissionError):
        return CannotStart(f"{where} can't be used by {user_name()}: it belongs to another user.")
    return CannotStart(f"{where} can't be used: {error.strerror or error}.")


def failed_step(what: str, output: str, path: Path, log: Path | None = None) -> CannotStart:
    """The sentence for a step that ended with an error: a full disk, or the last thing it said."""
    if disk_is_full(path, output):
        return full_disk(path)
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = lines[-1].rstrip(".")[:300] if lines else "it said nothing"
    more = f" (more in {log})" if log else ""
    return CannotStart(f"{what} failed: {said}{more}.")


def user_name() -> str:
    """The name of the user that runs this process, or its number where it has no name."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"


def _free(path: Path) -> int:
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free
