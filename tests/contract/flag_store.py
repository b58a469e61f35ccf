"""What every database of flags must do; a test class per database gives the fixture ``url``."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from review import store as store_module
from review.errors import (
    AmbiguousIdError,
    InvalidEventsError,
    UnknownFlagError,
)
from review.flags import Base, Flag
from review.records import Status
from review.store import FlagStore
from tests.contract.stored_flags import StoredFlags
from tests.review_examples import DAY, event, frame, run


class FlagStoreContract(StoredFlags):
    # -- what goes in comes out

    def test_a_flag_holds_what_its_event_said(self, store):
        said = event(available_at=DAY + timedelta(days=2))
        flag = self.flag(store, said)
        for name, value in said.items():
            if name != "neighbours":
                assert getattr(flag, name) == value, name
        assert flag.neighbours == [
            {"norad_id": 90002, "name": "TARGET 1", "miss_km": 41.5, "when": "2026-03-05T20:00:00Z"}
        ]
        assert (flag.model_version, flag.data_snapshot, flag.config_hash) == ("robust-step-1", "a1b2c3", "f00d")
        assert flag.first_seen_at == flag.updated_at == DAY + timedelta(days=5)
        assert (flag.status, flag.version, flag.withdrawn_at, flag.rank) == (Status.OPEN, 1, None, 1)

    def test_times_come_back_in_utc_to_the_microsecond(self, store):
        burn = datetime(2026, 3, 2, 23, 59, 59, 999999, tzinfo=UTC)
        flag = self.flag(store, event(burn_time=burn))
        assert flag.burn_time == burn
        assert flag.burn_time.tzinfo is UTC

    def test_what_is_not_finite_is_unknown(self, store):
        nothing = [{"norad_id": 5, "name": None, "miss_km": float("nan"), "when": pd.NaT}]
        flag = self.flag(
            store, event(dv_r_m_s=float("nan"), chi2_ratio=float("inf"), unexpectedness=None, neighbours=nothing)
        )
        assert (flag.dv_r_m_s, flag.chi2_ratio, flag.unexpectedness) == (None, None, None)
        assert flag.neighbours == [{"norad_id": 5, "name": "", "miss_km": None, "when": None}]

    def test_hostile_text_is_kept_without_its_control_characters(self, store):
        flag = self.flag(store, event(name="A\x00B\x1b[31m\u202e'); DROP TABLE flags;--", reasons=["<script>\ud800"]))
        assert flag.name == "AB[31m'); DROP TABLE flags;--"
        assert flag.reasons == ["<script>"]

    # -- scoring again

    def test_the_same_again_changes_nothing(self, store):
        first = store.upsert(frame(event(), event(90002, 3)), run())
        before = store.flags()
        again = store.upsert(frame(event(), event(90002, 3)), run(24, data_snapshot="later"))
        assert (again.created, again.updated, again.unchanged) == ((), (), 2)
        assert again.flag_ids == first.flag_ids
        assert store.flags() == before

    def test_a_last_bit_of_a_score_is_no_change(self, store):
        self.flag(store)
        assert store.upsert(frame(event(score=12.5 * (1 + 1e-15))), run(1)).unchanged == 1

    def test_a_shifted_window_is_the_same_flag(self, store):
        first = self.flag(store)
        result = store.upsert(frame(event(day=0.4, dv_t_m_s=0.3)), run(24))
        assert result.updated == (first.flag_id,)
        flag = store.get(first.flag_id)
        assert flag.dv_t_m_s == 0.3
        assert flag.epoch_before == DAY + timedelta(days=0.4)
        assert (flag.first_seen_at, flag.updated_at) == (first.first_seen_at, DAY + timedelta(days=6))
        assert flag.version == first.version + 1
        assert store.count() == 1

    def test_a_near_burn_in_the_next_window_is_the_same_flag(self, store):
        first = self.flag(store)
        assert store.upsert(frame(event(day=20 / 24)), run(24)).flag_ids == (first.flag_id,)

    def test_a_burn_more_than_a_day_away_is_another_flag(self, store):
        self.flag(store)
        assert len(store.upsert(frame(event(day=1.1)), run(24)).created) == 1

    def test_another_object_is_another_flag(self, store):
        self.flag(store)
        store.upsert(frame(event(90002)), run())
        assert store.count() == 2

    @pytest.mark.parametrize("shift_days", [0.0, 0.4, 20 / 24], ids=["same window", "overlapping", "next door"])
    def test_what_another_detector_finds_of_a_burn_is_the_same_flag(self, store, shift_days):
        first = self.review(store, self.flag(store), Status.CONFIRMED)
        seen = run(24, model_version="2", spans=[(90001, -10, 10)])
        result = store.upsert(frame(event(day=shift_days, detector="forecaster")), seen)
        assert (result.updated, result.created, result.withdrawn) == ((first.flag_id,), (), ())
        flag = store.get(first.flag_id)
        assert (flag.detector, flag.model_version, flag.status) == ("forecaster", "2", Status.CONFIRMED)
        assert flag.first_seen_at == first.first_seen_at
        back = store.upsert(frame(event()), run(48, spans=[(90001, -10, 10)]))
        assert back.flag_ids == (first.flag_id,)
        assert store.count() == 1

    def test_flags_that_detectors_left_side_by_side_become_one(self, store, engine):
        """As in databases of before, where each detector had flags of its own."""
        first = self.flag(store)
        with engine.begin() as connection:
            row = dict(connection.execute(sa.select(Flag.__table__)).mappings().one())
            connection.execute(sa.insert(Flag), [row | {"flag_id": "0" * 36, "detector": "forecaster"}])
        spans = [(90001, -10, 10)]
        other = store.upsert(frame(event(detector="forecaster")), run(24, spans=spans))
        assert (other.flag_ids, other.withdrawn) == (("0" * 36,), (first.flag_id,))
        own = store.upsert(frame(event()), run(48, spans=spans))
        assert (own.restored, own.withdrawn) == ((first.flag_id,), ("0" * 36,))
        judged = self.review(store, store.get(first.flag_id), Status.CONFIRMED)
        assert store.upsert(frame(event(detector="forecaster")), run(60, spans=spans)).restored == ("0" * 36,)
        third = store.upsert(frame(event(detector="boosted")), run(72, spans=spans))
        assert (third.flag_ids, third.withdrawn) == ((judged.flag_id,), ("0" * 36,))

    def test_an_event_of_an_earlier_run_keeps_the_name_of_its_model(self, store):
        events = [event(), event(90002, detector="forecaster", model_version="7")]
        store.upsert(frame(*events), run())
        said = {flag.norad_id: (flag.detector, flag.model_version) for flag in store.flags()}
        assert said == {90001: ("robust-step", "robust-step-1"), 90002: ("forecaster", "7")}

    def test_an_id_once_given_is_not_given_again(self, store):
        first = self.flag(store)
        store.upsert(frame(event(day=0.8)), run(1))
        store.upsert(frame(event(day=1.6)), run(2))
        result = store.upsert(frame(event(day=0), event(day=1.6)), run(3))
        assert result.flag_ids[1] == first.flag_id
        assert result.flag_ids[0] not in {first.flag_id, None}
        assert store.upsert(frame(event(day=0), event(day=1.6)), run(3)).flag_ids == result.flag_ids

    def test_status_and_verdicts_survive_scoring(self, store):
        flag = self.review(store, self.flag(store), Status.IN_REVIEW, note="looking")
        store.upsert(frame(event(dv_t_m_s=0.5)), run(24, model_version="robust-step-2"))
        scored = store.get(flag.flag_id)
        assert (scored.status, scored.dv_t_m_s) == (Status.IN_REVIEW, 0.5)
        assert scored.version == flag.version + 1
        assert [step.note for step in store.history(flag.flag_id)] == ["looking"]
        assert store.history(flag.flag_id)[0].model_version == "robust-step-1"

    # -- withdrawing

    def test_a_flag_not_found_again_is_withdrawn_and_comes_back(self, store):
        flag = self.flag(store)
        gone = store.upsert(frame(), run(24, spans=[(90001, -10, 10)]))
        assert gone.withdrawn == (flag.flag_id,)
        assert store.flags() == []
        assert store.get(flag.flag_id).withdrawn_at == DAY + timedelta(days=6)
        assert store.get(flag.flag_id).rank is None
        assert len(store.flags(include_withdrawn=True)) == 1
        assert store.upsert(frame(), run(48, spans=[(90001, -10, 10)])).withdrawn == ()
        back = store.upsert(frame(event()), run(72))
        assert back.restored == back.flag_ids == (flag.flag_id,)
        restored = store.get(flag.flag_id)
        assert (restored.withdrawn_at, restored.version, restored.rank) == (None, 3, 1)
        assert restored.first_seen_at == flag.first_seen_at

    @pytest.mark.parametrize(
        "spans",
        [None, [(90002, -10, 10)], [(90001, 0.5, 10)], [(90001, -10, 0.5)], [(90001, -10, -5), (90001, 5, 10)]],
        ids=["nothing scored", "another object", "starts inside", "ends inside", "spans around"],
    )
    def test_a_flag_outside_the_scored_spans_stays(self, store, spans):
        self.flag(store)
        assert store.upsert(frame(), run(24, spans=spans)).withdrawn == ()

    def test_another_detectors_run_withdraws_what_it_does_not_find(self, store):
        flag = self.flag(store)
        found = store.upsert(frame(event(day=4, detector="forecaster")), run(24, spans=[(90001, -10, 10)]))
        assert found.withdrawn == (flag.flag_id,)
        assert len(found.created) == 1

    def test_a_flag_that_a_person_touched_is_never_withdrawn(self, store):
        flag = self.review(store, self.flag(store), Status.IN_REVIEW)
        flag = self.review(store, flag, Status.OPEN)
        assert store.upsert(frame(), run(24, spans=[(90001, -10, 10)])).withdrawn == ()
        assert store.get(flag.flag_id) == flag

    # -- all or nothing

    def test_a_crash_midway_leaves_the_old_state(self, store, monkeypatch):
        self.flag(store)
        before = store.flags()

        def crash(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(store_module, "withdraw", crash)
        with pytest.raises(KeyboardInterrupt):
            store.upsert(frame(event(dv_t_m_s=9.0), event(90002)), run(1))
        assert store.flags() == before

    @pytest.mark.parametrize(
        ("events", "field"),
        [
            ([event(), event()], "epoch_before"),
            ([event(hours=0)], "epoch_after"),
            ([event(score=float("nan"))], "score"),
            ([event(score="high")], "score"),
            ([event(available_at=None)], "available_at"),
            ([event(neighbours=["TARGET 1"])], "neighbours"),
        ],
    )
    def test_bad_events_are_refused_whole(self, store, events, field):
        with pytest.raises(InvalidEventsError) as caught:
            store.upsert(frame(event(90009), *events), run())
        assert caught.value.field == field
        assert "\n" not in str(caught.value)
        assert store.count() == 0

    def test_missing_columns_and_naive_times_are_named(self, store):
        with pytest.raises(InvalidEventsError, match="score: missing column"):
            store.upsert(frame(event()).drop(columns="score"), run())
        naive = frame(event())
        naive["burn_time"] = naive["burn_time"].dt.tz_localize(None)
        with pytest.raises(InvalidEventsError, match="burn_time: is datetime64"):
            store.upsert(naive, run())

    def test_writers_at_once_make_one_flag_of_one_burn(self, url, store):
        # Each sees the burns in windows of its own: without turns both would find nothing to match.
        starts = [[event(norad_id, shift) for norad_id in range(50)] for shift in (0.0, 0.1, 0.2, 0.3)]
        gate = threading.Barrier(len(starts))

        def write(events):
            with FlagStore(url) as own:
                gate.wait()
                return own.upsert(frame(*events), run())

        with ThreadPoolExecutor(len(starts)) as pool:
            results = list(pool.map(write, starts))
        assert store.count() == 50
        assert sum(len(result.created) for result in results) == 50
        assert len({result.flag_ids for result in results}) == 1

    # -- reading

    def test_orders_filters_and_limits(self, store):
        store.upsert(
            frame(
                event(1, 0, unexpectedness=1.0),
                event(2, 2, unexpectedness=3.0),
                event(3, 4, unexpectedness=None),
                event(1, 6, unexpectedness=2.0),
            ),
            run(),
        )

        def ids(**conditions):
            return [(flag.norad_id, flag.unexpectedness) for flag in store.flags(**conditions)]

        assert ids() == [(2, 3.0), (1, 2.0), (1, 1.0), (3, None)]
        assert ids(order="time") == [(1, 2.0), (3, None), (2, 3.0), (1, 1.0)]
        assert ids(limit=2) == [(2, 3.0), (1, 2.0)]
        assert ids(norad_id=1, order="time") == [(1, 2.0), (1, 1.0)]
        burn = store.flags(norad_id=2)[0].burn_time
        assert ids(since=burn, order="time") == [(1, 2.0), (3, None), (2, 3.0)]
        assert ids(until=burn) == [(1, 1.0)]
        self.review(store, store.flags(norad_id=2)[0], Status.IN_REVIEW)
        assert ids(status=Status.IN_REVIEW) == [(2, 3.0)]
        assert [store.count(), store.count(norad_id=1), store.count(since=burn), store.count(status=Status.OPEN)] == [
            4,
            2,
            3,
            3,
        ]

    def test_ranks_count_within_the_burns_utc_day(self, store):
        store.upsert(
            frame(
                event(1, unexpectedness=5.0),
                event(2, unexpectedness=7.0),
                event(3, unexpectedness=5.0),
                event(4, unexpectedness=None),
                event(5, 1, unexpectedness=9.0),
            ),
            run(),
        )
        assert {flag.norad_id: flag.rank for flag in store.flags()} == {2: 1, 1: 2, 3: 2, 4: 4, 5: 1}
        assert store.flags(limit=9) == store.flags() == [store.get(flag.flag_id) for flag in store.flags()]
        store.upsert(frame(), run(1, spans=[(2, -10, 10)]))
        assert {flag.norad_id: flag.rank for flag in store.flags()} == {1: 1, 3: 1, 4: 3, 5: 1}
        everything = store.flags(include_withdrawn=True)
        assert store.flags(include_withdrawn=True, limit=9) == everything
        assert [flag.rank for flag in everything if flag.norad_id == 2] == [None]

    def test_a_flag_is_found_by_the_beginning_of_its_id(self, store):
        store.upsert(frame(*(event(norad_id) for norad_id in range(40))), run())
        flag = store.flags()[0]
        assert store.get(flag.flag_id[:12].upper()) == flag
        shared = next(first for first in "0123456789abcdef" if sum(f.flag_id[0] == first for f in store.flags()) > 1)
        with pytest.raises(AmbiguousIdError) as caught:
            store.get(shared)
        assert len(caught.value.matches) > 1
        for unknown in ("", "%", "_", "zzz", "' OR 1=1"):
            with pytest.raises(UnknownFlagError):
                store.get(unknown)
        with pytest.raises(UnknownFlagError):
            store.history("zzz")

    # -- the tables

    def test_migrations_make_the_tables_that_the_code_knows(self, store, engine):
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = [
                difference
                for difference in compare_metadata(context, Base.metadata)
                # Indices by which flags are listed stand in the migrations alone.
                if not (isinstance(difference, tuple) and difference[0] == "remove_index")
            ]
        assert not differences, differences

    def test_opening_again_keeps_what_is_there(self, url, store):
        flag = self.flag(store)
        with FlagStore(url) as again:
            assert again.flags() == [flag]
