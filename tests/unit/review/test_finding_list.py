"""Lists of findings in SQLite."""

import pytest

from tests.contract.finding_list import FindingListContract


class TestSqlite(FindingListContract):
    @pytest.fixture
    def url(self, sqlite_url):
        return sqlite_url
