"""The contract of accounts in SQLite."""

import pytest

from tests.contract.accounts import AccountsContract


class TestSqlite(AccountsContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'review.sqlite'}"
