"""A chart's table as a file says what the picture says, to those who may see the picture, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from dashboards.pages import PAGES
from tenants.rules.states import Role
from tests.cast import INSPECTOR_OF_BOTH, REGULATOR_OF_A, REGULATOR_OF_BOTH, A, B
from tests.dashboards.conftest import ask
from tests.portal.conftest import Browser

SignIn = Callable[[str], Browser]
FILES = [(page.key, chart.key) for page in PAGES for chart in page.charts]


def lines(browser: Browser, page: str, chart: str, search: str = "") -> list[list[str]]:
    answer = browser.get(f"/dashboards/{page}.csv?chart={chart}{search}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith(f"attachment; filename={chart}-")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def traces(found: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The name and first trace of every picture in an answer."""
    if isinstance(found, dict):
        if found.get("type") == "Graph":
            yield found["props"]["id"]["name"], found["props"]["figure"]["data"][0]
        for value in found.values():
            yield from traces(value)
    elif isinstance(found, list):
        for value in found:
            yield from traces(value)


def test_the_picture_and_its_table_say_the_same(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    pictures = [(page.key, *one) for page in PAGES for one in traces(ask(browser, page.key).get_json())]
    assert len(pictures) == sum(chart.draw is not None for page in PAGES for chart in page.charts)
    for page, name, trace in pictures:
        table = lines(browser, page, name)[1:]
        if name == "map":
            counted = [(row[0], float(row[2])) for row in table if int(row[1])]
            words = [
                (text.partition("<br>")[0], z) for text, z in zip(trace["text"], trace["z"], strict=True)
            ]
            assert sorted(words) == sorted(counted)
            continue
        drawn = [float(value) for value in (trace["x"] if trace.get("orientation") == "h" else trace["y"])]
        column = 2 if name in ("mass", "most") else 1
        assert drawn == pytest.approx([float(row[column]) for row in table][: len(drawn)])
        assert any(drawn)


def test_the_map_adds_up_to_the_whole(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    fills = sum(float(row[1]) for row in lines(browser, "fills", "fills")[1:])
    for district in ("", "&d=370500"):
        places = lines(browser, "map", "map", district)[1:]
        assert sum(float(row[2]) for row in places) == fills == 113


@pytest.mark.parametrize("search", ["", f"&d={B.district}", f"&d={B.district}{B.enterprise}"])
def test_a_file_holds_nothing_of_another_district(signed_in: SignIn, search: str) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    said = {file: str(lines(browser, *file, search)) for file in FILES}
    assert not [(file, mark) for file, text in said.items() for mark in B.marks if mark in text]


def test_a_file_has_every_row_and_numbers_that_can_be_added(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    listed = lines(browser, "enterprises", "enterprises", "&p=9")
    assert [row[3] for row in listed[1:]] == ["72", "41"]
    assert listed[1][2].split()[-1] == "72"
    due = lines(browser, "due/rows", "due_rows", "&p=9")
    assert len(due) == 3


def test_rows_of_a_medium_leave_out_codes_that_nobody_could_read(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    assert len(lines(browser, "refusals/rows", "refusal_rows")) == 3
    assert sum(int(row[1]) for row in lines(browser, "refusals", "refused", "&m=LPG")[1:]) == 0
    assert len(lines(browser, "refusals/rows", "refusal_rows", "&m=LPG")) == 1


@pytest.mark.parametrize("username", [A.username(Role.ADMIN), INSPECTOR_OF_BOTH.username])
def test_files_are_for_the_authority_alone(app: Flask, signed_in: SignIn, username: str) -> None:
    browser, stranger = signed_in(username), app.test_client()
    for page, chart in FILES:
        assert browser.get(f"/dashboards/{page}.csv?chart={chart}").status_code == 403
        assert "/login" in stranger.get(f"/dashboards/{page}.csv?chart={chart}").headers["Location"]


def test_a_file_of_a_chart_that_is_not_there_is_not_found(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    assert browser.get("/dashboards/fills.csv?chart=map").status_code == 404
    assert browser.get("/dashboards/fills.csv").status_code == 200
