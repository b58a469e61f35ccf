"""The ledger survives crashes, and the rate limit holds across processes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.ledger import Hold, Ledger
from catalog.sources.rate import Quota, RateLimiter, SharedRate

NOW = pd.Timestamp("2026-05-02T12:00", tz="UTC").as_unit("us")
REQUEST = {"endpoint": "gp.php", "GROUP": "active"}


def test_an_answer_stays_until_it_is_closed(tmp_path: Path) -> None:
    receipt = Ledger(tmp_path, "celestrak").receive(REQUEST, b"sets", NOW)
    again = Ledger(tmp_path, "celestrak")
    ((pending, body),) = again.pending()
    assert (pending.request, pending.at, pending.state, body) == (REQUEST, NOW, "received", b"sets")
    again.close(pending, sets=3)
    again.close(receipt, sets=99)  # closing twice changes nothing
    fresh = Ledger(tmp_path, "celestrak")
    assert fresh.pending() == []
    last = fresh.last(REQUEST)
    assert last is not None
    assert (last.at, last.state, last.facts) == (NOW, "stored", {"sets": 3})
    assert fresh.last({**REQUEST, "GROUP": "geo"}) is None
    assert list(fresh.folder.glob("*.body")) == []


def test_ledgers_of_one_folder_see_each_other(tmp_path: Path) -> None:
    one, two = Ledger(tmp_path, "celestrak"), Ledger(tmp_path, "celestrak")
    assert two.receipts() == []
    receipt = one.receive(REQUEST, b"x", NOW)
    assert [r.id for r in two.receipts()] == [receipt.id]
    two.close(receipt)
    assert one.receipts()[0].state == "stored"
    assert Ledger(tmp_path, "space-track").receipts() == []


def test_the_last_request_is_found_among_many(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    for hours in range(3):
        ledger.note(REQUEST, NOW + pd.Timedelta(hours=hours), trouble="none")
    last = ledger.last(REQUEST)
    assert last is not None
    assert last.at == NOW + pd.Timedelta(hours=2)


def test_a_hold_ends(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    assert ledger.held(NOW) is None
    hold = Hold(NOW, NOW + pd.Timedelta(hours=6), 403, "blocked")
    ledger.hold(hold)
    assert Ledger(tmp_path, "celestrak").held(NOW + pd.Timedelta(hours=5)) == hold
    assert ledger.held(NOW + pd.Timedelta(hours=6)) is None


def test_a_hold_of_a_clock_that_was_ahead_lasts_no_longer_than_it_would_have(tmp_path: Path) -> None:
    later = NOW + pd.Timedelta(days=365)
    ledger = Ledger(tmp_path, "celestrak")
    ledger.hold(Hold(later, later + pd.Timedelta(hours=6), 403, "blocked"))
    for hours in (0, 1):
        held = Ledger(tmp_path, "celestrak").held(NOW + pd.Timedelta(hours=hours))
        assert held is not None
        assert held.until == NOW + pd.Timedelta(hours=6)
    assert ledger.held(NOW + pd.Timedelta(hours=6)) is None


def test_a_hold_is_lifted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    ledger.hold(Hold(NOW, NOW + pd.Timedelta(hours=6), 404, "no such group"))
    Ledger(tmp_path, "celestrak").lift()
    assert ledger.held(NOW) is None


@pytest.mark.parametrize("until", ["2027-05-02T12:00:00+00:00", "2026-05-04T12:00:00+00:00"])
def test_a_hold_written_before_it_was_bounded_ends_within_a_week(tmp_path: Path, until: str) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    journal = ledger.folder / "requests.jsonl"
    journal.write_text(json.dumps({"hold": {"until": until, "status": 403, "reason": "blocked"}}) + "\n")
    week = NOW + pd.Timedelta(days=7)
    held = ledger.held(NOW)
    assert held is not None
    assert held.until == min(pd.Timestamp(until), week)
    assert ledger.held(week) is None


TORN = [b'{"id":"x","requ', b"\x00\x00\x00\n", b"[1]\n", b'{"state":"stored"}\n']


@pytest.mark.parametrize("torn", TORN)
def test_a_torn_journal_is_read_and_written_on(tmp_path: Path, torn: bytes) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    first = ledger.receive(REQUEST, b"one", NOW)
    with (ledger.folder / "requests.jsonl").open("ab") as journal:
        journal.write(torn)
    again = Ledger(tmp_path, "celestrak")
    second = again.receive({**REQUEST, "GROUP": "geo"}, b"two", NOW)
    assert [receipt.id for receipt in Ledger(tmp_path, "celestrak").receipts()] == [first.id, second.id]
    assert [receipt.id for receipt in ledger.receipts()] == [first.id, second.id]


HOLD = {"until": "2026-05-02T18:00:00+00:00", "status": 403, "reason": "blocked"}


@pytest.mark.parametrize(
    "line",
    [
        *TORN,
        json.dumps({"hold": HOLD | {"until": "+11532-07-16T12:00:00+00:00"}}).encode() + b"\n",
        json.dumps({"hold": HOLD | {"until": "2026-05-02T18:00:00"}}).encode() + b"\n",
        json.dumps({"hold": HOLD | {"status": "x"}}).encode() + b"\n",
        json.dumps({"hold": 5}).encode() + b"\n",
        json.dumps({"id": "x", "request": REQUEST, "at": "NaT", "state": "stored", "facts": {}}).encode() + b"\n",
        json.dumps({"id": "x", "request": 7, "at": NOW.isoformat(), "state": "stored", "facts": {}}).encode() + b"\n",
        b'{"hold":' + b"[" * 100_000 + b"\n",
        b'{"hold":{"status":' + b"9" * 5000 + b"}}\n",
        b'{"id":"\xff"}\n',
    ],
)
def test_a_damaged_entry_is_a_hold_once(tmp_path: Path, line: bytes) -> None:
    folder = Ledger(tmp_path, "celestrak").folder
    (folder / "requests.jsonl").write_bytes(line)
    for hours in (0, 1):
        held = Ledger(tmp_path, "celestrak").held(NOW + pd.Timedelta(hours=hours))
        assert held is not None
        assert held.until == NOW + pd.Timedelta(hours=2)
        assert str(folder / "requests.jsonl") in held.reason
    assert Ledger(tmp_path, "celestrak").held(NOW + pd.Timedelta(hours=2)) is None


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_bit_or_a_cut_is_never_taken_for_leave_to_ask(tmp_path: Path, share: float) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    ledger.note(REQUEST, NOW)
    ledger.hold(Hold(NOW, NOW + pd.Timedelta(hours=6), 403, "blocked"))
    journal = ledger.folder / "requests.jsonl"
    sound = journal.read_bytes()
    begin = sound.index(b"\n") + 1
    place = begin + int((len(sound) - begin) * share)
    for damaged in (sound[:place], sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :]):
        journal.write_bytes(damaged)
        assert Ledger(tmp_path, "celestrak").held(NOW) is not None


def test_what_a_crash_left_is_swept_away(tmp_path: Path) -> None:
    folder = Ledger(tmp_path, "celestrak").folder
    (folder / "0123.body").write_bytes(b"written, never noted")
    (folder / ".0456.body.x.tmp").write_bytes(b"half")
    (folder / ".rate.json.x.tmp").write_bytes(b"another process writes this now")
    Ledger(tmp_path, "celestrak").receive(REQUEST, b"one", NOW)
    Ledger(tmp_path, "celestrak")
    assert len(list(folder.glob("*.body"))) == 1
    assert [path.name for path in folder.glob(".*.tmp")] == [".rate.json.x.tmp"]


def test_a_crash_between_note_and_removal_hands_nothing_over_twice(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    receipt = ledger.receive(REQUEST, b"one", NOW)
    ledger.close(receipt)
    (ledger.folder / f"{receipt.id}.body").write_bytes(b"one")
    assert Ledger(tmp_path, "celestrak").pending() == []


def test_a_content_that_someone_removed_is_lost(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "celestrak")
    receipt = ledger.receive(REQUEST, b"one", NOW)
    (ledger.folder / f"{receipt.id}.body").unlink()
    assert ledger.pending() == []
    assert [known.state for known in ledger.receipts()] == ["lost"]


QUOTAS = (Quota(3, 60.0), Quota(5, 3600.0))


@given(st.lists(st.floats(0, 300), min_size=1, max_size=25))
@settings(deadline=None)
def test_no_window_ever_holds_more_than_its_quota(pauses: list[float]) -> None:
    now, made = 0.0, []
    limiter = RateLimiter(QUOTAS)
    for pause in pauses:
        now += pause
        now += limiter.delay_s(now)
        assert limiter.delay_s(now) <= 1e-6
        limiter.record(now)
        made.append(now)
    for count, period_s in QUOTAS:
        for stamp in made:
            assert sum(stamp <= other < stamp + period_s - 1e-6 for other in made) <= count


def test_the_wait_is_no_longer_than_needed() -> None:
    limiter = RateLimiter(QUOTAS, [0.0, 10.0, 20.0])
    assert limiter.delay_s(30.0) == 30.0
    assert limiter.delay_s(60.0) == 0.0
    assert RateLimiter(QUOTAS, [0, 100, 200, 300, 400]).delay_s(500.0) == 3100.0


def test_a_clock_that_went_back_never_waits_longer_than_a_period() -> None:
    limiter = RateLimiter(QUOTAS, [1e9, 1e9 + 1, 1e9 + 2])
    assert limiter.delay_s(1000.0) == 60.0
    limiter.record(1000.0)
    assert max(limiter.stamps) == 1000.0


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_processes_share_one_limit_through_the_file(tmp_path: Path) -> None:
    clock = Clock()
    path = tmp_path / "ledger" / "space-track" / "rate.json"
    one = SharedRate(path, QUOTAS, clock=clock.time, sleep=clock.sleep)
    two = SharedRate(path, QUOTAS, clock=clock.time, sleep=clock.sleep)
    for rate in (one, two, one):
        rate.acquire()
    assert clock.slept == []
    two.acquire()
    assert clock.slept == [60.0]
    SharedRate(path, QUOTAS, clock=clock.time, sleep=clock.sleep).acquire()
    assert len(json.loads(path.read_text())) == 5
    one.acquire()
    assert clock.now == 1_000_000.0 + 3600


@pytest.mark.parametrize(
    "content", ["", "{}", "[null, true, 1e3]", "[1", '["a"]', "[NaN]", "[1e999]", "[" * 10**5, f"[{10**400}]"]
)
def test_a_spoilt_file_of_times_starts_anew(tmp_path: Path, content: str) -> None:
    clock = Clock()
    path = tmp_path / "rate.json"
    path.write_text(content)
    SharedRate(path, QUOTAS, clock=clock.time, sleep=clock.sleep).acquire()
    assert json.loads(path.read_text())[-1] == clock.now
