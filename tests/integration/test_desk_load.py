"""Twenty analysts at once, over HTTP against the real process: nothing is lost, nothing is done twice, nothing breaks."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Barrier

import httpx
import pytest

from benchmarks.flags import invent_events
from review.intake import ScoringRun
from review.records import SETTLED, Role
from tests.desk_home import PASSWORD, make_home
from tests.desk_server import serving
from tests.postgres import postgres_server, postgres_url  # noqa: F401

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

FLAGS, ANALYSTS = 2000, 20
SHARED = 40  # flags of each analyst that the next one goes for too


@dataclass
class Day:
    """What an analyst did, as the answers told."""

    accepted: list[tuple[str, str, int]] = field(default_factory=list)  # flag, state, version after
    conflicts: list[dict] = field(default_factory=list)
    others: list[tuple[int, str]] = field(default_factory=list)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    home = make_home(tmp_path / "home", url)
    run = ScoringRun(datetime(2026, 1, 1, tzinfo=UTC), "robust-step-1", "snapshot", "config")
    with home.open().flags as flags:
        flags.upsert(invent_events(FLAGS), run)
    return home


@pytest.fixture
def tokens(home):
    desk = home.open()
    with desk.flags:
        users = [desk.accounts.add(f"analyst{n:02}", Role.ANALYST, PASSWORD, by="the tests") for n in range(ANALYSTS)]
        return {user.name: desk.accounts.tokens.make(user, "load")[1] for user in users}


def test_twenty_analysts_settle_two_thousand_flags(home, tokens):
    with serving(home) as url:
        gate = Barrier(ANALYSTS, timeout=120)
        with ThreadPoolExecutor(ANALYSTS) as pool:
            days = dict(
                zip(tokens, pool.map(lambda one: work(url, *one, gate), enumerate(tokens.values())), strict=True)
            )
    assert [day.others for day in days.values() if day.others] == []
    accepted = Counter((*step, name) for name, day in days.items() for step in day.accepted)
    with home.open().flags as store:
        flags = [flag for flag in store.flags() if flag.detector == "robust-step" and flag.name == "OBJECT"]
        log = [step for flag in flags for step in store.history(flag.flag_id)]
    written = Counter((step.flag_id, str(step.to_status), step.flag_version, step.who) for step in log)
    assert written == accepted
    assert set(written.values()) == {1}
    assert len(flags) == FLAGS
    assert all(flag.status in SETTLED for flag in flags)
    # Where two went for one flag, one of them was told what the other did.
    conflicts = [told for day in days.values() for told in day.conflicts]
    assert len(conflicts) > FLAGS // 20
    assert all(told["flag"]["version"] > told["expected_version"] for told in conflicts)
    known = {(step.flag_id, step.flag_version, step.who) for step in log}
    steps = [told["step"] for told in conflicts]
    assert all((step["flag_id"], step["flag_version"], step["who"]) in known for step in steps)


def asking(url, token):
    return httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=120)


def work(url, number, token, gate):
    """One analyst's day: read the queue, then settle a share of it and some of the next one's, one by one and in bulk."""
    rng = random.Random(number)
    day = Day()
    with asking(url, token) as client:
        queue = []
        page = "/flags?size=500&order=time&status=open&until=2026-01-01T00:00:00Z&kind=drag make-up&text=OBJECT"
        while page:
            answer = client.get(page.removeprefix("/api/v1")).json()
            queue += [(flag["flag_id"], flag["version"]) for flag in answer["flags"]]
            page = answer["next"]
        share = len(queue) // ANALYSTS
        mine = queue[number * share : (number + 1) * share + SHARED]
        gate.wait()
        rng.shuffle(mine)
        alone, together = mine[: len(mine) // 2], mine[len(mine) // 2 :]
        for flag_id, version in alone:
            settle(client, day, flag_id, version, rng)
        for start in range(0, len(together), 10):
            settle_many(client, day, together[start : start + 10], rng)
        for flag_id, to, version in rng.sample(day.accepted, 5):
            reopened = client.post(f"/flags/{flag_id}/reopen", json={"expected_version": version, "note": f"not {to}"})
            if took(day, reopened):
                settle(client, day, flag_id, version + 1, rng)
    return day


def settle(client, day, flag_id, version, rng):
    said = {"to": str(rng.choice(SETTLED)), "note": "as seen", "expected_version": version}
    took(day, client.post(f"/flags/{flag_id}/verdict", json=said))


def settle_many(client, day, flags, rng):
    seen = [{"flag_id": flag_id, "expected_version": version} for flag_id, version in flags]
    answer = client.post("/verdicts", json={"flags": seen, "to": str(rng.choice(SETTLED)), "note": "as many"})
    if answer.status_code != 200:
        day.others.append((answer.status_code, answer.text))
        return
    told = answer.json()
    day.accepted += [(flag["flag_id"], flag["status"], flag["version"]) for flag in told["settled"]]
    day.conflicts += told["conflicts"]
    day.others += [(200, refused["detail"]) for refused in told["refused"]]


def took(day, answer):
    """Whether the step was taken; what came of it is kept."""
    if answer.status_code == 200:
        flag = answer.json()
        day.accepted.append((flag["flag_id"], flag["status"], flag["version"]))
    elif answer.status_code == 409:
        day.conflicts.append(answer.json())
    else:
        day.others.append((answer.status_code, answer.text))
    return answer.status_code == 200
