"""No network, no answer, no battery: nothing that the screen called saved is lost, and nothing counts twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import BrowserContext, Request, Route
from sqlalchemy import text

from tests.cast import A
from tests.chaos.world import World
from tests.integrations.devices.handheld.handheld import SCANS, Handheld, code

EVENTS = "**/api/devices/v1/events"


def arrived(world: World, device: Handheld) -> list[tuple[int, str, str]]:
    """Number, kind and state of every event of a device at the server."""
    question = text(
        "SELECT e.seq, e.kind, e.state FROM gas.device_event e JOIN gas.device d ON d.id = e.device_id"
        " WHERE e.tenant_id = :tenant AND d.name = :name ORDER BY e.seq"
    )
    with world.database.as_admin() as connection:
        rows = connection.execute(question, {"tenant": A.tenant_id, "name": device.name}).all()
    return [(row[0], row[1], row[2]) for row in rows]


def test_a_thousand_scans_without_a_network_survive_three_deaths(
    handheld: Callable[..., Handheld], world: World
) -> None:
    device = handheld()
    for batch in range(4):
        device.context.set_offline(True)
        device.open("take_in")
        device.page.wait_for_selector(".prompt")
        device.page.evaluate(SCANS, [code(100 + 250 * batch + i) for i in range(250)])
        if batch < 3:
            device.die()
            device.start()
            device.context.set_offline(True)
            device.reenter()
        assert len(device.kept("outbox")) == 250 * (batch + 1)
    device.context.set_offline(False)
    device.wait_sent()
    assert [seq for seq, _, _ in arrived(world, device)] == list(range(1, 1001))
    assert {state for _, _, state in arrived(world, device)} == {"applied"}
    assert device.kept("troubles") == []


def test_an_answer_that_gets_lost_doubles_nothing(handheld: Callable[..., Handheld], world: World) -> None:
    device = handheld()
    calls: list[int] = []
    losing = True

    def lose(route: Route) -> None:
        if not losing:
            return route.continue_()
        calls.append(route.fetch().status)
        return route.abort()

    device.context.route(EVENTS, lose)
    device.open("take_in")
    for number in range(1, 6):
        device.scan(number)
    device.page.wait_for_timeout(300)
    device.page.evaluate("import('/handheld/files/sync.js').then((sync) => sync.soon(0))")
    while len(calls) < 2:
        device.page.wait_for_timeout(50)
    assert set(calls) == {202}
    assert len(device.kept("outbox")) == 5
    losing = False
    device.wait_sent()
    assert [seq for seq, _, _ in arrived(world, device)] == [1, 2, 3, 4, 5]


def test_of_two_tabs_one_sends(handheld: Callable[..., Handheld], world: World) -> None:
    device = handheld()
    sent: Counter[str] = Counter()

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/events"):
            sent.update(event["id"] for event in json.loads(request.post_data or "{}")["events"])

    second = device.context.new_page()
    second.goto(f"{device.origin}/handheld/")
    second.click("text=开始作业")
    device.context.set_offline(True)
    for page in (second, device.page):
        page.bring_to_front()
        page.click(".task.take_in")
        page.evaluate(SCANS, [code(70 + i + (10 if page is second else 0)) for i in range(10)])
    device.context.on("request", note)
    device.context.set_offline(False)
    both = "import('/handheld/files/sync.js').then((sync) => sync.soon(0))"
    for page in (second, device.page):
        page.evaluate(both)
    device.wait_sent()
    assert sorted(seq for seq, _, _ in arrived(world, device)) == list(range(1, 21))
    assert set(sent.values()) == {1}


SHIFTED = """() => {
  const real = Date.now;
  Date.now = () => real() + Number(localStorage.getItem('shift') ?? 0);
}"""


def with_a_clock_to_set(context: BrowserContext) -> None:
    context.add_init_script(f"({SHIFTED})()")


def test_a_clock_that_is_set_back_moves_no_event_and_fills_nothing_unseen(
    handheld: Callable[..., Handheld],
) -> None:
    device = handheld(prepare=with_a_clock_to_set)
    device.context.set_offline(True)
    device.open("take_in")
    device.scan(1)
    device.page.evaluate("localStorage.setItem('shift', -3 * 86400000)")
    device.scan(2)
    moments = [datetime.fromisoformat(one["event"]["occurred_at"]) for one in device.kept("outbox")]
    assert all(abs(moment - datetime.now(UTC)) < timedelta(minutes=1) for moment in moments)
    assert moments == sorted(moments)
    device.page.evaluate("import('/handheld/files/clock.js').then((clock) => clock.remember())")
    device.reenter()
    device.fill_task()
    device.wedge(code(3))
    assert "时钟被回拨" in device.page.wait_for_selector(".result.alarm").inner_text()
    device.page.click(".ack")
    device.context.set_offline(False)
    device.wait_sent()
    device.scan(3)


def test_a_device_whose_storage_was_cleared_says_so(handheld: Callable[..., Handheld]) -> None:
    device = handheld()
    session = device.context.new_cdp_session(device.page)
    session.send(
        "Storage.clearDataForOrigin", {"origin": device.origin, "storageTypes": "indexeddb,local_storage"}
    )
    device.page.reload()
    assert "登记已丢失" in device.page.wait_for_selector(".lost").inner_text()
    device.context.clear_cookies()
    device.page.reload()
    assert "数据已被清除" in device.page.wait_for_selector("main").inner_text()


LOSE = """async () => {
  const store = await import('/handheld/files/store.js');
  const second = await store.get('outbox', 2);
  await store.change(['outbox', 'kept'], (outbox, kept) => {
    kept.put({ ...second, settled: 'applied' });
    outbox.delete(2);
    outbox.delete(3);
  });
}"""


def test_what_the_server_never_got_comes_again_or_is_told(
    handheld: Callable[..., Handheld], world: World
) -> None:
    device = handheld()
    device.context.set_offline(True)
    device.open("take_in")
    for number in (61, 62, 63, 64):
        device.scan(number)
    device.page.evaluate(LOSE)
    device.context.set_offline(False)
    device.wait_sent()
    assert [seq for seq, _, _ in arrived(world, device)] == [1, 4]
    for again in (1, 0):
        asked = device.page.evaluate(
            "import('/handheld/files/missing.js').then((missing) => missing.ask('zh'))"
        )
        assert asked == again
        device.wait_sent()
    assert [seq for seq, _, _ in arrived(world, device)] == [1, 2, 4]
    told = device.page.wait_for_selector(".trouble").inner_text()
    assert "1 条记录（流水号 3–3）" in told
    assert "收瓶入库" in told
    device.page.click("footer button.go")
    device.page.wait_for_selector(".prompt")
    device.page.evaluate("import('/handheld/files/missing.js').then((missing) => missing.ask('zh'))")
    assert device.kept("troubles") == []


def test_what_the_server_refuses_is_read_by_a_person(handheld: Callable[..., Handheld]) -> None:
    device = handheld()
    device.context.set_offline(True)
    device.open("take_in")
    device.wedge(A.district + "99901000001")
    device.page.wait_for_selector(".last .was")
    device.page.click(".bar .link")
    with device.page.expect_download() as saved:
        device.page.click("text=导出未传记录")
    assert [one["kind"] for one in json.loads(saved.value.path().read_text())["events"]] == ["take_in"]
    device.page.click("button.back")
    device.page.wait_for_selector(".prompt")
    device.context.set_offline(False)
    device.wait_sent()
    told = device.page.wait_for_selector(".trouble").inner_text()
    assert "服务器未采用" in told
    assert "收瓶入库" in told
    device.page.click("footer button.go")
    device.page.wait_for_selector(".prompt")
    assert device.kept("troubles") == []
