"""What accounts must do in every database; a test class per database gives the fixture ``url``."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from configs.desk import DeskConfig
from configs.review import ReviewConfig
from review import passwords
from review.accounts import AccountError, Accounts, LoginError, LoginWaitError
from review.database import Database
from review.lockout import FAILED, LOG_IN
from review.passwords import WeakPasswordError
from review.records import Role, Scope
from review.tokens import MOST, TokenError
from review.users import BadNameError, UnknownUserError, User

PASSWORD = "an orbit has six elements"
OTHER = "and a burn has three parts"
CONFIG = DeskConfig().model_copy(update={"scrypt_log2_n": 4, "scrypt_p": 1})  # less work than may be set


class Clock:
    """Tells the time that a test sets."""

    def __init__(self):
        self.now = datetime(2026, 3, 2, 8, tzinfo=UTC)

    def __call__(self):
        return self.now

    def forward(self, **span):
        self.now += timedelta(**span)


class AccountsContract:
    @pytest.fixture
    def database(self, url):
        database = Database(url, ReviewConfig())
        yield database
        database.close()

    @pytest.fixture
    def clock(self):
        return Clock()

    @pytest.fixture
    def accounts(self, database, clock):
        accounts = Accounts(database, CONFIG, clock)
        accounts.add("ann", Role.ANALYST, PASSWORD, by="a test")
        accounts.add("ada", Role.ADMIN, PASSWORD, by="a test")
        return accounts

    def steps(self, accounts, action):
        return [(step.who, step.outcome) for step in reversed(accounts.audit.newest()) if step.action == action]

    def fail(self, accounts, name="ann", times=1, **values):
        for _ in range(times):
            with pytest.raises(LoginError):
                accounts.logins.log_in(name, "a wrong password", **values)

    # -- logging in

    def test_the_right_password_begins_a_session(self, accounts):
        user, secret = accounts.logins.log_in(" Ann ", PASSWORD, address="192.0.2.7")
        assert (user.name, user.role) == ("ann", Role.ANALYST)
        assert accounts.sessions.user(secret) == user
        assert [session.address for session in accounts.sessions.of(user)] == ["192.0.2.7"]

    @pytest.mark.parametrize("name", ["ann", "nobody", "closed", "proxied", "", "ann\x00", "no name at all", "ä"])
    def test_all_who_are_not_let_in_hear_the_same_after_the_same_work(self, accounts, monkeypatch, name, database):
        accounts.add("closed", Role.VIEWER, "a wrong password", by="a test")
        accounts.deactivate("closed", by="a test")
        Accounts(database, CONFIG.model_copy(update={"proxy_group_roles": {"everyone": "viewer"}})).logins.from_proxy(
            "proxied", ["everyone"]
        )
        worked, scrypt = [], passwords.hashlib.scrypt
        monkeypatch.setattr(
            passwords.hashlib,
            "scrypt",
            lambda password, **values: (
                worked.append({**values, "salt": len(values["salt"])}) or scrypt(password, **values)
            ),
        )
        with pytest.raises(LoginError) as told:
            accounts.logins.log_in(name, "a wrong password")
        assert str(told.value) == "name or password is wrong"
        assert [(work["n"], work["r"], work["p"], work["salt"]) for work in worked] == [
            (1 << CONFIG.scrypt_log2_n, 8, 1, 16)
        ]

    @pytest.mark.parametrize("name", ["ann", "nobody"])
    def test_failed_logins_make_the_next_wait_ever_longer(self, accounts, clock, name):
        self.fail(accounts, name, CONFIG.lockout_failures)
        waits = []
        for _ in range(8):
            with pytest.raises(LoginWaitError) as told:
                accounts.logins.log_in(name, PASSWORD)
            waits.append(told.value.seconds)
            clock.forward(seconds=told.value.seconds)
            self.fail(accounts, name)
        assert waits == [15, 30, 60, 120, 240, 480, 900, 900]

    def test_a_login_that_waited_ends_the_wait(self, accounts, clock):
        self.fail(accounts, times=CONFIG.lockout_failures)
        clock.forward(seconds=CONFIG.lockout_first_s)
        accounts.logins.log_in("ann", PASSWORD)
        self.fail(accounts, times=CONFIG.lockout_failures - 1)
        accounts.logins.log_in("ann", PASSWORD)

    def test_those_who_wait_do_not_make_others_wait(self, accounts):
        self.fail(accounts, times=CONFIG.lockout_failures, address="192.0.2.7")
        accounts.logins.log_in("ada", PASSWORD, address="192.0.2.7")

    def test_an_address_waits_after_many_failures_with_whatever_names(self, accounts, clock):
        for index in range(CONFIG.lockout_address_failures):
            self.fail(accounts, f"name{index}", address="192.0.2.7")
            if index % 3 == 0 and index < CONFIG.lockout_address_failures - 1:
                accounts.logins.log_in(
                    "ada", PASSWORD, address="192.0.2.7"
                )  # one's own account buys no further guesses
        with pytest.raises(LoginWaitError):
            accounts.logins.log_in("ada", PASSWORD, address="192.0.2.7")
        accounts.logins.log_in("ada", PASSWORD, address="192.0.2.8")
        clock.forward(hours=1)
        accounts.logins.log_in("ada", PASSWORD, address="192.0.2.7")

    def test_guesses_at_once_are_no_more_than_guesses_one_by_one(self, accounts):
        def guess(_):
            try:
                accounts.logins.log_in("ann", "a wrong password")
            except (LoginError, LoginWaitError) as error:
                return type(error)

        with ThreadPoolExecutor(8) as threads:
            told = list(threads.map(guess, range(16)))
        assert told.count(LoginError) == CONFIG.lockout_failures
        assert told.count(LoginWaitError) == 16 - CONFIG.lockout_failures

    def test_logins_are_written_down_but_no_unknown_name(self, accounts):
        self.fail(accounts)
        self.fail(accounts, PASSWORD)  # a password in the field of the name
        user, secret = accounts.logins.log_in("ann", PASSWORD)
        accounts.logins.log_out(user, secret)
        (one, two, three) = self.steps(accounts, LOG_IN)
        assert (one, three) == (("ann", FAILED), ("ann", "done"))
        assert two[0].startswith("unknown ")
        assert self.steps(accounts, "log out") == [("ann", "done")]
        assert PASSWORD not in str(accounts.audit.newest())

    def test_a_hash_made_with_other_work_is_made_anew(self, accounts, database, clock):
        harder = Accounts(database, CONFIG.model_copy(update={"scrypt_p": 2}), clock)
        harder.logins.log_in("ann", PASSWORD)
        with database.reading() as connection:
            stored = connection.execute(sa.text("SELECT password_hash FROM users WHERE name = 'ann'")).scalar_one()
        assert stored.startswith(f"scrypt${CONFIG.scrypt_log2_n}$8$2$")
        accounts.logins.log_in("ann", PASSWORD)

    # -- sessions

    def test_a_session_ends_when_idle(self, accounts, clock):
        _, secret = accounts.logins.log_in("ann", PASSWORD)
        for _ in range(3):
            clock.forward(hours=CONFIG.session_idle_hours, seconds=-1)
            assert accounts.sessions.user(secret) is not None
        clock.forward(hours=CONFIG.session_idle_hours)
        assert accounts.sessions.user(secret) is None

    def test_a_session_ends_however_busy(self, accounts, clock):
        _, secret = accounts.logins.log_in("ann", PASSWORD)
        for _ in range(int(CONFIG.session_hours) - 1):
            clock.forward(hours=1)
            assert accounts.sessions.user(secret) is not None
        clock.forward(hours=1)
        assert accounts.sessions.user(secret) is None

    def test_logging_in_again_ends_the_session_before(self, accounts):
        _, first = accounts.logins.log_in("ann", PASSWORD)
        _, second = accounts.logins.log_in("ann", PASSWORD, instead_of=first)
        assert accounts.sessions.user(first) is None
        assert accounts.sessions.user(second) is not None

    def test_logging_out_ends_this_session_or_all(self, accounts):
        user, first = accounts.logins.log_in("ann", PASSWORD)
        secrets = [accounts.logins.log_in("ann", PASSWORD)[1] for _ in range(3)]
        _, others = accounts.logins.log_in("ada", PASSWORD)
        accounts.logins.log_out(user, first)
        assert [accounts.sessions.user(one) is None for one in (first, *secrets)] == [True, False, False, False]
        _, token = accounts.tokens.make(user, "nightly export")
        assert accounts.logins.log_out_everywhere(user) == 3
        assert accounts.tokens.user(token) is None
        assert accounts.audit.newest(1)[0].detail == "1 token ended"
        assert [accounts.sessions.user(one) for one in secrets] == [None, None, None]
        assert accounts.sessions.user(others) is not None

    def test_the_database_holds_no_secret(self, accounts, database):
        user, session = accounts.logins.log_in("ann", PASSWORD)
        _, token = accounts.tokens.make(user, "nightly export")
        with database.reading() as connection:
            held = str(
                [connection.execute(sa.text(f"SELECT * FROM {name}")).all() for name in ("users", "sessions", "tokens")]
            )
        assert not [secret for secret in (PASSWORD, session, token) if secret in held]

    # -- tokens

    def test_a_token_is_its_users_until_it_ends_or_is_revoked(self, accounts, clock):
        user = accounts.get("ann").user
        record, secret = accounts.tokens.make(user, "nightly export", days=2)
        assert accounts.tokens.user(secret) == user
        assert accounts.tokens.of(user)[0].used_at == clock.now
        clock.forward(days=2)
        assert accounts.tokens.user(secret) is None
        record, secret = accounts.tokens.make(user, "another")
        with pytest.raises(TokenError, match="no token"):
            accounts.tokens.revoke(accounts.get("ada").user, record.token_id)
        accounts.tokens.revoke(user, record.token_id)
        assert accounts.tokens.user(secret) is None
        assert accounts.tokens.of(user) == []

    @pytest.mark.parametrize(
        ("name", "scope", "role"),
        [
            ("ann", Scope.READ_ONLY, Role.VIEWER),
            ("ann", Scope.VERDICTS, Role.ANALYST),
            ("ada", Scope.VERDICTS, Role.ANALYST),
            ("ada", Scope.ADMIN, Role.ADMIN),
            ("ada", None, Role.ADMIN),
        ],
    )
    def test_a_token_may_what_its_scope_and_its_users_role_allow(self, accounts, name, scope, role):
        record, secret = accounts.tokens.make(accounts.get(name).user, "x", scope=scope)
        found = accounts.tokens.user(secret)
        assert (found.role, found.scope, record.owner) == (role, scope or Scope.ADMIN, name)
        accounts.set_role("ann", Role.ADMIN, by="ada")
        accounts.set_role("ada", Role.VIEWER, by="ann")
        assert accounts.tokens.user(secret).role is (role if name == "ann" else Role.VIEWER)

    def test_a_token_may_not_more_than_its_user_when_it_is_made(self, accounts):
        with pytest.raises(TokenError, match="the scope of a token of analysts is read-only, verdicts"):
            accounts.tokens.make(accounts.get("ann").user, "x", scope=Scope.ADMIN)

    def test_a_token_is_made_by_who_knows_the_password(self, accounts, database, clock):
        user = accounts.get("ann").user
        _, secret = accounts.make_token(user, PASSWORD, "x", scope=Scope.READ_ONLY)
        assert accounts.tokens.user(secret) == User(user.user_id, "ann", Role.VIEWER)
        for _ in range(CONFIG.lockout_failures):
            with pytest.raises(AccountError, match="is another"):
                accounts.make_token(user, "a wrong password", "x", scope=Scope.READ_ONLY)
        with pytest.raises(LoginWaitError):
            accounts.make_token(user, PASSWORD, "x", scope=Scope.READ_ONLY)
        proxied = self.proxied(database, clock, watch="analyst")
        zoe = proxied.logins.from_proxy("zoe", ["watch"])
        assert proxied.make_token(zoe, "", "x", scope=Scope.VERDICTS)

    def test_an_admin_sees_and_ends_everybodys_tokens(self, accounts):
        _, one = accounts.tokens.make(accounts.get("ann").user, "one")
        _, two = accounts.tokens.make(accounts.get("ada").user, "two")
        seen = accounts.tokens.all()
        assert [(token.owner, token.label, str(token.scope)) for token in seen] == [
            ("ada", "two", "admin"),
            ("ann", "one", "verdicts"),
        ]
        accounts.tokens.revoke_any(seen[1].token_id, by="ada")
        assert accounts.tokens.user(one) is None
        assert accounts.tokens.user(two) is not None
        assert accounts.audit.newest(1)[0].who == "ada"
        with pytest.raises(TokenError, match="there is no token"):
            accounts.tokens.revoke_any(seen[1].token_id, by="ada")

    @pytest.mark.parametrize(
        ("label", "days"), [("", 1), ("  \n", 1), ("x" * 101, 1), ("x", 0), ("x", 91), ("x", float("nan"))]
    )
    def test_a_token_needs_a_label_and_an_end(self, accounts, label, days):
        with pytest.raises(TokenError):
            accounts.tokens.make(accounts.get("ann").user, label, days=days)

    def test_nobody_has_tokens_without_number(self, accounts):
        user = accounts.get("ann").user
        for index in range(MOST):
            accounts.tokens.make(user, str(index))
        with pytest.raises(TokenError, match="revoke one"):
            accounts.tokens.make(user, "one more")

    def test_a_session_is_no_token_and_a_token_no_session(self, accounts):
        user, session = accounts.logins.log_in("ann", PASSWORD)
        _, token = accounts.tokens.make(user, "nightly export")
        assert accounts.tokens.user(session) is None
        assert accounts.sessions.user(token) is None
        assert accounts.sessions.user("") is None

    # -- keeping accounts

    def test_a_role_holds_from_the_next_request_on(self, accounts):
        _, secret = accounts.logins.log_in("ann", PASSWORD)
        accounts.set_role("ann", Role.VIEWER, by="ada")
        assert accounts.sessions.user(secret).role is Role.VIEWER

    def test_closing_an_account_ends_all_of_it_at_once(self, accounts):
        user, session = accounts.logins.log_in("ann", PASSWORD)
        _, token = accounts.tokens.make(user, "nightly export")
        accounts.deactivate("ann", by="ada")
        assert (accounts.sessions.user(session), accounts.tokens.user(token)) == (None, None)
        self.fail(accounts)
        with pytest.raises(LoginError):
            accounts.logins.log_in("ann", PASSWORD)
        accounts.activate("ann", by="ada")
        assert (accounts.sessions.user(session), accounts.tokens.user(token)) == (None, None)
        accounts.logins.log_in("ann", PASSWORD)

    def test_one_admin_always_stays(self, accounts):
        for deed in (
            lambda: accounts.deactivate("ada", by="ada"),
            lambda: accounts.set_role("ada", Role.VIEWER, by="ada"),
        ):
            with pytest.raises(AccountError, match="only admin"):
                deed()
        accounts.set_role("ann", Role.ADMIN, by="ada")
        accounts.deactivate("ada", by="ann")
        with pytest.raises(AccountError, match="only admin"):
            accounts.set_role("ann", Role.ANALYST, by="ann")

    def test_another_password_ends_the_other_sessions_and_every_token(self, accounts):
        user, mine = accounts.logins.log_in("ann", PASSWORD)
        _, other = accounts.logins.log_in("ann", PASSWORD)
        _, token = accounts.tokens.make(user, "nightly export")
        accounts.change_own_password(user, PASSWORD, OTHER, session=mine)
        assert accounts.tokens.user(token) is None
        _, token = accounts.tokens.make(user, "another")
        accounts.set_password("ann", OTHER, by="ada", session=mine)
        assert accounts.tokens.user(token) is None
        assert accounts.audit.newest(1)[0].detail == "ann, 1 token ended"
        assert accounts.sessions.user(mine) == user
        assert accounts.sessions.user(other) is None
        with pytest.raises(LoginError):
            accounts.logins.log_in("ann", PASSWORD)
        accounts.logins.log_in("ann", OTHER)

    def test_nobody_changes_a_password_without_the_old_one_nor_by_guessing_it(self, accounts):
        user = accounts.get("ann").user
        for _ in range(CONFIG.lockout_failures):
            with pytest.raises(AccountError, match="is another"):
                accounts.change_own_password(user, "a wrong password", OTHER)
        with pytest.raises(LoginWaitError):
            accounts.change_own_password(user, PASSWORD, OTHER)

    @pytest.mark.parametrize("weak", ["", "short", "aaaaaaaaaaaaaaaa", "ann-ann-ann1", "x" * 1025])
    def test_a_password_that_would_be_guessed_is_refused(self, accounts, weak):
        with pytest.raises(WeakPasswordError):
            accounts.add("ann-ann-ann", Role.VIEWER, weak, by="a test")
        with pytest.raises(WeakPasswordError):
            accounts.set_password("ann", weak if weak != "ann-ann-ann1" else "Ann45678", by="a test")

    @pytest.mark.parametrize("name", ["", " ", ".ann", "a b", "ann\n", "änn", "x" * 101, "ann/../ada"])
    def test_a_name_is_plain(self, accounts, name):
        if name == "ann\n":  # only an end of line that a form sent along
            name = "a\nnn"
        with pytest.raises(BadNameError):
            accounts.add(name, Role.VIEWER, PASSWORD, by="a test")

    def test_a_name_is_taken_in_whatever_case(self, accounts):
        with pytest.raises(AccountError, match="already"):
            accounts.add("ANN", Role.ADMIN, PASSWORD, by="a test")

    def test_an_unknown_user_is_an_error_of_its_own(self, accounts):
        for deed in (
            lambda: accounts.get("zoe"),
            lambda: accounts.set_role("zoe", Role.VIEWER, by="ada"),
            lambda: accounts.set_password("zoe", PASSWORD, by="ada"),
            lambda: accounts.deactivate("zoe", by="ada"),
            lambda: accounts.activate("zoe", by="ada"),
        ):
            with pytest.raises(UnknownUserError):
                deed()

    def test_what_was_done_to_accounts_is_written_down(self, accounts):
        accounts.set_role("ann", Role.VIEWER, by="ada")
        accounts.set_password("ann", OTHER, by="ada")
        accounts.deactivate("ann", by="ada")
        accounts.activate("ann", by="ada")
        told = [(step.who, step.action, step.detail) for step in reversed(accounts.audit.newest())]
        assert told == [
            ("a test", "add user", "ann as analyst"),
            ("a test", "add user", "ada as admin"),
            ("ada", "change role", "ann is viewer"),
            ("ada", "change password", "ann"),
            ("ada", "deactivate user", "ann"),
            ("ada", "activate user", "ann"),
        ]
        assert len(accounts.audit.newest(2, before=accounts.audit.newest()[0].audit_id)) == 2
        assert {step.who for step in accounts.audit.newest(who="ada")} == {"ada"}

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit SET who = 'nobody'",
            "DELETE FROM audit",
            "DELETE FROM audit WHERE audit_id = 1",
        ],
    )
    def test_what_was_written_down_stays(self, accounts, database, statement):
        before = accounts.audit.newest()
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.writing() as connection:
            connection.execute(sa.text(statement))
        assert accounts.audit.newest() == before

    # -- behind a proxy

    def proxied(self, database, clock, **roles):
        return Accounts(database, CONFIG.model_copy(update={"proxy_group_roles": roles}), clock)

    def test_without_groups_the_proxy_lets_in_only_whom_the_desk_knows(self, accounts):
        assert accounts.logins.from_proxy("ann", []).role is Role.ANALYST
        assert accounts.logins.from_proxy("zoe", ["admins"]) is None
        assert accounts.logins.from_proxy("a b", []) is None

    def test_groups_make_accounts_and_keep_roles(self, accounts, database, clock):
        accounts = self.proxied(database, clock, watch="analyst", leads="admin")
        assert accounts.logins.from_proxy("Zoe@Example.org", ["watch", "others"]).role is Role.ANALYST
        assert accounts.logins.from_proxy("zoe@example.org", ["watch", "leads"]).role is Role.ADMIN
        assert accounts.logins.from_proxy("zoe@example.org", ["watch"]).role is Role.ANALYST
        assert accounts.logins.from_proxy("zoe@example.org", ["others"]) is None
        account = accounts.get("zoe@example.org")
        assert (account.user.role, account.by_password) == (Role.ANALYST, False)
        self.fail(accounts, "zoe@example.org")
        with pytest.raises(LoginError):
            accounts.logins.log_in("zoe@example.org", "")

    def test_a_closed_account_stays_closed_behind_a_proxy(self, accounts, database, clock):
        accounts.deactivate("ann", by="ada")
        assert accounts.logins.from_proxy("ann", []) is None
        assert self.proxied(database, clock, watch="analyst").logins.from_proxy("ann", ["watch"]) is None

    def test_logins_by_the_proxy_are_written_down_once_a_visit(self, accounts, clock):
        for _ in range(5):
            accounts.logins.from_proxy("ann", [], address="192.0.2.7")
            clock.forward(minutes=30)
        clock.forward(hours=CONFIG.session_idle_hours)
        accounts.logins.from_proxy("ann", [], address="192.0.2.7")
        assert self.steps(accounts, LOG_IN) == [("ann", "done"), ("ann", "done")]
