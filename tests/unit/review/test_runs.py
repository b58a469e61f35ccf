"""The log of runs in SQLite."""

import pytest

from tests.contract.run_log import RunLogContract


class TestSqlite(RunLogContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'review.sqlite'}"
