"""The handheld's codec, in JavaScript, makes of every vector what this one makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.devices.tags import make_vectors
from tests.node import run_module

MODULES = make_vectors.FILE.parents[2] / "integrations" / "devices" / "handheld" / "static" / "tags"
VECTORS: dict[str, Any] = json.loads(make_vectors.FILE.read_text())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    script = Path(__file__).with_name("vectors.mjs")
    said: dict[str, Any] = run_module(
        script, MODULES, tmp_path_factory.mktemp("node"), str(make_vectors.FILE)
    )
    return said


@pytest.mark.parametrize("at", range(len(VECTORS["read"])), ids=lambda at: VECTORS["read"][at]["name"])
def test_reading(made: dict[str, Any], at: int) -> None:
    assert made["read"][at] == VECTORS["read"][at]["expect"]


@pytest.mark.parametrize("at", range(len(VECTORS["write"])), ids=lambda at: VECTORS["write"][at]["name"])
def test_writing(made: dict[str, Any], at: int) -> None:
    expected = {
        name: VECTORS["write"][at][name] for name in ("to", "refused") if name in VECTORS["write"][at]
    }
    assert made["write"][at] == expected


def test_recovery(made: dict[str, Any]) -> None:
    assert made["recover"] == [case["expect"] for case in VECTORS["recover"]]


def test_a_phone_s_records_are_the_same_bytes(made: dict[str, Any]) -> None:
    through = [(case["message"], got) for case, got in zip(VECTORS["read"], made["nfc"], strict=True) if got]
    assert len(through) > 30
    assert all(sent == got for sent, got in through)


def test_flipped_bits_and_rubble_are_found_out(made: dict[str, Any]) -> None:
    assert made["flips"] == []
    assert made["rubble"] is True


def test_an_old_browser_asks_the_library(made: dict[str, Any]) -> None:
    assert made["native"] == [True, False]
    assert made["library"] == {"asked": [64, 32], "holds": True, "refused": False}
