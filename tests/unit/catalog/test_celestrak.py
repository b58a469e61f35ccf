"""CelesTrak over real HTTP: its formats, its rules, and every bad answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from catalog.records import ELEMENT_SET_DTYPES
from catalog.sources.celestrak import Query, fetch
from catalog.sources.holds import HeldError, holds, lift_hold
from catalog.sources.transport import open_client, retry_after_s
from catalog.sources.web import Batch, Skipped, SourceError, backoff
from configs.sources import CelestrakConfig, HttpConfig, RetryConfig
from tests.servers import HTML_ERROR, CelestrakServer, Reply, gp_record, render_json

NOW = pd.Timestamp("2026-05-02T12:00", tz="UTC").as_unit("us")
ACTIVE = Query("GROUP", "active")
RECORDS = [gp_record(900001, "2026-05-01T06:00:00.123456"), gp_record(90002, "2026-05-01T07:30:00.5")]
AT_ONCE = RetryConfig(attempts=3, wait_initial_s=0, wait_max_s=0, wait_jitter_s=0, statuses=(429,))


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> pd.Timestamp:
        return self.now

    def forward(self, hours: float) -> None:
        self.now += pd.Timedelta(minutes=round(hours * 60))


@pytest.fixture
def server() -> Iterator[CelestrakServer]:
    with CelestrakServer({"active": RECORDS, "900001": RECORDS[:1], "starlink": RECORDS}) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def config(server: CelestrakServer, retry: RetryConfig = AT_ONCE, **http: float) -> CelestrakConfig:
    limits = HttpConfig(**{"read_timeout_s": 5.0, "connect_timeout_s": 5.0, **http})
    return CelestrakConfig(base_url=server.url, retry=retry, http=limits)


def got(outcome: Batch | Skipped) -> Batch:
    assert isinstance(outcome, Batch), outcome
    return outcome


@pytest.mark.parametrize("wire", ["json", "csv", "xml", "kvn", "tle", "2le"])
def test_every_format_gives_the_same_sets(server: CelestrakServer, tmp_path: Path, clock: Clock, wire: str) -> None:
    server.groups["small"] = [gp_record(norad_id, "2026-05-01T06:00:00") for norad_id in (90001, 90002)]
    settings = config(server).model_copy(update={"format": wire})
    batch = got(fetch(Query("GROUP", "small"), home=tmp_path, config=settings, clock=clock))
    sets = batch.element_sets
    assert sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    assert sets["norad_id"].tolist() == [90001, 90002]
    assert sets["epoch"].tolist() == [pd.Timestamp("2026-05-01T06:00", tz="UTC")] * 2
    assert sets["inclination_deg"].tolist() == [98.1234] * 2
    assert sets["mean_motion_rev_day"].tolist() == pytest.approx([14.501, 14.502], abs=1e-9)
    assert sets["available_at"].tolist() == [NOW, NOW]  # the fetch, not the CREATION_DATE in the file's header
    assert set(sets["source"]) == {"celestrak"}
    assert not sets["available_at_imputed"].any()
    assert batch.refused.empty
    if wire != "2le":
        assert batch.names["name"].tolist() == ["TESTSAT 90001", "TESTSAT 90002"]


def test_one_object_by_number_and_six_digits(server: CelestrakServer, tmp_path: Path) -> None:
    batch = got(fetch(Query("CATNR", "900001"), home=tmp_path, config=config(server)))
    assert batch.element_sets["norad_id"].tolist() == [900001]
    assert server.requests[0].query == {"CATNR": "900001", "FORMAT": "json"}
    assert server.requests[0].headers["User-Agent"] == "burnwatch"


def test_supplemental_sets_are_labeled(server: CelestrakServer, tmp_path: Path) -> None:
    query = Query("FILE", "starlink", supplemental=True)
    batch = got(fetch(query, home=tmp_path, config=config(server)))
    assert set(batch.element_sets["source"]) == {"supgp"}
    assert server.requests[0].path == "/supplemental/sup-gp.php"


def test_one_fetch_in_two_hours_survives_a_restart(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)).done()
    clock.forward(hours=1.9)
    skipped = fetch(Query("GROUP", "ACTIVE "), home=tmp_path, config=config(server), clock=clock)
    assert isinstance(skipped, Skipped)
    assert skipped.next_at == NOW + pd.Timedelta(hours=2)
    assert "one fetch in 2 h, the next at 2026-05-02 14:00 UTC" in skipped.reason
    assert len(server.requests) == 1
    got(fetch(Query("CATNR", "900001"), home=tmp_path, config=config(server), clock=clock))  # another query
    clock.forward(hours=0.1)
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))
    assert len(server.requests) == 3


def test_an_answer_that_was_not_stored_comes_again_without_a_request(
    server: CelestrakServer, tmp_path: Path, clock: Clock
) -> None:
    first = got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))  # and the process dies
    clock.forward(hours=0.5)
    again = got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))
    pd.testing.assert_frame_equal(again.element_sets, first.element_sets)
    assert (again.element_sets["available_at"] == NOW).all()
    again.done()
    assert isinstance(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock), Skipped)
    assert len(server.requests) == 1


def test_a_clock_that_went_back_does_not_lock_out(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)).done()
    clock.forward(hours=-1000)
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))


def test_no_data_is_an_empty_batch(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    query = Query("NAME", "NOSUCHSAT")
    batch = got(fetch(query, home=tmp_path, config=config(server), clock=clock))
    assert batch.element_sets.empty
    assert batch.element_sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    batch.done()
    assert isinstance(fetch(query, home=tmp_path, config=config(server), clock=clock), Skipped)


def test_an_empty_list_is_an_empty_batch(server: CelestrakServer, tmp_path: Path) -> None:
    server.next(Reply(body=b"[]"))
    assert got(fetch(ACTIVE, home=tmp_path, config=config(server))).element_sets.empty


def test_not_updated_is_no_error(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    said = b"GP data has not updated since your last successful\ndownload of GROUP=active at 2026-05-02 11:11:36 UTC.\n"
    server.next(Reply(403, said + b"Data is updated once every 2 hours."))
    skipped = fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
    assert isinstance(skipped, Skipped)
    assert skipped.next_at == pd.Timestamp("2026-05-02T13:11:36", tz="UTC")
    assert "nothing newer" in skipped.reason
    assert isinstance(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock), Skipped)
    assert len(server.requests) == 1
    got(fetch(Query("CATNR", "900001"), home=tmp_path, config=config(server), clock=clock))  # and no hold on others


def test_a_set_that_has_not_updated_for_long_is_asked_for_again_later_and_never_in_the_past(
    server: CelestrakServer, tmp_path: Path, clock: Clock
) -> None:
    said = b"GP data has not updated since your last successful\ndownload of GROUP=active at 2026-03-27 08:11:36 UTC.\n"
    server.next(Reply(403, said + b"Data is updated once every 2 hours."))
    for _ in range(2):
        skipped = fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
        assert isinstance(skipped, Skipped)
        assert skipped.next_at == NOW + pd.Timedelta(hours=2)
        assert "nothing newer" in skipped.reason
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "hours", "says"),
    [
        (Reply(301, b"", {"Location": "https://elsewhere.example/gp.php"}), 6, "set base_url to the new address"),
        (Reply(403, HTML_ERROR), 6, "do not repeat"),
        (Reply(404, HTML_ERROR), 6, "check the spelling of the query"),
        (Reply(429, b"slow down"), 6, "too many requests"),
        (Reply(500, b"oops"), 6, "answered 500: oops"),
        (Reply(503, b"down"), 6, "answered 503: down"),
        (Reply(204), 6, "answered 204"),
        (Reply(200, render_json(RECORDS), cut=True), 2, "connection failed"),
        (Reply(503, b"down", {"Retry-After": "10800"}), 3, "answered 503"),
        (Reply(403, b"", {"Retry-After": "0"}), 2, "answered 403"),
        (Reply(429, b"", {"Retry-After": "0"}), 2, "answered 429"),
        (Reply(403, b"", {"Retry-After": "300000000000"}), 7 * 24, "answered 403"),
    ],
)
def test_after_any_answer_but_200_nothing_is_asked(
    server: CelestrakServer, tmp_path: Path, clock: Clock, reply: Reply, hours: float, says: str
) -> None:
    server.next(reply)
    once = AT_ONCE.model_copy(update={"attempts": 1})
    until = NOW + pd.Timedelta(hours=hours)
    with pytest.raises(HeldError, match=says):
        fetch(ACTIVE, home=tmp_path, config=config(server, once), clock=clock)
    for query in (ACTIVE, Query("CATNR", "900001")):
        with pytest.raises(
            HeldError, match=f"nothing is asked of CelesTrak before {until:%Y-%m-%d %H:%M} UTC"
        ) as caught:
            fetch(query, home=tmp_path, config=config(server, once), clock=clock)
        assert caught.value.until == until
        assert "--lift-hold" in str(caught.value)
    assert len(server.requests) == 1
    clock.forward(hours=hours - 0.1)
    with pytest.raises(HeldError):
        fetch(ACTIVE, home=tmp_path, config=config(server, once), clock=clock)
    clock.forward(hours=0.1)
    got(fetch(ACTIVE, home=tmp_path, config=config(server, once), clock=clock))


@pytest.mark.parametrize(
    ("date", "right"),
    [
        ("Sat, 02 May 2026 12:00:09 GMT", True),
        ("Fri, 01 May 2026 13:00:00 GMT", True),
        ("Fri, 01 May 2026 11:00:00 GMT", False),
        ("Sun, 02 May 2027 12:00:00 GMT", False),
        ("yesterday", True),
        ("", True),
    ],
)
def test_nothing_is_stored_as_of_a_wrong_time(
    server: CelestrakServer, tmp_path: Path, clock: Clock, date: str, right: bool
) -> None:
    server.next(Reply(200, render_json(RECORDS), {"Date": date}))
    if right:
        got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))
        return
    with pytest.raises(SourceError, match=r"this machine's clock 2026-05-02 12:00 UTC; .*set this machine's clock"):
        fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
    assert isinstance(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock), Skipped)
    clock.now = pd.Timestamp(date)  # mended
    assert holds(tmp_path, clock.now) == {}


def test_a_hold_is_lifted_knowingly(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    server.next(Reply(404, HTML_ERROR))
    with pytest.raises(HeldError):
        fetch(Query("GROUP", "actve"), home=tmp_path, config=config(server), clock=clock)
    assert holds(tmp_path, NOW)["celestrak"].status == 404
    lift_hold(tmp_path, "celestrak")
    assert holds(tmp_path, NOW) == {}
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))


def test_what_is_here_is_handed_over_while_held(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))  # and the process dies
    server.next(Reply(403))
    with pytest.raises(HeldError):
        fetch(Query("CATNR", "900001"), home=tmp_path, config=config(server), clock=clock)
    assert len(got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)).element_sets) == 2


def test_an_answer_that_is_too_large_counts_as_a_fetch(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    server.next(Reply(200, b" " * 3_000_000))
    with pytest.raises(SourceError, match="larger than 1 MiB"):
        fetch(ACTIVE, home=tmp_path, config=config(server, max_answer_mb=1.0), clock=clock)
    assert isinstance(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock), Skipped)


def test_the_wait_is_the_one_the_server_names() -> None:
    patient = RetryConfig(wait_max_s=60, statuses=(429, 503))

    def after(status: int | None, retry_after_s: float | None = None, *, passing: bool = False) -> bool | float:
        error = SourceError("x", url="u", status=status, retry_after_s=retry_after_s, passing=passing)
        return backoff(error, patient)

    assert after(429, 7.0) == 7.0
    assert after(503, 60.0) == 60.0
    assert after(429, 61.0) is False
    assert after(429) is False
    assert after(503) is True
    assert after(500, 7.0) is False
    assert after(None) is False
    assert after(None, passing=True) is True
    assert backoff(ValueError("x"), patient) is False


HOURS_2, DAYS_7 = 7200.0, 604800.0


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        (None, None),
        ("10800", 10800.0),
        (" 10800 ", 10800.0),
        ("0", HOURS_2),
        ("120", HOURS_2),
        ("300000000000", DAYS_7),
        ("9" * 400, DAYS_7),
        ("9" * 5000, DAYS_7),
        ("Wed, 21 Oct 2015 07:28:00 GMT", HOURS_2),
        ("Fri, 21 Oct 2101 07:28:00 GMT", DAYS_7),
        ("Fri, 31 Dec 9999 23:59:59 -2359", DAYS_7),
        ("Sat, 01 Jan 0001 00:00:00 +2359", HOURS_2),
        ("Fri, 31 Dec 10000 23:59:59 GMT", None),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("1e9", None),
        ("120, 240", None),
        ("", None),
    ],
)
def test_retry_after_is_believed_between_two_hours_and_a_week(header: str | None, wait_s: float | None) -> None:
    assert retry_after_s(header) == wait_s


@pytest.mark.parametrize("header", ["9" * 400, "Fri, 31 Dec 9999 23:59:59 -2359", "²".encode().decode("latin-1")])
def test_no_header_keeps_a_hold_from_being_kept(
    server: CelestrakServer, tmp_path: Path, clock: Clock, header: str
) -> None:
    server.next(Reply(429, b"", {"Retry-After": header}))
    with pytest.raises(HeldError):
        fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
    with pytest.raises(HeldError):
        fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
    clock.forward(hours=7 * 24)
    got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock))


@pytest.mark.parametrize(
    ("reply", "status", "says"),
    [
        (Reply(404, HTML_ERROR), 404, "check the spelling of the query, and base_url"),
        (Reply(500, b"oops"), 500, "answered 500: oops; try again later; nothing is asked of CelesTrak before"),
        (Reply(301, b"", {"Location": "https://elsewhere.example/gp.php"}), 301, "moved to 'https://elsewhere.example"),
        (Reply(200, HTML_ERROR), 200, "web page instead of element sets"),
        (
            Reply(200, b'Invalid query: "GROUP=actve&FORMAT=json"'),
            200,
            'did not understand: Invalid query: "GROUP=actve',
        ),
        (Reply(200, b"  "), 200, "answered with nothing"),
        (Reply(200, render_json(RECORDS)[:-40]), 200, "may have been cut"),
        (Reply(200, b"\xff\xfe\x00garbage"), 200, "no element sets"),
        (Reply(200, b'{"a": 1}'), 200, "no element sets"),
    ],
)
def test_an_unusable_answer_is_a_typed_error(
    server: CelestrakServer, tmp_path: Path, clock: Clock, reply: Reply, status: int, says: str
) -> None:
    server.next(reply)
    with pytest.raises(SourceError, match=says) as caught:
        fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
    assert caught.value.status == status
    assert caught.value.url.startswith(server.url)
    assert len(server.requests) == 1  # CelesTrak asks software to stop at such an answer
    if status == 200:  # it counted as a fetch there
        skipped = fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)
        assert isinstance(skipped, Skipped)
        assert "the answer was no element sets" in skipped.reason


def test_server_errors_are_repeated_where_that_is_wanted(server: CelestrakServer, tmp_path: Path) -> None:
    server.next(Reply(500, b"oops"), Reply(503, b"down"))
    retry = AT_ONCE.model_copy(update={"statuses": (429, 500, 503)})
    assert len(got(fetch(ACTIVE, home=tmp_path, config=config(server, retry))).element_sets) == 2
    assert len(server.requests) == 3


def test_attempts_are_bounded(server: CelestrakServer, tmp_path: Path) -> None:
    server.next(*[Reply(500, b"oops")] * 10)
    retry = AT_ONCE.model_copy(update={"statuses": (500,)})
    with pytest.raises(SourceError, match="answered 500"):
        fetch(ACTIVE, home=tmp_path, config=config(server, retry))
    assert len(server.requests) == 3


def test_a_cut_body_is_asked_again(server: CelestrakServer, tmp_path: Path, clock: Clock) -> None:
    server.next(Reply(200, render_json(RECORDS), cut=True))
    assert len(got(fetch(ACTIVE, home=tmp_path, config=config(server), clock=clock)).element_sets) == 2
    server.next(*[Reply(200, render_json(RECORDS), cut=True)] * 3)
    with pytest.raises(HeldError, match="RemoteProtocolError") as caught:
        fetch(Query("CATNR", "900001"), home=tmp_path, config=config(server), clock=clock)
    assert caught.value.passing
    assert caught.value.status is None
    clock.forward(hours=2)
    got(fetch(Query("CATNR", "900001"), home=tmp_path, config=config(server), clock=clock))


@pytest.mark.parametrize(
    ("reply", "limits", "says"),
    [
        (Reply(200, b"[" * 4000, stall=True), {"read_timeout_s": 0.15}, "no answer in time"),
        (Reply(200, b"[" * 4000, drip=True), {"answer_timeout_s": 0.15}, "took longer than 0.15 s"),
    ],
    ids=["stalls", "drips"],
)
def test_slow_answers_end(
    server: CelestrakServer, tmp_path: Path, reply: Reply, limits: dict[str, float], says: str
) -> None:
    server.next(reply, reply)
    twice = AT_ONCE.model_copy(update={"attempts": 2})
    with pytest.raises(SourceError, match=says) as caught:
        fetch(ACTIVE, home=tmp_path, config=config(server, twice, **limits))
    assert caught.value.passing
    assert len(server.requests) == 2


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_answer_is_given_up(server: CelestrakServer, tmp_path: Path, packed: bool) -> None:
    server.next(Reply(200, b" " * 3_000_000, packed=packed))
    with pytest.raises(SourceError, match="larger than 1 MiB"):
        fetch(ACTIVE, home=tmp_path, config=config(server, max_answer_mb=1.0))
    assert len(server.requests) == 1


def test_a_compressed_answer_is_read(server: CelestrakServer, tmp_path: Path) -> None:
    server.next(Reply(200, render_json(RECORDS), packed=True))
    assert len(got(fetch(ACTIVE, home=tmp_path, config=config(server))).element_sets) == 2


def test_no_request_leaves_the_scheme_host_and_port_of_the_source(server: CelestrakServer) -> None:
    with open_client(HttpConfig(), base_url=f"https://127.0.0.1:{server.port}/") as client:
        for target in (server.url, "https://127.0.0.1/", f"https://localhost:{server.port}/"):
            with pytest.raises(SourceError, match="not followed"):
                client.get(target)
    assert server.requests == []


def test_nobody_listens(tmp_path: Path) -> None:
    with CelestrakServer() as server:
        settings = config(server)
    with pytest.raises(SourceError, match="ConnectError") as caught:
        fetch(ACTIVE, home=tmp_path, config=settings)
    assert caught.value.status is None


def test_bad_records_are_refused_and_the_rest_goes_on(server: CelestrakServer, tmp_path: Path) -> None:
    server.groups["active"] = [*RECORDS, gp_record(900003, "2026-05-01T08:00:00", ECCENTRICITY=1.5)]
    batch = got(fetch(ACTIVE, home=tmp_path, config=config(server)))
    assert batch.element_sets["norad_id"].tolist() == [900001, 90002]
    assert batch.refused["field"].str.upper().tolist() == ["ECCENTRICITY"]


@pytest.mark.parametrize(
    ("kind", "value", "supplemental"),
    [
        ("GROUP", "active", True),
        ("FILE", "starlink", False),
        ("CATNR", "ISS", False),
        ("CATNR", "1234567890", False),
        ("NAME", " ", False),
    ],
)
def test_a_query_that_cannot_be_is_refused(kind: str, value: str, supplemental: bool) -> None:
    with pytest.raises(ValueError, match="query"):
        Query(kind, value, supplemental)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["http://celestrak.org/", "ftp://celestrak.org/", "https://user:word@celestrak.org/", "celestrak"]
)
def test_only_safe_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        CelestrakConfig(base_url=url)
    assert CelestrakConfig(base_url="https://mirror.example/gp").base_url == "https://mirror.example/gp/"


def test_the_rule_of_two_hours_cannot_be_configured_away() -> None:
    with pytest.raises(ValueError, match="min_interval_h"):
        CelestrakConfig(min_interval_h=0.5)
