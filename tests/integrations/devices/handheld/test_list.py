"""The signed list of cylinders: judged by it as by the rule, never better than the device's own memory, and not when it is too old."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from sqlalchemy import text

from integrations.devices.snapshot import judging, reading
from tests.cast import CYLINDERS, LOOSE, A, B
from tests.chaos.world import World
from tests.integrations.devices.handheld.handheld import Handheld, code

HELD = """async () => {
  const kept = await (await import('/handheld/files/store.js')).get('self', 'snapshot');
  let text = '';
  for (const byte of new Uint8Array(kept.whole)) text += String.fromCharCode(byte);
  return btoa(text);
}"""
REFRESH = """async () => {
  const list = await import('/handheld/files/snapshot.js');
  await list.refresh();
  return list.snapshot()?.count ?? 0;
}"""
# What the app itself would say without a network and without a memory.
JUDGED = """async (tries) => {
  const list = await import('/handheld/files/snapshot.js');
  const { judge } = await import('/handheld/files/judge.js');
  const clock = await import('/handheld/files/clock.js');
  return tries.map(([code, uid, medium, operator]) => {
    const bearer = uid ? list.findChip(uid) : null;
    const row = code ? list.find(code) : bearer;
    const chip = { bearer, others: Boolean(row && uid && !bearer && list.hasChips(row)) };
    return judge({ code: code ?? row?.code ?? null, scanned: Boolean(code), uid, row, chip, medium, operator, snapshot: list.snapshot(),
      memories: [], now: clock.now(), today: clock.today(), setBack: false }).reasons.filter((reason) => reason !== 'filled_lately');
  });
}"""
MAKE_OLD = """async () => {
  const store = await import('/handheld/files/store.js');
  const clock = await import('/handheld/files/clock.js');
  const list = await import('/handheld/files/snapshot.js');
  const until = list.snapshot().goodUntil;
  await store.put('self', { ...(await store.get('self', 'operator')), until: until + 3600000 }, 'operator');
  await store.put('self', { offset: until + 60000 - Date.now(), syncedAt: until, seen: until, setBack: false }, 'clock');
}"""


@pytest.fixture(scope="module")
def listed(handhelds: Callable[..., Handheld], tmp_path_factory: pytest.TempPathFactory) -> Handheld:
    device = handhelds(tmp_path_factory.mktemp("listed") / "profile")
    assert device.page.evaluate(REFRESH) > 1000
    return device


def test_it_says_what_the_reference_says(listed: Handheld) -> None:
    snapshot = reading.read(base64.b64decode(listed.page.evaluate(HELD)), lambda *_: True)
    codes = [A.code(name) for name in (*CYLINDERS, *LOOSE)] + [B.code("good"), A.code("good")[:-6] + "999999"]
    uids = [None, sorted(snapshot.chips)[0], "04FFFFFFFFFFFF"]
    asked = list(
        product([None, *codes], uids, (None, "01", "02", "77", "LPG"), (None, f"{A.mark}filler", "nobody"))
    )
    asked = [one for one in asked if one[0] or one[1]]
    said: list[list[str]] = listed.page.evaluate(JUDGED, asked)
    now = datetime.now(UTC)
    differing: dict[Any, Any] = {}
    for one, found in zip(asked, said, strict=True):
        wanted = judging.Try(at=now, code=one[0], uid=one[1], medium=one[2], operator=one[3])
        if set(found) != set(judging.refusals(snapshot, wanted)):
            differing[one] = (found, judging.refusals(snapshot, wanted))
    assert differing == {}


def test_without_a_network_the_list_and_the_memory_decide(
    handheld: Callable[..., Handheld], world: World
) -> None:
    device = handheld()
    assert device.page.evaluate(REFRESH) > 1000
    device.context.set_offline(True)
    device.fill_task()
    device.scan(50)
    device.wedge(A.code("overdue"))
    alarm = device.page.wait_for_selector(".result.alarm").inner_text()
    assert "检验已过期" in alarm
    assert "离线判定" in alarm
    device.page.click(".ack")
    device.page.wait_for_timeout(100)
    device.scan(51)
    device.page.wait_for_timeout(3100)  # the same scan within three seconds is one
    device.wedge(code(50))
    assert "刚充装过" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")
    device.context.set_offline(False)
    device.wait_sent()
    assert device.kept("troubles") == []


def test_what_changed_meanwhile_is_fetched_and_what_went_wrong_is_told(
    handheld: Callable[..., Handheld], world: World
) -> None:
    device = handheld()
    device.page.evaluate(REFRESH)
    device.context.set_offline(True)
    with world.database.as_admin() as connection:
        changed = text(
            "UPDATE gas.cylinder SET status = 'scrapped' WHERE tenant_id = :tenant AND id IN"
            " (SELECT cylinder_id FROM gas.label WHERE tenant_id = :tenant AND code IN (:one, :two))"
        )
        connection.execute(changed, {"tenant": A.tenant_id, "one": code(52), "two": code(53)})
    device.fill_task()
    device.scan(52)  # the list doesn't know yet
    device.context.set_offline(False)
    device.wait_sent()
    told = device.page.wait_for_selector(".trouble").inner_text()
    assert "服务器拒绝" in told
    assert "气瓶已报废" in told
    device.page.click("footer button.go")
    device.page.evaluate(REFRESH)
    device.context.set_offline(True)
    device.page.wait_for_selector(".prompt")
    device.wedge(code(53))
    assert "气瓶已报废" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")


def test_by_a_list_that_is_too_old_nothing_is_filled(handheld: Callable[..., Handheld]) -> None:
    device = handheld()
    device.page.evaluate(REFRESH)
    device.context.set_offline(True)
    device.page.evaluate(MAKE_OLD)
    device.reenter()
    device.fill_task()
    device.wedge(code(54))
    assert "离线名单过旧" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")
    device.page.click("button.back")
    device.open("take_in")
    device.scan(54)
    device.context.set_offline(False)
    device.wait_sent()
    device.page.click("button.back")
    device.fill_task()
    device.scan(54)


def test_a_spoilt_or_an_older_list_is_not_taken(listed: Handheld) -> None:
    found = listed.page.evaluate("""async () => {
      const store = await import('/handheld/files/store.js');
      const list = await import('/handheld/files/snapshot.js');
      const { whole } = await store.get('self', 'snapshot');
      const refused = [];
      const changed = whole.slice(0);
      new Uint8Array(changed)[Math.floor(changed.byteLength / 2)] ^= 1;
      for (const wrong of [changed, whole.slice(0, 100), new ArrayBuffer(0)])
        await list.take(wrong).then(() => refused.push(false), () => refused.push(true));
      return refused;
    }""")
    assert found == [True, True, True]
