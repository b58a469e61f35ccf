"""The contract of labels in SQLite."""

import pytest

from tests.contract.flag_store import FlagStoreContract
from tests.contract.label_store import LabelStoreContract


class TestSqlite(LabelStoreContract):
    flag, review, store = FlagStoreContract.flag, FlagStoreContract.review, FlagStoreContract.store

    @pytest.fixture
    def url(self, sqlite_url):
        return sqlite_url
