"""Every room has a front door, every decision its reasons, every map its rooms."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import ROOT, files

NOTES = [name for name in files() if re.fullmatch(r"docs/decisions/\d{4}-[a-z0-9-]+\.md", name)]


def packages() -> list[str]:
    return [name.removesuffix("/__init__.py") for name in files() if name.endswith("/__init__.py")]


@pytest.mark.parametrize("package", packages())
def test_a_package_says_what_lives_there(package: str) -> None:
    said = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text()))
    assert said, f"{package} has no front door"
    assert len(said) >= 25
    assert said.rstrip().endswith((".", "。", "`"))


def test_the_map_shows_every_room() -> None:
    readme = (ROOT / "README.md").read_text()
    rooms = {package for package in packages() if package.count("/") == 0 and package != "tests"}
    rooms |= {package for package in packages() if re.fullmatch(r"(tenants|integrations)/\w+", package)}
    rooms |= {
        name.split("/")[0] for name in files() if name.startswith(("docs/", "deploy/", "bench/", "tests/"))
    }
    missing = [room for room in sorted(rooms) if f"`{room}/" not in readme and f"`{room}" not in readme]
    assert missing == []


def test_decisions_are_kept() -> None:
    assert NOTES
    strangers = [name for name in files() if name.startswith("docs/decisions/") and name not in NOTES]
    assert strangers == []
    numbers = [name.split("/")[-1][:4] for name in NOTES]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("note", NOTES)
def test_a_decision_says_choice_price_and_doubt_in_under_a_page(note: str) -> None:
    said = (ROOT / note).read_text()
    assert re.match(rf"# {note.split('/')[-1][:4]} \S", said)
    assert len(said.splitlines()) <= 50
    assert len(said) <= 3600
    for part in ("choice", "price", "change our mind"):
        assert part in said.lower(), part


def test_what_the_map_points_at_is_there() -> None:
    for name in ("README.md", *NOTES, *(name for name in files() if re.fullmatch(r"docs/[^/]+\.md", name))):
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", (ROOT / name).read_text()):
            assert ((ROOT / name).parent / target).exists(), f"{name} points at {target}"
        for target in re.findall(r"`(docs/[\w./-]+\.md)`", (ROOT / name).read_text()):
            assert (ROOT / target).exists(), f"{name} names {target}"
