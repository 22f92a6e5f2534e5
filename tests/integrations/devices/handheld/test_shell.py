"""The app's files: the same for everybody, kept as a whole, changed for a new version only between two tasks."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, Playwright

from integrations.devices.handheld.shell import Shell
from integrations.devices.handheld.views import SHELL
from portal import create_app
from tests.chromium import served
from tests.databases import Database
from tests.integrations.devices.handheld.handheld import ARGUMENTS, PHONE

LARGEST = 700 * 1024  # bytes over the wire at the first visit


@pytest.fixture
def app(cast_database: Database) -> Flask:
    return create_app(cast_database.settings)


def test_every_file_that_is_kept_has_the_hash_that_the_list_says(app: Flask) -> None:
    client = app.test_client()
    worker = client.get("/handheld/sw.js").text
    listed = json.loads(re.search(r"const KEPT = (.*);", worker)[1])  # type: ignore[index]
    assert len(listed) > 20
    for address, digest in listed:
        answer = client.get(address)
        assert (answer.status_code, sha256(answer.data).hexdigest()) == (200, digest), address
        squeezed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(squeezed.data) == answer.data
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
    assert client.get("/handheld/files/sw.js").status_code == 404
    assert client.get("/handheld/files/../shell.py").status_code == 404


def test_webassembly_and_camera_are_allowed_here_and_nowhere_else(app: Flask) -> None:
    client = app.test_client()
    here, elsewhere = client.get("/handheld/").headers, client.get("/login").headers
    assert "'wasm-unsafe-eval'" in here["Content-Security-Policy"]
    assert "'unsafe-inline'" not in here["Content-Security-Policy"]
    assert "camera=(self)" in here["Permissions-Policy"]
    assert "wasm" not in elsewhere["Content-Security-Policy"]
    assert "camera=()" in elsewhere["Permissions-Policy"]


def test_it_stays_small_over_the_wire(app: Flask) -> None:
    shell: Shell = app.extensions[SHELL]
    assert shell.size()[1] < LARGEST


def test_a_new_version_waits_until_it_is_asked_for(
    app: Flask, playwright: Playwright, tmp_path: Path
) -> None:
    with served(app) as origin:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path="/usr/bin/chromium", args=list(ARGUMENTS), viewport=PHONE,
            locale="zh-CN",
        )  # fmt: skip
        page = context.pages[0]
        page.goto(f"{origin}/handheld/")
        kept(page, 1)
        page.reload()
        page.evaluate("localStorage.setItem('mark', 'old')")
        _publish(app)
        page.evaluate(
            "navigator.serviceWorker.getRegistration().then((registration) => registration.update())"
        )
        kept(page, 2)
        assert "新词" not in page.evaluate(WORDS)  # the old version still runs as a whole
        page.evaluate(
            "import('/handheld/files/updates.js').then((updates) => document.body.append(updates.notice()))"
        )
        with page.expect_navigation():
            page.click("text=新版本已就绪")
        assert "新词" in page.evaluate(WORDS)
        kept(page, 1)
        context.set_offline(True)
        page.reload()
        assert page.wait_for_selector("[name=token]")
        context.close()


WORDS = "fetch('/handheld/files/words.js').then((answer) => answer.text())"


def kept(page: Page, versions: int) -> None:
    """Wait until the browser keeps so many whole versions."""
    question = """async () => {
      const names = await caches.keys();
      const registration = await navigator.serviceWorker.getRegistration();
      return registration?.installing ? 0 : names.length;
    }"""
    while page.evaluate(question) != versions:
        page.wait_for_timeout(50)


def _publish(app: Flask) -> None:
    """The same app with another word in it, as after an update of the server."""
    shell: Shell = app.extensions[SHELL]
    words = shell.files["words.js"]
    body = words.body + "// 新词\n".encode()
    changed = replace(words, body=body, squeezed=gzip.compress(body), hash=sha256(body).hexdigest())
    app.extensions[SHELL] = Shell({**shell.files, "words.js": changed}, "another")
