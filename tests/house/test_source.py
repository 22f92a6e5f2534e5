"""What the house doesn't want to read in its own files, each with a planted example that shows that it would be seen."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import source
from tests.house.source import ROOMS, ROOT

Lint = Callable[[ast.AST], list[int]]
LINTS: dict[str, tuple[Lint, tuple[str, ...]]] = {
    "SQL put together from values": (
        source.sql_put_together,
        (*source.WRITES_DDL, "workers/local_postgres.py"),
    ),
    "a SET without LOCAL": (source.outliving_sets, ("tenants/migrations/env.py",)),
    # CREATE DATABASE; and a connection that holds the scheduler's lock and asks nothing else
    "AUTOCOMMIT or a pushed app context": (
        source.loose_modes,
        ("workers/local_postgres.py", "workers/schedule.py"),
    ),
    "Markup of a value": (source.markup_of_values, ()),
}
PLANTED: list[tuple[str, str]] = [
    ("SQL put together from values", "session.execute(text(f'SELECT * FROM t WHERE a = {a}'))"),
    ("SQL put together from values", "connection.exec_driver_sql('SELECT ' + name)"),
    ("SQL put together from values", "cursor.execute('SELECT %s' % name)"),
    ("SQL put together from values", "session.execute(text('SELECT {}'.format(name)))"),
    ("SQL put together from values", "cursor.execute(', '.join(names))"),
    ("SQL put together from values", "literal_column(f'{column} = 1')"),
    ("a SET without LOCAL", "connection.execute(text('SET app.tenant = 1'))"),
    ("a SET without LOCAL", "x = 'SET LOCAL a = 1; SET ROLE gas_tenant'"),
    ("a SET without LOCAL", "x = f'SET {name} = 1'"),
    ("AUTOCOMMIT or a pushed app context", "engine.execution_options(isolation_level='AUTOCOMMIT')"),
    ("AUTOCOMMIT or a pushed app context", "connection.autocommit = True"),
    ("AUTOCOMMIT or a pushed app context", "app.app_context().push()"),
    ("Markup of a value", "Markup(f'<b>{name}</b>')"),
    ("Markup of a value", "Markup(name)"),
]


@pytest.mark.parametrize("lint", LINTS)
def test_nobody_writes(lint: str) -> None:
    look, allowed = LINTS[lint]
    found = [
        f"{name}:{line}"
        for name, tree in source.python(*ROOMS)
        if not name.startswith(allowed or ("\0",))
        for line in look(tree)
    ]
    assert found == []


@pytest.mark.parametrize(("lint", "code"), PLANTED)
def test_a_planted_line_is_seen(lint: str, code: str) -> None:
    assert LINTS[lint][0](ast.parse(code)) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "session.execute(text('SELECT 1 WHERE a = :a'), {'a': a})",
        "session.execute(text(f'SELECT * FROM {TABLE}'))",
        "session.execute(select(Cylinder).where(Cylinder.id == id))",
        "x = 'SET LOCAL app.tenant = %s'",
        "x = 'UPDATE t SET a = 1'",
        "Markup('<b>{}</b>').format(name)",
    ],
)
def test_what_is_right_is_left_alone(code: str) -> None:
    assert [look(ast.parse(code)) for look, _ in LINTS.values()] == [[], [], [], []]


def test_no_template_trusts_a_value() -> None:
    trusting = re.compile(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b")
    found = [
        name for name in source.files()
        if "/templates/" in name and trusting.search((ROOT / name).read_text())
    ]  # fmt: skip
    assert found == []
    assert trusting.search("{{ name | safe }}")


def test_no_template_holds_script_or_style_of_its_own() -> None:
    """The policy for pages is script-src 'self'; what stands in a page wouldn't run, so it must not be written.

    The citizen's page is complete in one answer: its policy names the digest of the one file that it takes in.
    """
    taken_in = '<script>{% include "public/page.js" %}</script>'
    own = re.compile(
        r"<script(?![^>]*\bsrc=)[^>]*>|\son(?:click|load|change|submit|input|error)\s*=|\sstyle\s*=|href=.javascript:",
        re.IGNORECASE,
    )
    pages = [name for name in source.files() if "/templates/" in name and name.endswith(".html")]
    texts = {name: (ROOT / name).read_text().replace(taken_in, "", 1) for name in pages}
    found = [f"{name}: {own.search(text)}" for name, text in texts.items() if own.search(text)]
    assert found == []


ELSEWHERE = (
    "npm" + "js.org", "npm" + "js.com", "npm" + "mirror.com", "py" + "pi.org", "python" + "hosted.org", "js" + "delivr", "un" + "pkg.com",
    "cdn" + "js.", "google" + "apis.com", "gstatic" + ".com", "bootstrap" + "cdn", "mirrors." + "aliyun", "tuna." + "tsinghua",
    "deb." + "debian.org", "archive." + "ubuntu.com", "plot" + "ly.com/", "docker" + ".io", "ghcr" + ".io",
)  # fmt: skip


def test_no_file_names_a_registry_or_a_delivery_network() -> None:
    found = []
    for name in source.files():
        content = (ROOT / name).read_bytes().decode("utf-8", "ignore")
        found += [(name, host) for host in ELSEWHERE if host in content]
    assert found == []


def test_nothing_speaks_of_the_place_where_it_was_written() -> None:
    places = ("/" + "work/", "/" + "tmp/pgs", "/" + "tmp/design", "Co-" + "Authored-By")
    found = [
        (name, place) for name in source.files() for place in places
        if place in (ROOT / name).read_bytes().decode("utf-8", "ignore")
    ]  # fmt: skip
    assert found == []


def test_imports_flow_one_way() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def test_a_file_is_short() -> None:
    found = {
        name: length for name in source.files()
        if name.endswith(".py") and not name.startswith("tenants/migrations/versions/")
        and (length := len((ROOT / name).read_text().splitlines())) > 400
    }  # fmt: skip
    assert found == {}


def test_no_test_is_skipped_or_waits_for_a_clock() -> None:
    lazy = re.compile(
        r"mark\.(?:skip|xfail)|pytest\.(?:skip|xfail)\(|\bTO"
        + r"DO\b|\bFIX"
        + r"ME\b|raise NotImplemented"
        + "Error"
    )
    found = [
        name for name in source.files() if name.endswith(".py") and lazy.search((ROOT / name).read_text())
    ]
    assert found == []
