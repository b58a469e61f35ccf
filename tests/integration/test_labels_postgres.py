"""The contract of labels in a real PostgreSQL."""

import pytest

from tests.contract.flag_store import FlagStoreContract
from tests.contract.label_store import LabelStoreContract
from tests.postgres import postgres_server, postgres_url  # noqa: F401

pytestmark = pytest.mark.integration


class TestPostgresql(LabelStoreContract):
    flag, review, store = FlagStoreContract.flag, FlagStoreContract.review, FlagStoreContract.store

    @pytest.fixture
    def url(self, postgres_url):  # noqa: F811
        return postgres_url
