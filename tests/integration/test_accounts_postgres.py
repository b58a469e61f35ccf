"""The contract of accounts in a real PostgreSQL."""

import pytest
import sqlalchemy as sa

from tests.contract.accounts import AccountsContract
from tests.postgres import postgres_server, postgres_url  # noqa: F401

pytestmark = pytest.mark.integration


class TestPostgresql(AccountsContract):
    @pytest.fixture
    def url(self, postgres_url):  # noqa: F811
        return postgres_url

    def test_the_audit_cannot_be_truncated(self, accounts, database):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.writing() as connection:
            connection.execute(sa.text("TRUNCATE audit"))
