"""Lists of findings in SQLite."""

import pytest

from tests.contract.finding_list import FindingListContract


class TestSqlite(FindingListContract):
    @pytest.fixture
    def url(self, tmp_path):
        return f"sqlite:///{tmp_path / 'review.sqlite'}"
