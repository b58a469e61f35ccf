"""Space-Track over real HTTP: login, its two classes, what is never asked twice, and every bad answer."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from catalog.ledger import Receipt
from catalog.records import ELEMENT_SET_DTYPES
from catalog.sources.history import Request, facts, plan_history
from catalog.sources.spacetrack import LoginError, fetch_current, fetch_history
from catalog.sources.web import Batch, Skipped, SourceError
from configs.sources import HttpConfig, RetryConfig, SpaceTrackConfig, SpaceTrackLogin
from tests.servers import HTML_ERROR, Record, Reply, SpaceTrackServer, gp_record

LOGIN = SpaceTrackLogin(user=SecretStr("analyst"), password=SecretStr("sesame"))
SINCE = pd.Timestamp("2025-12-01", tz="UTC")
UNTIL = pd.Timestamp("2026-02-01", tz="UTC")


def utc(text: str) -> pd.Timestamp:
    return pd.Timestamp(text, tz="UTC").as_unit("us")


class Clock:
    """A clock that only moves when it is slept on or set."""

    def __init__(self, now: str = "2026-05-02T12:00") -> None:
        self.now = utc(now)
        self.slept: list[float] = []

    def __call__(self) -> pd.Timestamp:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += pd.Timedelta(milliseconds=round(seconds * 1000) + 1)


def daily(norad_id: int, first: str, days: int, delay_h: float = 8.0) -> list[Record]:
    """A set a day at noon, each created ``delay_h`` later."""
    epochs = pd.date_range(f"{first}T12:00", periods=days)
    delay = pd.Timedelta(hours=delay_h)
    return [gp_record(norad_id, f"{epoch:%Y-%m-%dT%H:%M:%S}", f"{epoch + delay:%Y-%m-%dT%H:%M:%S}") for epoch in epochs]


@pytest.fixture
def server() -> Iterator[SpaceTrackServer]:
    records = [*daily(900001, "2025-11-20", 90), *daily(25544, "2025-11-20", 90)]
    with SpaceTrackServer(records) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(server: SpaceTrackServer, tmp_path: Path, clock: Clock) -> dict[str, Any]:
    """The arguments that every fetch of these tests shares."""
    return {"home": tmp_path, "login": LOGIN, "config": config(server), "clock": clock, "sleep": clock.sleep}


def config(server: SpaceTrackServer, **changes: Any) -> SpaceTrackConfig:
    retry = RetryConfig(attempts=3, wait_initial_s=0, wait_max_s=0, wait_jitter_s=0)
    http = HttpConfig(read_timeout_s=5, connect_timeout_s=5, max_answer_mb=1)
    return SpaceTrackConfig(**{"base_url": server.url, "retry": retry, "http": http, "window_days": 31, **changes})


def store(outcomes: Iterator[Batch | Skipped]) -> pd.DataFrame:
    """What a flow does: store each batch, then say so."""
    frames = []
    for outcome in outcomes:
        if isinstance(outcome, Batch):
            frames.append(outcome.element_sets)
            outcome.done()
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def keys(sets: pd.DataFrame) -> set[tuple[int, pd.Timestamp]]:
    return set(zip(sets["norad_id"], sets["epoch"], strict=True)) if len(sets) else set()


def test_history_has_every_set_of_the_span(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    sets = store(fetch_history([900001, 25544], SINCE, UNTIL, **session))
    assert sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    wanted = {
        (i, day) for i in (900001, 25544) for day in pd.date_range("2025-12-01T12:00", "2026-01-31T12:00", tz="UTC")
    }
    assert wanted <= keys(sets)
    assert not sets.duplicated(["norad_id", "epoch"]).any()
    assert (sets["available_at"] - sets["epoch"] == pd.Timedelta(hours=8)).all()  # CREATION_DATE
    assert not sets["available_at_imputed"].any()
    assert set(sets["source"]) == {"space-track"}
    assert [request.path for request in server.requests][-1] == "/ajaxauth/logout"


def test_the_same_data_is_never_asked_for_twice(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    store(fetch_history([900001], SINCE, UNTIL, **session))
    asked = len(server.data_requests)
    outcomes = list(fetch_history([900001], SINCE, UNTIL, **session))
    assert all(isinstance(outcome, Skipped) and outcome.reason == "already downloaded" for outcome in outcomes)
    assert len(server.data_requests) == asked
    # Another object and a longer span: only what is missing.
    sets = store(fetch_history([900001, 25544], SINCE, UNTIL, **session))
    assert set(sets["norad_id"]) == {25544}
    before = len(server.requests)
    list(fetch_history([900001, 25544], SINCE, UNTIL, **session))
    assert len(server.requests) == before  # not even a login


def test_objects_are_asked_for_in_chunks(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    session["config"] = config(server, ids_per_request=2, window_days=3650)
    store(fetch_history([5, 25544, 900001, 25544], SINCE, UNTIL, **session))
    paths = [request.path for request in server.data_requests]
    assert ["/norad_cat_id/5%2C25544/" in path for path in paths] == [True, False]
    assert "/norad_cat_id/900001/" in paths[1]


def test_a_break_is_resumed(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    outcomes = fetch_history([900001], SINCE, UNTIL, **session)
    first = next(outcomes)
    assert isinstance(first, Batch)
    first.done()
    second = next(outcomes)  # handed over, and the process dies before it is stored
    assert isinstance(second, Batch)
    outcomes.close()  # type: ignore[attr-defined]
    asked = len(server.data_requests)
    rest = list(fetch_history([900001], SINCE, UNTIL, **session))
    again = rest[0]
    assert isinstance(again, Batch)
    pd.testing.assert_frame_equal(again.element_sets, second.element_sets)
    windows = [request.path.partition("/epoch/")[2] for request in server.data_requests]
    assert len(windows) == len(set(windows)) > asked  # the rest was asked for, nothing twice


class Crash(BaseException):
    """The process dies."""


def test_a_crash_at_any_write_loses_nothing(
    server: SpaceTrackServer, session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: dict[str, pd.DataFrame] = {}
    left = 0

    def fsync(descriptor: int, real: Callable[[int], None] = os.fsync) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Crash
        real(descriptor)

    def run() -> bool:
        try:
            with contextlib.closing(fetch_history([900001], SINCE, UNTIL, **session)) as outcomes:
                for outcome in outcomes:
                    if isinstance(outcome, Batch):
                        stored[outcome.request] = outcome.element_sets
                        outcome.done()
        except Crash:
            return False
        return True

    monkeypatch.setattr(os, "fsync", fsync)
    crashes = 0
    left = 1
    while not run():  # each run gets one write further than the one before, then dies
        crashes += 1
        left = crashes + 1
    assert crashes > 5
    sets = pd.concat(stored.values(), ignore_index=True)
    days = pd.date_range("2025-12-01T12:00", "2026-01-31T12:00", tz="UTC")
    assert {(900001, day) for day in days} <= keys(sets)
    assert list(session["home"].rglob("*.body")) == []


def test_an_unfinished_window_is_topped_up_by_creation_date(
    server: SpaceTrackServer, session: dict[str, Any], clock: Clock
) -> None:
    server.records = daily(900001, "2026-04-28", 4)  # epochs to 05-01T12, created to 05-01T20
    assert len(store(fetch_history([900001], utc("2026-04-28"), **session))) == 4
    late = gp_record(900001, "2026-04-29T00:00:00", "2026-05-02T13:00:00")  # an old epoch, published late
    server.records += [*daily(900001, "2026-05-02", 1), late]
    soon = list(fetch_history([900001], utc("2026-04-28"), **session))
    assert [type(outcome) for outcome in soon] == [Skipped] * len(soon)
    assert any("asked less than 1 h ago" in outcome.reason for outcome in soon if isinstance(outcome, Skipped))
    clock.now += pd.Timedelta(hours=20)
    sets = store(fetch_history([900001], utc("2026-04-28"), **session))
    assert keys(sets) == {(900001, utc("2026-04-29")), (900001, utc("2026-05-02T12:00"))}
    assert server.data_requests[-1].path.endswith("/creation_date/%3E2026-05-01%2020%3A00%3A00")
    clock.now += pd.Timedelta(days=60)  # the window has settled: one last look, and never again
    store(fetch_history([900001], utc("2026-04-28"), utc("2026-05-03"), **session))
    asked = len(server.data_requests)
    clock.now += pd.Timedelta(days=1)
    assert keys(store(fetch_history([900001], utc("2026-04-28"), utc("2026-05-03"), **session))) == set()
    assert len(server.data_requests) == asked


def test_current_sets_and_then_only_newer_ones(server: SpaceTrackServer, session: dict[str, Any], clock: Clock) -> None:
    clock.now = utc("2026-02-18T00:00")
    sets = store(fetch_current(**session))
    assert keys(sets) == {(900001, utc("2026-02-17T12:00")), (25544, utc("2026-02-17T12:00"))}
    assert server.data_requests[0].path.endswith("/decay_date/null-val/epoch/%3Enow-30")
    (skipped,) = fetch_current(**session)
    assert isinstance(skipped, Skipped)
    assert skipped.next_at == utc("2026-02-18T01:00")
    server.records += daily(25544, "2026-02-18", 1)
    clock.now = utc("2026-02-19T00:00")
    assert keys(store(fetch_current(**session))) == {(25544, utc("2026-02-18T12:00"))}


def test_current_sets_of_some_objects(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    assert set(store(fetch_current([25544], **session))["norad_id"]) == {25544}
    assert set(store(fetch_current([25544, 900001], **session))["norad_id"]) == {900001}


@pytest.mark.parametrize("body", [b"[]", b"", b" \n", b"NO RESULTS RETURNED", b"[ ]"])
def test_an_empty_answer_is_an_empty_batch(server: SpaceTrackServer, session: dict[str, Any], body: bytes) -> None:
    server.next(Reply(200, body))
    (batch,) = fetch_current([5], **session)
    assert isinstance(batch, Batch)
    assert batch.element_sets.empty
    assert batch.element_sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    batch.done()


def test_a_bad_login_says_what_to_set_and_the_password_is_written_nowhere(
    server: SpaceTrackServer, session: dict[str, Any], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "-".join(("open", "barley"))
    session["login"] = SpaceTrackLogin(user=SecretStr("analyst"), password=SecretStr(secret))
    with pytest.raises(LoginError, match="SPACETRACK_USER and SPACETRACK_PASSWORD") as caught:
        list(fetch_current(**session))
    assert [request.path for request in server.requests] == ["/ajaxauth/login"]  # one attempt, no retry
    assert secret.encode() in server.requests[0].body
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()).decode()
    said = "".join(traceback.format_exception(caught.value))
    assert secret not in caplog.text + said + repr(session["login"]) + kept


@pytest.mark.parametrize(
    "login", [SpaceTrackLogin(user=None, password=None), SpaceTrackLogin(user=SecretStr(" "), password=SecretStr("x"))]
)
def test_without_a_login_nothing_is_asked(
    server: SpaceTrackServer, session: dict[str, Any], login: SpaceTrackLogin
) -> None:
    session["login"] = login
    with pytest.raises(LoginError, match="no login given"):
        list(fetch_current(**session))
    assert server.requests == []


def test_the_login_comes_from_the_environment(
    server: SpaceTrackServer, session: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACETRACK_USER", "analyst")
    monkeypatch.setenv("SPACETRACK_PASSWORD", "sesame")
    assert "sesame" not in repr(SpaceTrackLogin())
    del session["login"]
    assert len(store(fetch_current(**session))) == 2


def test_an_expired_session_logs_in_again(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    outcomes = fetch_history([900001], SINCE, UNTIL, **session)
    for outcome in outcomes:
        assert isinstance(outcome, Batch)
        outcome.done()
        server.end_sessions()
    logins = [request for request in server.requests if request.path == "/ajaxauth/login"]
    assert len(logins) == len(server.data_requests) - len(logins) + 1 > 1


def test_a_refused_request_after_login_is_a_login_error(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    server.next(Reply(401, b"no"), Reply(401, b"no"))
    with pytest.raises(LoginError) as caught:
        list(fetch_current(**session))
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("reply", "status", "says"),
    [
        (Reply(403, HTML_ERROR), 403, "account may lack the right or be suspended"),
        (Reply(404, HTML_ERROR), 404, "check base_url"),
        (Reply(429, b"slow down"), 429, "too many requests"),
        (Reply(429, b"slow down", {"Retry-After": "1800"}), 429, "too many requests"),
        (Reply(200, HTML_ERROR), 200, "'a web page' instead of element sets"),
        (Reply(200, b"You've exceeded your query rate limit"), 429, "exceeded your query rate limit"),
        (Reply(500, b"You've violated your query rate limit"), 429, "rate limit"),
        (Reply(200, b'{"error":"bad predicate"}'), 200, "bad predicate"),
        (Reply(200, json.dumps([gp_record(5, "2026-05-01T00:00:00")]).encode()[:-30]), 200, "may have been cut"),
    ],
)
def test_an_unusable_answer_is_a_typed_error(
    server: SpaceTrackServer, session: dict[str, Any], reply: Reply, status: int, says: str
) -> None:
    server.next(reply)
    with pytest.raises(SourceError, match=says) as caught:
        list(fetch_current([5], **session))
    assert caught.value.status == status
    assert len(server.data_requests) == 1
    assert "sesame" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("reply", "hours"),
    [
        (Reply(403, b"suspended"), 1.0),
        (Reply(429, b"slow down"), 1.0),
        (Reply(429, b"slow down", {"Retry-After": "10800"}), 3.0),
        (Reply(429, b"slow down", {"Retry-After": "0"}), 2.0),
        (Reply(403, b"", {"Retry-After": "9" * 400}), 7 * 24.0),
        (Reply(200, b"You've exceeded your query rate limit"), 1.0),
    ],
)
def test_a_refusal_stops_every_run_for_a_while(
    server: SpaceTrackServer, session: dict[str, Any], clock: Clock, reply: Reply, hours: float
) -> None:
    server.next(reply)
    with pytest.raises(SourceError):
        list(fetch_current([25544], **session))
    asked = len(server.requests)  # and no logout either
    clock.now += pd.Timedelta(hours=hours) - pd.Timedelta(seconds=30)
    with pytest.raises(SourceError, match="nothing is asked of Space-Track before"):
        list(fetch_history([25544], SINCE, UNTIL, **session))
    assert len(server.requests) == asked
    clock.now += pd.Timedelta(minutes=1)
    assert len(store(fetch_current([25544], **session))) == 1


def test_passing_faults_are_asked_again(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    server.next(Reply(500, b"oops"), Reply(200, b"[" + b" " * 500, cut=True))
    assert len(store(fetch_current(**session))) == 2
    assert len(server.data_requests) == 3


def test_attempts_are_bounded(server: SpaceTrackServer, session: dict[str, Any]) -> None:
    server.next(*[Reply(503, b"maintenance")] * 10)
    with pytest.raises(SourceError, match="answered 503: maintenance"):
        list(fetch_current(**session))
    assert len(server.data_requests) == 3


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_answer_is_given_up(server: SpaceTrackServer, session: dict[str, Any], packed: bool) -> None:
    server.next(Reply(200, b" " * 3_000_000, packed=packed))
    with pytest.raises(SourceError, match="larger than 1 MiB"):
        list(fetch_current(**session))


@pytest.mark.parametrize(
    "reply", [Reply(200, HTML_ERROR), Reply(302, b"", {"Location": "/maintenance"}), Reply(200, b"[]")]
)
def test_a_login_page_that_is_no_login(server: SpaceTrackServer, session: dict[str, Any], reply: Reply) -> None:
    server.login_reply = reply
    with pytest.raises(SourceError):
        list(fetch_current(**session))


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_to_another_host_is_not_followed(
    server: SpaceTrackServer, session: dict[str, Any], status: int
) -> None:
    with SpaceTrackServer() as other:
        server.next(Reply(status, b"", {"Location": f"{other.url}basicspacedata/query/class/gp/format/json"}))
        with pytest.raises(SourceError, match="not followed"):
            list(fetch_current(**session))
        assert other.requests == []


def test_all_requests_keep_the_shared_limit(server: SpaceTrackServer, session: dict[str, Any], clock: Clock) -> None:
    session["config"] = config(server, requests_per_minute=4)
    store(fetch_history([900001], SINCE, UNTIL, **session))
    assert len(server.requests) > 4  # login, fields, data, logout
    assert clock.slept
    assert all(55 < wait <= 60 for wait in clock.slept)
    session["config"] = config(server, requests_per_hour=len(server.requests))
    waited = len(clock.slept)
    store(fetch_current([25544], **session))  # another run of another process
    assert clock.slept[waited] > 3000


def test_one_run_at_a_time(session: dict[str, Any]) -> None:
    running = fetch_current(**session)
    next(running)
    (skipped,) = fetch_current([25544], **session)
    assert isinstance(skipped, Skipped)
    assert "another run" in skipped.reason
    running.close()  # type: ignore[attr-defined]
    assert isinstance(next(iter(fetch_current([25544], **session))), Batch)


def test_times_without_zone_are_refused(session: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        list(fetch_history([5], pd.Timestamp("2026-01-01"), **session))


def test_a_window_is_never_complete_beyond_what_was_seen() -> None:
    now = utc("2026-05-02T12:00")
    settings_ = SpaceTrackConfig()
    open_window = Request("gp_history", (5,), "2026-04-01", "2026-06-30")
    assert facts(open_window, None, now, settings_) == {"complete": False, "created_through": None}
    seen = facts(open_window, utc("2026-05-02T10:00"), now, settings_)
    assert seen == {"complete": False, "created_through": "2026-05-02 10:00:00"}
    # A set created seconds ago: its neighbors may still be on their way.
    assert facts(open_window, now, now, settings_)["created_through"] == "2026-05-02 11:59:00"
    later = Request("gp_history", (5,), "2026-04-01", "2026-06-30", "2026-05-02 11:00:00")
    assert facts(later, None, now, settings_)["created_through"] == "2026-05-02 11:00:00"
    closed = Request("gp_history", (5,), "2026-01-01", "2026-04-25")
    assert facts(closed, None, now, settings_)["complete"]
    assert not facts(closed, None, utc("2026-05-01T23:59"), settings_)["complete"]


def answered(request: Request, at: pd.Timestamp, newest: pd.Timestamp | None) -> Receipt:
    known = facts(request, newest, at, SpaceTrackConfig())
    return Receipt("x", json.loads(json.dumps(request.as_json())), at, "stored", known)


@given(
    spans=st.lists(
        st.tuples(st.sets(st.integers(1, 6), min_size=1), st.integers(0, 300), st.integers(1, 200)),
        min_size=1,
        max_size=5,
    ),
    per_request=st.integers(1, 4),
)
@settings(max_examples=25, deadline=None)
def test_plans_cover_every_span_and_never_overlap(spans: list[tuple[set[int], int, int]], per_request: int) -> None:
    now, origin = utc("2026-05-02"), utc("2024-01-01")
    limits = SpaceTrackConfig(ids_per_request=per_request, window_days=30)
    receipts: list[Receipt] = []
    asked: set[tuple[int, str]] = set()
    for ids, start, length in spans:
        since = origin + pd.Timedelta(days=start)
        until = since + pd.Timedelta(days=length)
        for step in plan_history(receipts, ids, since, until, limits, now):
            if isinstance(step, Skipped):
                continue
            assert step.ids is not None
            assert step.since is not None
            assert len(step.ids) <= per_request
            new = {(norad_id, step.since) for norad_id in step.ids}
            assert not new & asked
            asked |= new
            receipts.append(answered(step, now, None))
        for norad_id in ids:
            for day in pd.date_range(since, until, freq="5D", inclusive="left"):
                assert any(
                    norad_id in receipt.request["ids"]
                    and receipt.request["since"] <= f"{day:%Y-%m-%d}" < receipt.request["until"]
                    for receipt in receipts
                )


def test_a_larger_window_covers_smaller_ones() -> None:
    now = utc("2026-05-02")
    yearly, monthly = SpaceTrackConfig(window_days=360), SpaceTrackConfig(window_days=30)
    since, until = utc("2020-01-01"), utc("2021-01-01")
    receipts = [
        answered(step, now, None)
        for step in plan_history([], {5}, since, until, yearly, now)
        if isinstance(step, Request)
    ]
    assert not [step for step in plan_history(receipts, {5}, since, until, monthly, now) if isinstance(step, Request)]


def test_the_limits_of_space_track_cannot_be_configured_away() -> None:
    for setting in ({"requests_per_minute": 30}, {"requests_per_hour": 300}, {"min_interval_h": 0.5}):
        with pytest.raises(ValueError, match=next(iter(setting))):
            SpaceTrackConfig(**setting)  # type: ignore[arg-type]
