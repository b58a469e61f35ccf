"""What admins do: keep accounts, and read who came in and what was changed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from review.accounts import AccountError
from review.passwords import LONGEST
from review.records import Role
from review.web import aside
from review.web.access import Admin, AdminInPerson, address_of
from review.web.render import DeskDep, render

AUDIT_ROWS = 100

router = APIRouter(prefix="/admin", include_in_schema=False)

Name = Annotated[str, Form(max_length=200)]
Secret = Annotated[str, Form(max_length=LONGEST)]
TokenId = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/users")
def users(request: Request, desk: DeskDep, _: Admin) -> Response:
    """Every account."""
    return _users(request, desk)


@router.post("/users")
@aside.passwords
def add_user(
    request: Request, desk: DeskDep, admin: AdminInPerson, name: Name, role: Annotated[Role, Form()], password: Secret
) -> Response:
    """A new account."""
    try:
        desk.accounts.add(name, role, password, by=admin.name, address=address_of(request))
    except AccountError as error:
        return _users(request, desk, 422, wrong=str(error), name=name, role=role)
    return _back()


@router.post("/users/{name}/role")
def set_role(
    request: Request, desk: DeskDep, admin: AdminInPerson, name: str, role: Annotated[Role, Form()]
) -> Response:
    """Let a user do more or less."""
    try:
        desk.accounts.set_role(name, role, by=admin.name, address=address_of(request))
    except AccountError as error:
        return _users(request, desk, 422, wrong=str(error))
    return _back()


@router.post("/users/{name}/password")
@aside.passwords
def set_password(request: Request, desk: DeskDep, admin: AdminInPerson, name: str, password: Secret) -> Response:
    """Give a user another password; their logins end."""
    try:
        desk.accounts.set_password(name, password, by=admin.name, address=address_of(request))
    except AccountError as error:
        return _users(request, desk, 422, wrong=str(error))
    return _back()


@router.post("/users/{name}/deactivate")
def deactivate(request: Request, desk: DeskDep, admin: Admin, name: str) -> Response:
    """Close an account."""
    try:
        desk.accounts.deactivate(name, by=admin.name, address=address_of(request))
    except AccountError as error:
        return _users(request, desk, 422, wrong=str(error))
    return _back()


@router.post("/users/{name}/activate")
def activate(request: Request, desk: DeskDep, admin: AdminInPerson, name: str) -> Response:
    """Open a closed account again."""
    try:
        desk.accounts.activate(name, by=admin.name, address=address_of(request))
    except AccountError as error:
        return _users(request, desk, 422, wrong=str(error))
    return _back()


@router.get("/tokens")
def tokens(request: Request, desk: DeskDep, _: Admin) -> Response:
    """Everybody's tokens."""
    return render(request, "tokens.html.j2", tokens=desk.accounts.tokens.all(), wrong="")


@router.post("/tokens/{token_id}/revoke")
def revoke_token(request: Request, desk: DeskDep, admin: Admin, token_id: TokenId) -> Response:
    """End a token of anybody."""
    try:
        desk.accounts.tokens.revoke_any(token_id, by=admin.name, address=address_of(request))
    except AccountError as error:
        return render(request, "tokens.html.j2", 404, tokens=desk.accounts.tokens.all(), wrong=str(error))
    return RedirectResponse("/admin/tokens", 303)


@router.get("/audit")
def audit(
    request: Request,
    desk: DeskDep,
    _: Admin,
    who: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Logins and changes of accounts, the newest first."""
    rows = desk.accounts.audit.newest(AUDIT_ROWS + 1, who=who.strip(), before=before)
    older = rows[AUDIT_ROWS - 1].audit_id if len(rows) > AUDIT_ROWS else None
    return render(request, "audit.html.j2", rows=rows[:AUDIT_ROWS], who=who.strip(), older=older)


def _users(
    request: Request, desk: DeskDep, status: int = 200, *, wrong: str = "", name: str = "", role: Role = Role.ANALYST
) -> Response:
    return render(
        request,
        "users.html.j2",
        status,
        accounts=desk.accounts.all(),
        roles=list(Role),
        shortest=desk.config.desk.passphrase_characters,
        wrong=wrong,
        name=name,
        role=role,
    )


def _back() -> Response:
    return RedirectResponse("/admin/users", 303)
