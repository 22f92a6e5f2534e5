"""Facts for the rule, from PostgreSQL: what is known of cylinders and of the enterprise, as frozen values.

The verdict cache keeps the same values, so the rule can't tell which of the two it was given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from tenants.models import (
    Assay,
    Certificate,
    Cylinder,
    FillingLimit,
    Label,
    Licence,
    Medium,
    MediumCode,
    Staff,
    Tenant,
)
from tenants.rules import facts as known
from tenants.rules.states import (
    CylinderStatus,
    DatePrecision,
    LabelKind,
    LabelState,
    LicenceState,
    Ownership,
    Stage,
    TenantStatus,
)

FRESH = {"populate_existing": True}  # as the row is now, not as this session read it before


def label_facts(label: Label) -> known.LabelFacts:
    """One label as the rule sees it."""
    return known.LabelFacts(
        code=label.code,
        kind=LabelKind(label.kind),
        state=LabelState(label.state),
        uid=label.uid,
        disputed=label.disputed_at is not None,
    )


def stamped(on: date | None, precision: str) -> known.StampedDate | None:
    """A date with the precision it was stamped with."""
    return None if on is None else known.StampedDate(on, DatePrecision(precision))


def facts_of(cylinder: Cylinder, labels: tuple[known.LabelFacts, ...]) -> known.CylinderFacts:
    """One cylinder as the rule sees it, from a row and its labels."""
    return known.CylinderFacts(
        id=cylinder.id,
        version=cylinder.facts_version,
        tenant_id=cylinder.tenant_id,
        serial_no=cylinder.serial_no,
        kind_code=cylinder.kind_code,
        medium_id=cylinder.medium_id,
        status=CylinderStatus(cylinder.status),
        stage=Stage(cylinder.stage),
        ownership=Ownership(cylinder.ownership),
        registered=cylinder.registration_no != "",
        non_refillable=cylinder.kind_code in known.NON_REFILLABLE_KINDS,
        made=stamped(cylinder.made_on, cylinder.made_precision),
        next_inspection=stamped(cylinder.next_inspection_on, cylinder.next_inspection_precision),
        end_of_life=stamped(cylinder.end_of_life_on, cylinder.end_of_life_precision),
        valve_end_of_life=stamped(cylinder.valve_end_of_life_on, cylinder.valve_end_of_life_precision),
        volume_l=cylinder.volume_l,
        nominal_pressure_mpa=cylinder.nominal_pressure_mpa,
        tare_kg=cylinder.tare_kg,
        max_fill_kg=cylinder.max_fill_kg,
        porosity=cylinder.porosity,
        checked_at=cylinder.checked_at,
        check_passed=cylinder.check_passed,
        filled_at=cylinder.filled_at,
        stopped=cylinder.stopped_at is not None,
        labels=labels,
    )


def cylinder_facts(session: Session, ids: Iterable[UUID]) -> dict[UUID, known.CylinderFacts]:
    """Facts of these cylinders of this enterprise; one that isn't there is left out.

    The row and its version are read before everything else: facts may be newer than the version they bear, but never older.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    rows = session.scalars(select(Cylinder).where(Cylinder.id.in_(wanted)).execution_options(**FRESH)).all()
    labels = labels_by_cylinder(session, wanted)
    return {row.id: facts_of(row, labels.get(row.id, ())) for row in rows}


def labels_by_cylinder(session: Session, ids: Iterable[UUID]) -> dict[UUID, tuple[known.LabelFacts, ...]]:
    """Every label that is or was on these cylinders."""
    found: defaultdict[UUID, list[known.LabelFacts]] = defaultdict(list)
    wanted = select(Label).where(Label.cylinder_id.in_(list(ids))).order_by(Label.code)
    for label in session.scalars(wanted.execution_options(**FRESH)):
        if label.cylinder_id is not None:
            found[label.cylinder_id].append(label_facts(label))
    return {cylinder_id: tuple(labels) for cylinder_id, labels in found.items()}


def enterprise_facts(session: Session, tenant_id: int) -> known.EnterpriseFacts:
    """What a verdict needs to know of the enterprise: licence, media, people, assays, limits; also where the scope is a district."""
    tenant = session.get_one(Tenant, tenant_id, populate_existing=True)
    licences = select(Licence).where(Licence.tenant_id == tenant_id).order_by(Licence.recorded_at.desc())
    licence = session.scalars(licences.limit(1)).one_or_none()
    codes = session.scalars(
        select(MediumCode)
        .where(MediumCode.tenant_id == tenant_id, MediumCode.retired_at.is_(None))
        .order_by(MediumCode.code)
    ).all()
    return known.EnterpriseFacts(
        tenant_id=tenant.id,
        version=tenant.facts_version,
        district=tenant.district,
        enterprise=tenant.enterprise,
        status=TenantStatus(tenant.status),
        licence_no=licence.number if licence else None,
        licence_state=LicenceState(licence.state) if licence else None,
        licence_expires_on=licence.expires_on if licence else None,
        licence_media=tuple(sorted(licence.media)) if licence else (),
        medium_codes=tuple((code.code, code.medium_id) for code in codes),
        assay_required=tuple(sorted({code.medium_id for code in codes if code.assay_required})),
        assays=_assays(session, tenant_id),
        operators=_operators(session, tenant_id),
        limits=_limits(session, {code.medium_id for code in codes}),
        check_valid_hours=tenant.check_valid_hours,
    )


def _operators(session: Session, tenant_id: int) -> tuple[known.OperatorFacts, ...]:
    certificates = defaultdict(list)
    for certificate in session.scalars(select(Certificate).where(Certificate.tenant_id == tenant_id)):
        certificates[certificate.staff_id].append(
            known.CertificateFacts(certificate.item, certificate.expires_on)
        )
    staff = session.execute(
        select(Staff.id, Staff.code, Staff.left_on).where(Staff.tenant_id == tenant_id).order_by(Staff.code)
    )
    return tuple(
        known.OperatorFacts(code=row.code, left_on=row.left_on, certificates=tuple(certificates[row.id]))
        for row in staff
    )


def _assays(session: Session, tenant_id: int) -> tuple[known.AssayFacts, ...]:
    """The newest assay of each medium and batch."""
    rows = session.scalars(
        select(Assay)
        .ext(distinct_on(Assay.medium_id, Assay.batch))
        .where(Assay.tenant_id == tenant_id)
        .order_by(Assay.medium_id, Assay.batch, Assay.assayed_on.desc(), Assay.recorded_at.desc())
    )
    return tuple(
        known.AssayFacts(row.medium_id, row.batch, row.passed, row.assayed_on, row.valid_until)
        for row in rows
    )


def _limits(session: Session, media: set[str]) -> tuple[known.LimitFacts, ...]:
    """The limits in force for these media, those for a whole class of gases (压缩气体) written out for each medium of it."""
    named = session.execute(
        select(Medium.key, Medium.state_class).where(Medium.key.in_(media), Medium.valid_to.is_(None))
    )
    classes = {row.key: row.state_class for row in named}
    rows = session.scalars(
        select(FillingLimit).where(FillingLimit.valid_to.is_(None)).order_by(FillingLimit.key)
    ).all()
    return tuple(
        known.LimitFacts(row.key, medium, row.limit_kind, row.value, row.unit, row.condition, row.confidence)
        for medium in sorted(media)
        for row in rows
        if row.medium_id == medium or row.medium_zh == f"{classes.get(medium)}气体"
    )
