"""What is unexpected for an object, from its own past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.assess.pattern import DisorderedEventsError, PatternOfLife, assess
from models.errors import ModelError
from tests.burn_events import belt, day_of, event, fleet_objects, geo_keeper, judged, keeper, random_event, refused


def test_a_routine_keeper_is_within_its_habit():
    out = judged(*keeper(1))
    settled = out["unexpectedness"].iloc[6:]
    assert settled.median() < 0.5
    assert settled.max() < 2.0
    assert out["reasons"].iloc[-1][0].startswith("within its habit") or out["unexpectedness"].iloc[-1] > 0.3


def test_a_break_in_size_stands_out_and_says_so():
    out = judged(*keeper(1), event(1, 370, t=2.0))
    assert out["unexpectedness"].iloc[-1] > out["unexpectedness"].iloc[:-1].max() + 1
    text = " ".join(out["reasons"].iloc[-1])
    assert "times its usual size forward along-track" in text
    assert "above the orbit it has kept" in text


def test_an_orbit_that_was_left_before_is_not_said_to_be_kept():
    """It fell by 300 km since its last burn: the burn raises what is left, and does not lower a kept orbit by 296 km."""
    out = judged(*keeper(1), event(1, 770, t=2.0, a_km=6804))
    text = " ".join(out["reasons"].iloc[-1])
    assert "3.8 km above its orbit before" in text
    assert "has kept" not in text


def test_of_what_was_dismissed_nothing_is_learned():
    wrong, like_it = event(1, 345, t=0.6), event(1, 372, t=0.6)
    frame = pd.DataFrame([*keeper(1), wrong, like_it])
    believed = assess(frame.assign(dismissed=False))
    marked = assess(frame.assign(dismissed=frame["burn_time"] == wrong["burn_time"]))
    without = judged(*keeper(1), like_it)
    assert marked["surprise"].iloc[-1] == without["surprise"].iloc[-1] > believed["surprise"].iloc[-1] + 0.3
    assert marked["surprise"].iloc[-2] == believed["surprise"].iloc[-2] > 1, "it is judged like any other"


def test_an_object_that_never_moved_surprises_the_longer_it_was_watched():
    long = judged(event(1, 0, t=0.05, watched_from=-2000))
    short = judged(event(1, 0, t=0.05, watched_from=-70))
    assert long["unexpectedness"].iloc[0] > short["unexpectedness"].iloc[0] + 0.3
    assert "first burn in 2000 days of watching" in long["reasons"].iloc[0]


def test_first_cross_track_burn_is_named():
    out = judged(*keeper(1), event(1, 372, n=2.0))
    assert any(reason.startswith("first cross-track burn in 772 days") for reason in out["reasons"].iloc[-1])


def test_early_and_overdue_burns_are_named():
    early = judged(*keeper(1), event(1, 352.5, t=0.05))
    overdue = judged(*keeper(1), event(1, 470, t=0.05))
    late = early.sort_values("burn_time").iloc[-1]
    assert any("after the last one, usually" in text for text in overdue["reasons"].iloc[-1])
    assert overdue["unexpectedness"].iloc[-1] > 0.3
    assert late["unexpectedness"] < 3  # timing alone makes no find


def test_the_uncertain_surprises_less():
    sure = judged(*keeper(1), event(1, 372, t=0.6))
    unsure = judged(*keeper(1), event(1, 372, t=0.6, sigma=0.29))
    assert unsure["unexpectedness"].iloc[-1] < sure["unexpectedness"].iloc[-1]
    doubtful = judged(*keeper(1), event(1, 372, t=0.6, probability=0.5))
    assert doubtful["unexpectedness"].iloc[-1] == pytest.approx(sure["unexpectedness"].iloc[-1] / 2)


def test_a_burn_below_the_noise_is_no_news():
    out = judged(*keeper(1), event(1, 372, t=0.002, sigma=0.05))
    assert out["unexpectedness"].iloc[-1] < 0.5


def test_old_habits_fade():
    habit = [event(1, 14.0 * k, t=2.0, a_km=7100) for k in range(10)]
    recent = [event(1, 3000 + 14.0 * k, t=0.05, a_km=7100) for k in range(20)]
    old = judged(*habit, event(1, 160, t=2.0, a_km=7100))["unexpectedness"].iloc[-1]
    new = judged(*habit, *recent, event(1, 3290, t=2.0, a_km=7100))["unexpectedness"].iloc[-1]
    assert new > old + 0.5


def test_the_order_of_rows_does_not_matter():
    frame = pd.DataFrame([*keeper(1), *keeper(2, every=9.0), *geo_keeper(3)])
    shuffled = frame.sample(frac=1, random_state=4)
    out, again = assess(frame), assess(shuffled)
    assert again.index.equals(shuffled.index)
    assert again.loc[frame.index, "unexpectedness"].to_numpy() == pytest.approx(
        out["unexpectedness"].to_numpy(), abs=1e-9
    )


def test_withheld_burns_are_judged_by_the_change_of_the_orbit():
    withheld = event(1, 372, a_km=7124) | {
        "delta_a_km": 24.0,
        **{f"dv_{axis}{s}_m_s": np.nan for axis in "rtn" for s in ("", "_sigma")},
    }
    out = judged(*keeper(1), withheld)
    assert out["unexpectedness"].iloc[-1] > 2
    nothing = event(1, 380) | dict.fromkeys(("a_km", "delta_a_km", "dv_r_m_s", "dv_t_m_s", "dv_n_m_s"), np.nan)
    out = judged(*keeper(1), nothing)
    assert np.isfinite(out["unexpectedness"]).all()
    assert out["reasons"].str.len().min() >= 1


def test_missing_columns_and_no_events():
    with pytest.raises(ModelError, match="a_km"):
        assess(pd.DataFrame([event(1, 0)]).drop(columns="a_km"))
    empty = assess(pd.DataFrame([event(1, 0)]).iloc[:0])
    assert empty["unexpectedness"].tolist() == []


def test_what_is_no_maneuver_surprises_nobody_and_teaches_nothing():
    habit = [refused(row, "maneuver", "") for row in keeper(1)]
    strange = event(1, 370, t=-2.0, a_km=7080)
    storm, after = refused(strange), refused(event(1, 384, t=0.05), "maneuver", "")
    out = judged(*habit, storm, after)
    assert out["unexpectedness"].iloc[-2] == 0.0
    assert out["reasons"].iloc[-2] == ["not a maneuver but a drag storm: its neighbors fell too"]
    without = judged(*habit, after)
    assert out["unexpectedness"].iloc[-1] == without["unexpectedness"].iloc[-1]
    assert out["reasons"].iloc[-1] == without["reasons"].iloc[-1]
    learned = judged(*habit, refused(strange, "maneuver", ""), after)
    assert learned["unexpectedness"].iloc[-1] != without["unexpectedness"].iloc[-1]


def test_a_doubt_about_a_maneuver_is_said_last():
    out = judged(refused(event(1, 10, t=0.5), "maneuver", "excursion or bad set"))
    assert out["reasons"].iloc[0][-1] == "excursion or bad set"
    assert len(out["reasons"].iloc[0]) > 1


def test_burns_of_one_campaign_are_no_news_to_who_burns_in_campaigns():
    single, twice = keeper(1, every=30.0), keeper(1, every=30.0)
    pairs = [row for burn in twice for row in (burn, event(1, day_of(burn) + 1.5, t=0.05))]
    again = judged(*single, event(1, day_of(single[-1]) + 1.5, t=0.05)).iloc[-1]
    usual = judged(*pairs, event(1, 375, t=0.05), event(1, 376.5, t=0.05)).iloc[-1]
    assert again["surprise"] > usual["surprise"]
    # What is usual between campaigns is not what is usual within them.
    assert judged(*pairs, event(1, 375, t=0.05)).iloc[-1]["surprise"] < 0.5


def test_a_new_routine_is_news_once():
    new = [event(1, 380 + 14.0 * k, t=0.5, a_km=7125 + 0.5 * (k % 2)) for k in range(8)]
    out = judged(*keeper(1), *new)["surprise"].iloc[-8:].to_numpy()
    assert out[0] > 1.5
    assert out[0] == out.max()
    assert out[4:].max() < 0.5


def test_day_by_day_is_as_all_at_once():
    frame = pd.DataFrame([*keeper(1), *keeper(2, every=9.0), *geo_keeper(3), *belt()])
    objects = fleet_objects(range(1, 60), "FLOCK")
    pattern = PatternOfLife(objects)
    days = frame["available_at"].dt.floor("30D")
    parts = [pattern.judge(part) for _, part in frame.groupby(days)]
    whole, parted = assess(frame, objects), pd.concat(parts).loc[frame.index]
    assert parted["surprise"].tolist() == whole["surprise"].tolist()
    assert parted["reasons"].tolist() == whole["reasons"].tolist()
    with pytest.raises(DisorderedEventsError, match="judge all anew"):
        pattern.judge(frame.iloc[:1])


@given(st.lists(random_event(), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_any_events_have_a_finite_surprise_whatever_their_order(rows, random):
    frame = pd.DataFrame(rows)
    out = assess(frame)
    assert np.isfinite(out["surprise"]).all()
    assert (out["surprise"] >= 0).all()
    assert (out["unexpectedness"] <= out["surprise"]).all()
    assert out["reasons"].str.len().min() >= 1
    order = list(range(len(frame)))
    random.shuffle(order)
    again = assess(frame.iloc[order])
    assert again.loc[frame.index, "surprise"].tolist() == out["surprise"].tolist()
    assert again.loc[frame.index, "reasons"].tolist() == out["reasons"].tolist()


def test_what_it_did_as_a_new_object_is_no_habit_but_not_forgotten():
    """The first burn of a kind is not said to be the first where there was one before."""
    commissioning = event(1, -380, n=3.0) | {"age_days": 20.0}
    routine = [burn | {"age_days": 400.0 + day_of(burn)} for burn in keeper(1)]
    out = judged(commissioning, *routine, event(1, 372, n=3.0) | {"age_days": 772.0})
    assert any(text.startswith("first cross-track burn in 752 days") for text in out["reasons"].iloc[-1])
    assert not any("of watching" in text for text in out["reasons"].iloc[-1])


@pytest.mark.parametrize(
    ("age_days", "kind", "regime", "said"),
    [
        (30.0, "orbit raise", "leo", True),
        (900.0, "orbit raise", "leo", False),
        (30.0, "orbit lowering", "leo", False),
        (30.0, "orbit raise", "geo", False),
    ],
)
def test_a_new_object_is_said_to_raise_to_its_orbit_and_judged_as_before(age_days, kind, regime, said):
    burn = event(1, 372, t=9.0) | {"age_days": age_days, "kind": kind, "regime": regime}
    out = judged(burn)
    assert (out["reasons"].iloc[0][0] == "new, raising to its orbit") is said
    assert "new, raising to its orbit" not in out["reasons"].iloc[0][1:]
