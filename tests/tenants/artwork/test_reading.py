"""Every label can be read back by two independent readers, also turned, blurred and scratched, at the size a phone sees it."""

from __future__ import annotations

import pytest

from tenants.rules.codes import label_range
from tenants.rules.label_layouts import LAYOUTS
from tenants.rules.states import LabelKind
from tests.tenants.artwork import camera, looks

KINDS = pytest.mark.parametrize("kind", LAYOUTS)
ALWAYS = ("straight", "upside down", "tilted 30°")
CODE = "11000001101000001"


@KINDS
@pytest.mark.parametrize("look", ALWAYS)
def test_both_codes_are_read_by_both_readers(kind: LabelKind, look: str) -> None:
    taken = looks.LOOKS[look](camera.picture(looks.label(kind, CODE)), 1)

    for reader, read_by in camera.READERS.items():
        assert read_by(taken) == looks.expected(CODE), reader


@KINDS
@pytest.mark.parametrize("look", ["turned 17°", "out of focus 0.10 mm", "40 cm away"])
def test_a_poor_picture_still_gives_the_address_to_both(kind: LabelKind, look: str) -> None:
    taken = looks.LOOKS[look](camera.picture(looks.label(kind, CODE)), 1)

    found = [read_by(taken) for read_by in camera.READERS.values()]
    assert all({one for one in looks.expected(CODE) if one[0] == "qr"} <= those for those in found)
    assert looks.understood(set().union(*found)) == {CODE}
    if look != "40 cm away":  # too far for the bar code of the smaller kinds
        assert looks.expected(CODE) <= set().union(*found)


@KINDS
@pytest.mark.parametrize(
    "look", ["5 scratches of 0.1 mm", "3 scratches of 0.25 mm", "worn, 3 mm", "worn, 3 × 4 mm"]
)
def test_a_damaged_label_says_its_code_in_one_way_or_the_other_and_never_another_code(
    kind: LabelKind, look: str
) -> None:
    for seed in range(2):
        taken = looks.LOOKS[look](camera.picture(looks.label(kind, CODE)), seed)
        found = set().union(*(read_by(taken) for read_by in camera.READERS.values()))

        assert found, (look, seed)
        assert looks.understood(found) == {CODE}


@pytest.mark.parametrize("kind", [kind for kind, layout in LAYOUTS.items() if layout.bend])
def test_a_collar_round_a_neck_shows_one_code_at_a_time(kind: LabelKind) -> None:
    image = camera.picture(looks.label(kind, CODE))
    seen = {name: look(image, 1) for name, look in looks.bends(LAYOUTS[kind]).items()}

    matrix, bars = (camera.read_by_zxing(taken) for taken in seen.values())
    assert {one for one in looks.expected(CODE) if one[0] == "qr"} <= matrix
    assert {one for one in looks.expected(CODE) if one[0] == "bar"} <= bars


def test_every_label_of_a_run_is_read_back() -> None:
    """A run of collars, each label by both readers from its own picture; `make decode ARGS=--whole-runs` reads two thousand."""
    for short in label_range("011", "02", 1, 60):
        code = f"110000{short}"
        drawing = looks.label(LabelKind.METAL_COLLAR, code)
        taken = camera.picture(drawing, camera.PHONE_PX_PER_MM)
        for reader, read_by in camera.READERS.items():
            assert read_by(taken) == looks.expected(code), (reader, short)


def test_an_lpg_label_bears_the_lpg_address() -> None:
    taken = camera.photographed(camera.picture(looks.label(LabelKind.RING_RFID, CODE, looks.LPG, "L")))

    assert camera.read_by_zxing(taken) == looks.expected(CODE, "L")
