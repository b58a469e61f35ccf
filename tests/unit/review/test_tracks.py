from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us, mean_elements
from orbits.geosynchronous import mean_longitude_deg
from orbits.relative import plane_angle_deg
from review.tracks import beside, forecast, longitude_at, planes, track
from tests.finding_examples import belt_sets, leo_sets
from tests.review_examples import DAY

BELT = belt_sets()
WAY = track(BELT, 90001)
BURN = DAY + timedelta(hours=10)


def test_a_way_is_in_one_piece_across_the_antimeridian_and_many_turns():
    days = np.arange(400.0)
    longitude = (170.0 + 5.0 * days + 180.0) % 360.0 - 180.0
    sets = BELT[BELT["norad_id"] == 90002].iloc[[0] * 400].reset_index(drop=True)
    epoch = sets["epoch"] + pd.to_timedelta(days, unit="D")
    drifting = sets.assign(epoch=epoch, mean_motion_rev_day=sets["mean_motion_rev_day"] + 5.0 / 360.0)
    there = mean_longitude_deg(mean_elements(drifting))
    drifting["mean_anomaly_deg"] = (drifting["mean_anomaly_deg"] + longitude - there) % 360.0
    way = track(drifting, 90002)
    np.testing.assert_allclose(np.diff(way["longitude_deg"]), 5.0, atol=1e-6)
    assert way["longitude_deg"].iloc[-1] - way["longitude_deg"].iloc[0] == pytest.approx(5.0 * 399)


def test_a_way_is_put_where_another_is():
    far = WAY.assign(longitude_deg=WAY["longitude_deg"] - 720.0)
    np.testing.assert_allclose(beside(far, WAY["longitude_deg"].iloc[-1])["longitude_deg"], WAY["longitude_deg"])
    assert beside(WAY.iloc[:0], 5.0).empty


def test_a_forecast_meets_what_came_later():
    told_at = BURN + timedelta(days=6)
    foretold = forecast(WAY, BURN, told_at, 14.0)
    assert foretold["epoch"].iloc[0] <= pd.Timestamp(told_at)
    later = WAY[WAY["available_at"] > told_at]
    assert len(later) > 10
    for epoch, longitude in zip(later["epoch"], later["longitude_deg"], strict=True):
        if epoch > foretold["epoch"].iloc[-1]:
            continue
        at = np.interp(epoch_us(pd.Series([epoch]))[0], epoch_us(foretold["epoch"]), foretold["longitude_deg"])
        assert at == pytest.approx(longitude, abs=0.2)
    assert (foretold["low_deg"] <= foretold["longitude_deg"]).all()
    assert (foretold["longitude_deg"] <= foretold["high_deg"]).all()
    width = foretold["high_deg"] - foretold["low_deg"]
    assert width.iloc[0] == 0.0 < width.iloc[20] < width.iloc[-1]


def test_a_forecast_sees_nothing_that_came_later():
    told_at = BURN + timedelta(days=6)
    known = WAY[WAY["available_at"] <= told_at]
    pd.testing.assert_frame_equal(forecast(WAY, BURN, told_at, 9.0), forecast(known, BURN, told_at, 9.0))


def test_nothing_is_foretold_of_what_stands_or_is_not_known():
    standing = WAY.assign(drift_deg_day=0.01)
    assert forecast(standing, BURN, BURN + timedelta(days=6), 9.0).empty
    assert forecast(WAY, BURN, BURN, 9.0).empty


def test_longitude_between_and_beyond_sets():
    way = pd.DataFrame(
        {
            "epoch": pd.to_datetime(["2026-03-01", "2026-03-03"], utc=True),
            "longitude_deg": [10.0, 12.0],
            "drift_deg_day": [1.0, 1.0],
        }
    )
    assert longitude_at(way, DAY) == pytest.approx(11.0)
    assert longitude_at(way, DAY + timedelta(days=3)) == pytest.approx(14.0)
    assert longitude_at(way.assign(drift_deg_day=0.01), DAY + timedelta(days=30)) == 12.0
    assert np.isnan(longitude_at(way.iloc[:0], DAY))


def test_the_angle_of_planes_at_like_epochs():
    sets = leo_sets()
    own, other = sets[sets["norad_id"] == 90001], sets[sets["norad_id"] == 90002]
    found = planes(sets, 90001, 90002)
    first = own.iloc[0]
    near = other.iloc[(other["epoch"] - first["epoch"]).abs().argmin()]
    near_days = abs((near["epoch"] - first["epoch"]).total_seconds()) / 86_400
    expected = plane_angle_deg(mean_elements(own.iloc[:1]), mean_elements(other.loc[[near.name]]))[0]
    # Sun-synchronous planes turn by a degree a day.
    assert found["plane_angle_deg"].iloc[0] == pytest.approx(expected, abs=1.1 * near_days + 1e-3)
    jump = found["delta_a_km"].diff().abs()
    assert jump.max() == pytest.approx(2.2, abs=0.4)
    assert found["epoch"].iloc[jump.argmax()] > BURN


def test_no_angle_is_told_of_a_neighbor_that_is_not_there():
    sets = leo_sets()
    assert planes(sets, 90001, 7).empty
    end = sets.loc[sets["norad_id"] == 90001, "epoch"].min() + pd.Timedelta(days=3)
    stale = sets[(sets["norad_id"] == 90001) | (sets["epoch"] < end)]
    last = planes(stale, 90001, 90002)["epoch"].max()
    assert end < last < end + pd.Timedelta(days=6)
