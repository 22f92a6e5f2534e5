"""Accounts: signing in with lock-out, changing the password, the language; adding people (the platform's operator)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Account
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.sentences import say
from tenants.services import passwords
from tenants.services.web_sessions import Person, people, person_of

FAILURES_ALLOWED = 5
LONGEST_LOCK = timedelta(hours=1)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


def lock_for(failures: int) -> timedelta | None:
    """How long an account rests after so many failures in a row: 1 minute after the fifth, then twice as long each time, up to an hour."""
    if failures < FAILURES_ALLOWED:
        return None
    return min(timedelta(minutes=2 ** min(failures - FAILURES_ALLOWED, 6)), LONGEST_LOCK)


def sign_in(session: Session, username: str, password: str) -> Person | None:
    """Who this is, or None; the answer and the work are the same for an unknown name, a wrong password, a disabled and a locked account.

    Stands in `auth_scope(username=…)`. The row is locked while the password is checked, so that guesses in parallel are counted too.
    While an account rests, nothing is counted and nothing opens it.
    """
    now = datetime.now(UTC)
    account = session.scalars(
        select(Account).where(Account.username == username).with_for_update()
    ).one_or_none()
    right = passwords.matches(account.password_hash if account else None, password)
    if account is None:
        _note(session, None, audit.Action.SIGN_IN_FAILED)
        return None
    if account.disabled_at is not None or (account.locked_until is not None and account.locked_until > now):
        _note(session, account, audit.Action.SIGN_IN_FAILED)
        return None
    if not right:
        account.failed_count += 1
        lock = lock_for(account.failed_count)
        account.locked_until = now + lock if lock else None
        _note(session, account, audit.Action.SIGN_IN_FAILED)
        return None
    account.failed_count, account.locked_until = 0, None
    if passwords.outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    _note(session, account, audit.Action.SIGNED_IN)
    return person_of(session.execute(people().where(Account.id == account.id)).one())


def sign_out(session: Session, actor: Actor) -> None:
    """Leave a note that the person went; the caller ends the session."""
    audit.write(session, actor, audit.Action.SIGNED_OUT, actor.username)


def change_password(session: Session, actor: Actor, old: str, new: str) -> None:
    """Set a new password; raises Invalid with the field when the old one is wrong or the new one is no good.

    Sessions that began before are dead afterwards; the caller opens a new one for the person at the screen.
    """
    account = _own(session, actor)
    if not passwords.matches(account.password_hash, old):
        raise Invalid(fields={"old_password": say("原密码不正确")})
    if old == new:
        raise Invalid(fields={"password": say("新密码不能与原密码相同")})
    passwords.require_good(new, account.username)
    account.password_hash, account.password_changed_at = passwords.hash_password(new), datetime.now(UTC)
    audit.write(session, actor, audit.Action.PASSWORD_CHANGED, account.username)


def set_locale(session: Session, actor: Actor, locale: str) -> None:
    """Remember the person's language: zh or en."""
    if locale not in ("zh", "en"):
        raise Invalid(fields={"locale": say("只有中文和英文")})
    _own(session, actor).locale = locale


def create_account(
    session: Session,
    actor: Actor,
    username: str,
    password: str,
    role: Role,
    *,
    tenant_id: int | None = None,
    authority_id: int | None = None,
    display_name: str = "",
    staff_code: str | None = None,
) -> UUID:
    """A new account, in `platform_scope()`; raises Invalid by field, or Conflict when the name is taken."""
    if not USERNAME.fullmatch(username):
        raise Invalid(fields={"username": say("用户名应为 2 至 64 个小写字母、数字或 . _ -")})
    passwords.require_good(password, username)
    belongs_to_authority = role in (Role.REGULATOR, Role.INSPECTOR)
    if (authority_id is not None) != belongs_to_authority or (tenant_id is None) != (
        belongs_to_authority or role is Role.OPERATOR
    ):
        raise Invalid(
            fields={"role": say("企业人员须属于企业，监管人员须属于监管部门，平台运营不属于任何一方")}
        )
    if session.scalar(select(Account.id).where(Account.username == username)):
        raise Conflict(say("用户名已被使用"))
    account = Account(
        username=username,
        password_hash=passwords.hash_password(password),
        role=role.value,
        display_name=display_name,
        tenant_id=tenant_id,
        authority_id=authority_id,
        staff_code=staff_code,
    )
    session.add(account)
    session.flush()
    audit.write(session, actor, audit.Action.ACCOUNT_CREATED, username, tenant_id=tenant_id, role=role.value)
    return account.id


def set_password(session: Session, actor: Actor, username: str, password: str) -> None:
    """A new password by the operator, in `platform_scope()`; opens a locked account and ends every session of it."""
    account = session.scalars(
        select(Account).where(Account.username == username).with_for_update()
    ).one_or_none()
    if account is None:
        raise NotFound(say("没有这个用户"))
    passwords.require_good(password, username)
    account.password_hash, account.password_changed_at = passwords.hash_password(password), datetime.now(UTC)
    account.failed_count, account.locked_until = 0, None
    audit.write(session, actor, audit.Action.PASSWORD_CHANGED, username, tenant_id=account.tenant_id)


def _own(session: Session, actor: Actor) -> Account:
    account = session.scalars(
        select(Account).where(Account.id == actor.account_id).with_for_update()
    ).one_or_none()
    if account is None:
        raise NotFound(say("没有这个用户"))
    return account


def _note(session: Session, account: Account | None, action: audit.Action) -> None:
    """An unknown name isn't written down: people type passwords into the wrong field."""
    who = (
        Actor(role=Role(account.role), username=account.username, tenant_id=account.tenant_id)
        if account
        else None
    )
    nobody = Actor(role=Role.OPERATOR, username="-")
    audit.write(
        session,
        who or nobody,
        action,
        account.username if account else "-",
        account.tenant_id if account else None,
    )
