"""Official boundaries put in place of the packaged ones: what is replaced is said, nothing half-done, and it stays."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal import create_app
from tenants import scope
from tenants.errors import Invalid
from tenants.permissions import Actor
from tenants.queries import districts
from tenants.rules.states import Role
from tenants.services.boundary_import import ImportReport, Official, code_in, import_boundaries
from tenants.services.boundary_source import BoundarySource
from tenants.services.geo import load_districts
from tests.databases import Database
from tests.tenants.toy_country import square, write_country

OPERATOR = Actor(role=Role.OPERATOR, username="cli:tester")
OFFICIAL = Official("测绘院(测试)", date(2026, 1, 1), "鲁S(2026)001号")
PATCH = "action,code,target,name,source,confidence,note\n"


@pytest.fixture
def toy(tmp_path: Path) -> BoundarySource:
    return write_country(tmp_path)


@pytest.fixture
def loaded(own_walls: Database, toy: BoundarySource, tmp_path: Path) -> Path:
    patch = tmp_path / "patch.csv"
    patch.write_text(PATCH, encoding="utf-8")
    with scope.platform_scope() as session:
        load_districts(session, OPERATOR, toy, patch=patch)
    return patch


def feature(code: Any, ring: list[list[float]], **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def file_of(*features: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()


def bring(content: bytes, what: Official = OFFICIAL, *, dry_run: bool = False) -> ImportReport:
    with scope.platform_scope() as session:
        return import_boundaries(session, OPERATOR, content, what, dry_run=dry_run)


def area_of(code: str) -> float:
    with scope.platform_scope() as session:
        found = session.execute(
            text("SELECT ST_Area(geom) FROM gas.district WHERE code = :code"), {"code": code}
        )
        return round(float(found.scalar_one()), 4)


SMALLER = feature("156370502", square(118, 37, 0.4, clockwise=False), name="东营区(新)")
NEW = feature("370524", square(118.5, 37, 0.3), name="新县")


def test_what_is_in_the_file_is_replaced_and_said(loaded: Path) -> None:
    report = bring(file_of(SMALLER, NEW, {"type": "Feature", "properties": {"name": "线"}, "geometry": None}))
    assert (report.replaced, report.added, report.not_in_file) == (["370502"], ["370524"], ["370503"])
    assert report.area_changed == ["370502"]
    assert area_of("370502") == 0.16
    with scope.platform_scope() as session:
        assert districts.names_of(session, ["370502", "370524"]) == {"370502": "东营区(新)", "370524": "新县"}
        assert districts.map_notice(session) == "数据来源: 测绘院(测试) 鲁S(2026)001号"
        found = districts.find_district(session, "370524")
        assert found is not None
        assert found.parent == "370500"
        turned = text(
            "SELECT bool_and(ST_IsPolygonCW(geom) AND ST_IsPolygonCW(geom_country) AND ST_IsValid(geom)) FROM gas.district"
        )
        assert session.scalar(turned)


def test_a_dry_run_says_the_same_and_changes_nothing(loaded: Path) -> None:
    before = area_of("370502")
    report = bring(file_of(SMALLER, NEW), dry_run=True)
    assert (report.dry_run, report.replaced, report.added) == (True, ["370502"], ["370524"])
    assert area_of("370502") == before
    with scope.platform_scope() as session:
        assert districts.find_district(session, "370524") is None


def test_what_was_imported_stays_until_a_load_is_forced(loaded: Path, toy: BoundarySource) -> None:
    bring(file_of(SMALLER))
    with scope.platform_scope() as session:
        assert not load_districts(session, OPERATOR, toy, patch=loaded).loaded
    loaded.write_text(PATCH + "alias,370571,370500,,x,S2,a zone\n", encoding="utf-8")
    with scope.platform_scope() as session:
        assert load_districts(session, OPERATOR, toy, patch=loaded).loaded
    assert area_of("370502") == 0.16
    with scope.platform_scope() as session:
        load_districts(session, OPERATOR, toy, patch=loaded, force=True)
    assert area_of("370502") == 0.25


def test_a_shifted_file_is_warned_of(loaded: Path) -> None:
    report = bring(file_of(feature("370502", square(118.005, 37.003, 0.5))), dry_run=True)
    assert 500 < report.shift_m < 1000
    assert any("shifted datum" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "not a GeoJSON FeatureCollection"),
        (b"[]", "not a GeoJSON FeatureCollection"),
        (file_of(), "no feature with the code"),
        (file_of(feature("37O502", square(118, 37))), "is not the code of a district"),
        (file_of(SMALLER, SMALLER), "twice: 370502"),
        (file_of(feature("990102", square(118, 37))), "no province or prefecture above 990102"),
        (file_of(feature("370502", square(500_000, 4_000_000))), "Not degrees of longitude and latitude"),
        (file_of(SMALLER, crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}), "neither CGCS2000"),
        (file_of({**SMALLER, "geometry": {"type": "Point", "coordinates": [118, 37]}}), "is not a polygon"),
        (file_of({**SMALLER, "geometry": {"type": "Polygon", "coordinates": [[1]]}}), "can't be read"),
    ],
)
def test_a_file_that_is_no_good_changes_nothing(loaded: Path, content: bytes, said: str) -> None:
    before = area_of("370502")
    with pytest.raises(Invalid, match=said):
        bring(content)
    assert area_of("370502") == before


@pytest.mark.parametrize("value", ["370502", 370502, "156370502", "370502000000"])
def test_a_code_is_found_in_each_of_its_forms(value: object) -> None:
    assert code_in({"code": value}) == "370502"
    assert code_in({"dm": value}, "dm") == "370502"
    assert code_in({"code": "37"}) == "370000"
    assert code_in({"name": "线"}) is None


def test_an_enterprise_can_not_move_a_boundary(loaded: Path) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), scope.tenant_scope(4101) as session:
        import_boundaries(session, OPERATOR, file_of(SMALLER), OFFICIAL)


def test_the_command_says_what_it_would_do(loaded: Path, own_walls: Database, tmp_path: Path) -> None:
    path = tmp_path / "official.geojson"
    path.write_bytes(file_of(SMALLER, crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}))
    terminal = create_app(own_walls.settings).test_cli_runner()
    words = ["geo", "import-boundaries", str(path), "--source", "测绘院", "--dry-run"]
    said = terminal.invoke(args=words)
    assert said.exit_code == 0, said.output
    assert "would be replaced: 1 (370502)" in said.output
    assert json.loads(terminal.invoke(args=[*words, "--json"]).stdout)["replaced"] == ["370502"]
    wrong = terminal.invoke(args=["geo", "import-boundaries", str(loaded), "--source", "x"])
    assert (wrong.exit_code, wrong.stderr) == (1, "Error: The file is not a GeoJSON FeatureCollection.\n")
