"""The command line: what it prints, what it does, and one clear line when it can't."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from portal import cli
from tenants import scope
from tenants.queries import districts
from tenants.services import geo, passwords
from tests import databases
from tests.cast import A
from tests.databases import Database
from tests.tenants.toy_country import write_country

TENANT = f"{A.district}-{A.enterprise}"
MISSING = "370599-999"


class Terminal:
    """Somebody who types commands."""

    def __init__(self, database: Database, **settings: Any) -> None:
        self.app = Flask("terminal")
        self.app.config["SETTINGS"] = dataclasses.replace(database.settings, **settings)
        cli.register(self.app)

    def type(self, *words: str, stdin: str | None = None) -> Result:
        return self.app.test_cli_runner().invoke(args=list(words), input=stdin)

    def json(self, *words: str, stdin: str | None = None) -> Any:
        result = self.type(*words, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture
def terminal(own_walls: Database) -> Terminal:
    return Terminal(own_walls)


@pytest.fixture
def bare(cast_template: Database) -> Iterator[Database]:
    made = databases.create(cast_template.settings)
    yield made
    databases.drop(made)


def leaves(app: Flask) -> Iterator[tuple[list[str], Any]]:
    for command in cli.COMMANDS:
        inner = getattr(command, "commands", None)
        yield from (
            [([command.name or ""], command)]
            if inner is None
            else (([command.name or "", name], each) for name, each in inner.items())
        )


EVERY = [words for words, _ in leaves(Flask("any"))]
PROMISED = [
    "demo load", "tenants create", "tenants list", "users create", "users set-password", "devices issue-token", "devices enrol-token",
    "devices list", "devices revoke", "geo load", "geo import-boundaries", "simulate",
    "reference show", "reference import", "backup", "restore", "audit verify",
]  # fmt: skip


def test_the_promised_commands_are_there() -> None:
    assert set(PROMISED) <= {" ".join(words) for words in EVERY}


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_command_explains_itself_and_speaks_json(words: list[str]) -> None:
    app = Flask("any")
    cli.register(app)
    result = app.test_cli_runner().invoke(args=[*words, "--help"])
    assert result.exit_code == 0
    assert "--json" in result.output
    assert re.search(r"\n  \S.+", result.output)


def test_a_token_is_printed_once_as_json(terminal: Terminal) -> None:
    said = terminal.json("devices", "issue-token", "--tenant", TENANT, "--role", "filler")
    assert set(said) == {"device_id", "token"}
    listed = terminal.json("devices", "list", "--tenant", TENANT)
    assert said["device_id"] in {device["device_id"] for device in listed}
    assert said["token"] not in json.dumps(listed)
    assert terminal.json("devices", "revoke", said["device_id"], "--tenant", TENANT)["revoked"] is True
    assert terminal.type("devices", "list", "--tenant", TENANT).output.count("revoked") == 1


def test_an_enrolment_token_is_printed_with_its_address(terminal: Terminal) -> None:
    said = terminal.json("devices", "enrol-token", "--tenant", TENANT, "--role", "driver")
    assert set(said) == {"token", "url", "expires_at"}
    assert len(said["token"]) == 22
    assert said["url"].endswith(f"/handheld/#enrol={said['token']}")


def test_keys_are_listed_followed_and_revoked(terminal: Terminal) -> None:
    known = {key["purpose"]: key["kid"] for key in terminal.json("keys", "list")}
    assert set(known) == {"ring", "tag", "snapshot", "label"}
    rotated = terminal.json("keys", "rotate", "--purpose", "tag", "--after-hours", "0")
    assert rotated["kid"] > known["tag"]
    assert terminal.json("keys", "revoke", str(known["tag"]), "--reason", "test")["successor"] is None
    assert terminal.type("keys", "revoke", str(known["tag"]), "--reason", "test").exit_code == 1


ERRORS = [
    (
        ("devices", "issue-token", "--tenant", MISSING, "--role", "filler"),
        f"There is no enterprise {MISSING}.",
    ),
    (
        ("devices", "issue-token", "--tenant", "370502", "--role", "filler"),
        "six digits, a hyphen and three digits",
    ),
    (("devices", "revoke", str(A.uuid(41)), "--tenant", TENANT), "There is no device"),
    (("tenants", "create", TENANT, "--name", "又一家"), "exists already"),
    (
        ("tenants", "create", "370502-123", "--name", "甲", "--medium", "01=XX"),
        "Not in the table of media: XX",
    ),
    (
        ("users", "create", "reg-99", "--role", "regulator", "--authority", "99", "--generate"),
        "no authority for 99",
    ),
    (("restore", "/nowhere/at.all"), "There is no file /nowhere/at.all"),
    (("backup", "/nowhere/at.all"), "can't be written"),
]


@pytest.mark.parametrize(
    ("words", "said"), ERRORS, ids=[" ".join(words[:2]) + f" {i}" for i, (words, _) in enumerate(ERRORS)]
)
def test_an_error_is_one_clear_line(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    result = terminal.type(*words)
    assert result.exit_code == 1
    assert said in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_a_wrong_date_or_role_is_told_at_once(terminal: Terminal) -> None:
    words = ("tenants", "create", "370502-124", "--name", "乙", "--licence", "TS", "--licence-media", "O2")
    assert "YYYY-MM-DD" in terminal.type(*words, "--licence-expires", "2026/1/1").output
    assert terminal.type("devices", "issue-token", "--tenant", TENANT, "--role", "regulator").exit_code == 2


def test_a_database_that_is_away_is_said(own_walls: Database) -> None:
    away = own_walls.url.replace("/gas_test", "/no_such_database_gas_test")
    result = Terminal(own_walls, database_url=away).type("tenants", "list")
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database can't be reached")
    assert len(result.output.strip().splitlines()) == 1


def test_a_bare_database_is_migrated_first(bare: Database) -> None:
    terminal = Terminal(bare)
    assert "run `flask --app portal migrate` first" in terminal.type("tenants", "list").output
    assert terminal.json("migrate") == {"migrated": True}
    assert terminal.json("tenants", "list") == []


def test_an_enterprise_and_its_people_from_nothing(terminal: Terminal) -> None:
    made = terminal.json(
        "tenants", "create", "370502-321", "--name", "东营试开气体站", "--licence", "TS-321", "--licence-media", "LPG,O2",
        "--licence-expires", "2029-12-31", "--medium", "01=LPG", "--medium", "02=O2", "--assay", "02",
    )  # fmt: skip
    assert made["code"] == "370502-321"
    row = next(row for row in terminal.json("tenants", "list") if row["code"] == "370502-321")
    assert (row["licence_no"], row["licence_expires_on"]) == ("TS-321", "2029-12-31")
    words = ("users", "create", "trial-admin", "--role", "admin", "--tenant", "370502-321")
    assert terminal.json(*words, "--password-stdin", stdin="a-fine-password-9\n")["username"] == "trial-admin"


def test_an_authority_and_its_people_from_nothing(terminal: Terminal) -> None:
    words = ("users", "create", "trial-reg", "--role", "regulator", "--authority", "3706", "--generate")
    assert "There is no authority for 3706." in terminal.type(*words).output
    made = terminal.json("authorities", "create", "3706", "--name", "试开监管局")
    assert made["jurisdiction"] == "3706"
    assert terminal.type("authorities", "create", "3706", "--name", "又一个").exit_code != 0
    assert terminal.type("authorities", "create", "37061", "--name", "半个区").exit_code != 0
    assert [row["name"] for row in terminal.json("authorities", "list") if row["jurisdiction"] == "3706"] == [
        "试开监管局"
    ]
    assert terminal.json(*words)["username"] == "trial-reg"


def test_a_password_is_set_from_stdin_or_made(terminal: Terminal, own_walls: Database) -> None:
    said = terminal.json("users", "set-password", "operator", "--generate")
    with own_walls.as_admin() as connection:
        kept = connection.scalar(text("SELECT password_hash FROM gas.account WHERE username = 'operator'"))
    assert passwords.matches(kept, said["password"])
    result = terminal.type("users", "set-password", "operator", "--password-stdin", stdin="short\n")
    assert result.exit_code == 1
    assert len(result.output.strip().splitlines()) == 1
    assert terminal.type("users", "set-password", "nobody-here", "--generate").exit_code == 1


def test_reference_tables_are_shown_and_imported(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal.json("reference", "import")[0]["table"] == "media"
    assert {report["added"] + report["changed"] for report in terminal.json("reference", "import")} == {0}
    assert terminal.json("reference", "show")["violations"] == 44
    rows = terminal.json("reference", "show", "filling_limits")
    assert rows[0].keys() >= {"key", "value", "source", "confidence", "valid_from"}
    (tmp_path / "x.csv").write_text("a,b\n")
    bad = terminal.type("reference", "import", "media", "--file", str(tmp_path / "x.csv"))
    assert (bad.exit_code, len(bad.output.strip().splitlines())) == (1, 1)
    assert terminal.type("reference", "import", "--file", str(tmp_path / "x.csv")).exit_code == 2


def test_a_broken_chain_is_an_exit_status(terminal: Terminal, own_walls: Database) -> None:
    assert terminal.json("audit", "verify")["ok"] is True
    with own_walls.as_admin() as connection:
        connection.execute(text("ALTER TABLE gas.audit DISABLE TRIGGER USER"))
        connection.execute(
            text("UPDATE gas.audit SET actor = 'somebody else' WHERE tenant_id = :t"), {"t": A.tenant_id}
        )
    result = terminal.type("audit", "verify", "--json")
    assert result.exit_code == 1
    broken = [chain for chain in json.loads(result.stdout)["chains"] if chain["broken_at"]]
    assert [chain["tenant_id"] for chain in broken] == [A.tenant_id]


def test_the_demo_needs_demo(terminal: Terminal) -> None:
    result = terminal.type("demo", "load")
    assert (result.exit_code, result.output) == (
        1,
        "Error: With DEMO=0 there is no demo: its passwords are published.\n",
    )


def test_backup_and_restore_from_the_terminal(own_database: Database, bare: Database, tmp_path: Path) -> None:
    file = str(tmp_path / "portal.backup")
    assert Terminal(own_database).json("backup", file)["entries"] > 100
    said = Terminal(bare).json("restore", file)
    assert said["broken"] == []
    scope.dispose()
    refused = Terminal(own_database).type("restore", file, "--replace", stdin="n\n")
    assert refused.exit_code == 1
    assert "Aborted" in refused.output


def test_loading_districts_twice_says_so(
    own_walls: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(geo, "packaged_source", lambda: write_country(tmp_path))
    terminal = Terminal(own_walls)
    assert terminal.json("geo", "load")["loaded"] is True
    assert terminal.json("geo", "load")["loaded"] is False
    assert terminal.json("geo", "load", "--force")["loaded"] is True
    with scope.platform_scope() as session:
        assert districts.path_text(session, "370502") == "山东省东营市东营区"
