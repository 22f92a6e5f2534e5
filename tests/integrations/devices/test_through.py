"""From the call to the result: what was accepted is applied, refused or rejected with a reason, whatever stands in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tenants.models.base import new_id
from tenants.rules.states import EventKind
from tenants.services.apply.batch import apply_claimed
from tenants.services.apply.inbox import claim_next
from tenants.verdict_cache import VerdictCache
from tests.cast import CYLINDERS, LOOSE, A, B
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway, check, codes, event


def work(app: Flask) -> None:
    """What a worker does when the bell rings."""
    cache: VerdictCache = app.extensions["device_cache"]
    while claim := claim_next():
        apply_claimed(claim, cache)


def done(app: Flask, gateway: Gateway, *events: Any) -> list[dict[str, Any]]:
    answer = gateway.upload(*events)
    assert answer["malformed"] == []
    work(app)
    report = gateway.results(answer["upload"])
    assert report["state"] == "done"
    return report["results"]


@pytest.fixture(autouse=True)
def rested(stage: Database) -> None:
    """Nobody has seen the good cylinder for a while."""
    with stage.as_admin() as connection:
        connection.execute(
            text(
                "UPDATE gas.cylinder SET seen_at = NULL, filled_at = NULL, checked_at = NULL WHERE serial_no <> ''"
            )
        )


def test_a_check_and_a_fill_are_applied_in_the_order_sent(
    app: Flask, gateway: Gateway, stage: Database
) -> None:
    sent = [
        event(kind="take_in", seq=1),
        {**check(A), "seq": 2},
        event(kind="fill", seq=3, operator="ZAfiller", data={"medium": "01", "net_kg": 12.3, "gun": "G1"}),
        event(kind="store_in", seq=4, place="W1"),
    ]
    assert [result["state"] for result in done(app, gateway, *sent)] == ["applied"] * 4
    with stage.stage() as connection:
        kept = connection.execute(
            text("SELECT event_id FROM gas.fill WHERE cylinder_id = :id AND event_id IS NOT NULL"),
            {"id": A.cylinder_id("good")},
        ).scalars()
        assert [str(one) for one in kept] == [sent[2]["id"]]


def test_a_refused_fill_is_on_record_as_a_violation_and_as_no_fill(
    app: Flask, gateway: Gateway, stage: Database
) -> None:
    sent = event(kind="fill", label=A.code("overdue"), data={"net_kg": 1})
    (result,) = done(app, gateway, sent)
    assert (result["state"], "inspection_overdue" in result["refusals"]) == ("refused", True)
    assert result["message"].isascii()
    with stage.stage() as connection:
        values = {"id": sent["id"]}
        assert connection.scalar(text("SELECT count(*) FROM gas.violation WHERE event_id = :id"), values) == 1
        assert connection.scalar(text("SELECT count(*) FROM gas.fill WHERE event_id = :id"), values) == 0


def test_the_other_enterprises_label_gets_nowhere_and_shows_nothing(app: Flask, gateway: Gateway) -> None:
    results = done(app, gateway, event(label=B.code("good")), event(kind="fill", label=B.code("good")))
    assert [result["state"] for result in results] == ["rejected", "refused"]
    said = str(results).replace(B.code("good"), "")
    assert [mark for mark in B.marks if mark in said] == []
    nobodys = done(
        app, gateway, event(label="99999999901000001"), event(kind="fill", label="99999999901000001")
    )
    assert [(one["state"], one["code"], one["refusals"]) for one in nobodys] == [
        (one["state"], one["code"], one["refusals"]) for one in results
    ]


def test_a_repeat_after_the_work_is_done_is_told_the_same(app: Flask, gateway: Gateway) -> None:
    sent = event(kind="take_in")
    first = done(app, gateway, sent)
    again = gateway.upload(sent)
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    assert gateway.results(again["upload"]) == {"state": "done", "results": first}


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NUMBERS = (
    st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1e308, -1e-308, 0])
)
DATES = st.sampled_from(
    ["2026-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "x", "2026-01-01T00:00:00+08:00"]
)
VALUES = (
    st.none()
    | st.booleans()
    | NUMBERS
    | WORDS
    | DATES
    | st.lists(NUMBERS, max_size=2)
    | st.dictionaries(WORDS, WORDS, max_size=2)
)
NAMES = st.sampled_from(
    ["medium", "net_kg", "gross_kg", "tare_kg", "residual_kg", "residual_mpa", "pressure_mpa", "temperature_c", "gun", "batch",
     "started_at", "ended_at", "passed", "items", "note", "inspected_on", "next_on", "precision", "valve_end_of_life_on", "reason",
     "cylinder", "serial_no", "maker", "replaces", "work", "order", "warehouse", "station"]
)  # fmt: skip
LABELS = st.sampled_from(
    [A.code(name) for name in (*CYLINDERS, *LOOSE)] + [B.code("good"), "", "nonsense", A.code("good")[6:]]
)
TIMES = st.integers(-40_000_000, 1_000_000).map(
    lambda ago: (datetime.now(UTC) + timedelta(seconds=ago)).isoformat()
)
EXTREME = st.sampled_from(["1970-01-01T00:00:00+14:00", "9998-12-31T23:59:59.999999999-12:00"])
POSITIONS = st.fixed_dictionaries(
    {
        "lon": st.floats(-180, 180),
        "lat": st.floats(-90, 90),
        "crs": st.sampled_from(["WGS84", "CGCS2000", "GCJ02"]),
    }
)
ANY_EVENT = st.builds(
    lambda kind, label, at, data, more: event(
        id=str(new_id()), kind=kind, label=label, occurred_at=at, data=data, **more
    ),
    st.sampled_from([kind.value for kind in EventKind]),
    LABELS,
    TIMES | EXTREME,
    st.dictionaries(NAMES, VALUES, max_size=6),
    st.fixed_dictionaries(
        {},
        optional={
            "uid": st.sampled_from(["AAAAAAAA00000000", "00"]),
            "operator": WORDS,
            "place": WORDS,
            "position": POSITIONS,
        },
    ),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(ANY_EVENT, min_size=1, max_size=5))
def test_whatever_was_accepted_ends_with_a_reason_and_never_in_quarantine(
    app: Flask, gateway: Gateway, events: list[Any]
) -> None:
    app.extensions["device_budget"].forget()
    results = done(app, gateway, *events)
    assert len(results) == len(events)
    assert "quarantined" not in codes(results)
    assert {result["state"] for result in results} <= {"applied", "refused", "rejected"}
    assert all(result["message"] for result in results if result["state"] != "applied")
