"""A cylinder goes through its round, and every step leaves its record, its trace and its stage."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from tenants import scope
from tenants.models import Fill, FillCheck, LabelIssue, TraceEvent, Violation
from tenants.rules.states import EventKind, Stage
from tests.cast import LOOSE, TODAY, B
from tests.tenants.apply.site import MINUTE, Site


def test_the_whole_round_moves_the_cylinder_from_stage_to_stage(site: Site) -> None:
    steps = {
        EventKind.TAKE_IN: Stage.EMPTY_STORED,
        EventKind.CHECK_BEFORE_FILL: Stage.CHECKED,
        EventKind.FILL: Stage.FULL_STORED,
        EventKind.CHECK_AFTER_FILL: Stage.FULL_STORED,
        EventKind.STORE_OUT: Stage.OUT,
        EventKind.STORE_IN: Stage.FULL_STORED,
        EventKind.DELIVER: Stage.DELIVERED,
        EventKind.RECOVER: Stage.RECOVERED,
        EventKind.SEND_TO_INSPECTION: Stage.AT_INSPECTION,
        EventKind.INSPECT: Stage.EMPTY_STORED,
        EventKind.REPAIR: Stage.AT_REPAIR,
        EventKind.FINDING: Stage.AT_REPAIR,
        EventKind.TAG_WRITTEN: Stage.AT_REPAIR,
        EventKind.SCRAP: Stage.OUT_OF_USE,
    }
    data = {"passed": True, "medium": "01", "net_kg": 14.5, "next_on": "2035-01-01", "reason": "x"}
    for kind, stage in steps.items():
        (result,) = site.do(site.event(kind, **data))
        state = "refused" if kind is EventKind.FINDING else "applied"  # only an authority finds
        assert (result.state, site.cylinder().stage) == (state, stage.value), (kind, result)

    assert site.traced() == [kind.value for kind in steps]
    assert not any(event.implausible for event in site.new(TraceEvent))
    assert {event.kind for event in site.new(TraceEvent)} | {"bind_label"} == {
        kind.value for kind in EventKind
    }
    site.assert_one_effect_each()


def test_the_same_round_in_one_upload_ends_the_same(site: Site) -> None:
    states = site.states(
        site.event(EventKind.TAKE_IN),
        site.check(),
        site.fill(),
        site.event(EventKind.STORE_OUT),
        site.event(EventKind.DELIVER),
        site.event(EventKind.RECOVER),
        site.check(),
        site.fill(),
    )
    assert states == ["applied"] * 8
    assert site.cylinder().stage == Stage.FULL_STORED.value
    assert len(site.new(Fill)) == 2
    site.assert_one_effect_each()


def test_a_fill_is_kept_with_its_numbers_and_counted(site: Site) -> None:
    site.do(site.check(), site.fill(gross_kg=31.0, tare_kg=16.5, net_kg=None, gun="G7", temperature_c=20))
    (kept,) = site.new(Fill)

    assert (kept.net_kg, kept.gross_kg, kept.gun, kept.medium_id) == (Decimal("14.500"), 31, "G7", "LPG")
    assert kept.operator_code == site.filler
    assert site.cylinder().filled_kg == Decimal("14.500")
    site.assert_one_effect_each()


def test_a_refused_fill_is_a_violation_and_never_a_fill(site: Site) -> None:
    (result,) = site.do(site.fill("overdue"))

    assert result.state == "refused"
    assert result.refusals[:1] == ("inspection_overdue",)
    assert all(result.message[language] for language in ("zh", "en"))
    assert not site.new(Fill)
    (violation,) = site.new(Violation)
    assert violation.refusals == list(result.refusals)
    assert violation.detail["net_kg"] == "14.5"
    (trace,) = site.new(TraceEvent)
    assert trace.detail["refused"] == list(result.refusals)
    assert trace.from_stage == trace.to_stage
    site.assert_one_effect_each()


def test_a_fill_without_a_check_is_refused_and_so_is_the_second_after_one_check(site: Site) -> None:
    results = site.do(site.fill(), site.check(), site.fill(), site.fill())

    assert [result.state for result in results] == ["refused", "applied", "applied", "refused"]
    assert results[3].refusals == ("pre_fill_check_missing",)
    site.assert_one_effect_each()


def test_a_failed_check_is_kept_and_forbids_the_fill(site: Site) -> None:
    results = site.do(site.check(passed=False), site.fill())

    assert [result.state for result in results] == ["applied", "refused"]
    assert results[1].refusals == ("pre_fill_check_failed",)
    assert [check.passed for check in site.new(FillCheck)] == [False]
    assert site.cylinder().stage == Stage.NEW.value


def test_an_inspection_passed_sets_the_next_date_and_lets_it_be_filled(site: Site) -> None:
    inspection = site.event(
        EventKind.INSPECT,
        "overdue",
        passed=True,
        inspected_on=TODAY.isoformat(),
        next_on="2036-05-01",
        precision="day",
    )
    assert site.states(inspection, site.check("overdue"), site.fill("overdue")) == ["applied"] * 3
    cylinder = site.cylinder("overdue")
    assert (cylinder.next_inspection_on, cylinder.next_inspection_precision) == (date(2036, 5, 1), "day")


def test_an_inspection_not_passed_scraps_the_cylinder_and_its_labels_for_good(site: Site) -> None:
    results = site.do(site.check(), site.event(EventKind.INSPECT, passed=False), site.fill())

    assert [result.state for result in results] == ["applied", "applied", "refused"]
    assert results[2].refusals[0] == "condemned"
    assert "label_void" in results[2].refusals
    assert (site.cylinder().status, site.cylinder().stage) == ("scrapped", "out_of_use")
    assert site.label().state == "void"


def test_a_repair_with_a_new_valve_gives_the_valve_a_new_life(site: Site) -> None:
    repair = site.event(EventKind.REPAIR, "valve_too_old", work="阀", valve_end_of_life_on="2035-06-01")
    assert site.states(repair, site.check("valve_too_old"), site.fill("valve_too_old")) == ["applied"] * 3


def test_binding_makes_the_issue_record_and_a_new_label_replaces_the_old(site: Site) -> None:
    bind = site.event(
        EventKind.BIND_LABEL,
        LOOSE[0],
        cylinder=str(site.enterprise.cylinder_id("good")),
        replaces=site.enterprise.code("good"),
        reason="磨损",
    )
    (bound,) = site.do(bind)

    assert bound.state == "applied"
    assert (site.label(LOOSE[0]).state, site.label("good").state) == ("bound", "void")
    with scope.tenant_scope(site.enterprise.tenant_id) as session:
        actions = session.scalars(select(LabelIssue.action).where(LabelIssue.reason == "磨损")).all()
    assert sorted(actions) == ["replace", "void"]
    assert site.states(site.check(LOOSE[0]), site.fill(LOOSE[0])) == ["applied", "applied"]
    assert site.do(site.fill("good"))[0].refusals == ("pre_fill_check_missing", "label_void")


def test_a_binding_between_other_events_of_the_same_cylinder_loses_none_of_them(site: Site) -> None:
    cylinder = str(site.enterprise.cylinder_id("good"))
    states = site.states(
        site.event(EventKind.TAKE_IN),
        site.check(),
        site.event(EventKind.BIND_LABEL, LOOSE[0], cylinder=cylinder),
        site.fill(LOOSE[0]),
    )
    assert states == ["applied"] * 4
    after = site.cylinder()
    assert (after.stage, after.check_passed, after.filled_kg) == ("full_stored", True, Decimal("14.500"))


def test_a_binding_by_serial_number_finds_the_cylinder_or_says_why_not(site: Site) -> None:
    serial = site.cylinder("good").serial_no
    bind = [
        site.event(EventKind.BIND_LABEL, LOOSE[0], serial_no=name, **more)
        for name, more in ((serial, {"maker": "nobody"}), ("no such", {}), (serial, {}))
    ]
    assert [result.code for result in site.do(*bind)] == ["unknown_cylinder", "unknown_cylinder", ""]
    (nameless,) = site.do(site.event(EventKind.BIND_LABEL, LOOSE[0]))
    assert (nameless.state, nameless.code) == ("rejected", "bad_data")


def test_a_label_bound_to_a_second_cylinder_is_disputed_and_refuses_from_then_on(site: Site) -> None:
    second = str(site.enterprise.cylinder_id("due_soon"))
    results = site.do(site.check(), site.event(EventKind.BIND_LABEL, "good", cylinder=second), site.fill())

    assert [result.state for result in results] == ["applied", "refused", "refused"]
    assert results[1].refusals == results[2].refusals == ("label_on_two_cylinders",)
    assert site.label().disputed_at is not None
    assert site.label().cylinder_id == site.enterprise.cylinder_id("good")


@pytest.mark.parametrize("name", ["lost", "void", "issued_void"])
def test_a_lost_or_void_label_is_never_bound_again(site: Site, name: str) -> None:
    (result,) = site.do(
        site.event(EventKind.BIND_LABEL, name, cylinder=str(site.enterprise.cylinder_id("good")))
    )
    assert (result.state, result.code) == ("rejected", "label_void")


def test_a_late_event_is_recorded_and_does_not_move_the_cylinder_back(site: Site) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=90)
    site.do(site.check(), site.fill(), site.event(EventKind.DELIVER))
    results = site.do(
        site.check(at=long_ago), site.fill(at=long_ago + MINUTE), site.event(EventKind.TAKE_IN, at=long_ago)
    )

    assert [result.state for result in results] == ["applied"] * 3
    assert site.cylinder().stage == Stage.DELIVERED.value
    assert len(site.new(Fill)) == 2
    assert sum(bool(event.detail.get("late")) for event in site.new(TraceEvent)) == 3
    site.assert_one_effect_each()  # the totals of that day too


def test_a_late_fill_is_judged_by_what_was_true_then(site: Site) -> None:
    before = datetime.now(UTC) - timedelta(days=50)
    site.do(site.event(EventKind.INSPECT, "overdue", passed=True, next_on="2036-05-01"))
    results = site.do(
        site.check("overdue", at=before),
        site.fill("overdue", at=before + MINUTE),
        site.fill("overdue", at=before + 2 * MINUTE),
    )
    assert [result.state for result in results] == [
        "applied",
        "applied",
        "refused",
    ]  # due 40 days ago, so in force then
    late = datetime.now(UTC) - timedelta(days=20)
    results = site.do(site.check("overdue", at=late), site.fill("overdue", at=late + MINUTE))
    assert results[1].refusals == ("inspection_overdue",)


def test_a_late_fill_of_a_cylinder_scrapped_since_is_no_violation(site: Site) -> None:
    site.do(site.check(), site.event(EventKind.SCRAP, reason="x"))
    before = datetime.now(UTC) - timedelta(days=3)
    results = site.do(site.check(at=before), site.fill(at=before + MINUTE), site.fill())

    assert [result.state for result in results] == ["applied", "applied", "refused"]
    assert results[2].refusals[0] == "condemned"
    assert site.cylinder().stage == Stage.OUT_OF_USE.value


def test_a_clock_that_is_wrong_is_recorded_and_not_believed(site: Site) -> None:
    site.do(site.check(at=datetime(1970, 1, 2, tzinfo=UTC)), site.check(at=datetime(2038, 1, 19, tzinfo=UTC)))
    checks = site.new(FillCheck)

    assert [check.time_trust for check in checks] == ["suspect"] * 2
    assert {check.device_at.year for check in checks} == {1970, 2038}
    assert all(abs(check.at - datetime.now(UTC)) < timedelta(hours=1) for check in checks)


def test_anothers_label_is_rejected_as_if_it_did_not_exist(site: Site) -> None:
    theirs, nobodys = B.code("good"), site.enterprise.code("good")[:11] + "999999"
    results = site.do(*(site.scan(EventKind.TAKE_IN, code) for code in (theirs, nobodys)))

    assert [(result.state, result.code) for result in results] == [("rejected", "unknown_label")] * 2
    assert site.do(site.scan(EventKind.FILL, theirs))[0].refusals == ("not_own_cylinder",)
    assert Site(site.database, B).traced() == []


def test_what_is_no_code_is_rejected_with_a_reason_and_a_fill_of_it_is_a_violation(site: Site) -> None:
    moved, filled = site.do(site.scan(EventKind.DELIVER, "hello"), site.scan(EventKind.FILL, "hello"))

    assert (moved.state, moved.code) == ("rejected", "malformed_code")
    assert (filled.state, filled.refusals) == ("refused", ("malformed_code",))
    assert site.new(Violation)[0].scanned == "hello"


@pytest.mark.parametrize("number", ["abc", "NaN", 1e12, [], {}])
def test_a_number_that_is_none_is_rejected_and_the_others_are_applied(site: Site, number: object) -> None:
    results = site.do(
        site.check(), site.fill(net_kg=number), site.fill("due_soon"), site.event(EventKind.TAKE_IN)
    )

    assert [result.state for result in results] == ["applied", "rejected", "refused", "applied"]
    assert results[1].code == "bad_data"


def test_a_chip_alone_is_enough_to_know_the_cylinder(site: Site) -> None:
    by_chip = {**site.scan(EventKind.TAKE_IN, ""), "uid": f"{site.enterprise.digit.upper() * 8}00000000"}
    assert site.states(by_chip) == ["applied"]
    assert site.cylinder().stage == Stage.EMPTY_STORED.value


def test_a_chip_does_not_excuse_a_label_that_is_none(site: Site) -> None:
    both = {**site.scan(EventKind.FILL, "hello"), "uid": f"{site.enterprise.digit.upper() * 8}00000000"}
    assert "malformed_code" in site.do(both)[0].refusals
