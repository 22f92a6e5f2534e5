"""The repository read as text and as syntax: what people must not write, found by a machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("tenants", "portal", "public_lookup", "integrations", "dashboards", "workers")
RUNS_SQL = {"text", "exec_driver_sql", "execute", "literal_column", "DDL"}
# These two write statements about roles and tables, whose names can't be parameters; none of their names come from outside.
WRITES_DDL = ("tenants/database.py", "tenants/migrations/")
SESSION_WIDE = re.compile(r"(?:^|;)\s*SET\s+(?!LOCAL\b)(?:SESSION\s+)?(?:\w|\{)")


@cache
def files() -> tuple[str, ...]:
    """Every file that belongs to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return tuple(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def python(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file below the folders, as syntax."""
    for name in files():
        if name.endswith(".py") and name.startswith(tuple(f"{folder}/" for folder in folders)):
            yield name, ast.parse((ROOT / name).read_text(), name)


def called(node: ast.AST) -> str:
    """The last name of what is called."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def is_put_together(node: ast.expr) -> bool:
    """Whether a text is made from parts that aren't constants; NAMES_LIKE_THIS and their attributes count as constants."""
    if isinstance(node, ast.JoinedStr):
        return any(
            isinstance(part, ast.FormattedValue) and not is_constant(part.value) for part in node.values
        )
    if isinstance(node, ast.BinOp):
        return any(is_put_together(side) or not is_constant(side) for side in (node.left, node.right))
    return called(node) in ("format", "join") and not isinstance(node, ast.Constant)


def is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
        return name.isupper() and not name.startswith("__")
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.JoinedStr | ast.BinOp) and not is_put_together(node)
    )


def sql_put_together(tree: ast.AST) -> list[int]:
    """Lines where a statement is put together from values instead of having parameters."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if called(node) in RUNS_SQL
        and isinstance(node, ast.Call)
        and node.args
        and is_put_together(node.args[0])
    ]


def outliving_sets(tree: ast.AST) -> list[int]:
    """Lines with a SET that outlives its transaction."""
    whole = [(node.lineno, str(node.value)) for node in texts(tree)]
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(part.value) if isinstance(part, ast.Constant) else "{" for part in node.values)
            whole.append((node.lineno, "".join(parts)))
    return [line for line, words in whole if SESSION_WIDE.search(words)]


def loose_modes(tree: ast.AST) -> list[int]:
    """Lines that leave transactions aside, or push an app context that then belongs to everybody."""
    words = [node.lineno for node in texts(tree) if node.value == "AUTOCOMMIT"]
    switched = [
        node.lineno for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(getattr(target, "attr", "") == "autocommit" for target in node.targets)
    ]  # fmt: skip
    pushed = [
        node.lineno for node in ast.walk(tree)
        if called(node) == "push" and isinstance(node, ast.Call) and "context" in ast.unparse(node.func)
    ]  # fmt: skip
    return words + switched + pushed


def markup_of_values(tree: ast.AST) -> list[int]:
    """Lines where a value is declared to be markup."""
    return [
        node.lineno for node in ast.walk(tree)
        if called(node) == "Markup" and isinstance(node, ast.Call) and node.args and not is_constant(node.args[0])
    ]  # fmt: skip


def texts(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text that isn't a docstring."""
    docstrings = {
        id(node.body[0].value) for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node
