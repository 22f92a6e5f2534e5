"""The vectors in docs/tag-vectors are what this codec does; the JavaScript one is held to the same file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations.devices.tags.keyring import Keyring
from integrations.devices.tags.reading import Known, Situation, read
from integrations.devices.tags.telling import told
from tests.integrations.devices.tags import make_vectors
from tests.integrations.devices.tags.bench import NOW

VECTORS: dict[str, Any] = json.loads(make_vectors.FILE.read_text())
SECRETS = {int(kid): bytes.fromhex(key) for kid, key in VECTORS["secrets"].items()}


def test_the_file_is_what_the_codec_writes() -> None:
    assert make_vectors.FILE.read_text() == make_vectors.text(), (
        "run python -m tests.integrations.devices.tags.make_vectors"
    )


@pytest.mark.parametrize("case", VECTORS["read"], ids=lambda case: case["name"])
def test_reading(case: dict[str, Any]) -> None:
    known = Known(**case["known"]) if case["known"] else None
    about = Situation(Keyring.from_json(VECTORS["keyring"]), NOW, known, case["counter"], SECRETS)
    assert told(read(bytes.fromhex(case["message"]), bytes.fromhex(case["uid"]), about)) == case["expect"]


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("cut in the base", "cut_short"),
        ("the newest fill is torn", "torn"),
        ("the newest finding is torn", "torn"),
        ("moved to another chip", "foreign_chip"),
        ("a fill less than known", "rolled_back"),
        ("an older base than known", "rolled_back"),
        ("a finding from another history", "chain_spliced"),
        ("two findings changed places", "chain_reordered"),
        ("a middle finding is gone", "chain_dropped"),
        ("a full ring lacks one in the middle", "chain_dropped"),
        ("findings of an earlier base", "chain_dropped"),
        ("base by an unknown key", "key_unknown"),
        ("fill by a revoked key", "key_revoked"),
        ("a version to come", "unknown_version"),
        ("the chip's counter went back", "counter_back"),
    ],
)
def test_what_is_wrong_is_named(name: str, fault: str) -> None:
    expected = next(case["expect"] for case in VECTORS["read"] if case["name"] == name)
    assert fault in [flaw["fault"] for flaw in expected["flaws"]]
    assert expected["verdict"] != "holds"
