"""The folders and small secret files under DATA_DIR, each with the permissions it needs."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

from workers.accidents import CannotStart
from workers.accounts import Account

LONGEST_SOCKET = 107  # bytes: what the kernel takes as the path of a unix socket


def make_folder(path: Path, mode: int, account: Account | None = None) -> Path:
    """The folder, made if need be, with exactly these permissions and this owner."""
    path.mkdir(parents=True, exist_ok=True)
    if path.stat().st_mode & 0o777 != mode:
        path.chmod(mode)
    if account is not None and path.stat().st_uid != account.uid:
        account.own(path)
    return path


def socket_folder(data_dir: Path, name: str, socket: str, account: Account | None) -> Path:
    """A private, empty folder for a server's socket: under DATA_DIR, or under /tmp where that path can't be a socket's.

    A path can be too long for the kernel, and a comma separates addresses for PostgreSQL's clients.
    """
    folder = data_dir / "run" / name
    if len(os.fsencode(folder / socket)) > LONGEST_SOCKET or "," in str(folder):
        folder = _short_folder(data_dir) / name
    for stale in make_folder(folder, 0o700, account).iterdir():
        stale.unlink()  # a killed server's socket and lock; the caller has made sure that it is gone
    return folder


def write_private(path: Path, text: str, account: Account | None = None) -> Path:
    """Write a small file that only its owner can read, wholly or not at all."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account is not None:
        account.own(new)
    new.replace(path)
    return path


def secret(path: Path) -> str:
    """The secret kept in a file; made up, 43 characters, the first time."""
    if not path.exists():
        if path.parent.name == "secrets":
            make_folder(path.parent, 0o700)
        write_private(path, secrets.token_urlsafe(32) + "\n")
    return path.read_text().strip()


def _short_folder(data_dir: Path) -> Path:
    folder = Path("/tmp") / f"portal-{os.geteuid()}-{sha256(os.fsencode(data_dir)).hexdigest()[:12]}"  # noqa: S108
    folder.mkdir(mode=0o711, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.geteuid() or state.st_mode & 0o022:
        raise CannotStart(f"{folder} is not safe to use: remove it and start again.")
    return folder
