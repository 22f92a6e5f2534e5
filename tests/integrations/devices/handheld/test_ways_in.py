"""Three ways in, equal: the camera, a chip, a scanner that imitates a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tenants.rules.codes import grouped
from tests.cast import A
from tests.integrations.devices.handheld.handheld import Handheld, code
from tests.integrations.devices.handheld.pictures import film

NFC = Path(__file__).with_name("fake_nfc.js")


def with_chips(context: BrowserContext) -> None:
    context.add_init_script(path=NFC)


def test_the_camera_reads_both_codes(handheld: Callable[..., Handheld], tmp_path: Path) -> None:
    qr, bars = code(30), code(31)
    device = handheld(*film(tmp_path / "both.mjpeg", f"http://teshe.org.cn/L?id={qr}", bars[6:]))
    device.open("take_in")
    device.page.click(".tool:has-text('相机')")
    device.page.wait_for_function("() => document.querySelector('.count')?.textContent.includes('本次 2 只')")
    assert sorted(one["code"] for one in device.kept("diary")) == [qr, bars]
    device.page.click(".tool:has-text('相机')")
    assert device.page.locator("video").is_hidden()
    assert device.complaints == []  # WebAssembly runs under the page's policy


def test_a_chip_is_read_and_one_of_another_cylinder_is_noticed(handheld: Callable[..., Handheld]) -> None:
    device = handheld("--enable-blink-features=WebNFC", prepare=with_chips)
    device.fill_task()
    device.page.click(".tool.nfc")
    uid, other = "AAAAAAAA00000000", "AAAAAAAA00000001"
    url = f"[{{recordType: 'url', data: 'http://teshe.org.cn/L?id={A.code('good')}'}}]"
    device.page.evaluate(f"tap('{uid}', {url})")
    assert grouped(A.code("good")) in device.page.wait_for_selector(".last:has(.was.pass)").inner_text()
    device.page.evaluate(f"tap('{other}', {url})")
    assert "不是同一气瓶" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")
    device.page.evaluate(f"tap('{uid}')")


@pytest.mark.parametrize(
    ("number", "keys", "read"),
    [
        (40, "{17}", True),
        (41, "{11}", True),
        (42, "HTTP://TESHE.ORG.CN/L?ID={17}；", True),
        (43, "{wide}", True),
        (44, "{17}1", False),
    ],
)
def test_keys_that_come_fast_are_a_scan(shared: Handheld, number: int, keys: str, read: bool) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code(number))
    text = keys.replace("{17}", code(number)).replace("{11}", code(number)[6:]).replace("{wide}", wide)
    shared.page.evaluate(TYPED, text)
    if read:
        shared.page.wait_for_selector(f".last:has(.was.pass):has-text('{grouped(code(number))}')")
    else:
        assert "17 位" in shared.page.wait_for_selector(".last:has(.was.notice)").inner_text()


def test_a_hand_that_types_is_no_scanner(shared: Handheld) -> None:
    before = len(shared.kept("diary"))
    shared.wedge(code(60), delay=90)
    assert len(shared.kept("diary")) == before


def test_a_scan_presses_no_button_and_stays_out_of_fields(shared: Handheld) -> None:
    shared.page.click(".tool:has-text('手工输入')")
    shared.page.fill("[name=code]", "12")
    shared.page.focus("[name=code]")
    shared.wedge(code(61))
    shared.page.wait_for_selector(f".last:has-text('{grouped(code(61))}')")
    assert shared.page.input_value("[name=code]") == "12"
    shared.page.click(".sheet > .second")


# Keys as a scanner sends them, wide digits too, which no keyboard of the test has.
TYPED = """(text) => {
  for (const key of [...text, 'Enter']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def shared(handhelds: Callable[..., Handheld], tmp_path_factory: pytest.TempPathFactory) -> Handheld:
    device = handhelds(tmp_path_factory.mktemp("shared") / "profile")
    device.open("take_in")
    device.page.wait_for_selector(".prompt")
    return device
