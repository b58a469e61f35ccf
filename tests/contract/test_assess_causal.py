"""No judgement sees the future: what comes later leaves every earlier one as it was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.judgement import ProximityConfig
from models.assess.pattern import assess
from models.assess.proximity import history_lookup, nearest
from models.characterize.kind import classify
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM as GEO

START = pd.Timestamp("2025-01-01", tz="UTC")
CUTS = (60, 200, 333)


def random_events(seed: int, count: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    day = np.sort(rng.uniform(0, 400, count))
    regime = rng.choice(["leo", "geo"], count)
    dv = rng.normal(0, 0.1, (count, 3)) * rng.lognormal(0, 1, (count, 1))
    dv[rng.random(count) < 0.1] = np.nan
    delta_a = rng.normal(0, 3, count)
    frame = pd.DataFrame(
        {
            "norad_id": rng.integers(1, 15, count) + np.where(regime == "geo", 100, 0),
            "regime": regime,
            "burn_time": START + pd.to_timedelta(day, unit="D"),
            # In whole days, so that many events become available at one instant.
            "available_at": START + pd.to_timedelta(np.ceil(day + rng.exponential(1, count)), unit="D"),
            "probability": rng.uniform(0.3, 1, count),
            "delta_a_km": delta_a,
            "delta_i_deg": 0.0,
            "delta_e": 0.0,
            "a_km": np.where(regime == "geo", GEO, 7100) + delta_a,
            "longitude_deg": np.where(regime == "geo", rng.uniform(-180, 180, count), np.nan),
            "observed_days": day + 100,
        }
    )
    for axis, name in enumerate("rtn"):
        frame[f"dv_{name}_m_s"] = dv[:, axis]
        frame[f"dv_{name}_sigma_m_s"] = np.abs(rng.normal(0, 0.03, count))
    return frame


def same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    assert left["unexpectedness"].tolist() == right["unexpectedness"].tolist()
    assert left["reasons"].tolist() == right["reasons"].tolist()


@pytest.mark.parametrize("cut_day", CUTS)
def test_later_events_leave_earlier_judgements_alone(cut_day):
    events = random_events(1)
    known = events["available_at"] <= START + pd.Timedelta(days=cut_day)
    assert 20 < known.sum() < len(events)
    whole = assess(events)
    same(assess(events[known]), whole[known])

    perturbed = events.copy()
    later = ~known
    for column in ("dv_t_m_s", "dv_n_m_s", "delta_a_km", "a_km", "probability"):
        perturbed.loc[later, column] = perturbed.loc[later, column] * 0.5 + 0.25
    perturbed.loc[later, "norad_id"] = 3
    judged = assess(perturbed)
    same(judged[known], whole[known])
    assert judged.loc[later, "unexpectedness"].tolist() != whole.loc[later, "unexpectedness"].tolist()


def test_events_of_one_instant_do_not_see_one_another():
    events = random_events(2)
    instant = events["available_at"].mode().iloc[0]
    together = events[events["available_at"] == instant]
    assert len(together) >= 2
    whole = assess(events)
    for row in together.index:
        alone = assess(events[(events["available_at"] < instant) | (events.index == row)])
        same(alone.loc[[row]], whole.loc[[row]])


def test_the_kind_of_an_event_is_its_own():
    events = random_events(3)
    whole = classify(events)
    assert classify(events.iloc[5:6])["kind"].tolist() == whole["kind"].iloc[5:6].tolist()


def stationary(norad_id: int, longitude_deg: float, drift_deg_day: float, first_day: int, days: int) -> pd.DataFrame:
    """Daily sets of a geosynchronous object, available six hours after their epoch."""
    from orbits.elements import kozai_mean_motion_rev_day
    from orbits.frames import gmst_deg
    from orbits.geosynchronous import semi_major_axis_of_drift_km

    day = np.arange(first_day, first_day + days)
    epoch = START + pd.to_timedelta(day, unit="D")
    count = len(day)
    motion = kozai_mean_motion_rev_day(
        np.full(count, semi_major_axis_of_drift_km(drift_deg_day)), np.zeros(count), np.full(count, 0.05)
    )
    epoch_us = np.asarray(pd.Series(epoch).dt.as_unit("us").astype("int64"))
    return pd.DataFrame(
        {
            "norad_id": np.int64(norad_id),
            "epoch": epoch.as_unit("us"),
            "available_at": (epoch + pd.Timedelta(hours=6)).as_unit("us"),
            "mean_motion_rev_day": motion,
            "eccentricity": 1e-4,
            "inclination_deg": 0.05,
            "raan_deg": 80.0,
            "arg_pericenter_deg": 10.0,
            "mean_anomaly_deg": np.mod(
                longitude_deg + drift_deg_day * (day - first_day) + gmst_deg(epoch_us) - 90, 360
            ),
            "bstar_inv_er": 0.0,
        }
    )


def test_neighbours_are_sought_with_the_sets_of_the_time():
    history = pd.concat(
        [stationary(1, 30.0, -0.5, 0, 30), stationary(2, 21.0, 0.0, 0, 30), stationary(3, 80.0, 0.0, 0, 11)]
    )
    # Object 3 comes next to the mover only after the judgement.
    history = pd.concat([history, stationary(3, 24.0, 0.0, 11, 19)], ignore_index=True)
    event = pd.DataFrame(
        {
            "norad_id": [1],
            "epoch_before": pd.to_datetime([START + pd.Timedelta(days=9)]).as_unit("us"),
            "epoch_after": pd.to_datetime([START + pd.Timedelta(days=10)]).as_unit("us"),
            "available_at": pd.to_datetime([START + pd.Timedelta(days=10, hours=7)]).as_unit("us"),
            "unexpectedness": [3.0],
            "reasons": [["first burn"]],
        }
    )
    known = history[history["available_at"] <= event["available_at"].iloc[0]]
    config = ProximityConfig(settle_days=0.0)
    full = nearest(event, history_lookup(history), {}, config)["neighbours"].iloc[0]
    cut = nearest(event, history_lookup(known), {}, config)["neighbours"].iloc[0]
    assert full == cut
    assert [neighbour["norad_id"] for neighbour in full] == [2]
