"""How a page is declared: its filters, its key figures, and its charts, each with the query, the picture, the table and the words.

Everything on a page is a function of an `Ask`; nothing is kept between two questions. A page declared in `pages/` and named in
`pages/__init__.py` has its address, its line in the menu and its guard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from flask_babel import lazy_gettext

from dashboards.ask import Ask
from tenants.permissions import Permission

Rows = Sequence[Any]
TOTALS = lazy_gettext("本平台每日汇总")
ARCHIVE = lazy_gettext("本平台气瓶档案")
TOTALS_AND_ARCHIVE = lazy_gettext("本平台每日汇总和气瓶档案")
RECORDS = lazy_gettext("本平台拒充记录")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter; the empty value is the one that the address leaves out."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice in the address bar under `key`; a value that isn't among the options is the first one."""

    key: str
    title: object
    options: Callable[[Ask], Sequence[Option]]
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `cell` gives a text or a component, `href` the rows behind a number, `plain` the value for a file."""

    title: object
    cell: Callable[[Any, Ask], Any]
    unit: object = ""
    right: bool = False
    href: Callable[[Any, Ask], str | None] | None = None
    plain: Callable[[Any, Ask], Any] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure. `before` is the same number of the period before; `good` says whether more is good (1), bad (-1) or neither."""

    title: object
    value: float | None
    unit: object = ""
    before: float | None = None
    good: int = 0
    tone: str = ""
    note: str = ""
    href: str = ""
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its twin: `title` is a sentence about these rows, `explains` says what is shown, `draw` None is a table alone.

    A table that comes page by page says how many rows it has in all (`total`) and gives them for a file (`everything`, at most so many).
    """

    key: str
    load: Callable[[Ask], Rows]
    title: Callable[[Ask, Rows], str]
    explains: object
    columns: Sequence[Column]
    draw: Callable[[Ask, Rows], go.Figure] | None = None
    source: Callable[[Ask], str] | None = None
    total: Callable[[Ask, Rows], int] | None = None
    everything: Callable[[Ask, int], Rows] | None = None
    wide: bool = False
    empty: object = ""
    basis: object = TOTALS


@dataclass(frozen=True, slots=True)
class Page:
    """One address. A page without an icon has no line in the menu; `districts` says whether the way through the districts stands above."""

    key: str
    title: object
    charts: Sequence[Chart]
    filters: Sequence[Filter] = ()
    figures: Callable[[Ask], Sequence[Figure]] | None = None
    icon: str = ""
    permission: Permission = Permission.DASHBOARDS_READ

    @property
    def endpoint(self) -> str:
        """The name of its address within the portal."""
        return "dashboards." + self.key.replace("/", "_")
