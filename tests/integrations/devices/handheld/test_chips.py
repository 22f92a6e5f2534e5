"""The signed content of chips: believed, or red; a finding that is written in spite of a torn write and a dead battery."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.cast import A
from tests.integrations.devices.handheld.handheld import Handheld, code

NFC = Path(__file__).with_name("fake_nfc.js")
UID = "04A1B2C3D4E5F6"
# The device believes this key for tags, and its own for findings.
PREPARE = """async ([code, uid, role]) => {
  const store = await import('/handheld/files/store.js');
  const keys = await import('/handheld/files/keys.js');
  const issuer = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', issuer.publicKey));
  const identity = await store.get('self', 'identity');
  const own = (await keys.mine()).public;
  const always = { alg: 'Ed25519', not_before: '2020-01-01T00:00:00Z', not_after: null, revoked_at: null };
  await store.put('self', { format: 1, issued_at: '2099-01-01T00:00:00Z', keys: [
    { kid: 40000, owner: 'platform', purpose: 'tag', public_key: keys.base64(raw), ...always },
    { kid: identity.kid, owner: identity.tenant, purpose: 'device', role: 'inspector', public_key: own, ...always },
  ] }, 'ring');
  await store.put('self', { ...identity, role }, 'identity');
  const writing = await import('/handheld/files/tags/writing.js');
  const { encode, toRecords } = await import('/handheld/files/tags/image.js');
  const { signerOf } = await import('/handheld/files/tags/ed25519.js');
  const { unhex } = await import('/handheld/files/tags/bytes.js');
  const url = `http://teshe.org.cn/L?id=${code}`;
  const made = async (seq, due) => {
    const base = { kid: 40000, code, due_on: due, scrap_on: '2040-01-01', status: 1, seq, issued_at: new Date(), max_fill_g: 15000 };
    const image = await writing.issue(base, url, unhex(uid), 9, signerOf(issuer.privateKey));
    return toRecords(encode(image)).records.map(({ recordType, data }) => [recordType, typeof data === 'string' ? data : Array.from(data)]);
  };
  return { first: await made(1, '2039-01-01'), second: await made(2, '2039-01-01'), overdue: await made(3, '2021-01-01') };
}"""
TAP = """([uid, records]) => tap(uid, records && records.map(([recordType, data]) => ({
  recordType, data: typeof data === 'string' ? data : Uint8Array.from(data) })))"""


def with_chips(context: BrowserContext) -> None:
    context.add_init_script(path=NFC)


def prepared(
    handheld: Callable[..., Handheld], role: str, on: str
) -> tuple[Handheld, dict[str, list[object]]]:
    device = handheld("--enable-blink-features=WebNFC", prepare=with_chips)
    images: dict[str, list[object]] = device.page.evaluate(PREPARE, [on, UID, role])
    device.reenter()
    return device, images


def listen(device: Handheld) -> None:
    device.page.click(".tool.nfc")
    device.page.wait_for_selector(".result.notice")


def test_a_chip_is_believed_by_its_signature_and_never_after_a_step_back(
    handheld: Callable[..., Handheld],
) -> None:
    device, images = prepared(handheld, "filler", A.code("never_filled"))
    device.open("query")
    listen(device)
    device.page.evaluate(TAP, [UID, images["second"]])
    device.page.wait_for_selector(".last:has-text('签名有效')")
    device.page.wait_for_selector(".result", state="detached")
    device.page.evaluate(TAP, [UID.replace("F6", "F7"), images["second"]])
    device.page.wait_for_selector(".last:has-text('疑似复制标签')")
    device.page.click("button.back")
    device.fill_task()
    listen(device)
    device.page.evaluate(TAP, [UID, images["first"]])
    assert "标签数据被回退" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")
    device.page.evaluate(TAP, [UID, images["overdue"]])
    assert "检验已过期" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")


def test_a_finding_gets_onto_the_chip_through_a_tear_and_a_restart(handheld: Callable[..., Handheld]) -> None:
    on = code(90)
    device, images = prepared(handheld, "inspector", on)
    device.open("finding")
    listen(device)
    device.page.evaluate(TAP, [UID, images["first"]])
    device.page.select_option("[name=violation]", "V01")
    device.page.select_option("[name=disposition]", "stop")
    device.page.evaluate("uid => { chips.get(uid).tearNext = true }", UID)
    device.page.click("button.go")
    device.page.wait_for_selector(".last:has-text('没有写完')")
    assert device.kept("tags")[0]["intent"]["uid"] == UID
    device.die()
    device.start()
    device.reenter()
    device.open("read")
    listen(device)
    device.page.evaluate(TAP, [UID, []])  # torn: the phone left it empty
    device.page.wait_for_selector(".last:has-text('请再靠近一次核对')")
    device.page.evaluate(TAP, [UID, None])
    device.page.wait_for_selector(".last:has-text('标签已写入并核对')")
    assert "intent" not in device.kept("tags")[0]
    device.page.evaluate(TAP, [UID, None])
    told = device.page.wait_for_selector(".last:has-text('责令停用')").inner_text()
    assert "充装超期未检气瓶" in told
    assert [one["kind"] for one in device.kept("diary")] == ["finding", "tag_written"]


def tap_twice(device: Handheld, first: list[object] | None) -> None:
    """Written at the first tap, read back at the second."""
    device.page.wait_for_selector(".result", state="detached")
    device.page.evaluate(TAP, [UID, first])
    device.page.wait_for_selector(".last:has-text('请再靠近一次核对')")
    device.page.evaluate(TAP, [UID, None])
    device.page.wait_for_selector(".last:has-text('标签已写入并核对')")


def test_a_fresh_chip_is_signed_filled_and_restored(handheld: Callable[..., Handheld]) -> None:
    device = handheld("--enable-blink-features=WebNFC", prepare=with_chips, role="admin")
    device.page.evaluate("import('/handheld/files/snapshot.js').then((list) => list.refresh())")
    device.open("write_tag")
    device.page.select_option("[name=profile]", "ntag216")
    device.page.click("button.go")
    device.page.wait_for_selector(".prompt")
    listen(device)
    device.wedge(code(85))
    device.page.wait_for_selector(".last:has-text('请将电子标签靠近')")
    tap_twice(device, [])
    device.page.click("button.back")
    device.fill_task()
    listen(device)
    tap_twice(device, None)
    device.page.click("button.back")
    device.open("query")
    listen(device)
    device.page.evaluate(TAP, [UID, None])
    assert "标签上末次充装" in device.page.wait_for_selector(".last:has-text('签名有效')").inner_text()
    device.page.evaluate(
        "uid => import('/handheld/files/store.js').then((store) => store.remove('tags', uid))", UID
    )
    tap_twice(device, [])  # emptied while another device held it
    device.wait_sent()
    assert device.kept("troubles") == []
