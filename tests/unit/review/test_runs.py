"""The log of runs in SQLite."""

import pytest

from tests.contract.run_log import RunLogContract


class TestSqlite(RunLogContract):
    @pytest.fixture
    def url(self, sqlite_url):
        return sqlite_url
