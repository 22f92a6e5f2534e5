"""The everyday: scan, tone, next; alarm, text, acknowledged; another way in, the same result."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select

from tenants.models import Fill, Violation
from tests.cast import A
from tests.chaos.world import World
from tests.integrations.devices.handheld.handheld import Handheld, code


def test_one_action_a_cylinder(handheld: Callable[..., Handheld], world: World) -> None:
    device = handheld()
    device.fill_task()
    for number in range(5):
        device.scan(number)
    assert "可以充装" in device.was("pass")
    device.wait_sent()
    assert device.kept("troubles") == []
    with world.database.as_admin() as connection:
        filled = connection.scalars(
            select(Fill.label_code).where(Fill.label_code.in_([code(n) for n in range(5)]))
        ).all()
    assert sorted(filled) == [code(n) for n in range(5)]
    assert device.complaints == []


def stopped(world: World) -> list[tuple[str, bool]]:
    """What is on record of the overdue cylinder as stopped by a device; other devices of the stage may have met it too."""
    wanted = select(Violation.refusal, Violation.detail["stopped"].as_boolean()).where(
        Violation.label_code == A.code("overdue"), Violation.detail["stopped"].is_not(None)
    )
    with world.database.as_admin() as connection:
        return [(row[0], row[1]) for row in connection.execute(wanted)]


def test_an_illegal_cylinder_is_red_and_loud_until_it_is_acknowledged(
    handheld: Callable[..., Handheld], world: World
) -> None:
    before = stopped(world)
    device = handheld()
    device.fill_task()
    device.wedge(A.code("overdue"))
    alarm = device.page.wait_for_selector(".result.alarm")
    assert "检验已过期" in alarm.inner_text()
    assert device.page.evaluate(
        "import('/handheld/files/alarm.js').then((a) => a.isSounding() && a.canSound())"
    )
    device.wedge(code(20))
    assert "检验已过期" in device.page.inner_text(".result.alarm")
    device.page.click("button.ack")
    assert device.page.evaluate("import('/handheld/files/alarm.js').then((a) => a.isSounding())") is False
    device.scan(20)
    device.wait_sent()
    assert device.kept("troubles") == []
    assert stopped(world) == [*before, ("inspection_overdue", True)]


@pytest.mark.parametrize(("width", "locale"), [(360, "zh-CN"), (412, "en-US")])
def test_axe_finds_nothing_and_nothing_sticks_out(
    handheld: Callable[..., Handheld], width: int, locale: str
) -> None:
    device = handheld(locale=locale)
    device.page.set_viewport_size({"width": width, "height": 640})
    found: list[str] = []

    def look(screen: str) -> None:
        device.page.wait_for_selector(".result:not(.alarm)", state="detached")
        found.extend(f"{screen}: {one['id']}" for one in Axe().run(device.page).response["violations"])
        if device.page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{screen} is wider than {width}")
        small = "(all) => all.filter((one) => one.getBoundingClientRect().height < 63.5).map((one) => one.innerText)"
        found.extend(
            f"{screen}: {name} is small" for name in device.page.eval_on_selector_all("button", small)
        )

    look("menu")
    device.open("fill")
    look("setup")
    device.page.click("button.go")
    device.scan(95 if locale == "zh-CN" else 96)
    look("scan")
    device.wedge(A.code("scrapped"))
    device.page.wait_for_selector(".result.alarm")
    look("alarm")
    device.page.click(".ack")
    device.page.click(".bar .link")
    look("status")
    assert found == []
