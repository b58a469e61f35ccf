"""What every database of findings must do; a test class per database gives the fixtures ``url``, ``store`` and ``engine``."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pandas as pd
import pytest
import sqlalchemy as sa

from review import findings as findings_module
from review.errors import AmbiguousIdError, InvalidFindingsError, UnknownFindingError, UnknownIdError
from review.records import State
from review.store import FlagStore
from tests.review_examples import DAY, event, finding, findings, frame, iso, run


def moved_on(first, days=5, **values):
    """The same finding with news some days later."""
    at = first["news_at"] + timedelta(days=days)
    piece = {"at": iso(at), "text": "stopped at 105.1° E", "event": None}
    return {**first, "news": [*first["news"], piece], "news_at": at, "state": "stopped", **values}


class FindingStoreContract:
    # -- what goes in comes out

    def test_a_finding_holds_what_was_said_of_it(self, store):
        said = finding()
        result = store.findings.upsert(findings(said))
        assert (result.created, result.updated, result.unchanged, result.news) == ((said["finding_id"],), (), 0, 1)
        record = store.findings.get(said["finding_id"])
        for name in set(said) - {"news", "said", "neighbours"}:
            assert getattr(record, name) == said[name], name
        assert record.neighbours == said["neighbours"]
        (news,) = record.news
        assert (news.at, news.text) == (said["news_at"], said["news"][0]["text"])
        assert iso(news.event) == said["news"][0]["event"]
        assert (record.state, record.version) == (State.UNDER_WAY, 1)

    def test_the_current_state_comes_back_without_loss(self, store):
        told = findings(
            moved_on(finding(90002), closed_at=DAY + timedelta(days=50), state="closed", partners=[90001, 7]),
            finding(90003, 2, unexpectedness=float("nan"), dv_m_s=float("nan"), reasons=[], neighbours=[], events=[]),
            finding(90001, listed=False, said={"deep": [{"a": [1, 2.5, None]}], "no": False}),
        )
        store.findings.upsert(told)
        back = store.findings.current()
        assert list(back["norad_id"]) == [90002, 90003, 90001]
        again = store.findings.upsert(back)
        assert (again.created, again.updated, again.unchanged, again.news) == ((), (), 3, 0)
        expected = told.sort_values("news_at", ascending=False, ignore_index=True)[list(back.columns)]
        pd.testing.assert_frame_equal(back, expected, check_dtype=False)
        assert back.dtypes.astype(str)[["opened_at", "news_at", "closed_at"]].unique() == ["datetime64[us, UTC]"]
        assert (back["listed"].dtype, back["dv_m_s"].dtype, back["norad_id"].dtype) == ("bool", "float64", "int64")

    def test_the_current_state_of_nothing_has_the_columns(self, store):
        nothing = store.findings.current()
        assert nothing.empty
        assert str(nothing["closed_at"].dtype) == "datetime64[us, UTC]"
        assert store.findings.upsert(nothing).unchanged == 0

    def test_hostile_text_and_numbers_are_cleaned(self, store):
        said = finding(
            name="A\x00B\x1b[31m",
            headline="<script>\u202e",
            said={"x\x00": float("inf"), "at": pd.Timestamp("2026-03-01", tz="UTC")},
        )
        store.findings.upsert(findings(said))
        row = store.findings.current().iloc[0]
        assert (row["name"], row["headline"]) == ("AB[31m", "<script>")
        assert row["said"] == {"x": None, "at": "2026-03-01T00:00:00Z"}

    # -- news

    def test_news_are_added_and_never_doubled(self, store):
        first = finding()
        store.findings.upsert(findings(first))
        later = moved_on(first)
        result = store.findings.upsert(findings(later))
        assert (result.created, result.updated, result.news) == ((), (first["finding_id"],), 1)
        again = store.findings.upsert(findings(later))
        assert (again.unchanged, again.news) == (1, 0)
        record = store.findings.get(first["finding_id"])
        assert [piece.text for piece in record.news] == ["left 99.4° E: 3.4 m/s", "stopped at 105.1° E"]
        assert (record.state, record.version, record.opened_at) == (State.STOPPED, 2, first["opened_at"])
        # A run that knows less, as after a restored state, takes nothing back.
        store.findings.upsert(findings(first))
        assert store.findings.get(first["finding_id"]).news == record.news

    def test_a_finding_that_is_left_out_stays(self, store):
        store.findings.upsert(findings(finding(), finding(90002)))
        store.findings.upsert(findings(finding(90003)))
        assert store.findings.count() == 3
        assert store.findings.upsert(findings(finding())).unchanged == 1

    @pytest.mark.parametrize("statement", ["UPDATE finding_news SET text = 'x'", "DELETE FROM finding_news"])
    def test_the_database_itself_refuses_to_change_news(self, store, engine, statement):
        store.findings.upsert(findings(finding()))
        with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(statement))

    # -- all or nothing

    def test_a_crash_midway_leaves_the_old_findings(self, store, monkeypatch):
        first = finding()
        store.findings.upsert(findings(first))
        before = store.findings.current()

        def crash(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(findings_module, "_gather", crash)
        with pytest.raises(KeyboardInterrupt):
            store.findings.upsert(findings(moved_on(first), finding(90002)))
        pd.testing.assert_frame_equal(store.findings.current(), before)

    @pytest.mark.parametrize(
        ("broken", "field"),
        [
            ({"state": "asleep"}, "state"),
            ({"headline": ""}, "headline"),
            ({"finding_id": finding(90009)["finding_id"]}, "finding_id"),
            ({"news": ["left"]}, "news"),
            ({"news": [{"at": "yesterday", "text": "left"}]}, "news"),
            ({"news": [{"at": "2026-03-01T00:00:00", "text": "left"}]}, "news"),
            ({"dv_m_s": "much"}, "dv_m_s"),
            ({"neighbours": ["TARGET 1"]}, "neighbours"),
            ({"neighbours": [{"norad_id": 5, "name": "", "miss_km": None, "when": "soon"}]}, "neighbours"),
            ({"events": [{"epoch_before": "2026-03-01T00:00:00Z"}]}, "events"),
            ({"events": [{"epoch_before": "2026-03-01T00:00:00Z", "epoch_after": "soon"}]}, "events"),
        ],
    )
    def test_bad_findings_are_refused_whole(self, store, broken, field):
        with pytest.raises(InvalidFindingsError) as caught:
            store.findings.upsert(findings(finding(90009), finding(**broken)))
        assert caught.value.field == field
        assert "\n" not in str(caught.value)
        assert store.findings.count() == 0

    def test_missing_columns_and_naive_times_of_findings_are_named(self, store):
        with pytest.raises(InvalidFindingsError, match="kind: missing column"):
            store.findings.upsert(findings(finding()).drop(columns="kind"))
        naive = findings(finding())
        naive["news_at"] = naive["news_at"].dt.tz_localize(None)
        with pytest.raises(InvalidFindingsError, match="news_at: is datetime64"):
            store.findings.upsert(naive)

    def test_writers_at_once_tell_news_once(self, url, store):
        told = findings(*(moved_on(finding(norad_id)) for norad_id in range(20)))

        def write(_):
            with FlagStore(url) as own:
                return own.findings.upsert(told)

        with ThreadPoolExecutor(3) as pool:
            results = list(pool.map(write, range(3)))
        assert sorted(len(result.created) for result in results) == [0, 0, 20]
        assert sum(result.news for result in results) == 40

    # -- the flags that findings gather

    def test_flags_belong_to_the_finding_that_gathers_their_burn(self, store):
        ids = store.upsert(frame(event(), event(day=10), event(90002)), run()).flag_ids
        first, second = finding(), finding(90002)
        store.findings.upsert(findings(first, second))
        assert [store.get(flag_id).finding_id for flag_id in ids] == [first["finding_id"], None, second["finding_id"]]
        later = moved_on(first, events=[*first["events"], *finding(day=10.3)["events"]])
        store.findings.upsert(findings(later, second))
        assert [flag.flag_id for flag in store.findings.flags(first["finding_id"])] == list(ids[:2])
        assert store.get(ids[1]).version == 1
        # An event that turned out to be none leaves its finding.
        store.findings.upsert(findings(moved_on(first, events=later["events"][1:]), second))
        assert [store.get(flag_id).finding_id for flag_id in ids] == [None, first["finding_id"], second["finding_id"]]

    def test_a_flag_belongs_to_the_finding_with_most_of_its_window(self, store):
        (flag_id,) = store.upsert(frame(event()), run()).flag_ids
        store.findings.upsert(findings(finding(day=-0.5), finding(day=0.1)))
        assert store.get(flag_id).finding_id == finding(day=0.1)["finding_id"]

    def test_a_flag_keeps_its_finding_when_scored_again(self, store):
        (flag_id,) = store.upsert(frame(event()), run()).flag_ids
        store.findings.upsert(findings(finding()))
        store.upsert(frame(event(dv_t_m_s=0.5, listed=True)), run(1))
        flag = store.get(flag_id)
        assert (flag.finding_id, flag.listed, flag.version) == (finding()["finding_id"], True, 2)

    def test_the_list_of_flags_is_those_that_were_selected(self, store):
        store.upsert(frame(event(1, listed=True), event(2, listed=False), event(3)), run())
        assert [flag.norad_id for flag in store.flags(listed=True)] == [1]
        assert (store.count(listed=True), store.count()) == (1, 3)

    # -- reading

    def test_orders_and_filters_of_findings(self, store):
        store.findings.upsert(
            findings(
                finding(1, 0, unexpectedness=9.0),
                moved_on(finding(2, 1), days=20, unexpectedness=2.0),
                finding(3, 2, kind="disposal", unexpectedness=None),
                finding(4, 2, unexpectedness=3.0),
            )
        )

        def ids(**conditions):
            found = [record.norad_id for record in store.findings.records(**conditions)]
            assert store.findings.count(**{k: v for k, v in conditions.items() if k not in ("order", "limit")}) >= len(
                found
            )
            return found

        assert ids() == [2, 4, 3, 1]
        assert ids(order="unexpected") == [1, 4, 2, 3]
        assert ids(limit=2) == [2, 4]
        assert ids(kind="disposal") == [3]
        assert ids(norad_id=4) == [4]
        assert ids(state=State.STOPPED) == [2]
        # With news in the interval, by the newest of these.
        until = finding(2, 1)["news_at"] + timedelta(hours=1)
        assert ids(until=until) == [2, 1]
        assert ids(since=until) == [2, 4, 3]
        assert ids(since=until, until=until + timedelta(days=5)) == [4, 3]
        assert store.findings.count(until=until) == 2
        (both,) = store.findings.records(norad_id=2)
        assert len(both.news) == 2

    def test_a_finding_is_found_by_the_beginning_of_its_id(self, store):
        store.findings.upsert(findings(*(finding(norad_id) for norad_id in range(40))))
        record = store.findings.records()[0]
        assert store.findings.get(record.finding_id[:12].upper()) == record
        for unknown in ("", "%", "zzz", "' OR 1=1"):
            with pytest.raises(UnknownFindingError):
                store.findings.get(unknown)
        starts = [finding.finding_id[0] for finding in store.findings.records()]
        with pytest.raises(AmbiguousIdError):
            store.findings.get(max(starts, key=starts.count))

    def test_an_id_may_be_of_a_flag_or_of_a_finding(self, store):
        (flag_id,) = store.upsert(frame(event()), run()).flag_ids
        store.findings.upsert(findings(finding(), finding(90002, finding_id=flag_id[:4] + "0000-0000")))
        assert store.either(flag_id[:13]) == store.get(flag_id)
        assert store.either(finding()["finding_id"][:8]) == store.findings.get(finding()["finding_id"])
        with pytest.raises(AmbiguousIdError):
            store.either(flag_id[:4])
        with pytest.raises(UnknownIdError, match="burnwatch findings"):
            store.either("zzz")
