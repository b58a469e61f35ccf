"""Which flags and news a rule tells, when, and in which words."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.assets import Asset, AssetError, AssetList, Assets
from configs.notices import NoticeRule
from review.notice_rules import due_at, quiet_until, wanted_notices
from review.records import Status
from review.store import FlagStore
from tests.review_examples import DAY, event, finding, findings, frame, run

NOW = DAY + timedelta(days=5, hours=1)
SINCE = NOW - timedelta(days=2)
ASSETS = Assets(
    lists=[
        AssetList(name="ours", kind="protected", objects=[Asset(name="TARGET 1", norad_id=90002)]),
        AssetList(name="inspectors", kind="watched", objects=[Asset(name="ARGUS 4", norad_id=90001)]),
    ]
)


@pytest.fixture
def store(tmp_path):
    with FlagStore.at_home(tmp_path) as store:
        yield store


def rule(**values):
    return NoticeRule(**{"name": "belt", "what": "flag", "to": ("CHAT",), **values})


def told(store, wanted, **values):
    return list(
        wanted_notices(
            store, wanted, ASSETS, **{"since": SINCE, "now": NOW, "desk": "https://desk.example.org", **values}
        )
    )


def numbers(store, wanted):
    ids = {flag.flag_id: flag.norad_id for flag in store.flags()}
    return [ids[notice.subject_id] for notice in told(store, wanted)]


@pytest.fixture
def flags(store):
    store.upsert(
        frame(
            event(90001, unexpectedness=3.0, neighbours=[]),
            event(90002, unexpectedness=2.0, regime="geo", neighbours=[]),
            event(90003, unexpectedness=1.0, listed=True),
            event(90004, unexpectedness=None, neighbours=[]),
        ),
        run(),
    )
    return store


@pytest.mark.parametrize(
    ("conditions", "objects"),
    [
        ({}, [90001, 90002, 90003, 90004]),
        ({"min_unexpectedness": 2.0}, [90001, 90002]),
        ({"listed": True}, [90003]),
        ({"regimes": ("geo", "meo")}, [90002]),
        ({"watch_lists": ("inspectors",)}, [90001]),
        ({"watch_lists": ("inspectors", "ours")}, [90001, 90002]),
        ({"assets": True}, [90002, 90003]),
        ({"assets": True, "min_unexpectedness": 2.0}, [90002]),
    ],
)
def test_a_rule_tells_what_fits_all_its_conditions_most_unexpected_first(flags, conditions, objects):
    assert numbers(flags, rule(**conditions)) == objects


def test_settled_withdrawn_and_old_flags_are_not_told(flags):
    first, second = flags.flags(limit=2)
    flags.settle(first.flag_id, Status.ROUTINE, who="ann", expected_version=1)
    flags.upsert(frame(), run(1, spans=[(second.norad_id, -10, 10)]))
    assert numbers(flags, rule()) == [90003, 90004]
    assert told(flags, rule(), since=NOW) == []


def test_a_notice_says_what_happened_why_it_matters_and_where_to_look(flags):
    (notice,) = told(flags, rule(min_unexpectedness=3.0))
    flag = flags.flags(norad_id=90001)[0]
    assert notice.title == "ARGUS 4: orbit raise, unexpectedness 3.0"
    assert "ARGUS 4 raised its orbit on 2 March 2026" in notice.body
    assert "- first burn in 94 days" in notice.body
    assert notice.body.endswith(f"\n\nhttps://desk.example.org/flags/{flag.flag_id}")
    assert "http" not in told(flags, rule(min_unexpectedness=3.0), desk="")[0].body


def test_each_target_has_a_notice_of_its_own_and_scoring_again_makes_none(flags):
    wanted = rule(to=("CHAT", "MAIL"))
    before = told(flags, wanted)
    assert len({notice.key for notice in before}) == len(before) == 8
    assert {notice.target for notice in before} == {"CHAT", "MAIL"}
    flags.upsert(frame(event(90001, unexpectedness=3.5, dv_t_m_s=0.9)), run(1))
    assert {notice.key for notice in told(flags, wanted)} == {notice.key for notice in before}
    assert not {notice.key for notice in told(flags, rule(name="other"))} & {notice.key for notice in before}


def test_a_flag_that_grows_unexpected_later_is_told_then(flags):
    wanted = rule(min_unexpectedness=9.0)
    assert told(flags, wanted) == []
    flags.upsert(frame(event(90001, unexpectedness=9.5)), run(1))
    assert numbers(flags, wanted) == [90001]


def news(at, text):
    return {"at": at.isoformat(), "text": text, "event": None}


def test_each_piece_of_news_of_a_finding_is_told_once(store):
    old, new = NOW - timedelta(days=3), NOW - timedelta(hours=1)
    one = finding(news=[news(old, "left 99.4° E")], news_at=old, opened_at=old)
    store.findings.upsert(findings(one))
    wanted = rule(what="finding")
    assert told(store, wanted) == []
    store.findings.upsert(findings(one | {"news": [news(old, "left 99.4° E"), news(new, "stopped")], "news_at": new}))
    (notice,) = told(store, wanted)
    assert notice.title == "ARGUS 4 left 99.4° E and drifts 1.2°/day to the east"
    assert f"{new:%Y-%m-%d %H:%M} UTC: stopped" in notice.body
    assert "Expected: reaches TARGET 1" in notice.body
    assert notice.body.endswith(f"/findings/{one['finding_id']}")
    store.findings.upsert(
        findings(one | {"news": [news(new, "stopped")], "headline": "ARGUS 4 stopped", "news_at": new})
    )
    assert [again.key for again in told(store, wanted)] == [notice.key]


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        ({"assets": True}, 1),
        ({"watch_lists": ("inspectors",)}, 1),
        ({"watch_lists": ("ours",)}, 0),
        ({"regimes": ("geo",), "listed": True, "min_unexpectedness": 4.2}, 1),
        ({"regimes": ("leo",)}, 0),
        ({"min_unexpectedness": 4.3}, 0),
    ],
)
def test_conditions_hold_for_findings_too(store, conditions, count):
    store.findings.upsert(findings(finding()))
    assert len(told(store, rule(what="finding", **conditions), since=DAY)) == count


def test_a_list_that_there_is_not_is_named(flags):
    with pytest.raises(AssetError, match="'insepctors'"):
        told(flags, rule(watch_lists=("insepctors",)))


def at(clock, day=2):
    return datetime.fromisoformat(f"2026-03-{day:02d}T{clock}Z").astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-06:00", at("21:59:59"), None),
        ("22:00-06:00", at("22:00"), at("06:00", 3)),
        ("22:00-06:00", at("05:59:59"), at("06:00")),
        ("22:00-06:00", at("06:00"), None),
        ("09:00-17:30", at("17:29"), at("17:30")),
        ("09:00-17:30", at("18:00"), None),
        (None, at("03:00"), None),
    ],
)
def test_quiet_hours_end(hours, now, until):
    assert quiet_until(rule(quiet_hours=hours), now) == until


@pytest.mark.parametrize(
    ("values", "now", "due"),
    [
        ({}, at("03:00"), at("03:00")),
        ({"quiet_hours": "22:00-06:00"}, at("03:00"), at("06:00")),
        ({"digest": "06:30"}, at("03:00"), at("06:30")),
        ({"digest": "06:30"}, at("06:30"), at("06:30")),
        ({"digest": "06:30"}, at("06:30:01"), at("06:30", 3)),
        ({"digest": "05:00", "quiet_hours": "22:00-06:00"}, at("12:00"), at("06:00", 3)),
    ],
)
def test_a_notice_is_due_at_the_digest_and_after_quiet_hours(values, now, due):
    assert due_at(rule(**values), now) == due
