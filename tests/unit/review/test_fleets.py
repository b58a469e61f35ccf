"""What many of a fleet do on a day is one line, and hides nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from catalog.assets import Asset, AssetList, Assets
from configs.notices import NoticeRule
from pipelines.cli.main import app
from pipelines.cli.replay import _rows
from review.fleets import FleetLine, in_lines
from review.notice_rules import wanted_notices
from review.store import FlagStore
from tests.review_examples import event, finding, findings, frame, run

ASSETS = Assets(
    lists=[
        AssetList(name="mine", kind="watched", objects=[Asset(name=f"STARLINK-{one}", norad_id=one) for one in (1, 2)])
    ]
)
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)
FLEET = [event(number, name=f"STARLINK-{number}", unexpectedness=1.0 + number / 100) for number in range(1, 8)]
FLEET += [event(number, name=f"STARLINK-{number}", kind="orbit lowering", unexpectedness=0.5) for number in (8, 9)]
OTHERS = [
    event(20, name="COSMOS 2558", unexpectedness=2.0),
    event(21, name="STARLINK-21", unexpectedness=3.0, listed=True),
    event(22, name="STARLINK-22", kind="plane change", unexpectedness=0.9),
    *(event(30 + one, name=f"YAOGAN-{one}", unexpectedness=0.1) for one in range(4)),
]


@pytest.fixture
def store(tmp_path):
    with FlagStore.at_home(tmp_path) as store:
        store.upsert(frame(*FLEET, *OTHERS), run(at=NOW))
        yield store


def told(lines):
    return [str(one) if isinstance(one, FleetLine) else one.name for one in lines]


LINES = ["STARLINK-21", "COSMOS 2558", "7 STARLINK raising, 2 lowering", "STARLINK-22"]


def test_many_of_a_fleet_are_one_line_where_their_first_stood(store):
    every = told(in_lines(store.flags()))
    assert every[:4] == LINES
    assert sorted(every[4:]) == [f"YAOGAN-{one}" for one in range(4)]  # too few for a line
    lines, total = store.lines(limit=4)
    assert (told(lines), total) == (LINES, 8)
    assert told(store.lines(limit=1)[0]) == LINES[:1]
    assert store.lines(listed=True)[1] == 1


def test_lines_are_of_one_day_and_leave_out_what_a_finding_tells(store):
    later = [event(number, day=2.0, name=f"STARLINK-{number}") for number in range(40, 46)]
    store.upsert(frame(*later), run(at=NOW + timedelta(days=2)))
    days = [one.day.isoformat() for one in store.lines()[0] if isinstance(one, FleetLine)]
    assert sorted(days) == ["2026-03-04", "2026-03-06"]
    store.findings.upsert(findings(*(finding(number, regime="leo") for number in range(1, 6))))
    assert "2 STARLINK raising, 2 lowering" not in told(store.lines()[0])  # four are left, too few for a line


def test_a_rule_tells_a_fleet_once_a_day_and_who_names_objects_gets_each(store):
    def notices(**values):
        rule = NoticeRule(name="all", what="flag", to=("CHAT",), **values)
        since, desk = NOW - timedelta(days=1), "https://desk.example.org"
        return list(wanted_notices(store, rule, ASSETS, since=since, now=NOW, desk=desk))

    first = notices()
    assert [one.title.split(":")[0] for one in first][:4] == LINES
    fleet = first[2]
    assert fleet.body.startswith("7 STARLINK raising, 2 lowering, first seen on 2026-03-04: STARLINK-7, STARLINK-6")
    assert fleet.body.endswith("https://desk.example.org/flags?text=STARLINK")
    store.upsert(frame(event(50, name="STARLINK-50")), run(at=NOW + timedelta(hours=1)))
    assert fleet.key in {one.key for one in notices()}
    assert len(notices(watch_lists=("mine",))) == 2


def test_the_table_of_flags_and_a_replayed_day_have_the_line(tmp_path):
    with FlagStore.at_home(tmp_path) as store:
        store.upsert(frame(*FLEET, *OTHERS), run(at=NOW))
    result = CliRunner().invoke(app, ["--home", str(tmp_path), "flags", "--limit", "3"])
    assert result.exit_code == 0, result.output
    assert "7 STARLINK raising, 2 lowering" in " ".join(result.stdout.split())
    assert "3 of 8 lines" in result.stderr
    assert (
        CliRunner().invoke(app, ["--home", str(tmp_path), "flags", "--format", "csv"]).stdout.count("STARLINK-") >= 11
    )

    flag = {
        "burn_time": "2026-03-02T10:00:00Z",
        "unexpectedness": 1.0,
        "kind": "orbit raise",
        "reasons": [],
        "name": "A",
    }
    day = {
        "day": "2026-03-04T00:00:00Z",
        "flags": [{**flag, "flag_id": "a", "rank": 1}, {**flag, "flag_id": "b", "rank": 2, "name": "B"}],
        "fleets": [{"fleet": "A", "text": "1 A raising", "flag_ids": ["a"]}],
    }
    assert [row[3] for row in _rows(day, 5)] == ["B", "A"]
    assert _rows(day, 5)[-1][-1] == "1 A raising"
    assert _rows(day, 0) == []
