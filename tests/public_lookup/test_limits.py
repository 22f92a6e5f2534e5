"""Walking through the codes is slow for one client, honest crowds behind one address are not turned away, and nothing needs Redis."""

from __future__ import annotations

import dataclasses

import pytest
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from portal import create_app
from public_lookup.limits import PER_CODE
from tests.cast import A
from tests.databases import Database

CODE = A.code("good")
JSON = {"Accept": "application/json"}


def ask(client: FlaskClient, number: int = 0, address: str = "198.51.100.7", **more: str) -> int:
    code = f"{CODE[:11]}{880000 + number:06d}"
    return client.get(f"/L?id={code}", environ_base={"REMOTE_ADDR": address}, **more).status_code


def counted(answer: str) -> float:
    return REGISTRY.get_sample_value("public_lookups_total", {"answer": answer}) or 0


def test_a_client_may_ask_sixty_times_a_minute(citizen: FlaskClient) -> None:
    answers = [ask(citizen, number) for number in range(61)]
    assert answers == [404] * 60 + [429]
    assert ask(citizen, address="198.51.100.8") == 404


def test_both_addresses_share_one_allowance(citizen: FlaskClient) -> None:
    for number in range(60):
        citizen.get(f"/{'QL'[number % 2]}?id=1", environ_base={"REMOTE_ADDR": "198.51.100.9"})
    assert ask(citizen, address="198.51.100.9") == 429


def test_too_many_says_when_to_come_back(citizen: FlaskClient) -> None:
    for number in range(60):
        ask(citizen, number)
    page = citizen.get(f"/L?id={CODE}", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert page.status_code == 429
    assert 1 <= int(page.headers["Retry-After"]) <= 61
    assert "查询太频繁" in page.text
    assert len(page.data) < 20_000
    program = citizen.get(f"/L?id={CODE}", environ_base={"REMOTE_ADDR": "198.51.100.7"}, headers=JSON)
    assert program.status_code == 429
    assert program.get_json()["reasons"][0]["code"] == "too_many"
    assert program.get_json()["serial_no"] is None


def test_an_ipv6_subscriber_is_one_client_whatever_the_last_half(citizen: FlaskClient) -> None:
    answers = [ask(citizen, number, f"2001:db8:1:2::{number:x}") for number in range(61)]
    assert answers[-1] == 429
    assert ask(citizen, address="2001:db8:1:3::1") == 404
    assert ask(citizen, address="::ffff:198.51.100.99") == 404


def test_one_code_has_a_budget_of_its_own(citizen: FlaskClient) -> None:
    budget = PER_CODE
    answers = [ask(citizen, 7, f"203.0.113.{number}") for number in range(budget + 1)]
    assert answers == [404] * budget + [429]
    assert ask(citizen, 8, "203.0.113.250") == 404


def test_all_together_have_a_budget(cast_database: Database) -> None:
    few = create_app(dataclasses.replace(cast_database.settings, lookups_per_minute=3)).test_client()
    assert [ask(few, number, f"203.0.113.{number}") for number in range(4)] == [404] * 3 + [429]


def test_a_client_can_not_name_its_own_address(citizen: FlaskClient) -> None:
    answers = [ask(citizen, number, headers={"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(61)]
    assert answers[-1] == 429


def test_behind_one_trusted_proxy_the_last_hop_counts(cast_database: Database) -> None:
    behind = create_app(dataclasses.replace(cast_database.settings, trusted_proxies=1)).test_client()
    spoofed = [
        ask(behind, n, "10.0.0.1", headers={"X-Forwarded-For": f"192.0.2.{n}, 203.0.113.77"})
        for n in range(61)
    ]
    assert spoofed[-1] == 429
    assert ask(behind, address="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.78"}) == 404


def test_how_lookups_end_is_counted_for_the_alarm(citizen: FlaskClient) -> None:
    before = {answer: counted(answer) for answer in ("ok", "unknown", "malformed", "redirect")}
    for address in (
        f"/L?id={CODE}",
        f"/Q?id={CODE}",
        "/L?id=1",
        f"/L?id={CODE[:11]}999999",
        f"/L?id={CODE[:11]}999998",
    ):
        citizen.get(address)
    assert {answer: counted(answer) - then for answer, then in before.items()} == {
        "ok": 1, "unknown": 2, "malformed": 1, "redirect": 1,
    }  # fmt: skip


def test_without_redis_lookups_go_on_and_are_still_limited(cast_database: Database) -> None:
    client = create_app(
        dataclasses.replace(cast_database.settings, redis_url="redis://127.0.0.1:1/0")
    ).test_client()
    assert client.get(f"/L?id={CODE}").status_code == 200
    answers = [ask(client, number) for number in range(61)]
    assert answers == [404] * 60 + [429]


@pytest.mark.parametrize("headers", [{}, JSON], ids=["page", "json"])
def test_without_postgresql_the_answer_is_come_back(cast_database: Database, headers: dict[str, str]) -> None:
    url = cast_database.settings.database_url.replace("/gas_test", "/gas_is_away")
    client = create_app(dataclasses.replace(cast_database.settings, database_url=url)).test_client()
    response = client.get(f"/L?id={CODE}", headers=headers)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    assert "暂时无法查询" in response.text
    assert "psycopg2" not in response.text
    assert client.get("/L?id=1", headers=headers).status_code == 400, (
        "what needs no database is still answered"
    )
