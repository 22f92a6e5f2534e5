"""The drawer of every module: adding, editing, and doing something to chosen rows.

With htmx it slides in from the right and the list stays in view; without, the same form is a page of its own. What was typed is never
lost: a refused form comes back with its values and with what is wrong, field by field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import BadRequest, NotFound

from portal import errors, i18n
from portal.web import forms
from portal.web.module import Action, Field, Module
from tenants.errors import Conflict, Invalid

View = Callable[..., ResponseReturnValue]
MOST_CHOSEN = 200


def new(module: Module) -> View:
    """An empty form."""
    return lambda: _form(module, {})


def create(module: Module) -> View:
    """Add what was filled in."""

    def view() -> ResponseReturnValue:
        assert module.add is not None  # noqa: S101 - the page exists only then
        add = module.add
        problem = _try(lambda: add(g.session, g.actor, forms.read(module.fields(), request.form)))
        if problem is not None:
            return _form(module, request.form, problem=problem)
        return _done(module, gettext("%(one)s已添加", one=module.one))

    return view


def edit(module: Module) -> View:
    """The form with what is kept."""

    def view(row_id: UUID) -> ResponseReturnValue:
        values, version = _load(module, row_id)
        return _form(module, values, row_id=row_id, version=version)

    return view


def save(module: Module) -> View:
    """Keep the changes, unless somebody else was quicker."""

    def view(row_id: UUID) -> ResponseReturnValue:
        assert module.edit is not None  # noqa: S101 - the page exists only then
        change, seen = module.edit, _version()
        problem = _try(
            lambda: change(g.session, g.actor, row_id, forms.read(module.fields(), request.form), seen)
        )
        if problem is None:
            return _done(module, gettext("已保存"))
        g.session.expire_all()
        values, version = _load(module, row_id)
        theirs = _differences(module.fields(), values, request.form) if version != seen else []
        return _form(module, request.form, row_id=row_id, version=version, problem=problem, theirs=theirs)

    return view


def ask(module: Module) -> View:
    """What is about to be done, to which rows."""

    def view(action: str) -> ResponseReturnValue:
        return _asked(module, _action(module, action), _chosen(request.args.getlist("id")), {})

    return view


def act(module: Module) -> View:
    """Do it to every chosen row, or to none."""

    def view(action: str) -> ResponseReturnValue:
        deed, ids = _action(module, action), _chosen(request.form.getlist("id"))

        def run() -> None:
            values = forms.read(deed.fields, request.form)
            for row_id in sorted(ids):
                deed.run(g.session, g.actor, row_id, values)

        problem = _try(run)
        if problem is not None:
            return _asked(module, deed, ids, request.form, problem)
        return _done(module, gettext("%(action)s：%(count)d 条已完成", action=deed.title, count=len(ids)))

    return view


def _try(work: Callable[[], object]) -> Invalid | Conflict | None:
    """Do it in a savepoint; what was refused leaves nothing behind."""
    try:
        with g.session.begin_nested():
            work()
    except (Invalid, Conflict) as problem:
        return problem
    return None


def _form(
    module: Module,
    values: Mapping[str, Any],
    *,
    row_id: UUID | None = None,
    version: int = 0,
    problem: Invalid | Conflict | None = None,
    theirs: Sequence[tuple[object, str]] = (),
) -> ResponseReturnValue:
    name = "save" if row_id else "create"
    target = {"row_id": row_id} if row_id else {}
    return _drawer(
        "module/form.html",
        problem,
        module=module,
        groups=module.groups,
        title=gettext("编辑%(one)s", one=module.one) if row_id else module.add_title,
        to=url_for(f"modules.{module.key}_{name}", **target),
        values={field.key: forms.written(values.get(field.key)) for field in module.fields()},
        choices=_choices(module.fields()),
        version=version,
        theirs=theirs,
        ids=(),
    )


def _asked(
    module: Module,
    deed: Action,
    ids: Sequence[UUID],
    given: Mapping[str, str],
    problem: Invalid | Conflict | None = None,
) -> ResponseReturnValue:
    names = module.pick(g.session, ids) if module.pick else [(row_id, str(row_id)) for row_id in ids]
    if len(names) != len(ids):
        raise NotFound
    return _drawer(
        "module/action.html",
        problem,
        module=module,
        deed=deed,
        title=deed.title,
        to=url_for(f"modules.{module.key}_act", action=deed.key),
        values={field.key: given.get(field.key, "") for field in deed.fields},
        choices=_choices(deed.fields),
        names=[name for _, name in names],
        ids=ids,
    )


def _drawer(template: str, problem: Invalid | Conflict | None, **context: Any) -> ResponseReturnValue:
    part = errors.is_htmx()
    problems: dict[str, str] = {}
    message = ""
    if isinstance(problem, Invalid):
        problems = {name: i18n.spoken(text) for name, text in problem.fields.items()}
    if problem is not None and not problems:
        message = i18n.spoken(problem.args[0])
    layout = "module/part.html" if part else "module/page.html"
    status = 200 if problem is None else 409 if isinstance(problem, Conflict) else 400
    page = render_template(template, layout=layout, problems=problems, message=message, **context)
    return make_response(page, status)


def _done(module: Module, message: str) -> ResponseReturnValue:
    """Back to the list, with a word about what happened."""
    if not errors.is_htmx():
        flash(message, "ok")
        return redirect(url_for(f"modules.{module.key}_list"), 303)
    response: Response = make_response("")
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps({"saved": {"message": message}})
    return response


def _load(module: Module, row_id: UUID) -> tuple[Mapping[str, Any], int]:
    assert module.load is not None  # noqa: S101 - a module with an edit form has it
    return module.load(g.session, row_id)


def _choices(fields: Sequence[Field]) -> dict[str, Sequence[tuple[str, str]]]:
    return {field.key: field.choices(g.session) for field in fields if field.choices}


def _differences(
    fields: Sequence[Field], kept: Mapping[str, Any], given: Mapping[str, str]
) -> list[tuple[object, str]]:
    """What now stands in the archive and isn't what this person typed."""
    current = {field: forms.written(kept.get(field.key)) for field in fields}
    return [
        (field.title, text or "—")
        for field, text in current.items()
        if text != given.get(field.key, "").strip()
    ]


def _action(module: Module, key: str) -> Action:
    for action in module.actions:
        if action.key == key:
            return action
    raise NotFound


def _version() -> int:
    text = request.form.get("row_version", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise BadRequest
    return int(text)


def _chosen(given: Sequence[str]) -> list[UUID]:
    try:
        ids = list(dict.fromkeys(UUID(text) for text in given))
    except ValueError:
        raise BadRequest from None
    if not 1 <= len(ids) <= MOST_CHOSEN:
        raise BadRequest
    return ids
