"""What the system's package manager is asked for, and what is said where it may not be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy import packages
from workers.accidents import CannotStart
from workers.binaries import Postgres


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that would have been run, on a machine of root's that has nothing."""
    commands: list[str] = []
    monkeypatch.setattr(
        packages, "run_step", lambda title, command, **env: commands.append(" ".join(map(str, command)))
    )
    monkeypatch.setattr(packages, "_as_root", list)
    monkeypatch.setattr(packages, "find_postgres", lambda: None)
    monkeypatch.setattr(packages, "installed_postgres", list)
    monkeypatch.setattr(packages, "find_redis", lambda: None)
    return commands


def test_nothing_is_asked_for_where_everything_is_there(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "find_postgres", lambda: Postgres(Path("/x"), 15, True))
    monkeypatch.setattr(packages, "find_redis", lambda: Path("/x/redis-server"))
    packages.ensure_servers()

    assert asked == []


def test_missing_servers_are_installed_without_a_cluster_of_their_own(asked: list[str]) -> None:
    with pytest.raises(CannotStart, match="PostgreSQL is too old"):  # nothing was really installed
        packages.ensure_servers()

    assert asked[0] == "apt-get update -q"
    assert "create_main_cluster = false" in asked[1]
    assert asked[2].startswith("env DEBIAN_FRONTEND=noninteractive")
    assert asked[2].endswith("postgresql-postgis redis-server")
    assert "rm -f /etc/postgresql-common/createcluster.d/portal.conf" in asked[3]


def test_only_what_is_missing_is_installed(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotStart, match="Redis is too old"):
        packages.ensure_servers(database=False)
    assert asked[-1].endswith(" redis-server")
    assert "postgresql" not in " ".join(asked)


def test_an_installed_server_gets_the_map_extension_of_its_own_version(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "installed_postgres", lambda: [Postgres(Path("/x"), 17, False)])
    with pytest.raises(CannotStart):
        packages.ensure_servers(redis=False)

    assert asked[2].endswith(" postgresql-17-postgis-3")


def test_without_the_right_to_install_one_sentence_names_the_packages(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "_as_root", lambda: None)
    with pytest.raises(CannotStart, match="run apt-get install postgresql-postgis redis-server as root"):
        packages.ensure_servers()

    assert asked == []


def test_the_cluster_file_is_removed_even_when_the_installation_fails(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(title: str, command: list[str], **env: str) -> None:
        asked.append(" ".join(map(str, command)))
        if "install" in command:
            raise CannotStart("no")

    monkeypatch.setattr(packages, "run_step", fail)
    with pytest.raises(CannotStart, match="no"):
        packages.ensure_servers()

    assert "rm -f" in asked[-1]


def test_a_portal_starts_without_the_font_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages, "find_font", lambda: None)
    monkeypatch.setattr(packages, "_as_root", lambda: None)

    packages.ensure_font(must=False)
    assert "fonts-noto-cjk" in "".join(capfd.readouterr())
    with pytest.raises(CannotStart, match="fonts-noto-cjk"):
        packages.ensure_font()


def test_the_second_reader_is_installed_where_it_is_missing(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "find_library", lambda name: None)
    packages.ensure_code_reader()
    assert asked[-1].endswith(" libzbar0")
    monkeypatch.setattr(packages, "find_library", lambda name: "libzbar.so.0")
    asked.clear()
    packages.ensure_code_reader()
    assert asked == []
