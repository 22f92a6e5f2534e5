"""How an enterprise's page is declared: what it lists, filters, asks for and does. `views.py` and `templates/module/` do the rest.

A module's functions come from `tenants.queries` and `tenants.services`; each is given the request's session, so that it stands behind
the enterprise's wall. Titles are lazy texts, because a module is declared before anybody's language is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import LazyString, lazy_gettext
from sqlalchemy.orm import Session

from tenants.permissions import Actor, Permission
from tenants.queries.paging import Found, Wanted
from tenants.services.imports.template import Importer

Text = LazyString | str
Choices = Callable[[Session], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `show` names a macro of `module/cells.html`, `plain` gives the value for an export, `sort` the order's name."""

    key: str
    title: Text
    show: str = "text"
    unit: Text = ""
    sort: str = ""
    right: bool = False
    tones: Mapping[str, str] = field(default_factory=dict)
    plain: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A choice above the list; the key is the query's."""

    key: str
    title: Text
    choices: Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something a person fills in. Kinds: text, area, number, whole, select, stamp (a date to the day or the month)."""

    key: str
    title: Text
    kind: str = "text"
    unit: Text = ""
    must: bool = False
    hint: Text = ""
    longest: int = 200
    choices: Choices | None = None
    convert: Callable[[str], Any] = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that belong together."""

    title: Text
    fields: tuple[Field, ...]


NEW = lazy_gettext("新增")
REASON = Field(key="reason", title=lazy_gettext("原因"), kind="area", must=True, longest=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something done to chosen rows, with what must be said beforehand. `applies` decides by the row of the list."""

    key: str
    title: Text
    icon: str
    warning: Text
    run: Callable[[Session, Actor, UUID, Mapping[str, Any]], object]
    applies: Callable[[Any], bool]
    fields: tuple[Field, ...] = (REASON,)
    bulk: bool = True
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Importing:
    """The spreadsheet that a module takes, and who may send one; `tenants.services.imports` has what it holds and does."""

    importer: Importer
    permission: Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One page, whole: an enterprise's, or an authority's with its own address."""

    key: str  # the last part of /enterprise/…, and of endpoints
    title: Text
    icon: str
    one: Text  # what a row is called
    read: Permission
    write: Permission
    columns: tuple[Column, ...]
    rows: Callable[[Session, Actor, Wanted], Found[Any]]
    filters: tuple[Filter, ...] = ()
    search: Text = ""  # what can be typed into the search box; empty: there is none
    default_sort: str = ""
    groups: tuple[Group, ...] = ()
    add_title: Text = NEW
    add: Callable[[Session, Actor, Mapping[str, Any]], object] | None = None
    load: Callable[[Session, UUID], tuple[Mapping[str, Any], int]] | None = None  # values and row_version
    edit: Callable[[Session, Actor, UUID, Mapping[str, Any], int], object] | None = None
    actions: tuple[Action, ...] = ()
    pick: Callable[[Session, Sequence[UUID]], Sequence[tuple[UUID, str]]] | None = (
        None  # names of chosen rows
    )
    importing: Importing | None = None
    detail: str = ""  # endpoint of a row's own page
    empty: Text = ""
    extra: str = ""  # a template above the list, given what `extras` returns
    extras: Callable[[Session], Mapping[str, Any]] | None = None

    at: str = ""  # its address, where it isn't /enterprise/<key>

    @property
    def address(self) -> str:
        """Where its list is."""
        return self.at or f"/enterprise/{self.key}"

    def fields(self) -> tuple[Field, ...]:
        """Every field of the form."""
        return tuple(item for group in self.groups for item in group.fields)
