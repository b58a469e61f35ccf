"""The API does what its own document says, whatever it is asked: no failure of the program, no answer of another shape."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from configs.desk import DeskConfig
from configs.schema import BurnwatchConfig
from review.web.api.app import create_api
from review.web.app import create_app
from tests.desk_home import make_home

pytestmark = [pytest.mark.integration, pytest.mark.slow]


class Served:
    """The desk's application, once there is a home for it: operations are collected before."""

    app = None

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


served = Served()
schema = schemathesis.openapi.from_dict(create_api(None).openapi())
schema.app = served


@pytest.fixture(scope="module")
def headers(tmp_path_factory):
    config = BurnwatchConfig(desk=DeskConfig(hosts=("testserver",), scrypt_log2_n=14, scrypt_p=1))
    desk = make_home(tmp_path_factory.mktemp("fuzzed")).open(config)
    with desk.flags:
        served.app = create_app(desk)
        admin = desk.accounts.get("ada").user
        _, secret = desk.accounts.tokens.make(admin, "schemathesis")
        yield {"Authorization": f"Bearer {secret}"}


@schema.parametrize()
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_to_the_document(case, headers):
    case.call_and_validate(headers=headers)
