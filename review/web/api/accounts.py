"""Oneself and one's tokens; for admins the users and their audit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from review.accounts import Account
from review.passwords import LONGEST
from review.records import Role, Scope
from review.tokens import LONGEST_LABEL, TokenError
from review.web import aside
from review.web.access import Admin, AdminInPerson, Viewer, ViewerInPerson, address_of
from review.web.api.fields import CLEANED, Asked, Record, Words
from review.web.api.paging import address
from review.web.api.problems import RefusalError, answers
from review.web.render import DeskDep

router = APIRouter(tags=["accounts"])

Name = Annotated[str, Path(max_length=100, description="The user's name")]
TokenId = Annotated[int, Path(ge=0, le=2**31 - 1)]
Password = Annotated[SecretStr, Field(max_length=LONGEST)]


class Me(Record):
    """Who asks."""

    name: str
    role: Role


class Token(Record):
    """A token, without its secret."""

    token_id: int
    owner: str = Field(description="The user whom it works for")
    label: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None = Field(description="When it was last used, to some minutes")


class NewToken(BaseModel):
    """A token that was just made."""

    token: Token
    secret: str = Field(description="What goes after `Bearer`; shown this once")


class TokenWish(Asked):
    """A token to be made."""

    label: Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL, description="What it is for"), CLEANED]
    days: float | None = Field(
        default=None, gt=0.0, description="How long it lasts; as long as the desk allows by default"
    )
    scope: Scope = Field(default=Scope.READ_ONLY, description="What it may do, no more than its user")
    password: Password = Field(
        default=SecretStr(""), description="Yours, needed unless a proxy lets you in without one"
    )


class User(BaseModel):
    """An account as an admin sees it."""

    name: str
    role: Role
    active: bool
    by_password: bool = Field(description="Whether they may log in with a password; else only a proxy lets them in")
    created_at: datetime


class NewUser(Asked):
    """An account to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "carl", "role": "analyst", "password": "four words nobody guesses"}]}
    )

    name: Words
    role: Role
    password: Password


class NewRole(Asked):
    """What a user may do from now on."""

    role: Role


class NewPassword(Asked):
    """A password that takes the place of the one before; the user's logins and tokens end."""

    password: Password


class AuditStep(Record):
    """Who did what, and how it ended."""

    audit_id: int
    at: datetime
    who: str
    action: str
    outcome: str
    address: str
    detail: str


class Audit(BaseModel):
    """Steps of the audit, the newest first."""

    next: str | None = Field(description="Address of the older ones")
    steps: list[AuditStep]


class AuditQuery(Asked):
    """Which steps."""

    who: Words = ""
    before: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Only those with a smaller number")
    limit: int = Field(default=100, ge=1, le=1000)


@router.get("/me", summary="Who asks")
def get_me(user: Viewer) -> Me:
    """The user whose token or login this is."""
    return Me.model_validate(user)


@router.get("/me/tokens", summary="One's tokens that still hold")
def list_tokens(desk: DeskDep, user: Viewer) -> list[Token]:
    """The newest first."""
    return [Token.model_validate(token) for token in desk.accounts.tokens.of(user)]


@router.post("/me/tokens", status_code=201, summary="Make a token")
@aside.passwords
def make_token(request: Request, desk: DeskDep, user: ViewerInPerson, wish: TokenWish) -> NewToken:
    """Not with a token: a login is needed, and its password again. With a scope a token may do less than its user."""
    made, secret = desk.accounts.make_token(
        user,
        wish.password.get_secret_value(),
        wish.label,
        scope=wish.scope,
        days=wish.days,
        address=address_of(request),
    )
    return NewToken(token=Token.model_validate(made), secret=secret)


@router.delete("/me/tokens/{token_id}", status_code=204, summary="End a token", responses=answers(404))
def revoke_token(request: Request, desk: DeskDep, user: Viewer, token_id: TokenId) -> None:
    """It holds no longer."""
    try:
        desk.accounts.tokens.revoke(user, token_id, address=address_of(request))
    except TokenError as error:
        raise RefusalError(404, str(error)) from error


@router.get("/tokens", summary="Everybody's tokens that still hold")
def list_all_tokens(desk: DeskDep, _: Admin) -> list[Token]:
    """The newest first."""
    return [Token.model_validate(token) for token in desk.accounts.tokens.all()]


@router.delete("/tokens/{token_id}", status_code=204, summary="End a token of anybody", responses=answers(404))
def revoke_any_token(request: Request, desk: DeskDep, admin: Admin, token_id: TokenId) -> None:
    """It holds no longer."""
    try:
        desk.accounts.tokens.revoke_any(token_id, by=admin.name, address=address_of(request))
    except TokenError as error:
        raise RefusalError(404, str(error)) from error


@router.get("/users", summary="Every account")
def list_users(desk: DeskDep, _: Admin) -> list[User]:
    """By name."""
    return [_shown(account) for account in desk.accounts.all()]


@router.post("/users", status_code=201, summary="Make an account")
@aside.passwords
def add_user(request: Request, desk: DeskDep, admin: AdminInPerson, new: NewUser) -> User:
    """The name must be free, and the password not easily guessed. Not with a token: a login is needed."""
    password = new.password.get_secret_value()
    added = desk.accounts.add(new.name, new.role, password, by=admin.name, address=address_of(request))
    return _shown(desk.accounts.get(added.name))


@router.post("/users/{name}/role", summary="Let a user do more or less", responses=answers(404))
def set_role(request: Request, desk: DeskDep, admin: AdminInPerson, name: Name, new: NewRole) -> User:
    """From their next request on; one admin is always left. Not with a token."""
    desk.accounts.set_role(name, new.role, by=admin.name, address=address_of(request))
    return _shown(desk.accounts.get(name))


@router.post("/users/{name}/password", summary="Give a user another password", responses=answers(404))
@aside.passwords
def set_password(request: Request, desk: DeskDep, admin: AdminInPerson, name: Name, new: NewPassword) -> User:
    """Their logins and tokens end. Not with a token."""
    password = new.password.get_secret_value()
    desk.accounts.set_password(name, password, by=admin.name, address=address_of(request))
    return _shown(desk.accounts.get(name))


@router.post("/users/{name}/deactivate", summary="Close an account", responses=answers(404))
def deactivate(request: Request, desk: DeskDep, admin: Admin, name: Name) -> User:
    """At once: its logins and tokens end."""
    desk.accounts.deactivate(name, by=admin.name, address=address_of(request))
    return _shown(desk.accounts.get(name))


@router.post("/users/{name}/activate", summary="Open a closed account again", responses=answers(404))
def activate(request: Request, desk: DeskDep, admin: AdminInPerson, name: Name) -> User:
    """Its tokens stay ended. Not with a token."""
    desk.accounts.activate(name, by=admin.name, address=address_of(request))
    return _shown(desk.accounts.get(name))


@router.get("/audit", summary="Logins and changes of accounts")
def get_audit(
    request: Request, response: Response, desk: DeskDep, _: Admin, query: Annotated[AuditQuery, Query()]
) -> Audit:
    """The newest first."""
    found = desk.accounts.audit.newest(query.limit + 1, who=query.who, before=query.before)
    older = address(request, before=found[query.limit - 1].audit_id) if len(found) > query.limit else None
    if older:
        response.headers["Link"] = f'<{older}>; rel="next"'
    return Audit(next=older, steps=[AuditStep.model_validate(step) for step in found[: query.limit]])


def _shown(account: Account) -> User:
    user = account.user
    return User(
        name=user.name,
        role=user.role,
        active=account.active,
        by_password=account.by_password,
        created_at=account.created_at,
    )
