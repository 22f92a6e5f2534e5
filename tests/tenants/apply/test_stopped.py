"""A fill that the device itself stopped: on record as refused with the device's reasons, and never a fill."""

from __future__ import annotations

from tenants.models import Fill, Violation
from tests.cast import B
from tests.tenants.apply.site import Site


def test_what_a_device_stopped_is_no_fill_though_the_rule_would_pass_it(site: Site) -> None:
    site.do(site.check())
    (result,) = site.do(site.fill(blocked=["inspection_overdue", "condemned", "nonsense"]))
    assert (result.state, result.refusals) == ("refused", ("condemned", "inspection_overdue"))
    (violation,) = site.new(Violation)
    assert violation.refusal == "condemned"
    assert violation.detail["stopped"] is True
    assert site.new(Fill) == []


def test_the_rule_goes_before_what_the_device_says(site: Site) -> None:
    (result,) = site.do(site.fill("scrapped", blocked=["snapshot_too_old"]))
    assert result.refusals[0] == "condemned"


def test_reasons_that_only_a_device_knows_leave_no_violation(site: Site) -> None:
    for reasons in ([], ["snapshot_too_old"], "condemned", {"a": 1}):
        site.do(site.check())
        (result,) = site.do(site.fill(blocked=reasons))
        assert (result.state, result.code) == ("refused", "stopped_by_device"), reasons
    assert site.new(Violation) == []
    assert site.new(Fill) == []


def test_anothers_cylinder_is_stopped_in_the_own_book_alone(site: Site) -> None:
    other = Site(site.database, B)
    (result,) = site.do({**site.fill(blocked=["not_own_cylinder"]), "label": B.code("good")})
    assert result.state == "refused"
    assert other.new(Violation) == []
