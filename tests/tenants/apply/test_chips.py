"""A chip that was written belongs to its label, and one that was set back is told; a finding of an enterprise's device decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from tenants import scope
from tenants.models import Finding, Label, Outbox, Tag, TraceEvent
from tenants.models.base import new_id
from tenants.rules.states import EventKind
from tests.cast import A, B
from tests.tenants.apply.site import Event, Site

CHIP, OTHER = "04A1B2C3D4E5F6", "04A1B2C3D4E5F7"


def written(site: Site, name: str = "good", uid: str = CHIP, **data: object) -> Event:
    return {**site.event(EventKind.TAG_WRITTEN, name, verified=True, **data), "uid": uid}


def unchip(site: Site, name: str = "good") -> None:
    with scope.worker_scope(site.enterprise.tenant_id) as session:
        session.scalars(select(Label).where(Label.code == site.enterprise.code(name))).one().uid = None


def keep_tag(site: Site, uid: str, **seen: int) -> None:
    """Readers brought these numbers back."""
    with scope.device_scope(site.enterprise.tenant_id) as session:
        session.add(
            Tag(
                id=new_id(), uid=uid, label_id=site.label().id, profile="ntag216", base_seq=9, kid=1, says="", image=b"x",
                signed_at=datetime.now(UTC), **seen,
            )
        )  # fmt: skip


def test_a_written_chip_belongs_to_its_label(site: Site) -> None:
    unchip(site)
    before = site.cylinder()
    assert site.states(written(site)) == ["applied"]
    assert (site.label().uid, site.cylinder().facts_version) == (CHIP, before.facts_version + 1)
    with scope.relay_scope() as session:
        assert session.scalars(select(Outbox.id).where(Outbox.subject_id == before.id)).all()
    assert site.states(written(site)) == ["applied"]
    assert site.cylinder().facts_version == before.facts_version + 1


def test_no_chip_changes_its_label_and_no_label_its_chip(site: Site) -> None:
    unchip(site)
    unchip(site, "overdue")
    site.do(written(site))
    results = site.do(written(site, "overdue"), written(site, "good", OTHER))
    assert [(one.state, one.code) for one in results] == [
        ("rejected", "chip_in_use"),
        ("rejected", "label_has_other_chip"),
    ]
    assert (site.label().uid, site.label("overdue").uid) == (CHIP, None)


@pytest.mark.parametrize(
    ("base_seq", "finding_seq", "code"),
    [
        (3, 4, ""), (4, 0, ""), (3, None, ""), (None, None, ""),
        (2, 9, "tag_rolled_back"), (3, 3, "tag_rolled_back"), (-1, 0, "bad_data"), (True, 0, "bad_data"), (3, "4", "bad_data"),
    ],
)  # fmt: skip
def test_a_chip_that_counts_less_than_before_was_set_back(
    site: Site, base_seq: object, finding_seq: object, code: str
) -> None:
    unchip(site)
    keep_tag(site, CHIP, seen_base_seq=3, seen_finding_seq=4)
    (result,) = site.do(written(site, base_seq=base_seq, finding_seq=finding_seq))
    assert (result.code or "") == code
    if code == "tag_rolled_back":
        assert all(result.message[language] for language in ("zh", "en"))
        assert [step.detail.get("rolled_back") for step in site.new(TraceEvent)] == [True]


def test_anothers_tag_says_nothing_about_ones_own(site: Site) -> None:
    unchip(site)
    keep_tag(Site(site.database, B), CHIP, seen_base_seq=9)
    assert site.states(written(site, base_seq=1)) == ["applied"]


@pytest.mark.parametrize("disposition", ["stop", "lifted"])
def test_a_finding_of_an_enterprises_device_is_told_to_decide_nothing(site: Site, disposition: str) -> None:
    note = "瓶" * 500
    event = site.event(EventKind.FINDING, violation="V01", hazard=1, disposition=disposition, note=note)
    (result,) = site.do(event)
    assert (result.state, result.code) == ("refused", "not_inspector")
    assert all(result.message[language] for language in ("zh", "en"))
    assert site.cylinder().stopped_at is None
    (step,) = site.new(TraceEvent)
    assert step.detail["note"] == note
    with scope.tenant_scope(A.tenant_id) as session:
        assert session.scalars(select(Finding).where(Finding.client_ref == UUID(event["id"]))).all() == []
