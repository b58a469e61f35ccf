"""The contract of accounts in SQLite."""

import pytest

from tests.contract.accounts import AccountsContract


class TestSqlite(AccountsContract):
    @pytest.fixture
    def url(self, sqlite_url):
        return sqlite_url
