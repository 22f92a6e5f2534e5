"""An inspector's record on a handheld: its photo stays with it, and a lifting counts only once the server has taken it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from tests.integrations.devices.handheld.handheld import Handheld, code
from tests.integrations.devices.handheld.test_chips import prepared

REMEMBERS = """async (steps) => {
  const memory = await import('/handheld/files/memory.js');
  let entry = memory.fresh('x');
  for (const [at, disposition, state] of steps) {
    const event = { kind: 'finding', data: { disposition } };
    entry = state ? memory.settled(entry, { kind: 'finding', state, lifted_at: disposition === 'lifted' ? at : undefined }, 99)
      : memory.after(entry, event, at);
  }
  return Boolean(entry.finding_at);
}"""
NUMBERS = "async (texts) => texts.map((await import('/handheld/files/tagged.js')).numberIn)"


@pytest.mark.parametrize(
    ("steps", "stopped"),
    [
        ([[1, "noted", ""]], False),
        ([[1, "stop", ""], [2, "lifted", ""]], True),
        ([[1, "stop", ""], [2, "lifted", ""], [2, "lifted", "refused"]], True),
        ([[1, "stop", ""], [2, "lifted", ""], [2, "lifted", "rejected"]], True),
        ([[1, "rectify", ""], [2, "lifted", ""], [2, "lifted", "applied"]], False),
        ([[1, "stop", ""], [2, "lifted", ""], [3, "stop", ""], [2, "lifted", "applied"]], True),
        ([[1, "stop", ""], [1, "stop", "applied"]], True),
    ],
)
def test_a_lifting_counts_once_the_server_has_taken_it(
    shared: Handheld, steps: list[list[object]], stopped: bool
) -> None:
    assert shared.page.evaluate(REMEMBERS, steps) is stopped


def test_guns_and_staff_stand_on_a_chip_by_their_number(shared: Handheld) -> None:
    assert shared.page.evaluate(NUMBERS, ["G2", "F01", "12-B", "", None, "99999999"]) == [2, 1, 12, 0, 0, 0]


@pytest.fixture(scope="module")
def shared(handhelds: Callable[..., Handheld], tmp_path_factory: pytest.TempPathFactory) -> Handheld:
    return handhelds(tmp_path_factory.mktemp("finding"))


def test_a_finding_keeps_its_words_and_its_photo(handheld: Callable[..., Handheld]) -> None:
    device, _ = prepared(handheld, "inspector", code(91))
    device.open("finding")
    device.wedge(code(92))
    device.page.select_option("[name=violation]", "V27")
    device.page.click("button.go")
    assert "处置" in device.page.wait_for_selector(".problem:not([hidden])").inner_text()
    device.page.select_option("[name=disposition]", "rectify")
    device.page.fill("[name=words]", "护罩松动")
    device.page.set_input_files("[name=photo]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no"})
    device.page.wait_for_selector(".photo:has-text('照片不能用')")
    big = io.BytesIO()
    Image.new("RGB", (3000, 2000), "#7a4").save(big, "JPEG")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": big.getvalue()}
    device.page.set_input_files("[name=photo]", photo)
    device.page.wait_for_selector(".photo:has-text('已拍照')")
    device.page.click("button.go")
    device.page.wait_for_selector(".last:has-text('监察记录')")
    event = next(
        one["event"]
        for one in device.kept("outbox") + device.kept("sent") + device.kept("kept")
        if one["event"]["kind"] == "finding"
    )
    assert event["data"] | {"hazard": 27, "disposition": "rectify", "note": "护罩松动"} == event["data"]
    assert len(event["data"]["photo_sha256"]) == 64
    size = device.page.evaluate(
        """async () => { const [one] = await (await import('/handheld/files/store.js')).all('photos');
           const picture = await createImageBitmap(one.blob); return [one.id, picture.width, picture.height]; }"""
    )
    assert size == [event["id"], 1280, 853]
    told = device.page.wait_for_selector("main.trouble").inner_text()
    assert "不属于监管部门" in told  # the device is an enterprise's
    device.page.click("footer .go")
    device.page.click("button.link")
    assert "照片只存在本机" in device.page.wait_for_selector("main.status").inner_text()
