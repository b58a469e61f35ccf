"""The protocol against adversaries: what must not pay does not pay."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.benchmark.matching import match, point_estimates_us
from models.benchmark.nulls import random_events
from models.benchmark.protocol import evaluate, evaluated_spans
from models.errors import ModelError

START = pd.Timestamp("2020-01-01", tz="UTC")


def days(values) -> pd.Series:
    return pd.Series((START + pd.to_timedelta(np.asarray(values, dtype=float), unit="D")).as_unit("us"))


def events_at(values, norad_id: int = 1, scores=None) -> pd.DataFrame:
    """Events whose gap is a day long with the point estimate in its middle."""
    middle = days(values)
    half = pd.Timedelta(hours=12)
    frame = pd.DataFrame({"epoch_before": middle - half, "epoch_after": middle + half})
    frame.insert(0, "norad_id", norad_id)
    return frame.assign(score=np.arange(len(frame), 0, -1.0) if scores is None else scores)


def maneuvers_at(values, norad_id: int = 1, dv_m_s=0.01) -> pd.DataFrame:
    time = days(values)
    frame = pd.DataFrame({"burn_begin": time, "burn_end": time, "burn_time": time, "dv_m_s": dv_m_s})
    frame.insert(0, "name", f"satellite {norad_id}")
    frame.insert(0, "norad_id", norad_id)
    return frame


LABELS = [40.0, 80.0, 125.0, 170.0, 220.0]


@pytest.fixture
def maneuvers() -> pd.DataFrame:
    return pd.concat([maneuvers_at(LABELS), maneuvers_at(np.add(LABELS, 3), 2)], ignore_index=True)


@pytest.fixture
def spans(maneuvers) -> pd.DataFrame:
    epochs = [pd.DataFrame({"norad_id": n, "epoch": days(range(366)), "regime": "leo"}) for n in (1, 2)]
    return evaluated_spans(pd.concat(epochs), maneuvers)


def perfect(maneuvers: pd.DataFrame) -> pd.DataFrame:
    lead = (maneuvers["burn_time"] - START) / pd.Timedelta(days=1)
    return pd.concat([events_at(lead[maneuvers["norad_id"] == n], n) for n in (1, 2)], ignore_index=True)


def pooled(events, maneuvers, spans, **options) -> pd.Series:
    return evaluate(events, maneuvers, spans, bootstrap=200, **options).pooled.loc["leo"]


def test_perfect_detections_are_perfect(maneuvers, spans):
    figures = pooled(perfect(maneuvers), maneuvers, spans)
    assert figures[["precision", "recall", "f1", "ap", "f1_low", "f1_high"]].tolist() == [1.0] * 6
    assert figures["recall_at_0.3_fa"] == 1.0


def test_never_firing_finds_nothing_and_costs_nothing(maneuvers, spans):
    figures = pooled(perfect(maneuvers).iloc[:0], maneuvers, spans)
    assert figures[["precision", "recall", "f1", "ap", "false_alarms"]].tolist() == [0.0] * 5
    assert figures["misses"] == 10


def test_firing_everywhere_finds_all_and_pays_for_it(maneuvers, spans):
    everywhere = pd.concat([events_at(range(366), n) for n in (1, 2)], ignore_index=True)
    figures = pooled(everywhere, maneuvers, spans)
    assert figures["recall"] == 1.0
    assert figures["precision"] < 0.03
    assert figures["f1"] < 0.06


def test_a_second_detection_is_a_false_alarm(maneuvers, spans):
    twice = pd.concat([perfect(maneuvers)] * 2, ignore_index=True)
    figures = pooled(twice, maneuvers, spans)
    assert figures[["recall", "precision"]].tolist() == [1.0, 0.5]


def test_detections_of_labels_two_days_late_are_all_wrong(maneuvers, spans):
    late = maneuvers.assign(burn_time=maneuvers["burn_time"] + pd.Timedelta(days=2))
    figures = pooled(perfect(late), maneuvers, spans)
    assert figures["hits"] == 0
    assert figures["false_alarms"] == 10
    assert pooled(perfect(late), maneuvers, spans, window_days=3.0)["f1"] == 1.0


def test_another_object_s_detection_does_not_count(maneuvers, spans):
    swapped = perfect(maneuvers)
    swapped["norad_id"] = 3 - swapped["norad_id"]
    assert pooled(swapped, maneuvers, spans)["hits"] == 0


def test_replaying_the_cadence_hardly_pays(spans):
    regular = np.arange(35.0, 330.0, 30.0)
    maneuvers = pd.concat([maneuvers_at(regular, n) for n in (1, 2)], ignore_index=True)
    figures = [
        pooled(random_events(spans, maneuvers, cadence=cadence, seed=seed), maneuvers, spans)["f1"]
        for cadence in (False, True)
        for seed in range(10)
    ]
    assert np.mean(figures) < 0.3
    replay = random_events(spans, maneuvers, cadence=True, seed=1)
    assert set(replay["norad_id"]) == {1, 2}
    assert len(replay) <= len(maneuvers)


def test_the_span_is_cut_at_the_labels_and_at_the_fifth_set(maneuvers):
    epochs = pd.DataFrame({"norad_id": 1, "epoch": days(range(20, 245)), "regime": "geo"})
    span = evaluated_spans(epochs, maneuvers).iloc[0]
    assert span["start"] == START + pd.Timedelta(days=25), "the sets less the first five come after 40 - 30"
    assert span["stop"] == START + pd.Timedelta(days=239)
    wide = pd.DataFrame({"norad_id": 1, "epoch": days(range(-100, 400)), "regime": "geo"})
    span = evaluated_spans(wide, maneuvers).iloc[0]
    assert (span["start"], span["stop"]) == (START + pd.Timedelta(days=10), START + pd.Timedelta(days=250))
    assert evaluated_spans(epochs.iloc[:10], maneuvers).empty


def test_what_lies_outside_the_span_counts_for_nothing(maneuvers, spans):
    outside = pd.concat([perfect(maneuvers), events_at([1.0, 5.0, 340.0])], ignore_index=True)
    assert pooled(outside, maneuvers, spans)["false_alarms"] == 0


def test_the_gap_rule_measures_from_the_bracketing_gap():
    events = events_at([10.0]).assign(epoch_before=days([2.0]))
    assert match(events, maneuvers_at([2.2])).event_to_maneuver.tolist() == [-1]
    assert match(events, maneuvers_at([2.2]), 0.5, "gap").event_to_maneuver.tolist() == [0]
    assert match(events, maneuvers_at([1.4]), 0.5, "gap").event_to_maneuver.tolist() == [-1]


def test_the_point_estimate_is_the_fitted_time_then_the_hint_then_mid_gap():
    events = events_at([10.0, 20.0, 30.0])
    events["burn_time"] = days([10.2, 0.0, 0.0]).where([True, False, False])
    events["burn_time_hint"] = days([10.4, 20.3, 0.0]).where([True, True, False])
    lead = (point_estimates_us(events) - START.value // 1000) / 86_400e6
    np.testing.assert_allclose(lead, [10.2, 20.3, 30.0], atol=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 60), max_size=9), st.lists(st.integers(0, 60), max_size=9))
def test_matching_is_one_to_one_within_the_window_and_leaves_no_pair_that_could_be(found, sought):
    events, maneuvers = events_at(np.divide(found, 4)), maneuvers_at(np.divide(sought, 4))
    matches = match(events, maneuvers, 1.5)
    for event, maneuver in enumerate(matches.event_to_maneuver):
        if maneuver >= 0:
            assert matches.maneuver_to_event[maneuver] == event
            assert abs(found[event] - sought[maneuver]) / 4 <= 1.5
    for event in np.flatnonzero(matches.event_to_maneuver < 0):
        for maneuver in np.flatnonzero(matches.maneuver_to_event < 0):
            assert abs(found[event] - sought[maneuver]) / 4 > 1.5


def test_nearest_first():
    matches = match(events_at([10.0, 11.0]), maneuvers_at([11.2]))
    assert matches.event_to_maneuver.tolist() == [-1, 0]


def test_average_precision_ranks_by_score(maneuvers, spans):
    good = perfect(maneuvers)
    noise = events_at(np.arange(20.0, 240.0, 7.3) + 0.5)
    first = pd.concat([good.assign(score=10.0), noise.assign(score=1.0)], ignore_index=True)
    last = pd.concat([good.assign(score=1.0), noise.assign(score=10.0)], ignore_index=True)
    assert pooled(good, maneuvers, spans, ranked=first)["ap"] == 1.0
    assert pooled(good, maneuvers, spans, ranked=last)["ap"] < 0.6
    assert pooled(good, maneuvers, spans, ranked=last)["recall_at_1_fa"] < 0.3


def test_recall_by_size_and_macro_by_satellite(spans):
    sizes = [0.0005, 0.002, 0.01, 0.03, 0.1]
    maneuvers = pd.concat(
        [maneuvers_at(LABELS, 1, sizes), maneuvers_at(np.add(LABELS, 3), 2, sizes)], ignore_index=True
    )
    half = perfect(maneuvers)
    result = evaluate(half[half["norad_id"] == 1], maneuvers, spans)
    assert result.by_dv["recall"].tolist() == [0.5] * 5
    assert result.satellites.set_index("norad_id")["f1"].to_dict() == {1: 1.0, 2: 0.0}
    assert result.macro.loc["leo", "f1"] == 0.5
    assert result.pooled.loc["leo", "f1"] == pytest.approx(2 / 3)
    assert result.pooled.loc["leo", ["f1_low", "f1_high"]].tolist() == [0.0, 1.0]


def test_nothing_to_evaluate_says_so(maneuvers, spans):
    with pytest.raises(ModelError, match="enough element sets"):
        evaluate(perfect(maneuvers), maneuvers, spans.iloc[:0])


def within(values, width_days: float, norad_id: int = 1, **more) -> pd.DataFrame:
    """Maneuvers of which no more is known than a window that begins at each value."""
    begin = days(values)
    end = (begin + pd.Timedelta(days=width_days)).astype(begin.dtype)
    middle = (begin + (end - begin) / 2).astype(begin.dtype)
    return maneuvers_at(values, norad_id).assign(burn_time=middle, window_start=begin, window_end=end, **more)


@pytest.mark.parametrize(
    ("at", "hit"), [(38.4, False), (38.6, True), (40.0, True), (50.0, True), (61.4, True), (61.6, False)]
)
def test_a_window_is_hit_from_a_day_and_a_half_before_it_to_as_long_after(at, hit):
    maneuvers = within([40.0], 20.0)
    assert (match(events_at([at]), maneuvers).maneuver_to_event[0] >= 0) == hit
    instant = maneuvers.assign(window_start=maneuvers["burn_time"], window_end=maneuvers["burn_time"])
    assert (match(events_at([at]), instant).maneuver_to_event[0] >= 0) == (at == 50.0)


def test_the_time_error_of_a_window_is_the_way_to_it():
    maneuvers = within([40.0, 80.0], 1.0)
    epochs = pd.DataFrame({"norad_id": 1, "epoch": days(range(366)), "regime": "leo"})
    told = evaluate(events_at([40.1, 82.0]), maneuvers, evaluated_spans(epochs, maneuvers), bootstrap=0).satellites
    assert told["time_error_h"].iloc[0] == pytest.approx(12.0), "0 h and 24 h"


def test_a_list_that_is_not_whole_gives_recall_alone_and_is_not_pooled(maneuvers):
    epochs = pd.concat([pd.DataFrame({"norad_id": n, "epoch": days(range(366)), "regime": "leo"}) for n in (1, 2)])
    partial = maneuvers.assign(partial=maneuvers["norad_id"] == 2)
    spans = evaluated_spans(epochs, partial)
    events = pd.concat([events_at(LABELS), events_at([43.0, 60.0, 100.0], 2)], ignore_index=True)
    found = evaluate(events, partial, spans, bootstrap=50)
    whole, listed = found.satellites.iloc[0], found.satellites.iloc[1]
    assert listed["recall"] == pytest.approx(1 / 5)
    assert listed[["precision", "f1", "ap", "false_alarms", "false_alarms_per_year", "recall_at_1_fa"]].isna().all()
    assert whole["f1"] == 1.0
    assert found.pooled.loc["leo", ["hits", "misses", "false_alarms"]].tolist() == [5, 0, 0]
    alone = evaluate(events, partial, spans[spans["norad_id"] == 2].reset_index(drop=True), bootstrap=50)
    assert alone.pooled.empty
    assert alone.macro.empty


def test_a_satellite_with_nothing_to_find_has_no_f1(maneuvers):
    spans = evaluated_spans(
        pd.concat([pd.DataFrame({"norad_id": n, "epoch": days(range(366)), "regime": "leo"}) for n in (1, 2)]),
        maneuvers,
    )
    spans.loc[1, ["start", "stop"]] = [START + pd.Timedelta(days=50), START + pd.Timedelta(days=70)]
    found = evaluate(pd.concat([events_at(LABELS), events_at([60.0], 2)]), maneuvers, spans, bootstrap=50)
    assert found.satellites["maneuvers"].tolist() == [5, 0]
    assert np.isnan(found.satellites["f1"].iloc[1])
    assert found.satellites["false_alarms"].tolist() == [0, 1]
    assert found.macro.loc["leo", "f1"] == 1.0
    assert found.pooled.loc["leo", "false_alarms"] == 1
    alone = evaluate(events_at([60.0], 2), maneuvers, spans.iloc[[1]].reset_index(drop=True), bootstrap=50)
    assert alone.pooled.loc["leo", ["precision", "recall", "f1", "ap", "recall_at_1_fa"]].isna().all()
    assert alone.pooled.loc["leo", "false_alarms"] == 1
    assert alone.macro.loc["leo"].isna().all()


def test_the_span_is_what_the_log_says_of_itself():
    epochs = pd.DataFrame({"norad_id": 1, "epoch": days(range(366)), "regime": "leo"})
    told = maneuvers_at(LABELS).assign(log_start=START + pd.Timedelta(days=35), log_end=START + pd.Timedelta(days=225))
    span = evaluated_spans(epochs, told).iloc[0]
    assert (span["start"], span["stop"]) == (START + pd.Timedelta(days=35), START + pd.Timedelta(days=225))


@pytest.mark.parametrize(
    ("inclination", "hours", "stratum"), [(0.1, 24, "geo"), (14.9, 24, "geo"), (0.1, 8, "geo-dense"), (36.0, 8, "igso")]
)
def test_inclined_and_dense_geosynchronous_satellites_have_rows_of_their_own(inclination, hours, stratum):
    epochs = days(np.arange(0, 300, hours / 24))
    sets = pd.DataFrame({"norad_id": 1, "epoch": epochs, "regime": "geo", "inclination_deg": inclination})
    maneuvers = maneuvers_at(LABELS)
    spans = evaluated_spans(sets, maneuvers)
    assert spans["stratum"].tolist() == [stratum]
    assert evaluate(events_at(LABELS), maneuvers, spans, bootstrap=10).pooled.index.tolist() == [stratum]


@pytest.mark.parametrize(("apart_days", "evaluated"), [(6, True), (8, False)])
def test_no_burn_is_sought_between_element_sets_that_are_weeks_apart(apart_days, evaluated):
    sets = pd.DataFrame({"norad_id": 1, "epoch": days(np.arange(0, 600, apart_days)), "regime": "leo"})
    dense = pd.DataFrame({"norad_id": 1, "epoch": days(np.arange(600, 900)), "regime": "leo"})
    assert len(evaluated_spans(pd.concat([sets, dense]), maneuvers_at(LABELS))) == evaluated
