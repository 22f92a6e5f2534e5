"""The address of a list ↔ what is wanted of it: filters, order and page live in the address bar."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request

from portal.web.module import Module
from tenants.queries.paging import PAGE, SIZES, Wanted

LONGEST_SEARCH = 200
LAST_PAGE = 1_000_000


def wanted(module: Module) -> Wanted:
    """What the address asks for; what it can't mean is left out."""
    args = request.args
    filters = {item.key: args[item.key] for item in module.filters if args.get(item.key)}
    sort = args.get("sort", "")
    if sort.lstrip("-") not in {column.sort for column in module.columns if column.sort}:
        sort = module.default_sort
    size = _whole(args.get("size"), PAGE)
    return Wanted(
        search=args.get("q", "").strip()[:LONGEST_SEARCH],
        filters=filters,
        sort=sort.lstrip("-"),
        descending=sort.startswith("-"),
        page=min(max(_whole(args.get("page"), 1), 1), LAST_PAGE),
        size=size if size in SIZES else PAGE,
    )


def address(query: Wanted, **changes: Any) -> str:
    """The query part of an address for the same list with some changes; what is usual is left out."""
    sort = f"-{query.sort}" if query.descending else query.sort
    parts = {
        **query.filters,
        "q": query.search,
        "sort": sort,
        "page": query.page,
        "size": query.size,
        **changes,
    }
    usual = {"page": 1, "size": PAGE}
    kept = {key: value for key, value in parts.items() if value not in ("", None) and usual.get(key) != value}
    return "?" + urlencode(kept) if kept else "?"


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else otherwise
