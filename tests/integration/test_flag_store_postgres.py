"""The contract of the flag store in a real PostgreSQL."""

import pytest
import sqlalchemy as sa

from review.records import Status
from tests.contract.flag_store import FlagStoreContract
from tests.postgres import postgres_server, postgres_url  # noqa: F401

pytestmark = pytest.mark.integration


class TestPostgresql(FlagStoreContract):
    @pytest.fixture
    def url(self, postgres_url):  # noqa: F811
        return postgres_url

    def test_verdicts_cannot_be_truncated(self, store, engine):
        self.review(store, self.flag(store), Status.IN_REVIEW)
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE verdicts"))
