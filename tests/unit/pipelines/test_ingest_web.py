"""What pulling from a web source says, how it ends, and what it leaves unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from configs.schema import BurnwatchConfig
from configs.sources import CelestrakConfig
from pipelines.doctor import held_sources
from pipelines.home import Home
from pipelines.ingest import ingest_celestrak, ingest_files
from tests.servers import HTML_ERROR, CelestrakServer, Reply, gp_record, render_csv


@pytest.fixture
def server() -> Iterator[CelestrakServer]:
    groups = {name: [gp_record(number, "2026-05-01T06:00:00")] for number, name in enumerate(("active", "geo"), 90001)}
    with CelestrakServer(groups) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


def settings(server: CelestrakServer) -> BurnwatchConfig:
    return BurnwatchConfig(celestrak=CelestrakConfig(base_url=server.url))


def test_a_refusal_stops_all_groups_is_said_once_and_is_shown_by_the_doctor(
    server: CelestrakServer, home: Home
) -> None:
    server.next(Reply(404, HTML_ERROR))
    summary = ingest_celestrak(home, settings(server), groups=["actve", "geo", "active"])
    assert len(server.requests) == 1
    assert summary.failed
    first, second = summary.errors
    assert "GROUP=actve" in first
    assert "check the spelling" in first
    assert "left alone since" in second
    assert ingest_celestrak(home, settings(server), groups=["geo"]).failed
    assert len(server.requests) == 1
    (shown,) = held_sources(home, settings(server))
    assert (shown.state, shown.subject) == ("broken", "CelesTrak")
    assert "GROUP=actve" in shown.text
    assert "until" in shown.text

    lifted = ingest_celestrak(home, settings(server), groups=["geo", "active"], lift_hold=True)
    assert (lifted.failed, lifted.added) == (False, 2)
    assert not list(held_sources(home, settings(server)))


def test_a_refusal_is_a_failure_though_other_groups_came(server: CelestrakServer, home: Home) -> None:
    ingest_celestrak(home, settings(server), groups=["geo"])
    server.next(Reply(503))
    assert ingest_celestrak(home, settings(server), groups=["active", "geo"]).failed


def test_nothing_received_is_said(server: CelestrakServer, home: Home, tmp_path: Path) -> None:
    summary = ingest_celestrak(home, settings(server), norad_ids=[5])
    assert summary.lines() == ["GP CATNR=5: nothing received, the source has no such element sets"]
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    assert ingest_files(home, settings(server), [empty]).lines() == [
        "nothing received: no element sets in what was read"
    ]


def test_every_refused_record_is_counted(server: CelestrakServer, home: Home) -> None:
    most = BurnwatchConfig().ingest.max_refused_per_file
    server.next(Reply(body=render_csv([gp_record(90001, "2026-05-01T06:00:00")]) + b"NO SET\r\n" * (most + 5)))
    assert ingest_celestrak(home, settings(server), groups=["active"]).refused == most + 5
