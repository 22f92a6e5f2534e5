"""The pictures of the README: signs in at a running portal with demo data and takes them, the same ones each time.

    python docs/pictures.py [http://127.0.0.1:8000]

Needs requirements-dev.txt and Chromium. The password is that of the demo, DEMO_PASSWORD changes it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent / "pictures"
MOST_BYTES = 200_000
DEFAULT_ORIGIN = "http://127.0.0.1:8000"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who looks at what, and through how wide a window; without a name nobody is signed in."""

    name: str
    path: str
    username: str = ""
    width: int = 1440
    height: int = 900


SHOTS = (
    Shot("overview", "/dashboards/overview", "reg-3705"),
    Shot("map", "/dashboards/map", "reg-3705"),
    Shot("refusals", "/dashboards/refusals", "reg-3705"),
    Shot("enterprises", "/dashboards/enterprises", "reg-3705"),
    Shot("enterprise-home", "/enterprise", "370502-001-admin"),
    Shot("cylinders", "/enterprise/cylinders", "370502-001-admin"),
    Shot(
        "label-order",
        "/enterprise/label_runs/order?kind=ceramic&medium_code=01",
        "110000-011-admin",
        height=820,
    ),
    Shot("lookup", "/L?id=37050200101000001", width=360, height=740),
)


def main(origin: str) -> None:
    """Take every picture and say how large each became."""
    HERE.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            taken = small(take(browser, origin, shot))
            (HERE / f"{shot.name}.png").write_bytes(taken)
            print(f"{shot.name}.png  {len(taken) / 1000:.0f} kB")
        for name, shown in handheld(browser, origin):
            (HERE / f"{name}.png").write_bytes(small(shown))
        browser.close()


def handheld(browser: Browser, origin: str) -> Iterator[tuple[str, bytes]]:
    """A handheld is enrolled and fills: one cylinder that may be filled, and one that may not; then an inspector holds it."""
    office = browser.new_context(locale="zh-CN").new_page()
    sign_in(office, origin, "370502-001-admin")
    office.goto(origin + "/enterprise/devices/enrol")
    office.select_option("[name=role]", "filler")
    office.click("main form:has([name=role]) button")
    enrolment = office.inner_text("p.code").strip()
    page = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN").new_page()
    page.goto(f"{origin}/handheld/#{enrolment.partition('#')[2]}")
    page.fill("[name=name]", f"{datetime.now(UTC):%m-%d %H:%M:%S}")
    page.click("button.go")
    page.fill("[name=operator]", "F01")
    page.fill("[name=pin]", "3705")
    page.click("button.go")
    page.click(".task.fill")
    page.fill("[name=medium]", "01")
    page.click("button.go")
    page.wait_for_selector(".prompt")
    for name, kind, codes in (
        ("handheld-fill-ok", "pass", (f"370502001010{number:05d}" for number in range(200, 400))),
        ("handheld-fill-refused", "alarm", iter(["37050300201000007"])),  # another enterprise's
    ):
        shown = ""
        while kind not in shown:
            page.keyboard.type(next(codes), delay=2)
            page.keyboard.press("Enter")
            shown = page.wait_for_selector(".result").get_attribute("class") or ""
            taken = page.screenshot()
            if "alarm" in shown:
                page.click(".ack")
            page.wait_for_selector(".result", state="detached")
        yield name, taken
    yield "handheld-finding", finding(page, origin)
    office.context.close()
    page.context.close()


def finding(page: Page, origin: str) -> bytes:
    """The same device in the hands of an inspector, before a finding is saved."""
    page.evaluate("""async () => {
      const store = await import('/handheld/files/store.js');
      await store.put('self', { ...(await store.get('self', 'identity')), role: 'inspector' }, 'identity');
    }""")
    page.goto(f"{origin}/handheld/")
    page.click("button.go")
    page.click(".task.finding")
    page.wait_for_selector(".prompt")
    page.keyboard.type("37050200101000005", delay=2)
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=violation]")
    page.select_option("[name=violation]", "V27")
    page.select_option("[name=disposition]", "rectify")
    page.fill("[name=words]", "护罩松动，瓶阀手轮缺失。限 7 日内更换并复查。")
    page.evaluate("document.activeElement.blur()")
    return page.screenshot()


def take(browser: Browser, origin: str, shot: Shot) -> bytes:
    """The window as it stands once everything is drawn."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, locale="zh-CN", reduced_motion="reduce"
    )
    context.add_cookies([{"name": "theme", "value": "light", "url": origin}])
    page = context.new_page()
    if shot.username:
        sign_in(page, origin, shot.username)
    page.goto(origin + shot.path, wait_until="networkidle")
    drawn(page)
    taken = page.screenshot()
    context.close()
    return taken


def sign_in(page: Page, origin: str, username: str) -> None:
    """Through the form, as everybody."""
    page.goto(origin + "/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", os.environ.get("DEMO_PASSWORD", "Demo-2026-qiping"))
    page.click("form[action='/login'] button")
    page.wait_for_url(lambda url: "/login" not in url)


def drawn(page: Page) -> None:
    """Wait until the charts of a dashboard and the shapes of its map are there."""
    if "/dashboards/" not in page.url:
        return
    page.wait_for_selector("#page h1")
    graphs = page.locator(".dash-graph")
    for number in range(graphs.count()):
        graphs.nth(number).locator("svg.main-svg").first.wait_for(state="attached")
    if page.locator(".chart-map .dash-graph").count():
        page.wait_for_selector(".choroplethlayer path")
    page.wait_for_load_state("networkidle")


def small(taken: bytes) -> bytes:
    """The picture in as many colours as fit into the size that a README should load."""
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else DEFAULT_ORIGIN)
