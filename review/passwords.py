"""Passwords: what is accepted, and how they are kept (scrypt, RFC 7914)."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import secrets
import threading
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from configs.desk import DeskConfig
from review.users import AccountError

LONGEST = 1024
_R = 8
_SALT_BYTES = 16
_FEWEST_CHARACTERS = 5
_FEWEST_GUESSES = 1e8
_MOST_ESTIMATED = 72  # characters: the work grows with their square

# One hash takes 128 r N bytes (32 MB by default): a flood of logins must not take all memory, nor every core.
_AT_ONCE = threading.BoundedSemaphore(2)


class WeakPasswordError(AccountError):
    """A password that would be guessed, or is too long to hash."""


def check(password: str, name: str, config: DeskConfig) -> None:
    """Refuse what would be guessed.

    Raises
    ------
    WeakPasswordError
    """
    if len(password) < config.passphrase_characters:
        raise WeakPasswordError(f"the password is too short: give {config.passphrase_characters} characters or more")
    if len(password) > LONGEST:
        raise WeakPasswordError(f"the password is too long: give at most {LONGEST} characters")
    if len(set(password)) < _FEWEST_CHARACTERS:
        raise WeakPasswordError(f"the password repeats itself: use {_FEWEST_CHARACTERS} different characters or more")
    if is_guessed(password, name):
        raise WeakPasswordError(
            "the password is among the first that are guessed: take four words or more that do not belong together"
        )
    if name in password.lower() and len(password) - len(name) < config.passphrase_characters // 2:
        raise WeakPasswordError("the password is little more than the name: choose another")


def is_guessed(password: str, name: str) -> bool:
    """Whether a password is a common one, or made of common ones, names, dates and patterns in a way that is soon tried.

    zxcvbn estimates after how many guesses one who knows what people choose comes to it (Wheeler, USENIX Security 2016).
    """
    from zxcvbn import zxcvbn

    guesses = zxcvbn(password[:_MOST_ESTIMATED], user_inputs=[name])["guesses"]
    return bool(guesses < _FEWEST_GUESSES) or password.lower() in _common()


@cache
def _common() -> frozenset[str]:
    """Django's list of twenty thousand, where Django is; it is read, and Django is not imported."""
    django = find_spec("django")
    folder = Path(django.origin).parent if django is not None and django.origin else None
    packed = folder and folder / "contrib" / "auth" / "common-passwords.txt.gz"
    if packed is None or not packed.is_file():
        return frozenset()
    return frozenset(gzip.decompress(packed.read_bytes()).decode().split())


def hashed(password: str, config: DeskConfig) -> str:
    """``password`` as it is kept: the parameters, a random salt and the hash."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return _written(
        config.scrypt_log2_n, config.scrypt_p, salt, _scrypt(password, config.scrypt_log2_n, config.scrypt_p, salt)
    )


def matches(password: str, stored: str, config: DeskConfig) -> bool:
    """Whether ``stored`` was made of ``password``.

    With nothing stored the same work is done in vain, so that the time does not tell who has an account.
    """
    if not stored:
        _scrypt(password[:LONGEST], config.scrypt_log2_n, config.scrypt_p, bytes(_SALT_BYTES))
        return False
    log2_n, p, salt, kept = _read(stored)
    return hmac.compare_digest(_scrypt(password[:LONGEST], log2_n, p, salt), kept)


def outdated(stored: str, config: DeskConfig) -> bool:
    """Whether ``stored`` was made with other work than is asked for now."""
    return _read(stored)[:2] != (config.scrypt_log2_n, config.scrypt_p)


def _scrypt(password: str, log2_n: int, p: int, salt: bytes) -> bytes:
    n = 1 << log2_n
    with _AT_ONCE:
        return hashlib.scrypt(
            password.encode("utf-8", "surrogatepass"),
            salt=salt,
            n=n,
            r=_R,
            p=p,
            maxmem=128 * _R * (n + p + 2),
            dklen=32,
        )


def _written(log2_n: int, p: int, salt: bytes, digest: bytes) -> str:
    return f"scrypt${log2_n}${_R}${p}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _read(stored: str) -> tuple[int, int, bytes, bytes]:
    _, log2_n, _, p, salt, digest = stored.split("$")
    return int(log2_n), int(p), base64.b64decode(salt), base64.b64decode(digest)
