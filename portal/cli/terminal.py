"""What every command shares: who acts, where the database is, JSON or lines, and one clear line for what went wrong."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, is_dataclass
from datetime import date
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from tenants import scope
from tenants.errors import TraceabilityError
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.settings import Settings, SettingsError

P, R = ParamSpec("P"), TypeVar("R")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def settings_in_force() -> Settings:
    """The settings of the application whose command line this is."""
    settings = current_app.config.get("SETTINGS")
    return settings if isinstance(settings, Settings) else Settings.from_env()


def operator() -> Actor:
    """The person at the terminal, as the audit names them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor(role=Role.OPERATOR, username=f"cli:{name}")


def command(view: Callable[P, R]) -> Callable[P, R]:
    """Run a command with the scopes standing in the application's database; an expected error becomes one line and exit status 1."""

    @wraps(view)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            scope.configure(settings_in_force())
            return view(*args, **kwargs)
        except (TraceabilityError, SettingsError, DBAPIError, OSError) as problem:
            raise click.ClickException(one_line(problem)) from None

    return with_appcontext(run)


def one_line(problem: Exception) -> str:
    """What went wrong, in one line for a person."""
    fields = getattr(problem, "fields", None)
    if fields:
        return "; ".join(f"{name}: {text}" for name, text in fields.items())
    if isinstance(problem, DBAPIError):
        said = " ".join(str(problem.orig).split())
        if isinstance(problem, OperationalError):
            return f"The database can't be reached: {said}"
        if isinstance(problem, ProgrammingError) and getattr(problem.orig, "pgcode", "") in (
            "42P01",
            "3F000",
        ):
            return "The database has no schema yet; run `flask --app portal migrate` first."
        return f"The database refused: {said}"
    return " ".join(str(problem).split())


def tell(as_json: bool, data: Any, lines: Iterable[str]) -> None:
    """Print the data as JSON, or the lines."""
    if as_json:
        click.echo(json.dumps(plain(data), ensure_ascii=False, default=str))
    else:
        for line in lines:
            click.echo(line)


def plain(data: Any) -> Any:
    """Dataclasses as dictionaries, at any depth of lists and dictionaries."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    if is_dataclass(data) and not isinstance(data, type):
        return asdict(data)
    if isinstance(data, list | tuple):
        return [plain(each) for each in data]
    return data


def day(text: str) -> date | None:
    """A date written YYYY-MM-DD, or None when there is none; raises click's own error."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"a date is written YYYY-MM-DD, not {text!r}") from None
