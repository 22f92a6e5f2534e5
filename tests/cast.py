"""The fixed cast: two enterprises of the same shape on either side of the wall, and the people around them.

Every free text of enterprise A carries ZA, of B ZB; their numbers, codes and ids come from ranges that don't meet, so that a test can
look for the other's marks in anything that leaves the house. The names stay the same through the whole suite.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import Connection, insert, select

from tenants import models
from tenants.rules.states import Role

PASSWORD = "Cast-2026-qiping"
STAFF_ROLES = (Role.ADMIN, Role.FILLER, Role.CHECKER, Role.DRIVER, Role.STORE, Role.REPAIRER, Role.LAB)
LPG, OXYGEN = "01", "02"
MEDIA = {LPG: "LPG", OXYGEN: "O2"}


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One of the two; `mark` is in every text of its own, `code(...)` in every label, `uuid(...)` is every id."""

    mark: str
    tenant_id: int
    district: str
    enterprise: str
    digit: str
    first_serial: int
    kilos: Decimal

    def uuid(self, number: int) -> UUID:
        """The id number so-and-so of this enterprise."""
        return UUID(f"{self.digit * 8}-0000-7000-8000-{number:012d}")

    def code(self, name: str) -> str:
        """The code of the label on the cylinder of that name (see CYLINDERS and LOOSE)."""
        place = [*CYLINDERS, *LOOSE].index(name)
        medium = OXYGEN if name == "oxygen" else LPG
        return f"{self.district}{self.enterprise}{medium}{self.first_serial + place:06d}"

    def cylinder_id(self, name: str) -> UUID:
        """The id of a cylinder by its name in CYLINDERS."""
        return self.uuid(1000 + list(CYLINDERS).index(name))

    def label_id(self, name: str) -> UUID:
        """The id of the label that `code(name)` names."""
        return self.uuid(2000 + [*CYLINDERS, *LOOSE].index(name))

    def username(self, role: Role) -> str:
        """The account of one role."""
        return f"{self.mark.lower()}-{role.value}"

    @property
    def token(self) -> str:
        """The bearer token of its gateway."""
        return f"{self.mark}-gateway-token"

    @property
    def ticket(self) -> str:
        """The ticket of the report about its good cylinder."""
        return f"26010100{self.tenant_id:06d}-{self.mark * 5}"

    @property
    def marks(self) -> tuple[str, ...]:
        """What must never be seen on the other side of the wall."""
        return (
            self.mark,
            self.mark.lower() + "-",
            self.digit * 8,
            self.district + self.enterprise,
            f"{self.kilos}",
        )


A = Enterprise("ZA", 4101, "370502", "901", "a", 110001, Decimal("41.113"))
B = Enterprise("ZB", 7201, "370503", "902", "b", 770001, Decimal("72.227"))
BOTH = (A, B)


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody above the enterprises."""

    username: str
    role: Role
    jurisdiction: str


REGULATOR_OF_BOTH = Official("reg-both", Role.REGULATOR, "3705")
REGULATOR_OF_A = Official("reg-a", Role.REGULATOR, "370502")
INSPECTOR_OF_BOTH = Official("insp-both", Role.INSPECTOR, "3705")
INSPECTOR_OF_A = Official("insp-a", Role.INSPECTOR, "370502")
OPERATOR = "operator"
OFFICIALS = (REGULATOR_OF_BOTH, REGULATOR_OF_A, INSPECTOR_OF_BOTH, INSPECTOR_OF_A)

TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
YEARS = timedelta(days=365)

# Each cylinder's name says what is special about it; everything else is in order.
CYLINDERS: dict[str, dict[str, Any]] = {
    "good": {},
    "due_soon": {"next_inspection_on": TODAY + timedelta(days=20), "next_inspection_precision": "day"},
    "overdue": {"next_inspection_on": TODAY - timedelta(days=40), "next_inspection_precision": "day"},
    "scrapped": {"status": "scrapped", "stage": "out_of_use"},
    "cancelled": {"status": "cancelled", "stage": "out_of_use"},
    "suspended": {"status": "suspended"},
    "too_old": {"end_of_life_on": TODAY - YEARS},
    "valve_too_old": {"valve_end_of_life_on": TODAY - YEARS},
    "unregistered": {"registration_no": ""},
    "oxygen": {"medium_id": "O2", "kind_code": "SMLS_STEEL"},
    "never_filled": {"last_inspection_on": None},
    "relabelled": {},  # its labels: one lost, one void, one in force
    "disputed": {},
}
LOOSE = ("issued", "issued_void", "lost", "void")  # labels on no cylinder, and old ones of «relabelled»


def play(connection: Connection) -> None:
    """Put the whole cast on the stage of an empty, migrated database."""
    _media(connection)
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    for enterprise in BOTH:
        _enterprise(connection, enterprise, hashed)
    for official in OFFICIALS:
        authority = connection.execute(
            insert(models.Authority).values(name=f"{official.username} office", jurisdiction=official.jurisdiction)
            .returning(models.Authority.id)
        ).scalar_one()  # fmt: skip
        _account(connection, official.username, official.role, hashed, authority_id=authority)
    _account(connection, OPERATOR, Role.OPERATOR, hashed)


def _account(connection: Connection, username: str, role: Role, hashed: str, **place: Any) -> None:
    values = {"display_name": username, "password_hash": hashed, "role": role.value, **place}
    connection.execute(insert(models.Account).values(username=username, **values))


def _media(connection: Connection) -> None:
    there = set(connection.scalars(select(models.Medium.key)))
    plain = dict.fromkeys(
        ("formula", "un_number", "un_class", "state_class", "colour_zh", "lettering_zh", "cycle_class"), ""
    )
    plain |= dict.fromkeys(("colour_hex", "lettering_hex", "lettering_colour_zh"), "")
    flags = dict.fromkeys(("flammable", "toxic", "oxidising", "corrosive", "inert"), False)
    for key, name_zh, name_en, family in (("LPG", "液化石油气", "LPG", "L"), ("O2", "氧气", "Oxygen", "Q")):
        if key not in there:
            row = {
                "key": key,
                "valid_from": date(2020, 1, 1),
                "name_zh": name_zh,
                "name_en": name_en,
                "family": family,
            }
            connection.execute(insert(models.Medium).values(**plain, **flags, **row))


def _enterprise(connection: Connection, e: Enterprise, hashed: str) -> None:
    mark = e.mark
    connection.execute(
        insert(models.Tenant).values(
            id=e.tenant_id, district=e.district, enterprise=e.enterprise, name=f"{mark}气体有限公司", short_name=f"{mark}气体",
            credit_code=f"{mark}91370500", phone=f"0546-{e.tenant_id}888", address=f"{mark}路 1 号",
        )
    )  # fmt: skip
    for role in STAFF_ROLES:
        _account(
            connection,
            e.username(role),
            role,
            hashed,
            tenant_id=e.tenant_id,
            staff_code=f"{mark}{role.value}",
        )
    for model, rows in _rows(e):
        for row in rows:
            connection.execute(insert(model).inline().values(tenant_id=e.tenant_id, **row))


def _rows(e: Enterprise) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Every table of an enterprise with its rows, in an order that foreign keys allow."""
    now = datetime.now(UTC)
    return [
        (models.Licence, [{"id": e.uuid(1), "number": f"{e.mark}-TS-1", "media": ["LPG", "O2"], "issued_on": TODAY - YEARS,
                           "expires_on": TODAY + 3 * YEARS}]),
        (models.MediumCode, [{"code": code, "medium_id": medium} for code, medium in MEDIA.items()]),
        (models.Staff, [{"id": e.uuid(10 + i), "code": f"{e.mark}{role.value}", "name": f"{e.mark}张{i}", "kinds": ["充装"],
                         "phone": f"138{e.tenant_id}{i:04d}"} for i, role in enumerate(STAFF_ROLES)]),
        (models.Certificate, [{"id": e.uuid(20), "staff_id": e.uuid(11), "item": "P", "number": f"{e.mark}-P-1",
                               "expires_on": TODAY + YEARS}]),
        (models.Assay, [{"id": e.uuid(30), "medium_id": "O2", "batch": f"{e.mark}-B1", "passed": True, "assayed_on": TODAY,
                         "valid_until": TODAY + YEARS, "recorded_by": f"{e.mark}lab"}]),
        (models.Device, [{"id": e.uuid(40), "name": f"{e.mark} gateway", "role": "filler", "created_by": f"{e.mark}admin",
                          "token_hash": sha256(e.token.encode()).hexdigest()}]),
        (models.LabelRun, [{"id": e.uuid(50), "medium_code": LPG, "medium_id": "LPG", "kind": "metal",
                            "first_serial": e.first_serial, "quantity": 99, "created_by": f"{e.mark}admin"}]),
        (models.LabelMaking, [{"id": e.uuid(51), "run_id": e.uuid(50), "part": 1, "first_serial": e.first_serial, "quantity": 99,
                               "name": f"{e.mark}—液化石油气", "state": "done", "created_by": f"{e.mark}admin"}]),
        (models.LabelFile, [{"id": e.uuid(52), "making_id": e.uuid(51), "piece": 0, "content": e.mark.encode()}]),
        (models.Cylinder, [_cylinder(e, i, name) for i, name in enumerate(CYLINDERS)]),
        (models.Label, [_label(e, name) for name in (*CYLINDERS, *LOOSE)]),
        (models.LabelIssue, [{"id": e.uuid(60), "label_id": e.label_id("good"), "cylinder_id": e.cylinder_id("good"),
                              "action": "bind", "at": now, "by": f"{e.mark}store", "reason": f"{e.mark} new"}]),
        *_records(e, now),
        (models.TotalChange, [{"day": TODAY, "metric": "fills", "key": "", "medium_id": "LPG", "value": e.kilos}]),
            (models.TenantTotal, [{"district": e.district, "grain": "day", "day": TODAY, "metric": "fills", "key": "", "medium_id": "*",
                                   "value": e.kilos}]),
        *_office(e, now),
        (models.Upload, [{"id": e.uuid(90), "device_id": e.uuid(40), "event_ids": [str(e.uuid(91))],
                          "events": [{"id": str(e.uuid(91)), "note": e.mark}], "state": "done", "done_at": now}]),
        (models.DeviceEvent, [{"id": e.uuid(91), "upload_id": e.uuid(90), "position": 0, "device_id": e.uuid(40), "seq": 1,
                               "kind": "fill", "body_hash": e.mark, "state": "applied", "message": {"zh": e.mark}}]),
        (models.ImportRun, [{"id": e.uuid(95), "kind": "cylinders", "state": "checked", "file_name": f"{e.mark}.csv", "file_bytes": 9,
                             "file_hash": e.mark, "head": [f"{e.mark} head"], "rows_total": 2, "rows_good": 1, "rows_bad": 1,
                             "created_by": e.username(Role.ADMIN), "role": "admin"}]),
        (models.ImportFile, [{"id": e.uuid(95), "content": e.mark.encode()}]),
        (models.ImportRow, [
            {"id": e.uuid(96), "run_id": e.uuid(95), "row_no": 2, "state": "good", "values": {"serial_no": f"{e.mark}-new"},
             "cells": [f"{e.mark}-new"], "target_id": e.uuid(98)},
            {"id": e.uuid(97), "run_id": e.uuid(95), "row_no": 3, "state": "bad", "cells": [f"{e.mark}-bad"], "target_id": e.uuid(99),
             "problems": [{"column": "", "reason": [f"{e.mark} reason", {}], "mend": ["", {}], "value": e.mark, "grave": True}]},
        ]),
        (models.Outbox, [{"kind": "cylinder_changed", "subject_id": e.cylinder_id("good"), "detail": {"note": e.mark},
                          "relayed_at": now}]),
        (models.Audit, [{"seq": 0, "at": now, "actor": e.username(Role.ADMIN), "action": "cylinder_added",
                         "subject": f"{e.mark}-S1", "detail": {"note": e.mark}, "previous_hash": "", "hash": ""}]),
    ]  # fmt: skip


def _office(e: Enterprise, now: datetime) -> list[tuple[Any, list[dict[str, Any]]]]:
    of = {"customer_id": e.uuid(100), "driver_code": f"{e.mark}driver", "note": e.mark}
    place = {"name": f"{e.mark}库", "address": f"{e.mark}路 2 号"}
    return [
        (models.NumberSeries, [{"series": f"{e.mark} series", "last": 7}]),
        (models.Customer, [{"id": e.uuid(100), "number": f"{e.district}0001", "name": f"{e.mark}客户", "district": e.district,
                            "contact": f"{e.mark}联系人", "phone": f"000-{e.tenant_id}", "address": f"{e.mark}路 3 号"}]),
        (models.Order, [{"id": e.uuid(101), "number": f"{e.enterprise}202601010001", **of}]),
        (models.OrderLine, [{"order_id": e.uuid(101), "position": 1, "empty_medium_id": "LPG", "medium_id": "LPG", "quantity": 2}]),
        (models.Recovery, [{"id": e.uuid(102), "number": "HS202601010001", **of}]),
        (models.RecoveryLine, [{"recovery_id": e.uuid(102), "position": 1, "medium_id": "LPG", "quantity": 3}]),
        (models.Warehouse, [{"id": e.uuid(103), "code": f"{e.mark}K", **place}]),
        (models.Station, [{"id": e.uuid(104), "code": f"{e.mark}S", **place}]),
    ]  # fmt: skip


def _records(e: Enterprise, now: datetime) -> list[tuple[Any, list[dict[str, Any]]]]:
    of = {"operator_code": f"{e.mark}filler", "device_id": e.uuid(40), "place": f"{e.mark} hall"}
    at, district = now - timedelta(days=2), {"district": e.district}
    found = {
        "label_code": e.code("good"),
        "jurisdiction": "3705",
        "inspector": INSPECTOR_OF_BOTH.username,
        "hazard": 7,
    }
    filled = [name for name in CYLINDERS if name != "never_filled"]
    return [
        (models.FillCheck, [{"id": e.uuid(70), "at": at, "stage": "before", "cylinder_id": e.cylinder_id("good"),
                             "label_code": e.code("good"), "passed": True, "items": {"P06": True}, "note": e.mark, **of}]),
        (models.Fill, [{"id": e.uuid(3000 + i), "at": at, "cylinder_id": e.cylinder_id(name), "label_code": e.code(name),
                        "medium_id": "O2" if name == "oxygen" else "LPG", "net_kg": e.kilos, "gun": f"{e.mark} gun 1",
                        **district, **of} for i, name in enumerate(filled)]),
        (models.Violation, [{"id": e.uuid(80), "at": at, "kind": "fill", "cylinder_id": e.cylinder_id("overdue"),
                             "scanned": e.code("overdue"), "label_code": e.code("overdue"), "refusal": "inspection_overdue",
                             "refusals": ["inspection_overdue"], "severity": "critical", "detail": {"note": e.mark},
                             **district, **of}]),
        (models.TraceEvent, [{"id": e.uuid(85), "at": at, "cylinder_id": e.cylinder_id("good"), "label_code": e.code("good"),
                              "kind": "fill", "from_stage": "checked", "to_stage": "full_stored", "detail": {"note": e.mark},
                              **of}]),
        (models.Report, [{"id": e.uuid(88), "district": e.district, "about": e.tenant_id, "number": e.ticket[:14], "state": "received",
                          "ticket_hash": sha256(e.ticket.encode()).hexdigest(), "label_code": e.code("good"), "kind": "complaint",
                          "matter": "short", "words": f"{e.mark} report", "received_at": at}]),
        (models.ReportAnswer, [{"id": e.uuid(89), "report_id": e.uuid(88), "district": e.district, "act": "replied",
                                "by": e.username(Role.ADMIN), "words": f"{e.mark} reply", "client_ref": e.uuid(90)}]),
        (models.Finding, [{"id": e.uuid(86), "at": at, "cylinder_id": e.cylinder_id("good"), "disposition": "noted",
                           "words": f"{e.mark} finding", "client_ref": e.uuid(87), **found}]),
    ]  # fmt: skip


def _cylinder(e: Enterprise, place: int, name: str) -> dict[str, Any]:
    usual = {
        "id": e.cylinder_id(name), "serial_no": f"{e.mark}-S{e.first_serial + place}", "maker": f"{e.mark}压力容器厂",
        "kind_code": "LPG_WELDED",
        "medium_id": "LPG", "registration_no": f"{e.mark}-R{place}", "made_on": date(2023, 5, 1), "tare_kg": e.kilos,
        "last_inspection_on": date(2025, 3, 1), "next_inspection_on": TODAY.replace(day=1) + 2 * YEARS,
        "end_of_life_on": TODAY.replace(day=1) + 5 * YEARS, "district": e.district, "note": f"{e.mark} note", "place": f"{e.mark} yard",
        "created_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=place),
    }  # fmt: skip
    return {**usual, **CYLINDERS[name]}


def _label(e: Enterprise, name: str) -> dict[str, Any]:
    row = {
        "id": e.label_id(name),
        "code": e.code(name),
        "kind": "metal",
        "medium_code": e.code(name)[9:11],
        "run_id": e.uuid(50),
    }
    if name in CYLINDERS:
        number = list(CYLINDERS).index(name)
        row |= {
            "state": "bound",
            "cylinder_id": e.cylinder_id(name),
            "uid": f"{e.digit.upper() * 8}{number:08X}",
        }
    if name == "disputed":
        row["disputed_at"] = datetime.now(UTC)
    if name in ("lost", "void"):
        row |= {"state": name, "cylinder_id": e.cylinder_id("relabelled")}
    if name == "issued_void":
        row["state"] = "void"
    return row
