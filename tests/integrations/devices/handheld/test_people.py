"""Who works with a handheld: a card for the shift, a PIN that the network or the device itself checks, a device that was revoked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text

from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.devices import revoke_device
from tests.cast import A
from tests.chaos.world import World
from tests.integrations.devices.handheld.handheld import PIN, Handheld


def sign_in(device: Handheld, pin: str) -> None:
    device.page.fill("[name=operator]", f"{A.mark}filler")
    device.page.fill("[name=pin]", pin)
    device.page.click("button.go")


def test_a_pin_opens_the_shift_with_and_without_a_network(handheld: Callable[..., Handheld]) -> None:
    device = handheld()
    for offline in (False, True):
        device.context.set_offline(offline)
        device.page.click("text=换人")
        sign_in(device, "9071")
        device.page.wait_for_selector(".problem:has-text('不对')")
        sign_in(device, PIN)
        device.page.wait_for_selector(".menu")
    device.page.click("text=换人")
    device.page.fill("[name=operator]", f"{A.mark}checker")
    device.page.fill("[name=pin]", PIN)
    device.page.click("button.go")
    device.page.wait_for_selector(".problem:has-text('离线')")


def test_a_pin_is_not_guessed_without_a_network(handheld: Callable[..., Handheld]) -> None:
    device = handheld()
    device.context.set_offline(True)
    device.page.click("text=换人")
    for number in range(5):
        sign_in(device, f"90{number}1")
        device.page.wait_for_selector(".problem:has-text('不对')")
        device.page.evaluate("document.querySelector('.problem').textContent = ''")
    sign_in(device, PIN)
    device.page.wait_for_selector(".problem:has-text('离线')")


def test_a_revoked_device_says_so_and_keeps_what_it_has(
    handheld: Callable[..., Handheld], world: World
) -> None:
    device = handheld()
    with world.database.as_admin() as connection:
        found = connection.scalar(text("SELECT id FROM gas.device WHERE name = :name"), {"name": device.name})
    with scope.tenant_scope(A.tenant_id) as session:
        revoke_device(
            session, Actor(role=Role.ADMIN, username="boss", tenant_id=A.tenant_id), UUID(str(found)), "lost"
        )
    device.open("take_in")
    device.scan(97)
    device.page.wait_for_selector(".link.shut")
    kept = device.kept("outbox") + device.kept("sent")
    assert [one["event"]["kind"] for one in kept] == ["take_in"]
    assert datetime.fromisoformat(kept[0]["event"]["occurred_at"]) <= datetime.now(UTC).astimezone()
