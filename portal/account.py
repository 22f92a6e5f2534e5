"""Signing in and out, the own account, and how the portal looks to this visitor. Routes translate; `tenants.services.accounts` acts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import logout_user
from flask_wtf.csrf import generate_csrf

from portal import i18n, sessions
from portal.frames import THEMES
from portal.limits import per_client_sign_in
from tenants.errors import Invalid
from tenants.permissions import Permission, needs
from tenants.scope import auth_scope
from tenants.services import accounts, operators, web_sessions

bp = Blueprint("account", __name__)
A_YEAR = 365 * 24 * 3600
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


def local_path(wanted: str | None) -> str:
    """The address if it is a path of our own, else the start page."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or _UNSAFE.search(wanted):
        return url_for("home.start")
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return url_for("home.start")
    return wanted if not parts.scheme and not parts.netloc else url_for("home.start")


@bp.get("/login")
@needs(Permission.OPEN)
def sign_in_page() -> ResponseReturnValue:
    """The form; whoever is signed in already goes on."""
    if sessions.person() is not None:
        return redirect(local_path(request.args.get("next")), 303)
    return render_template(
        "account/sign_in.html", next=request.args.get("next", ""), failed=False, username=""
    )


@bp.post("/login")
@needs(Permission.OPEN)
@per_client_sign_in
def sign_in() -> ResponseReturnValue:
    """Let a person in under a fresh token, or say no in one and the same way."""
    username, password = request.form.get("username", "").strip().lower(), request.form.get("password", "")
    token = web_sessions.new_token()
    hashed = web_sessions.token_hash(token)
    with auth_scope(username=username or "-", session=hashed) as db:
        person = accounts.sign_in(db, username or "-", password)
        if person is not None:
            web_sessions.open_session(db, person.account_id, hashed)
    if person is None:
        page = render_template(
            "account/sign_in.html", next=request.form.get("next", ""), failed=True, username=username
        )
        return page, 401
    sessions.begin(person, token)
    generate_csrf()
    return redirect(local_path(request.form.get("next")), 303)


@bp.post("/logout")
@needs(Permission.OPEN)
def sign_out() -> ResponseReturnValue:
    """The session is deleted; a copy of its cookie is worth nothing."""
    person = sessions.person()
    if person is not None:
        with auth_scope(session=session.hashed) as db:  # type: ignore[attr-defined]
            accounts.sign_out(db, person.actor())
        logout_user()
        sessions.forget()
    return redirect(url_for("account.sign_in_page"), 303)


@bp.get("/account")
@needs(Permission.OWN_ACCOUNT)
def own() -> ResponseReturnValue:
    """Who I am here, my language, my password, where I am signed in."""
    return _own_page({}, 200)


@bp.post("/account/password")
@needs(Permission.OWN_ACCOUNT)
@per_client_sign_in
def new_password() -> ResponseReturnValue:
    """A new password: every session ends and this screen gets a new one."""
    form, person = request.form, g.person
    try:
        if form.get("password", "") != form.get("repeated", ""):
            raise Invalid(fields={"repeated": gettext("两次输入的新密码不一致")})
        accounts.change_password(g.session, g.actor, form.get("old_password", ""), form.get("password", ""))
    except Invalid as problem:
        return _own_page({name: i18n.spoken(text) for name, text in problem.fields.items()}, 400)
    web_sessions.end_other_sessions(g.session, person.account_id, session.hashed)  # type: ignore[attr-defined]
    g.session.commit()
    token = web_sessions.new_token()
    hashed = web_sessions.token_hash(token)
    with auth_scope(username=person.username, session=hashed) as db:
        web_sessions.open_session(db, person.account_id, hashed)
    sessions.begin(person, token)
    flash(gettext("密码已修改，其他设备上的登录已失效。"), "ok")
    return redirect(url_for("account.own"), 303)


@bp.post("/account/pin")
@needs(Permission.OWN_PIN)
def new_pin() -> ResponseReturnValue:
    """The PIN by which this worker signs in on devices."""
    pin = request.form.get("pin", "").strip()
    try:
        if g.actor.staff_code is None:
            raise Invalid(fields={"pin": gettext("您的账户没有工号，请联系管理员")})
        if pin != request.form.get("pin_repeated", "").strip():
            raise Invalid(fields={"pin": gettext("两次输入的 PIN 不一致")})
        operators.set_pin(g.session, g.actor, g.actor.staff_code, pin, datetime.now(UTC))
    except Invalid as problem:
        flash(i18n.spoken(problem.fields["pin"]), "bad")
    else:
        flash(gettext("PIN 已保存，可在手持机上登录。"), "ok")
    return redirect(url_for("account.own"), 303)


@bp.post("/account/sessions/end")
@needs(Permission.OWN_ACCOUNT)
def end_others() -> ResponseReturnValue:
    """Sign out everywhere else."""
    ended = web_sessions.end_other_sessions(g.session, g.person.account_id, session.hashed)  # type: ignore[attr-defined]
    flash(gettext("已退出其他 %(count)d 处登录。", count=ended), "ok")
    return redirect(url_for("account.own"), 303)


@bp.post("/preferences")
@needs(Permission.OPEN)
def preferences() -> ResponseReturnValue:
    """Language and brightness: kept with the account where there is one, and in a cookie."""
    response = redirect(local_path(request.form.get("next")), 303)
    locale, theme = request.form.get("locale"), request.form.get("theme")
    if locale in i18n.LOCALES:
        if (person := sessions.person()) is not None:
            with auth_scope(session=session.hashed) as db:  # type: ignore[attr-defined]
                accounts.set_locale(db, person.actor(), locale)
        response.set_cookie(
            i18n.COOKIE, locale, max_age=A_YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    if theme in THEMES:
        response.set_cookie("theme", theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure)
    return response


def _own_page(problems: dict[str, str], status: int) -> ResponseReturnValue:
    lines = web_sessions.open_sessions(g.session, g.person.account_id, session.hashed)  # type: ignore[attr-defined]
    return render_template("account/own.html", lines=lines, problems=problems), status


def set_up(app: Flask) -> None:
    """Put the pages in."""
    app.register_blueprint(bp)
