"""Writing what was checked, and taking it back: all of it, the good rows, or nothing, and never half."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from tenants import scope
from tenants.errors import Conflict, NotFound
from tenants.models import Cylinder, Fill, FillCheck, LabelIssue, Outbox
from tenants.models.base import new_id
from tenants.permissions import Actor
from tenants.rules.states import ImportMode, ImportState, Role
from tenants.services.imports import claims, cylinder_rows, runs, work
from tenants.services.imports.claims import claim_next
from tenants.services.imports.work import work_on
from tenants.services.leases import Claim
from tests.cast import A, B
from tests.tenants.imports.office import Office, as_csv, good_rows, state_of


def test_good_rows_are_written_as_the_archive_writes_them(office: Office) -> None:
    office.issue([office.label(1)])
    row = (
        "S1",
        "厂一",
        "2310",
        "N2",
        office.label(1),
        "R1",
        "2030-01",
        "2050-01-02",
        "40",
        "15",
        "48.5",
        "自有",
        "一号",
    )
    head = [
        "出厂编号",
        "制造单位",
        "设备品种",
        "充装介质",
        "标签号",
        "使用登记证号",
        "下次检验",
        "设计使用年限至",
        "公称容积",
        "公称工作压力",
        "空瓶质量",
        "产权",
        "备注",
    ]
    run = office.bring(as_csv([row], head=head))
    found = office.cylinders(serial_no="S1")[0]
    assert state_of(run) is ImportState.APPLIED
    assert (run.rows_good, run.rows_written) == (1, 1)
    assert (found.next_inspection_on.isoformat(), found.next_inspection_precision) == ("2030-01-01", "month")
    assert (found.end_of_life_on.isoformat(), found.end_of_life_precision) == ("2050-01-02", "day")
    assert (str(found.volume_l), str(found.tare_kg), found.district, found.stage) == (
        "40.00",
        "48.500",
        A.district,
        "new",
    )
    label = office.label_of(office.label(1))
    assert (label.state, label.cylinder_id) == ("bound", found.id)
    with office.database.as_admin() as connection:
        told = connection.scalar(select(Outbox.kind).where(Outbox.subject_id == found.id))
        issued = connection.execute(
            select(LabelIssue.action, LabelIssue.by).where(LabelIssue.cylinder_id == found.id)
        ).one()
    assert told == "cylinder_changed"
    assert tuple(issued) == ("bind", A.username(Role.ADMIN))


def test_what_is_there_is_told_and_not_overwritten(office: Office) -> None:
    office.bring(as_csv(good_rows(2)))
    again = office.check(as_csv(good_rows(3)))
    assert office.errors(again.id) == {
        2: [("serial_no", "档案中已有这只气瓶，没有覆盖")],
        3: [("serial_no", "档案中已有这只气瓶，没有覆盖")],
    }
    with pytest.raises(Conflict, match="全部或全不"):
        office.apply(again.id, ImportMode.ALL)
    assert office.apply(again.id, ImportMode.GOOD).rows_written == 1


def test_the_same_cylinder_twice_in_a_file_is_told_on_both_rows(office: Office) -> None:
    run = office.check(as_csv(good_rows(1) + good_rows(1)))
    assert set(office.errors(run.id)) == {2, 3}


LABELS = {
    "issued": None,
    "bound": "已绑定",
    "void": "已挂失或作废",
    "lost": "已挂失或作废",
    "never": "没有制发过",
    "foreign": "不是本单位",
}


@pytest.mark.parametrize("what", LABELS)
def test_a_label_is_bound_when_it_is_issued_and_free(office: Office, what: str) -> None:
    office.issue([office.label(1)])
    office.issue([office.label(2)], "void")
    code = {"issued": office.label(1)[6:], "bound": A.code("good"), "void": office.label(2), "lost": A.code("lost"),
            "never": office.label(99), "foreign": B.code("issued")}[what]  # fmt: skip
    run = office.check(as_csv(good_rows(1, label=code)))
    wanted = LABELS[what]
    found = office.errors(run.id).get(2, [])
    assert found == [] if wanted is None else wanted in found[0][1]


def test_a_change_between_check_and_choice_is_found(office: Office) -> None:
    office.issue([office.label(1), office.label(2)])
    rows = [good_rows(1, first=n, label=office.label(n))[0] for n in (1, 2)] + good_rows(1, first=3)
    run = office.check(as_csv(rows))
    other = office.check(as_csv(good_rows(1, first=3)))
    office.apply(other.id)
    with office.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.label SET state = 'void' WHERE code = :code"), {"code": office.label(1)}
        )
    refused = office.apply(run.id, ImportMode.ALL)
    assert state_of(refused) is ImportState.CHECKED
    assert (refused.rows_bad, refused.rows_written) == (2, 0)
    done = office.apply(run.id, ImportMode.GOOD)
    assert (state_of(done), done.rows_written) == (ImportState.APPLIED, 1)


def test_a_whole_import_is_taken_back_and_its_labels_are_free(office: Office) -> None:
    office.issue([office.label(1)])
    before = office.count()
    run = office.bring(as_csv([*good_rows(1, label=office.label(1)), *good_rows(20, first=2)]))
    assert office.count() == before + 21
    run = office.undo(run.id)
    assert state_of(run) is ImportState.UNDONE
    assert office.count() == before
    assert office.label_of(office.label(1)).state == "issued"
    with scope.tenant_scope(A.tenant_id) as session:
        label = office.label_of(office.label(1))
        steps = session.scalars(
            select(LabelIssue.action).where(LabelIssue.label_id == label.id).order_by(LabelIssue.at)
        )
        assert list(steps) == ["bind", "release"]
    assert office.bring(as_csv(good_rows(1, label=office.label(1)))).rows_written == 1


def built_on(what: str, cylinder: Cylinder) -> object:
    """What a test does to a cylinder of an import."""
    now, of = datetime.now(UTC), {"cylinder_id": cylinder.id, "label_code": A.code("good")}
    match what:
        case "a fill":
            return (
                insert(Fill).inline().values(id=new_id(), at=now, medium_id="N2", district=A.district, **of)
            )
        case "a check":
            return (
                insert(FillCheck)
                .inline()
                .values(id=new_id(), at=now, stage="before", passed=True, items={}, **of)
            )
    column = "row_version" if what == "an edit" else "facts_version"
    return update(Cylinder).where(Cylinder.id == cylinder.id).values({column: 2})


@pytest.mark.parametrize("what", ["an edit", "a change of facts", "a fill", "a check"])
def test_what_was_built_on_can_not_be_taken_back(office: Office, what: str) -> None:
    run = office.bring(as_csv(good_rows(3)))
    with scope.worker_scope(A.tenant_id) as session:
        session.execute(built_on(what, office.cylinders(serial_no="S000002")[0]))
    before = office.count()
    run = office.undo(run.id)
    assert state_of(run) is ImportState.APPLIED
    assert office.count() == before
    assert run.problem[1]["value"] == "S000002"
    assert run.problem[1]["mend"] == ["第 %(row)d 行", {"row": 3}]


def test_every_table_that_speaks_of_cylinders_hinders() -> None:
    names = {name for name, _ in cylinder_rows.tables_about_cylinders()}
    assert {"fill", "fill_check", "violation", "trace_event"} <= names
    assert not names & {"label", "label_issue", "import_row"}


def test_nobody_deletes_a_cylinder_in_any_other_way(office: Office) -> None:
    office.bring(as_csv(good_rows(2)))
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        scope.tenant_scope(A.tenant_id) as session,
    ):
        session.execute(text("DELETE FROM gas.cylinder"))
    with scope.worker_scope(A.tenant_id) as session:
        session.execute(text("DELETE FROM gas.cylinder WHERE serial_no NOT LIKE 'S00000%'"))
        assert session.execute(
            text("DELETE FROM gas.cylinder WHERE serial_no = 'S000001' RETURNING id")
        ).all()
    assert [one.serial_no for one in office.cylinders(maker="厂一")] == ["S000002"]


def test_a_stop_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = office.send(as_csv(good_rows(3)))
    with scope.tenant_scope(A.tenant_id) as session:
        runs.cancel(session, office.actor, run_id)
    office.work()
    assert state_of(office.run(run_id)) is ImportState.CANCELLED

    run = office.check(as_csv(good_rows(30)))
    before = office.count()
    monkeypatch.setattr(work, "STEP", 10)
    told = claims.tell

    def stop_after_ten(claim: Claim, done: int, total: int | None = None) -> None:
        with scope.tenant_scope(A.tenant_id) as session:
            runs.cancel(session, office.actor, run.id)
        told(claim, done, total)

    monkeypatch.setattr(claims, "tell", stop_after_ten)
    stopped = office.apply(run.id)
    assert state_of(stopped) is ImportState.CHECKED
    assert office.count() == before
    monkeypatch.setattr(claims, "tell", told)
    assert office.apply(run.id).rows_written == 30


def test_a_worker_that_lost_its_lease_writes_nothing(office: Office) -> None:
    office.send(as_csv(good_rows(3)))
    slow = claim_next()
    assert slow is not None
    with office.database.as_admin() as connection:
        connection.execute(text("UPDATE gas.import_run SET due_at = now() WHERE state = 'queued'"))
    quick = claim_next()
    assert quick is not None
    work_on(quick)
    assert state_of(office.run(quick.id)) is ImportState.CHECKED
    work_on(slow)
    assert state_of(office.run(quick.id)) is ImportState.CHECKED


def test_a_file_that_ends_its_worker_is_given_up(office: Office) -> None:
    run_id = office.send(as_csv(good_rows(3)))
    for _ in range(claims.MOST_TRIES):
        assert claim_next() is not None  # and dies
        with office.database.as_admin() as connection:
            connection.execute(
                text("UPDATE gas.import_run SET due_at = now() WHERE id = :id"), {"id": run_id}
            )
    office.work()
    run = office.run(run_id)
    assert state_of(run) is ImportState.FAILED
    assert "没有写入" in run.problem[0]["reason"][0]


def test_the_other_enterprise_s_import_is_not_there(office: Office) -> None:
    run = office.check(as_csv(good_rows(1)))
    other = Actor(role=Role.ADMIN, username=B.username(Role.ADMIN), tenant_id=B.tenant_id)
    with scope.tenant_scope(B.tenant_id) as session:
        for deed in (runs.cancel, runs.undo):
            with pytest.raises(NotFound):
                deed(session, other, run.id)
        with pytest.raises(NotFound):
            runs.approve(session, other, run.id, ImportMode.ALL)
    office.apply(run.id)
    with scope.tenant_scope(B.tenant_id) as session:
        assert session.scalars(select(Cylinder).where(Cylinder.maker == "厂一")).all() == []


def test_old_files_go_and_the_entry_stays(office: Office) -> None:
    run = office.bring(as_csv(good_rows(2)))
    with office.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.import_run SET created_at = now() - interval '31 days' WHERE id = :id"),
            {"id": run.id},
        )
    assert (A.tenant_id, run.id) in list(claims.swept())
    with office.database.as_admin() as connection:
        for table in ("import_row", "import_file"):
            key = "run_id" if table == "import_row" else "id"
            assert (
                connection.scalar(text(f"SELECT count(*) FROM gas.{table} WHERE {key} = :id"), {"id": run.id})
                == 0
            )
    assert office.run(run.id).rows_written == 2
    with pytest.raises(Conflict, match="30 天"):
        office.undo(run.id)


def test_a_file_sent_twice_is_known(office: Office) -> None:
    first = office.check(as_csv(good_rows(2)))
    second = office.check(as_csv(good_rows(2)))
    with scope.tenant_scope(A.tenant_id) as session:
        assert runs.find_twin(session, second).id == first.id
        assert runs.find_twin(session, first) is None
