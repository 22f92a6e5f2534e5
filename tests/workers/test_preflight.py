"""What is checked before anything is started."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from workers import accidents, binaries, folders, preflight
from workers.accidents import CannotStart


def test_a_free_address_is_fine() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    preflight.check_address("127.0.0.1", port)


def test_an_address_in_use_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} on 127.0.0.1 is in use"):
            preflight.check_address("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port"), [("192.0.2.1", 8000), ("no.such.host.invalid", 8000), ("127.0.0.1", 65536)]
)
def test_an_address_that_is_not_ours_is_told(host: str, port: int) -> None:
    with pytest.raises(CannotStart, match="HOST must be an address of this machine"):
        preflight.check_address(host, port)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(CannotStart, match="can't be used"), preflight.only_one(tmp_path / "file" / "data"):
        pass


def test_a_folder_is_free_again_after_its_portal_has_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with preflight.only_one(tmp_path):
            assert (tmp_path / "run" / "lock").read_text() == f"running {os.getpid()}\n"


def test_a_full_disk_and_a_foreign_folder_have_their_own_sentences(tmp_path: Path) -> None:
    full = accidents.explain(OSError(errno.ENOSPC, "No space left on device", "x"), tmp_path)
    foreign = accidents.explain(PermissionError(errno.EACCES, "Permission denied", str(tmp_path)), tmp_path)

    assert str(full) == f"The disk that holds {tmp_path} is full: free some space and start again."
    assert str(foreign).startswith(f"{tmp_path} can't be used by {accidents.user_name()}")


@pytest.mark.parametrize(
    "output",
    ["OSError: [Errno 28] No space left on device\nmore", "npm error code ENOSPC", "Disk quota exceeded"],
)
def test_a_step_that_failed_for_a_full_disk_says_so(tmp_path: Path, output: str) -> None:
    assert "is full" in str(accidents.failed_step("Some step", output, tmp_path))


def test_a_step_that_failed_otherwise_says_its_last_words(tmp_path: Path) -> None:
    said = accidents.failed_step("Some step", "first\nlast words.\n\n", tmp_path)

    assert str(said) == "Some step failed: last words."


def test_a_secret_is_made_up_once_and_kept(tmp_path: Path) -> None:
    first = folders.secret(tmp_path / "secrets" / "one")

    assert len(first) == 43
    assert folders.secret(tmp_path / "secrets" / "one") == first
    assert folders.secret(tmp_path / "secrets" / "two") != first


def test_a_short_folder_that_somebody_else_prepared_is_not_used(tmp_path: Path) -> None:
    data_dir = tmp_path / ("d" * 100)
    data_dir.mkdir()
    folder = folders.socket_folder(data_dir, "redis", "redis.sock", None).parent
    (folder / "redis").rmdir()
    try:
        folder.chmod(0o777)
        with pytest.raises(CannotStart, match="not safe to use"):
            folders.socket_folder(data_dir, "redis", "redis.sock", None)
    finally:
        folder.rmdir()


def test_programs_that_are_too_old_are_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "postgres": "postgres (PostgreSQL) 14.9",
        "redis-server": "Redis server v=6.0.16 sha=0",
        "initdb": "",
        "pg_ctl": "",
    }
    for name, text in said.items():
        (tmp_path / name).write_text(f"#!/bin/sh\necho '{text}'\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(binaries, "_FOLDERS", (str(tmp_path),))
    monkeypatch.setattr(binaries, "_REDIS_PATH", str(tmp_path))

    assert binaries.find_postgres() is None
    assert binaries.find_redis() is None
