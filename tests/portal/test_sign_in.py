"""Getting in, staying in, getting out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tenants import models
from tenants.rules.states import Role
from tenants.services import web_sessions
from tenants.services.accounts import lock_for
from tests import cast
from tests.databases import Database
from tests.portal.conftest import Browser

ADMIN = cast.A.username(Role.ADMIN)


def whoami(browser: Browser) -> str:
    page = browser.get("/account")
    return next(
        (name for name in (ADMIN, cast.B.username(Role.ADMIN), cast.OPERATOR) if name in page.text), ""
    )


def test_a_person_arrives_at_the_desk_of_the_role(client: Browser) -> None:
    assert client.sign_in(ADMIN).headers["Location"] == "/"
    assert client.get("/").headers["Location"] == "/enterprise"


def test_an_anonymous_visitor_of_an_open_page_gets_no_cookie_and_no_row(
    app: Flask, cast_database: Database
) -> None:
    with cast_database.as_admin() as connection:
        before = connection.scalar(text("SELECT count(*) FROM gas.web_session"))
        for path in ("/healthz", "/", "/nowhere"):
            assert "Set-Cookie" not in app.test_client().get(path).headers
        app.test_client().get("/login")
        assert connection.scalar(text("SELECT count(*) FROM gas.web_session")) == before


def test_signing_in_changes_the_token(client: Browser) -> None:
    client.get("/login")
    visitor = client.session_cookie()
    client.sign_in(ADMIN)
    first = client.session_cookie()
    client.submit("/logout", "/account")
    client.sign_in(ADMIN)
    assert len({visitor, first, client.session_cookie()}) == 3


def test_a_copied_cookie_is_dead_after_sign_out(app: Flask, client: Browser) -> None:
    client.sign_in(ADMIN)
    thief = app.test_client()
    thief.set_cookie("portal", client.session_cookie())
    assert whoami(thief) == ADMIN
    client.submit("/logout", "/account")
    assert thief.get("/account").status_code == 303
    assert client.get("/account").status_code == 303


def test_the_table_keeps_no_token(client: Browser, cast_database: Database) -> None:
    client.sign_in(ADMIN)
    token = client.session_cookie().removeprefix("m.")
    with cast_database.as_admin() as connection:
        hashes = set(connection.scalars(text("SELECT token_hash FROM gas.web_session")))
    assert token not in hashes
    assert web_sessions.token_hash(token) in hashes


def test_two_browsers_taking_turns_never_swap_their_people(app: Flask) -> None:
    one, two, nobody = app.test_client(), app.test_client(), app.test_client()
    one.sign_in(ADMIN)
    two.sign_in(cast.B.username(Role.ADMIN))
    for _ in range(20):
        assert whoami(one) == ADMIN
        assert nobody.get("/account").status_code == 303
        assert whoami(two) == cast.B.username(Role.ADMIN)


def test_a_new_password_ends_every_other_session(own_app: Flask) -> None:
    here, there = own_app.test_client(), own_app.test_client()
    here.sign_in(ADMIN)
    there.sign_in(ADMIN)
    before = here.session_cookie()
    fields = {"old_password": cast.PASSWORD, "password": "Quite-another-77", "repeated": "Quite-another-77"}
    assert here.submit("/account/password", "/account", **fields).status_code == 303
    assert here.session_cookie() != before
    assert whoami(here) == ADMIN
    assert there.get("/account").status_code == 303
    assert own_app.test_client().sign_in(ADMIN).status_code == 401
    assert own_app.test_client().sign_in(ADMIN, "Quite-another-77").status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"old_password": "wrong", "password": "Quite-another-77", "repeated": "Quite-another-77"},
            "原密码不正确",
        ),
        (
            {"old_password": cast.PASSWORD, "password": "Quite-another-77", "repeated": "Quite-another-78"},
            "不一致",
        ),
        ({"old_password": cast.PASSWORD, "password": "short", "repeated": "short"}, "密码"),
    ],
)
def test_a_refused_password_says_why_and_changes_nothing(
    client: Browser, fields: dict[str, str], said: str
) -> None:
    client.sign_in(ADMIN)
    answer = client.submit("/account/password", "/account", **fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert whoami(client) == ADMIN


@pytest.mark.parametrize("column", ["expires_at", "created_at"])
def test_a_session_ends_by_itself(own_app: Flask, own_database: Database, column: str) -> None:
    browser = own_app.test_client()
    browser.sign_in(ADMIN)
    with own_database.as_admin() as connection:
        connection.execute(text(f"UPDATE gas.web_session SET {column} = now() - interval '13 hours'"))
    assert browser.get("/account").status_code == 303


def test_use_moves_the_end_of_a_session_but_not_beyond_twelve_hours(
    own_app: Flask, own_database: Database
) -> None:
    browser = own_app.test_client()
    browser.sign_in(ADMIN)
    began = datetime.now(UTC) - timedelta(hours=11, minutes=50)
    with own_database.as_admin() as connection:
        connection.execute(
            models.Account.__table__.update().values(password_changed_at=began - timedelta(days=1))
        )
        connection.execute(
            models.WebSession.__table__.update().values(
                created_at=began, seen_at=datetime.now(UTC) - timedelta(minutes=5)
            )
        )
    assert browser.get("/account").status_code == 200
    with own_database.as_admin() as connection:
        assert (
            connection.scalar(text("SELECT expires_at FROM gas.web_session")) == began + web_sessions.LONGEST
        )


def test_a_disabled_account_is_out_at_once(own_app: Flask, own_database: Database) -> None:
    browser = own_app.test_client()
    browser.sign_in(ADMIN)
    with own_database.as_admin() as connection:
        connection.execute(text("UPDATE gas.account SET disabled_at = now()"))
    assert browser.get("/account").status_code == 303
    assert own_app.test_client().sign_in(ADMIN).status_code == 401


def test_unknown_disabled_and_wrong_get_the_same_answer(own_app: Flask, own_database: Database) -> None:
    with own_database.as_admin() as connection:
        connection.execute(text("UPDATE gas.account SET disabled_at = now() WHERE username = 'zb-admin'"))
    answers = []
    for username, password in ((ADMIN, "wrong"), ("nobody-here", cast.PASSWORD), ("zb-admin", cast.PASSWORD)):
        answer = own_app.test_client().sign_in(username, password)
        answers.append(
            (
                answer.status_code,
                answer.text.replace(username, "?").partition("<form")[0].partition("notice")[2],
            )
        )
    assert len(set(answers)) == 1
    assert answers[0][0] == 401


def test_five_failures_lock_the_account_and_the_right_password_too(
    own_app: Flask, own_database: Database
) -> None:
    for _ in range(5):
        assert own_app.test_client().sign_in(ADMIN, "wrong").status_code == 401
    assert own_app.test_client().sign_in(ADMIN).status_code == 401
    with own_database.as_admin() as connection:
        failed, locked = connection.execute(
            text("SELECT failed_count, locked_until FROM gas.account WHERE username = :u"), {"u": ADMIN}
        ).one()
        assert failed == 5
        assert timedelta(seconds=50) < locked - datetime.now(UTC) <= timedelta(minutes=1)
        connection.execute(text("UPDATE gas.account SET locked_until = now() - interval '1 second'"))
    assert own_app.test_client().sign_in(ADMIN).status_code == 303
    with own_database.as_admin() as connection:
        assert (
            connection.scalar(text("SELECT failed_count FROM gas.account WHERE username = :u"), {"u": ADMIN})
            == 0
        )


def test_each_further_failure_doubles_the_rest_up_to_an_hour() -> None:
    minutes = [
        (lock.total_seconds() / 60 if (lock := lock_for(failures)) else 0) for failures in range(4, 14)
    ]
    assert minutes == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/\tx",
        "/%0a\n",
        "http:/x",
        "",
    ],
)
def test_next_leads_only_to_a_page_of_our_own(client: Browser, elsewhere: str) -> None:
    assert client.sign_in(ADMIN, next=elsewhere).headers["Location"] == "/"


def test_next_leads_back_to_where_one_wanted_to_go(client: Browser) -> None:
    asked = client.get("/enterprise/cylinders?status=in_use")
    assert asked.headers["Location"] == "/login?next=/enterprise/cylinders?status%3Din_use"
    assert (
        client.sign_in(ADMIN, next="/enterprise/cylinders?status=in_use")
        .headers["Location"]
        .endswith("?status=in_use")
    )


def test_the_deed_is_in_the_audit(own_app: Flask, own_database: Database) -> None:
    browser = own_app.test_client()
    own_app.test_client().sign_in(ADMIN, "wrong")
    browser.sign_in(ADMIN)
    browser.submit("/logout", "/account")
    with own_database.as_admin() as connection:
        deeds = connection.scalars(
            text("SELECT action FROM gas.audit WHERE tenant_id = :t ORDER BY seq"), {"t": cast.A.tenant_id}
        ).all()
    assert deeds[-3:] == ["sign_in_failed", "signed_in", "signed_out"]


def test_the_language_is_remembered_with_the_account(own_app: Flask) -> None:
    browser = own_app.test_client()
    browser.sign_in(ADMIN)
    browser.submit("/preferences", "/account", locale="en", next="/account")
    assert "My account" in browser.get("/account").text
    elsewhere = own_app.test_client()
    elsewhere.sign_in(ADMIN)
    assert "My account" in elsewhere.get("/account").text
