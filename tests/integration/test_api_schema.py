"""The API does what its own document says, whatever it is asked: no failure of the program, no answer of another shape."""

from collections import defaultdict
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, settings
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from catalog.assets import AssetList
from review.passwords import LONGEST
from review.records import Status
from review.upsert import flag_id
from review.web.access import COOKIE
from review.web.api.app import create_api
from review.web.app import create_app
from tests.desk_home import CONFIG, DESK, FINDING, INSPECTOR, PASSWORD, make_home
from tests.review_examples import DAY, event, frame, run

pytestmark = [pytest.mark.integration, pytest.mark.slow]

# Things that are there: numbers and names made up at random hit none.
FLAG = flag_id(90001, DAY, DAY + timedelta(hours=20), "robust-step")
OWN_TOKEN, OTHER_TOKEN, THIRD_TOKEN = 1, 2, 3
THERE = {
    "flag_id": FLAG,
    "finding_id": FINDING,
    "norad_id": INSPECTOR,
    "name": "vera",
    "token_id": OTHER_TOKEN,
}
# What no token does.
IN_PERSON = {
    "POST /me/tokens",
    "POST /users",
    *(f"POST /users/{{name}}/{what}" for what in ("role", "password", "activate")),
}
# Where words made up at random are refused, as they should be.
KNOWN_PASSWORD = {"POST /me/tokens", "POST /users/{name}/password"}
# What a document cannot say of a request; such a one is refused though it keeps to the document.
RULES = (
    "is not later than since",
    "only a confirmed maneuver has a kind",
    "cannot have a flag",
    "there is no list",
    "a token needs a label",
    "a token lasts",
    "you have 50 tokens",
    "is no name for an account",
    "there is a user",
    "password",
    "is the only admin",
    "name different versions of the flag",
    "makes no OCM",
    "are one object",
    "must be one line of printable characters",
    "give norad_id",
    '"detail":"omm:',
    '"detail":"tle:',
    "say whose labels these are",
    "labels, line",
    "labels: ",
    "you have 100 views",
    "give the view a name",
)


class Served:
    """The desk's application, once there is a home for it: operations are collected before."""

    app = desk = None

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


served = Served()
statuses = defaultdict(set)


schema = schemathesis.openapi.from_dict(create_api(None).openapi())
schema.app = served
fuzzed = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def headers(tmp_path_factory):
    config = CONFIG.model_copy(update={"desk": DESK.model_copy(update={"hosts": ("testserver",)})})
    desk = make_home(tmp_path_factory.mktemp("fuzzed")).open(config)
    with desk.flags:
        desk.flags.upsert(frame(event()), run())
        served.app = create_app(desk)
        tokens, ada = desk.accounts.tokens, desk.accounts.get("ada").user
        own, token = tokens.make(ada, "to ask with")
        others = [tokens.make(ada, "to be ended")[0].token_id for _ in range(2)]
        assert [own.token_id, *others] == [OWN_TOKEN, OTHER_TOKEN, THIRD_TOKEN]
        desk.assets.put([AssetList(name=THERE["name"], kind="watched", objects=[])])
        served.desk = desk
        with desk.database.writing() as connection:
            secret = desk.accounts.sessions.begin(connection, ada, "")
        in_person = {"Cookie": f"{COOKIE}={secret}", "Sec-Fetch-Site": "same-origin"}
        yield {"token": {"Authorization": f"Bearer {token}"}, "in person": in_person}


@schema.parametrize()
@fuzzed
def test_every_operation_keeps_to_the_document(case, headers):
    assume(str((case.path_parameters or {}).get("token_id")) != str(OWN_TOKEN))
    ask(case, headers)


@schema.include(path_regex="{").parametrize()
@fuzzed
def test_so_it_does_about_what_is_there(case, headers):
    known = {name: value for name, value in THERE.items() if name in (case.path_parameters or {})}
    if case.path == "/tokens/{token_id}":
        known["token_id"] = THIRD_TOKEN
    case.path_parameters = {**case.path_parameters, **known}
    flag = served.desk.flags.get(FLAG)
    if flag.status is Status.OPEN and case.path.endswith("/reopen"):
        flag = served.desk.flags.settle(FLAG, Status.UNCLEAR, who="the tests", expected_version=flag.version)
    if isinstance(case.body, dict) and isinstance(case.body.get("expected_version"), int):
        case.body = {**case.body, "expected_version": flag.version}
        case.headers.pop("if-match", None)
    ask(case, headers, negative_data_rejection)  # what was wrong may be right now


def test_every_operation_was_really_done():
    if not statuses:
        pytest.skip("says something only after the tests above")
    assert set(statuses) == {operation.ok().label for operation in schema.get_all_operations()}
    never = [name for name, answered in statuses.items() if not any(status < 300 for status in answered)]
    assert never == []
    assert {200, 409, 422} <= statuses["POST /flags/{flag_id}/verdict"]


def ask(case, headers, *less):
    given = case.body.get("password", "") if isinstance(case.body, dict) else None
    if case.operation.label in KNOWN_PASSWORD and isinstance(given, str) and len(given) <= LONGEST:
        case.body = {**case.body, "password": PASSWORD}
    in_person = case.operation.label in IN_PERSON
    if in_person:
        less = (*less, ignored_auth)  # which knows nothing of sessions
    answer = case.call(headers=headers["in person" if in_person else "token"])
    statuses[case.operation.label].add(answer.status_code)
    if answer.status_code in (412, 428) or (answer.status_code == 422 and any(rule in answer.text for rule in RULES)):
        less = (*less, positive_data_acceptance)
    case.validate_response(answer, excluded_checks=list(less))
