"""`reference show|import`: the tables of the domain."""

from __future__ import annotations

from pathlib import Path

import click

from portal.cli.terminal import as_json, command, operator, tell
from tenants.queries.reference import show_table, table_counts
from tenants.scope import platform_scope
from tenants.services import reference as services

TABLE = click.Choice(list(services.TABLES))


@click.group()
def reference() -> None:
    """Media, inspection cycles, kinds of violation, filling limits: each row with its source and how far it is trusted."""


@reference.command()
@click.argument("table", required=False, type=TABLE)
@click.option("--history", is_flag=True, help="Closed versions too.")
@as_json
@command
def show(table: str | None, history: bool, as_json: bool) -> None:
    """The rows of TABLE, or without it the tables and how many rows are in force."""
    with platform_scope() as session:
        if table is None:
            counts = table_counts(session)
            tell(as_json, counts, (f"{name}\t{count}" for name, count in counts.items()))
            return
        rows = show_table(session, table, history=history)
    tell(
        as_json,
        rows,
        ("\t".join("" if value is None else str(value) for value in row.values()) for row in rows),
    )


@reference.command("import")
@click.argument("table", required=False, type=TABLE)
@click.option(
    "--file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of your own for TABLE.",
)
@as_json
@command
def import_(table: str | None, file: Path | None, as_json: bool) -> None:
    """Bring TABLE, or all of them, to the published files; rows that were changed here since stay as they are.

    With --file the file's rows count, whatever is there.
    """
    if file is not None and table is None:
        raise click.UsageError("--file needs the name of its table.")
    with platform_scope() as session:
        reports = [
            services.import_table(
                session,
                operator(),
                name,
                services.read_table(name, file or services.published_file(name)),
                published=file is None,
            )
            for name in ([table] if table else services.TABLES)
        ]
    tell(
        as_json,
        reports,
        (
            f"{each.table}: {each.added} added, {each.changed} changed, {each.unchanged} unchanged,"
            f" {each.passed_over} left as changed here"
            for each in reports
        ),
    )
