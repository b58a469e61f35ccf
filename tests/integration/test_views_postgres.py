"""The log of runs and the lists of findings in a real PostgreSQL."""

import pytest

from tests.contract.finding_list import FindingListContract
from tests.contract.run_log import RunLogContract
from tests.postgres import postgres_server, postgres_url  # noqa: F401

pytestmark = pytest.mark.integration


class TestPostgresql(RunLogContract, FindingListContract):
    @pytest.fixture
    def url(self, postgres_url):  # noqa: F811
        return postgres_url
