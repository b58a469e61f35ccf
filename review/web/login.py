"""Logging in and out, and what users do with their own account: password, logins, tokens."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from review.accounts import AccountError, LoginError, LoginWaitError, User
from review.passwords import LONGEST
from review.records import Scope
from review.tokens import LONGEST_LABEL, scopes_of
from review.web import aside
from review.web.access import Viewer, ViewerInPerson, address_of, cookie_name, current_user, is_secure, session_of
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

Secret = Annotated[str, Form(max_length=LONGEST)]


@router.get("/login")
def login_page(request: Request, next_: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The form; who is logged in goes on at once."""
    if current_user(request) is not None:
        return RedirectResponse(_inside(next_), 303)
    return render(request, "login.html.j2", next=_inside(next_), name="", wrong="")


@router.post("/login")
@aside.passwords
def log_in(
    request: Request,
    desk: DeskDep,
    name: Annotated[str, Form(max_length=200)],
    password: Secret,
    next_: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Begin a session, and go where the user wanted to."""
    try:
        _, secret = desk.accounts.logins.log_in(
            name, password, address=address_of(request), instead_of=session_of(request)
        )
    except (LoginError, LoginWaitError) as error:
        waits = isinstance(error, LoginWaitError)
        return render(
            request,
            "login.html.j2",
            429 if waits else 403,
            {"Retry-After": str(error.seconds)} if isinstance(error, LoginWaitError) else None,
            next=_inside(next_),
            name=name,
            wrong=f"{str(error)[0].upper()}{str(error)[1:]}.",
        )
    config = desk.config.desk
    response = RedirectResponse(_inside(next_), 303)
    response.set_cookie(
        cookie_name(config),
        secret,
        max_age=int(config.session_hours * 3600),
        path="/",
        secure=is_secure(config),
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/logout")
def log_out(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """End this session."""
    desk.accounts.logins.log_out(user, session_of(request), address=address_of(request))
    return _gone(RedirectResponse("/login", 303), desk)


@router.get("/account")
def account(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """A user's own account."""
    return _account(request, desk, user)


@router.post("/account/password")
@aside.passwords
def change_password(
    request: Request, desk: DeskDep, user: ViewerInPerson, old: Secret, new: Secret, again: Secret
) -> Response:
    """Choose another password; all other logins end."""
    try:
        if new != again:
            raise AccountError("the new password was typed differently the second time")  # noqa: TRY301
        desk.accounts.change_own_password(user, old, new, address=address_of(request), session=session_of(request))
    except AccountError as error:
        return _account(request, desk, user, 422, wrong=str(error))
    return _account(request, desk, user, done="The password is changed; every other login and every token has ended.")


@router.post("/account/log-out-everywhere")
def log_out_everywhere(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """End all sessions of the user, this one too, and their tokens."""
    desk.accounts.logins.log_out_everywhere(user, address=address_of(request))
    return _gone(RedirectResponse("/login", 303), desk)


@router.post("/account/tokens")
@aside.passwords
def make_token(
    request: Request,
    desk: DeskDep,
    user: ViewerInPerson,
    label: Annotated[str, Form(max_length=LONGEST_LABEL)],
    days: Annotated[float, Form(gt=0)],
    scope: Annotated[Scope, Form()] = Scope.READ_ONLY,
    password: Secret = "",
) -> Response:
    """Make a token. Its secret is on the answer and nowhere else, so there is no page to go to."""
    try:
        _, secret = desk.accounts.make_token(user, password, label, scope=scope, days=days, address=address_of(request))
    except AccountError as error:
        return _account(request, desk, user, 422, wrong=str(error))
    return _account(request, desk, user, 201, secret=secret)


@router.post("/account/tokens/{token_id}/revoke")
def revoke_token(request: Request, desk: DeskDep, user: Viewer, token_id: int) -> Response:
    """End a token."""
    desk.accounts.tokens.revoke(user, token_id, address=address_of(request))
    return RedirectResponse("/account", 303)


def _account(
    request: Request, desk: DeskDep, user: User, status: int = 200, *, wrong: str = "", done: str = "", secret: str = ""
) -> Response:
    known = desk.accounts.get(user.name)
    return render(
        request,
        "account.html.j2",
        status,
        account=known,
        sessions=desk.accounts.sessions.of(user),
        tokens=desk.accounts.tokens.of(user),
        scopes=scopes_of(known.user.role),
        token_days=desk.config.desk.token_days,
        passphrase_characters=desk.config.desk.passphrase_characters,
        wrong=wrong,
        done=done,
        secret=secret,
    )


def _gone(response: Response, desk: DeskDep) -> Response:
    config = desk.config.desk
    response.delete_cookie(cookie_name(config), path="/", secure=is_secure(config), httponly=True, samesite="lax")
    return response


def _inside(address: str) -> str:
    """An address of the desk itself: a link to the login must not lead out of it."""
    inside = address.startswith("/") and address[1:2] not in ("/", "\\") and address.isprintable()
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    return address if inside and not parts.scheme and not parts.netloc and parts.path != "/login" else "/"
