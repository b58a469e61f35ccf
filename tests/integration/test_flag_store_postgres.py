"""The contract of the flag store in a real PostgreSQL."""

import pytest
import sqlalchemy as sa

from review.records import Status
from tests.contract.finding_store import FindingStoreContract
from tests.contract.flag_store import FlagStoreContract
from tests.contract.notice_store import NoticeContract
from tests.contract.queue_store import QueueContract
from tests.contract.saved_views import SavedViewsContract
from tests.contract.verdict_store import VerdictContract
from tests.postgres import postgres_server, postgres_url  # noqa: F401
from tests.review_examples import finding, findings

pytestmark = pytest.mark.integration


class TestPostgresql(
    FlagStoreContract, VerdictContract, QueueContract, SavedViewsContract, NoticeContract, FindingStoreContract
):
    @pytest.fixture
    def url(self, postgres_url):  # noqa: F811
        return postgres_url

    def test_verdicts_cannot_be_truncated(self, store, engine):
        self.review(store, self.flag(store), Status.IN_REVIEW)
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE verdicts"))

    def test_news_cannot_be_truncated(self, store, engine):
        store.findings.upsert(findings(finding()))
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text("TRUNCATE finding_news"))
