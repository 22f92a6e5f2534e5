"""The packages of this checkout: pinned, complete, and installed again only when what is asked for has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy import environment
from deploy.steps import ROOT


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A checkout of its own, with the steps that were run in it."""
    done: list[str] = []
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    for name in ("VENV", "MODULES"):
        monkeypatch.setattr(environment, name, tmp_path / name)
        (tmp_path / name).mkdir()
    monkeypatch.setattr(environment, "UNFINISHED", tmp_path / "VENV" / ".unfinished")
    monkeypatch.setattr(environment, "_ensure_venv", lambda: None)
    monkeypatch.setattr(environment, "_npm", lambda: ["npm"])
    monkeypatch.setattr(environment, "run_step", lambda title, command: done.append(title))
    for name in ("requirements.txt", "package.json", "package-lock.json"):
        (tmp_path / name).write_text("one\n")
    (tmp_path / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return done


def test_packages_are_installed_once(steps: list[str]) -> None:
    for _ in range(2):
        environment.ensure_python("requirements.txt")
        environment.ensure_front_end()

    assert steps == ["Installing Python packages", "Installing front-end packages"]


def test_a_changed_requirement_is_installed_also_where_it_is_only_included(
    steps: list[str], tmp_path: Path
) -> None:
    environment.ensure_python("requirements-dev.txt")
    (tmp_path / "requirements.txt").write_text("two\n")
    environment.ensure_python("requirements-dev.txt")

    assert len(steps) == 2


def test_an_installation_that_was_cut_short_is_noticed(
    steps: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(title: str, command: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "run_step", cut)
    with pytest.raises(KeyboardInterrupt):
        environment.ensure_python("requirements.txt")

    assert not environment._fits()
    assert environment.is_new()


def test_every_requirement_is_pinned_to_the_version_that_is_tested() -> None:
    for line in requirements():
        name, _, version = line.partition("==")
        assert metadata.version(name) == version, line


def test_whatever_a_requirement_needs_is_pinned_too() -> None:
    pinned = {plain(line.partition("==")[0]) for line in requirements()}
    needs = {f"{name} needs {need}": need for name in pinned for need in metadata.requires(name) or []}
    here = {told: need for told, need in needs.items() if applies(need)}

    assert [told for told, need in here.items() if plain(need) not in pinned | {"setuptools"}] == []


def test_the_front_end_lock_names_no_address_and_checks_every_package() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert packages
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())


def test_the_whole_check_of_a_change_is_make_test() -> None:
    commands = [
        line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")
    ]

    assert commands == ['cd "$(dirname "$0")/.." && exec make test']


def requirements() -> list[str]:
    """The lines that count on this Python."""
    text = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text().splitlines()
    ]
    found = [line.strip() for line in text if line.strip() and not line.startswith(("#", "-r"))]
    return [line.partition(";")[0].strip() for line in found if applies(line)]


def applies(line: str) -> bool:
    marker = Requirement(line).marker
    return marker is None or marker.evaluate({"extra": ""})


def plain(line: str) -> str:
    return canonicalize_name(Requirement(line).name)
