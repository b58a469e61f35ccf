"""``burnwatch users``: accounts from the command line."""

import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from review.accounts import AccountError, Accounts
from review.records import Role
from review.store import FlagStore
from review.tokens import TokenError
from review.users import UnknownUserError

PASSWORD = "an orbit has six elements"


@pytest.fixture
def users(tmp_path, monkeypatch):
    """Run one of the commands; what fails is raised as `burnwatch` would tell it."""
    monkeypatch.delenv("BURNWATCH_REVIEW_URL", raising=False)
    config = tmp_path / "config.yaml"
    config.write_text("desk: {scrypt_log2_n: 14, scrypt_p: 1}\n")

    def run(*arguments, given=""):
        command = ["--home", str(tmp_path), "--config", str(config), "users", *arguments]
        return CliRunner().invoke(app, command, input=given, catch_exceptions=False)

    return run


@pytest.fixture
def accounts(tmp_path):
    with FlagStore(f"sqlite:///{tmp_path / 'review.sqlite'}") as store:
        yield Accounts(store.database)


def test_the_first_admin_is_made_here_with_a_password_from_a_pipe(users, accounts):
    users("add", "ada", "--role", "admin", given=PASSWORD + "\n")
    user, _ = accounts.logins.log_in("ada", PASSWORD)
    assert user.role is Role.ADMIN
    assert "ada" in users("list").stdout
    assert accounts.audit.newest(who="ada")[0].action == "log in"
    assert any(step.who.startswith("command line") for step in accounts.audit.newest())


def test_accounts_are_kept_from_the_command_line(users, accounts):
    users("add", "ada", "--role", "admin", given=PASSWORD + "\n")
    users("add", "ann", given=PASSWORD + "\n")
    users("role", "ann", "viewer")
    users("password", "ann", given="another long enough one\n")
    assert accounts.logins.log_in("ann", "another long enough one")[0].role is Role.VIEWER
    users("deactivate", "ann")
    assert not accounts.get("ann").active
    users("activate", "ann")
    assert accounts.get("ann").active


def test_what_cannot_be_done_is_one_line(users):
    with pytest.raises(UnknownUserError, match="no user 'zoe'"):
        users("password", "zoe", given=PASSWORD + "\n")
    with pytest.raises(AccountError, match="too short"):
        users("add", "zoe", given="short\n")


def test_no_command_takes_a_password_as_an_argument(users):
    for command in ("add", "password"):
        assert "--password" not in users(command, "--help").stdout
        assert users(command, "zoe", PASSWORD).exit_code == 2


def test_tokens_are_listed_and_ended_here(users, accounts):
    users("add", "ada", "--role", "admin", given=PASSWORD + "\n")
    made, secret = accounts.tokens.make(accounts.get("ada").user, "nightly")
    listed = users("tokens").stdout
    assert all(word in listed for word in (str(made.token_id), "ada", "admin", "nightly", "never"))
    users("revoke-token", str(made.token_id))
    assert accounts.tokens.user(secret) is None
    with pytest.raises(TokenError):
        users("revoke-token", str(made.token_id))
