"""Who may do what: a permission belongs to planes and is given to roles, here and nowhere else.

Every view, Dash callback and job names one permission. The permission says on which plane the work is done, so that a role alone
can never carry anyone across a wall.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from tenants.planes import Plane
from tenants.rules.states import Role


class Permission(StrEnum):
    """Everything that can be done, in words a view can be tagged with."""

    OPEN = "open"  # anybody: sign-in page, static files, health
    PUBLIC_LOOKUP = "public_lookup"
    PUBLIC_REPORT = "public_report"
    OWN_ACCOUNT = "own_account"  # anybody who is signed in
    ENTERPRISE_HOME = "enterprise_home"
    CYLINDERS_READ = "cylinders_read"
    CYLINDERS_WRITE = "cylinders_write"
    CYLINDERS_IMPORT = "cylinders_import"
    IMPORTS_READ = "imports_read"
    IMPORTS_WRITE = "imports_write"
    LABELS_READ = "labels_read"
    LABELS_WRITE = "labels_write"
    DEVICES_READ = "devices_read"
    DEVICES_WRITE = "devices_write"
    STAFF_READ = "staff_read"
    STAFF_WRITE = "staff_write"
    OWN_PIN = "own_pin"  # the PIN by which one signs in on devices
    FINDINGS_READ = "findings_read"  # what inspectors found at the own cylinders
    OWN_REPORTS = "own_reports"  # what citizens reported of the enterprise
    AUTHORITY_HOME = "authority_home"
    DISTRICT_FINDINGS = "district_findings"
    DISTRICT_REPORTS = "district_reports"
    DISTRICT_REPORTS_PHONE = "district_reports_phone"  # of the reports that one has taken
    DASHBOARDS_READ = "dashboards_read"
    INSPECTOR_HOME = "inspector_home"
    FIELD_FINDINGS = "field_findings"
    FINDINGS_MAKE = "findings_make"
    FIELD_REPORTS = "field_reports"
    FIELD_REPORTS_PHONE = "field_reports_phone"
    PLATFORM_HOME = "platform_home"
    METRICS_READ = "metrics_read"
    DEVICE_VERDICT = "device_verdict"
    DEVICE_UPLOAD = "device_upload"
    DEVICE_KEYS = "device_keys"
    DEVICE_SIGN_IN = "device_sign_in"
    DEVICE_SNAPSHOT = "device_snapshot"
    DEVICE_TAGS = "device_tags"
    DEVICE_TAGS_SIGN = "device_tags_sign"
    DEVICE_ENROL = "device_enrol"  # whoever holds a one-time token


_STAFF = frozenset({Role.ADMIN, Role.FILLER, Role.CHECKER, Role.DRIVER, Role.STORE, Role.REPAIRER, Role.LAB})
_EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Grant:
    """The plane a permission works on and the roles that hold it; no plane means no scope is opened."""

    plane: Plane | None
    roles: frozenset[Role]


GRANTS: dict[Permission, Grant] = {
    Permission.OPEN: Grant(None, frozenset()),
    Permission.PUBLIC_LOOKUP: Grant(Plane.PUBLIC, frozenset()),
    Permission.PUBLIC_REPORT: Grant(Plane.PUBLIC, frozenset()),
    Permission.METRICS_READ: Grant(None, frozenset()),
    Permission.OWN_ACCOUNT: Grant(Plane.AUTH, _EVERYBODY),
    Permission.ENTERPRISE_HOME: Grant(Plane.TENANT, _STAFF),
    Permission.CYLINDERS_READ: Grant(Plane.TENANT, _STAFF),
    Permission.CYLINDERS_WRITE: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.CYLINDERS_IMPORT: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.IMPORTS_READ: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.IMPORTS_WRITE: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.LABELS_READ: Grant(Plane.TENANT, frozenset({Role.ADMIN, Role.STORE, Role.CHECKER})),
    Permission.LABELS_WRITE: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.DEVICES_READ: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.DEVICES_WRITE: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.STAFF_READ: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.STAFF_WRITE: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.OWN_PIN: Grant(Plane.TENANT, _STAFF),
    Permission.FINDINGS_READ: Grant(Plane.TENANT, _STAFF),
    Permission.OWN_REPORTS: Grant(Plane.TENANT, frozenset({Role.ADMIN})),
    Permission.AUTHORITY_HOME: Grant(Plane.REGULATOR, frozenset({Role.REGULATOR})),
    Permission.DASHBOARDS_READ: Grant(Plane.REGULATOR, frozenset({Role.REGULATOR})),
    Permission.INSPECTOR_HOME: Grant(Plane.INSPECTOR, frozenset({Role.INSPECTOR})),
    Permission.DISTRICT_FINDINGS: Grant(Plane.REGULATOR, frozenset({Role.REGULATOR})),
    Permission.FIELD_FINDINGS: Grant(Plane.INSPECTOR, frozenset({Role.INSPECTOR})),
    Permission.FINDINGS_MAKE: Grant(Plane.INSPECTOR, frozenset({Role.INSPECTOR})),
    Permission.DISTRICT_REPORTS: Grant(Plane.REGULATOR, frozenset({Role.REGULATOR})),
    Permission.DISTRICT_REPORTS_PHONE: Grant(Plane.REGULATOR, frozenset({Role.REGULATOR})),
    Permission.FIELD_REPORTS: Grant(Plane.INSPECTOR, frozenset({Role.INSPECTOR})),
    Permission.FIELD_REPORTS_PHONE: Grant(Plane.INSPECTOR, frozenset({Role.INSPECTOR})),
    Permission.PLATFORM_HOME: Grant(Plane.PLATFORM, frozenset({Role.OPERATOR})),
    Permission.DEVICE_VERDICT: Grant(Plane.DEVICE, frozenset({Role.FILLER, Role.CHECKER, Role.ADMIN})),
    Permission.DEVICE_UPLOAD: Grant(Plane.DEVICE, _STAFF),
    Permission.DEVICE_KEYS: Grant(Plane.DEVICE, _STAFF),
    Permission.DEVICE_SIGN_IN: Grant(Plane.DEVICE, _STAFF),
    Permission.DEVICE_SNAPSHOT: Grant(Plane.DEVICE, _STAFF),
    Permission.DEVICE_TAGS: Grant(Plane.DEVICE, _STAFF),
    Permission.DEVICE_TAGS_SIGN: Grant(
        Plane.DEVICE, frozenset({Role.ADMIN, Role.FILLER, Role.CHECKER, Role.STORE})
    ),
    Permission.DEVICE_ENROL: Grant(Plane.DEVICE, frozenset()),
}

OPEN = frozenset(
    {
        Permission.OPEN,
        Permission.PUBLIC_LOOKUP,
        Permission.PUBLIC_REPORT,
        Permission.METRICS_READ,
        Permission.DEVICE_ENROL,
    }
)  # need nobody to be signed in


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person at a screen or a device in a hall; goes into every record and the audit."""

    role: Role
    account_id: UUID | None = None
    username: str = ""
    tenant_id: int | None = None
    authority_id: int | None = None
    jurisdiction: str = ""
    device_id: UUID | None = None
    staff_code: str | None = None

    def may(self, permission: Permission) -> bool:
        """Whether this actor's role holds the permission."""
        return permission in OPEN or self.role in GRANTS[permission].roles


View = TypeVar("View", bound=Callable[..., object])


def needs(permission: Permission) -> Callable[[View], View]:
    """Tag a view, callback or job with the permission it needs; whoever calls it (the guard) reads `.permission`."""

    def tag(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return tag
