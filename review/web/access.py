"""Who asks, and whether they may."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, HTTPException, Request

from configs.desk import DeskConfig
from review.accounts import User
from review.desk import Desk
from review.records import Role, Scope

COOKIE = "burnwatch_session"
SECURE_COOKIE = f"__Host-{COOKIE}"  # which browsers take from nobody but this host, over https
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Set by `review.web.protect` alone, for requests that a trusted proxy sent.
BY_PROXY = "burnwatch_by_proxy"


def current_user(request: Request) -> User | None:
    """The user who asks: the one of the token, or the one whom the proxy names, or the one of the session.

    A request with a token is judged by it alone: it passes without the check against forged requests, so its cookies
    must count for nothing.
    """
    if not hasattr(request.state, "user"):
        request.state.user = None  # a page about a database that is away can be shown
        request.state.user = _user(request)
    user: User | None = request.state.user
    return user


def cookie_name(config: DeskConfig) -> str:
    """Under which name the session's cookie is kept."""
    return SECURE_COOKIE if is_secure(config) else COOKIE


def is_secure(config: DeskConfig) -> bool:
    """Whether people reach the desk over https."""
    return config.public_url.startswith("https://")


def session_of(request: Request) -> str:
    """The secret in the session's cookie, empty where there is none."""
    return request.cookies.get(cookie_name(request.app.state.desk.config.desk), "")


def address_of(request: Request) -> str:
    """Where the request comes from, the proxies in between left out."""
    return request.client.host if request.client else ""


def bearer(headers: Any) -> str | None:  # noqa: ANN401 - headers of a request or of a scope
    """The token that a request carries; None where it carries none."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _user(request: Request) -> User | None:
    desk: Desk = request.app.state.desk
    token = bearer(request.headers)
    if token is not None:
        return desk.accounts.tokens.user(token)
    config = desk.config.desk
    if config.proxy_user_header and request.scope.get(BY_PROXY):
        names = request.headers.getlist(config.proxy_user_header)
        if names:
            return _named(desk, request, names)
    secret = session_of(request)
    return desk.accounts.sessions.user(secret) if secret else None


def _named(desk: Desk, request: Request, names: list[str]) -> User | None:
    """Whom the proxy names; nobody where two names came, of which one may be the sender's own."""
    header = desk.config.desk.proxy_groups_header
    groups = request.headers.getlist(header) if header else []
    if len(names) > 1 or len(groups) > 1:
        return None
    said = [group.strip() for group in ",".join(groups).split(",")]
    return desk.accounts.logins.from_proxy(names[0], said, address=address_of(request))


class Needs:
    """Lets users with a role pass; sends others to the login, or refuses them.

    Parameters
    ----------
    role : Role
    in_person : bool
        Whether programs with a token are refused: what a token makes would outlive it.
    """

    def __init__(self, role: Role, *, in_person: bool = False) -> None:
        self.role = role
        self.in_person = in_person

    def __call__(self, request: Request) -> User:
        """The user.

        Raises
        ------
        HTTPException
        """
        user = current_user(request)
        if user is None:
            raise _stranger(request)
        if user.scope is Scope.READ_ONLY and request.method not in SAFE_METHODS:
            raise HTTPException(403, "This token may only read.")
        if user.scope is not None and (self.in_person or not user.may(self.role)):
            needs = "a login, not a token" if self.in_person else f"the role {self.role}"
            raise HTTPException(403, f"This needs {needs}, and this token of {user.name} has the scope {user.scope}.")
        if not user.may(self.role):
            raise HTTPException(403, f"This needs the role {self.role}, and {user.name} is {user.role}: ask an admin.")
        return user


def _stranger(request: Request) -> HTTPException:
    if request.url.path.startswith("/api/"):
        return HTTPException(401, "Log in, or send a token that holds.", {"WWW-Authenticate": "Bearer"})
    if request.method not in SAFE_METHODS:
        # Not sent elsewhere: what was typed would be lost.
        return HTTPException(401, "Your login has ended. Log in in another tab, come back here and send this again.")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    login = f"/login?next={quote(wanted, safe='')}" if wanted != "/" else "/login"
    if request.headers.get("hx-request") == "true":
        return HTTPException(401, "Your login has ended.", {"HX-Redirect": "/login"})
    return HTTPException(303, headers={"Location": login})


Viewer = Annotated[User, Depends(Needs(Role.VIEWER))]
Analyst = Annotated[User, Depends(Needs(Role.ANALYST))]
Admin = Annotated[User, Depends(Needs(Role.ADMIN))]
ViewerInPerson = Annotated[User, Depends(Needs(Role.VIEWER, in_person=True))]
AdminInPerson = Annotated[User, Depends(Needs(Role.ADMIN, in_person=True))]
