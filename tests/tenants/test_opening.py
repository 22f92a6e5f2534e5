"""Opening enterprises and authorities, adding staff, issuing and revoking device tokens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import text

from tenants import scope
from tenants.errors import Conflict, Invalid, NotFound
from tenants.permissions import Actor
from tenants.queries.devices import list_devices
from tenants.queries.tenants import list_tenants
from tenants.rules.states import Role
from tenants.services.devices import issue_token, revoke_device
from tenants.services.facts import enterprise_facts
from tenants.services.people import NewCertificate, NewStaff, add_staff
from tenants.services.tenants import (
    NewLicence,
    NewMediumCode,
    NewTenant,
    create_authority,
    create_tenant,
    find_authority,
    get_tenant,
    grant_licence,
    set_medium_codes,
)
from tests.cast import A, B
from tests.databases import Database

OPERATOR = Actor(role=Role.OPERATOR, username="cli:tester")
NEW = NewTenant(
    code="370502-777",
    name="东营新开气体有限公司",
    phone="0546-5550777",
    position=(118.5, 37.4),
    licence=NewLicence("TS-NEW-1", ("O2", "LPG"), date(2029, 6, 30)),
    medium_codes=(NewMediumCode("01", "O2"), NewMediumCode("05", "LPG", assay_required=True)),
)


def test_an_enterprise_is_opened_with_licence_and_codes(own_walls: Database) -> None:
    with scope.platform_scope() as session:
        tenant_id = create_tenant(session, OPERATOR, NEW).id
    with scope.tenant_scope(tenant_id) as session:
        facts = enterprise_facts(session, tenant_id)
    assert (facts.district, facts.enterprise, facts.licence_no) == ("370502", "777", "TS-NEW-1")
    assert facts.licence_media == ("LPG", "O2")
    assert facts.medium_codes == (("01", "O2"), ("05", "LPG"))
    assert facts.assay_required == ("LPG",)
    with scope.platform_scope() as session:
        row = next(row for row in list_tenants(session) if row.code == "370502-777")
    assert (row.licence_no, row.licence_expires_on) == ("TS-NEW-1", date(2029, 6, 30))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"code": "370502777"}, "six digits, a hyphen"),
        ({"name": " "}, "needs a name"),
        (
            {"licence": NewLicence("TS", ("UNOBTANIUM",), date(2029, 1, 1))},
            "Not in the table of media: UNOBTANIUM",
        ),
        ({"licence": NewLicence("", ("O2",), date(2029, 1, 1))}, "needs a number"),
        ({"medium_codes": (NewMediumCode("1", "O2"),)}, "two digits"),
    ],
)
def test_what_can_not_be_opened(own_walls: Database, change: dict[str, object], said: str) -> None:
    with pytest.raises(Invalid, match=said), scope.platform_scope() as session:
        create_tenant(session, OPERATOR, replace(NEW, **change))
    with scope.platform_scope() as session:
        assert len(list_tenants(session)) == 2


def test_a_code_is_given_once(own_walls: Database) -> None:
    with pytest.raises(Conflict, match="exists already"), scope.platform_scope() as session:
        create_tenant(session, OPERATOR, replace(NEW, code=f"{A.district}-{A.enterprise}"))


def test_a_medium_code_never_changes_its_medium(own_walls: Database) -> None:
    with pytest.raises(Conflict, match="stands for LPG already"), scope.platform_scope() as session:
        set_medium_codes(
            session, get_tenant(session, f"{A.district}-{A.enterprise}"), [NewMediumCode("01", "O2")]
        )


def test_a_new_licence_is_news_for_verdicts(own_walls: Database) -> None:
    with scope.platform_scope() as session:
        tenant = get_tenant(session, f"{A.district}-{A.enterprise}")
        before = tenant.facts_version
        grant_licence(session, OPERATOR, tenant, NewLicence("TS-2", ("O2",), date(2030, 1, 1)))
        assert tenant.facts_version == before + 1
    with scope.tenant_scope(A.tenant_id) as session:
        assert enterprise_facts(session, A.tenant_id).licence_no == "TS-2"


def test_an_authority_has_one_prefix(own_walls: Database) -> None:
    with scope.platform_scope() as session:
        create_authority(session, OPERATOR, "烟台局", "3706")
        assert find_authority(session, "3706") is not None
        assert find_authority(session, "37") is None
        with pytest.raises(Conflict):
            create_authority(session, OPERATOR, "又一烟台局", "3706")
        with pytest.raises(Invalid):
            create_authority(session, OPERATOR, "全国局", "")


def test_staff_come_with_their_certificates(own_walls: Database) -> None:
    people = [
        NewStaff("N1", "甲", ("充装",), certificates=(NewCertificate("P", date(2028, 1, 1)),)),
        NewStaff("N2", "乙", ("配送",)),
    ]
    with scope.tenant_scope(A.tenant_id) as session:
        add_staff(session, replace(OPERATOR, tenant_id=A.tenant_id), people)
    with scope.tenant_scope(A.tenant_id) as session:
        operators = {person.code: person for person in enterprise_facts(session, A.tenant_id).operators}
        assert operators["N1"].certificates[0].expires_on == date(2028, 1, 1)
        assert operators["N2"].certificates == ()
        with pytest.raises(Conflict, match="code N1"):
            add_staff(session, replace(OPERATOR, tenant_id=A.tenant_id), people)
    with scope.tenant_scope(B.tenant_id) as session:
        assert "N1" not in {person.code for person in enterprise_facts(session, B.tenant_id).operators}


def test_a_token_is_shown_once_and_kept_as_a_hash(own_walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        issued = issue_token(session, OPERATOR, Role.FILLER, "枪 9")
    assert len(issued.token) >= 43
    with own_walls.as_admin() as connection:
        kept = connection.execute(
            text("SELECT * FROM gas.device WHERE id = :id"), {"id": issued.device_id}
        ).one()
        audited = connection.scalar(
            text("SELECT count(*) FROM gas.audit WHERE detail::text LIKE :t"), {"t": f"%{issued.token}%"}
        )
    assert kept.token_hash == sha256(issued.token.encode()).hexdigest()
    assert issued.token not in str(kept)
    assert audited == 0
    with scope.device_key_scope() as session:
        known = session.scalar(text("SELECT gas.device_by_token(:hash)"), {"hash": kept.token_hash})
    assert known["device_id"] == str(issued.device_id)


def test_a_revoked_device_is_nobody_at_once(own_walls: Database) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        issued = issue_token(session, OPERATOR, Role.DRIVER)
    with scope.tenant_scope(A.tenant_id) as session:
        revoke_device(session, OPERATOR, issued.device_id)
    with scope.device_key_scope() as session:
        wanted = {"hash": sha256(issued.token.encode()).hexdigest()}
        assert session.scalar(text("SELECT gas.device_by_token(:hash)"), wanted) is None
    with scope.tenant_scope(A.tenant_id) as session:
        assert next(row for row in list_devices(session) if row.device_id == issued.device_id).revoked_at
        with pytest.raises(Conflict, match="revoked before"):
            revoke_device(session, OPERATOR, issued.device_id)


def test_a_device_of_another_enterprise_is_no_device(own_walls: Database) -> None:
    with pytest.raises(NotFound), scope.tenant_scope(A.tenant_id) as session:
        revoke_device(session, OPERATOR, B.uuid(40))
    with scope.tenant_scope(A.tenant_id) as session:
        assert {row.device_id for row in list_devices(session)} == {A.uuid(40)}
    with scope.tenant_scope(B.tenant_id) as session:
        assert list_devices(session)[0].revoked_at is None


@pytest.mark.parametrize("role", [Role.REGULATOR, Role.INSPECTOR, Role.OPERATOR])
def test_a_device_can_not_stand_above_an_enterprise(own_walls: Database, role: Role) -> None:
    with pytest.raises(Invalid), scope.tenant_scope(A.tenant_id) as session:
        issue_token(session, OPERATOR, role)


def test_two_devices_never_share_a_name(own_walls: Database) -> None:
    with pytest.raises(Conflict), scope.tenant_scope(A.tenant_id) as session:
        issue_token(session, OPERATOR, Role.FILLER, "ZA gateway")


def test_an_unknown_device_is_not_found(own_walls: Database) -> None:
    with pytest.raises(NotFound), scope.tenant_scope(A.tenant_id) as session:
        revoke_device(session, OPERATOR, UUID(int=1))
