"""The table in which enterprises have kept their cylinders so far: its faults are told as what they are, and nothing is lost."""

from __future__ import annotations

from sqlalchemy import text

from tenants.rules.states import ImportMode, ImportState
from tests.tenants.imports.office import OLD_TABLE, Office, state_of

LABELS = [f"370502001060000{n:02d}" for n in (24, 26, 28, 33, 52, 59, 71, 94)]


def own_numbers(office: Office) -> None:
    """The enterprise whose labels the table has."""
    with office.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.tenant SET enterprise = '001' WHERE id = :id"),
            {"id": office.enterprise.tenant_id},
        )
    office.issue(LABELS)


def test_each_fault_of_the_old_table_is_told_as_what_it_is(office: Office) -> None:
    own_numbers(office)
    run = office.check(OLD_TABLE.read_bytes(), "气瓶档案.csv")

    assert state_of(run) is ImportState.CHECKED
    assert (run.rows_total, run.rows_bad, run.rows_warned, run.rows_good) == (10, 3, 7, 0)
    assert office.errors(run.id) == {
        2: [
            ("medium_id", "这个品种的气瓶不能盛装该介质"),
            ("label", "标签号应为 17 位或 11 位，这里是 10 位"),
        ],
        3: [("label", "同一标签写在了几只气瓶上：第 3, 4 行")],
        4: [("label", "同一标签写在了几只气瓶上：第 3, 4 行")],
    }
    assert any("操作" in str(one) for one in run.notices)


def test_what_is_in_order_is_taken_over_with_everything_that_was_said(office: Office) -> None:
    own_numbers(office)
    run = office.check(OLD_TABLE.read_bytes())
    run = office.apply(run.id, ImportMode.GOOD)

    assert state_of(run) is ImportState.APPLIED
    assert (run.rows_written, run.rows_bad) == (7, 3)
    found = office.cylinders(serial_no="025441")[0]
    assert (found.kind_code, found.medium_id) == ("2310", "N2")
    assert found.note == "客户名称：莱昂强光气体；所在仓库：氮气；使用状态：空瓶左库"
    assert office.label_of("37050200106000052").cylinder_id == found.id
