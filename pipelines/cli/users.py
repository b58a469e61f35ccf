"""``burnwatch users``: who may use the analysts' desk. The first admin is made here."""

from __future__ import annotations

import getpass
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.numbers import not_blank
from pipelines.cli.session import Session
from pipelines.terminal import note, print_table

if TYPE_CHECKING:
    from review.accounts import Accounts


class RoleName(StrEnum):
    """What a user may do."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


Name = Annotated[str, typer.Argument(callback=not_blank, help="Name with which the user logs in.", show_default=False)]
RoleOption = Annotated[
    RoleName, typer.Option("--role", help="Viewers look, analysts settle flags too, admins keep accounts as well.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    users = typer.Typer(no_args_is_help=True, help="Say who may use the analysts' desk. The first admin is made here.")
    users.command("add")(add)
    users.command("list")(list_users)
    users.command("role")(role)
    users.command("password")(password)
    users.command("deactivate")(deactivate)
    users.command("activate")(activate)
    users.command("tokens")(list_tokens)
    users.command("revoke-token")(revoke_token)
    app.add_typer(users, name="users")


def add(context: typer.Context, name: Name, to: RoleOption = RoleName.ANALYST) -> None:
    """Add a user. The password is asked for, or read from a pipe: never an argument, which others could see."""
    from review.records import Role

    added = _accounts(context).add(name, Role(to.value), _password(), by=operator())
    note(f"added {added.name} as {added.role}")


def list_users(context: typer.Context) -> None:
    """List the users."""
    rows = [
        (
            account.user.name,
            str(account.user.role),
            "active" if account.active else "closed",
            "yes" if account.by_password else "by the proxy",
            f"{account.created_at:%Y-%m-%d}",
        )
        for account in _accounts(context).all()
    ]
    print_table(
        [("name", "whole"), ("role", "whole"), ("account", "whole"), ("password", "whole"), ("since", "whole")], rows
    )
    if not rows:
        note("no users: `burnwatch users add NAME --role admin` makes the first")


def role(context: typer.Context, name: Name, to: Annotated[RoleName, typer.Argument(help="The new role.")]) -> None:
    """Change what a user may do."""
    from review.records import Role

    _accounts(context).set_role(name, Role(to.value), by=operator())
    note(f"{name} is {to.value}")


def password(context: typer.Context, name: Name) -> None:
    """Give a user another password; it is asked for, or read from a pipe. Their logins and tokens end."""
    accounts = _accounts(context)
    accounts.get(name)
    accounts.set_password(name, _password(), by=operator())
    note(f"changed the password of {name}")


def deactivate(context: typer.Context, name: Name) -> None:
    """Close an account: its logins and tokens end at once, what it did stays."""
    _accounts(context).deactivate(name, by=operator())
    note(f"closed the account of {name}")


def activate(context: typer.Context, name: Name) -> None:
    """Open a closed account again."""
    _accounts(context).activate(name, by=operator())
    note(f"opened the account of {name}")


def list_tokens(context: typer.Context) -> None:
    """List everybody's tokens that still hold."""
    tokens = _accounts(context).tokens.all()
    rows = [
        (
            str(token.token_id),
            token.owner,
            str(token.scope),
            token.label,
            f"{token.used_at:%Y-%m-%d}" if token.used_at else "never",
            f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "",
        )
        for token in tokens
    ]
    headers = [("number", "right"), ("user", "whole"), ("scope", "whole"), ("for", "left")]
    print_table([*headers, ("used", "whole"), ("ends", "whole")], rows)
    if not rows:
        note("no tokens: users make them on their account's page")


def revoke_token(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="Number of the token, as `users tokens` lists it.", min=0)],
) -> None:
    """End a token, whosever it is."""
    _accounts(context).tokens.revoke_any(number, by=operator())
    note(f"token {number} is ended")


def _accounts(context: typer.Context) -> Accounts:
    from pipelines.flags import open_flags
    from review.accounts import Accounts

    session: Session = context.obj
    flags = context.with_resource(open_flags(session.home, session.config))
    return Accounts(flags.database, session.config.desk)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def operator() -> str:
    """Who works here, for the audit."""
    try:
        return f"command line ({getpass.getuser()})"
    except (OSError, KeyError):  # no name for this user id
        return "command line"
