"""Passwords: kept as Argon2id hashes, and what is asked of a new one."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tenants.errors import Invalid
from tenants.sentences import say

SHORTEST, LONGEST = 10, 200
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("the password of nobody")


def hash_password(password: str) -> str:
    """The Argon2id hash to keep, with a salt of its own."""
    return _HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; without a hash the answer is no and takes as long."""
    try:
        return _HASHER.verify(password_hash or _NOBODY, password[:LONGEST]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def require_good(password: str, username: str) -> None:
    """Raise Invalid for the field `password` when it is too short, too long, all one character, or holds the user name."""
    if len(password) < SHORTEST:
        raise Invalid(fields={"password": say("密码至少 %(least)d 位", least=SHORTEST)})
    if len(password) > LONGEST:
        raise Invalid(fields={"password": say("密码最多 %(most)d 位", most=LONGEST)})
    if len(set(password)) < 4 or username.lower() in password.lower():
        raise Invalid(fields={"password": say("密码过于简单，且不能包含用户名")})
