"""What the servers of a home ask of everyone who reaches their ports: one login a home, in a file for its owner alone."""

from __future__ import annotations

import base64
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from pipelines.home import Home

USER = "burnwatch"
LOGIN_VARIABLE = "BURNWATCH_SERVERS_LOGIN"
_FORM = re.compile(rf"{USER}:[A-Za-z0-9_-]{{32,}}\n?")


class LoginError(PipelineError):
    """The file with the login cannot be trusted."""

    def __init__(self, path: Path, why: str) -> None:
        self.path = path
        super().__init__(f"{path}: {why}: delete it, and the next `burnwatch serve` makes a new one")


@dataclass(frozen=True)
class Login:
    """A user and a password, as HTTP's basic authentication has them.

    Parameters
    ----------
    text : str
        ``user:password``; not in the representation, which may reach a log.
    """

    text: str

    def __repr__(self) -> str:
        """Without the secret."""
        return "Login(…)"

    @property
    def header(self) -> str:
        """The value of the header ``Authorization``."""
        return "Basic " + base64.b64encode(self.text.encode()).decode()


def login_path(home: Home) -> Path:
    """Where the login of the home's servers is."""
    return home.state / "servers.login"


def login_of(home: Home) -> Login:
    """The login of the home's servers, made on first use.

    Raises
    ------
    LoginError
        Where others may read the file, or it does not hold a login.
    """
    path = login_path(home)
    with FileLock(path.with_suffix(".lock")):
        if not path.exists():
            _write(path, f"{USER}:{secrets.token_urlsafe(32)}\n")
    return read_login(path)


def read_login(path: Path) -> Login:
    """The login in a file.

    Raises
    ------
    LoginError
        Where others may read the file, or it does not hold a login.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        text = file.read(1000)
    if mode & 0o077:
        raise LoginError(path, f"others than its owner may use it (mode {mode:03o}), and may know what is in it")
    if not _FORM.fullmatch(text):
        raise LoginError(path, f"no login is in it (one line, {USER}:PASSWORD)")
    return Login(text.strip())


def _write(path: Path, text: str) -> None:
    """The whole file or none, and never one that others may read, whatever the umask."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
