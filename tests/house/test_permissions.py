"""No view without a permission, no permission without its plane and its roles, no role on two planes."""

from __future__ import annotations

import pytest
from flask import Flask

from portal import create_app
from portal.guard import permission_of
from tenants.permissions import GRANTS, OPEN, Actor, Permission
from tenants.planes import Plane
from tenants.rules.states import Role
from tests.databases import Database

HOME = {
    **dict.fromkeys(
        (Role.ADMIN, Role.FILLER, Role.CHECKER, Role.DRIVER, Role.STORE, Role.REPAIRER, Role.LAB),
        Plane.TENANT,
    ),
    Role.REGULATOR: Plane.REGULATOR,
    Role.INSPECTOR: Plane.INSPECTOR,
    Role.OPERATOR: Plane.PLATFORM,
}
ANYWHERE = {Plane.AUTH, Plane.DEVICE}  # the own account; the devices that a person of the same role may hold


@pytest.fixture(scope="module")
def app(cast_database: Database) -> Flask:
    return create_app(cast_database.settings)


def test_every_view_names_a_permission(app: Flask) -> None:
    assert [
        rule.rule
        for rule in app.url_map.iter_rules()
        if permission_of(app, rule.endpoint) not in set(Permission)
    ] == []


def test_a_view_without_a_permission_is_shut(app: Flask, cast_database: Database) -> None:
    bare = create_app(cast_database.settings)
    bare.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert bare.test_client().get("/forgotten").status_code == 403


def test_every_permission_has_its_grant(app: Flask) -> None:
    assert set(GRANTS) == set(Permission)
    for permission, grant in GRANTS.items():
        assert bool(grant.roles) != (permission in OPEN), (
            f"{permission} is for nobody, or for everybody and somebody"
        )
        assert grant.plane is not None or permission in OPEN


def test_every_permission_is_asked_for_somewhere(app: Flask) -> None:
    asked = {permission_of(app, rule.endpoint) for rule in app.url_map.iter_rules()}
    assert sorted(set(Permission) - asked) == []


@pytest.mark.parametrize("role", Role)
def test_a_role_stands_on_one_plane(role: Role) -> None:
    held = [permission for permission, grant in GRANTS.items() if role in grant.roles]
    assert {GRANTS[permission].plane for permission in held} - ANYWHERE == {HOME[role]}
    assert all(Actor(role).may(permission) for permission in held)
    others = set(Permission) - set(held) - OPEN
    assert not any(Actor(role).may(permission) for permission in others)


def test_what_needs_nobody_signed_in_changes_nothing_of_an_enterprise(app: Flask) -> None:
    """An open view that takes more than GET is one of these few."""
    known = {
        "account.sign_in",
        "account.sign_out",
        "account.preferences",
        "devices.post_enrol",
        "reports.send",
    }
    taking = {
        rule.endpoint for rule in app.url_map.iter_rules()
        if permission_of(app, rule.endpoint) in OPEN and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }  # fmt: skip
    assert taking == known
