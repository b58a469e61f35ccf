"""The simulated fleet as its users get it."""

import numpy as np
import pandas as pd
import pytest

from catalog.object_records import OBJECT_DTYPES
from catalog.records import ELEMENT_SET_DTYPES, epoch_us, mean_elements
from catalog.simulate import Fleet, simulate_fleet
from catalog.simulate.generate import TRUTH_DTYPES
from catalog.simulate.inspector import INSPECTOR_ID, TARGET_ID
from catalog.simulate.noise import quantize
from catalog.weather import WEATHER_DTYPES
from configs.simulate import SimulateConfig
from orbits.elements import semi_major_axis_km, wrap_deg
from orbits.geosynchronous import mean_longitude_deg
from orbits.propagate import drift, propagate
from orbits.relative import closest_approach

PAIR_ONLY = {"sun_synchronous": 0, "altimetry": 0, "passive_leo": 0, "meo": 0, "geosynchronous": 0}
SMALL = SimulateConfig(
    days=120, sun_synchronous=2, altimetry=1, passive_leo=3, meo=1, geosynchronous=2, inspector="none"
)
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return simulate_fleet(SMALL)


@pytest.fixture(scope="module")
def perfect() -> Fleet:
    """The same objects without noise, lag and ringing."""
    return simulate_fleet(SMALL.model_copy(update={"noise_scale": 0.0}))


@pytest.fixture(scope="module")
def pair() -> Fleet:
    return simulate_fleet(SimulateConfig(**PAIR_ONLY))


def steps_a_m(sets: pd.DataFrame) -> np.ndarray:
    """Mean semi-major axis of each set less that of the one before, drifted to its epoch [m]."""
    elements = mean_elements(sets)
    drifted = drift(elements[:-1], elements.epoch_us[1:])
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    return (a_km[1:] - drifted.a_km) * 1000.0


def mad_sigma(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def nearest_km(sets: pd.DataFrame, times: pd.DatetimeIndex) -> np.ndarray:
    """Smallest distance of target and inspector within a day of each time, from the sets with epochs before it."""
    at_us = np.asarray(times.as_unit("us").asi8)
    latest = []
    for norad_id in (TARGET_ID, INSPECTOR_ID):
        elements = mean_elements(sets[sets["norad_id"] == norad_id])
        latest.append(elements[np.searchsorted(elements.epoch_us, at_us) - 1])
    return closest_approach(latest[0], latest[1], at_us, at_us + 86_400_000_000).miss_km


def test_the_same_configuration_gives_the_same_fleet(fleet: Fleet) -> None:
    again = simulate_fleet(SMALL)
    for name in ("element_sets", "objects", "truth", "weather"):
        pd.testing.assert_frame_equal(getattr(fleet, name), getattr(again, name), check_exact=True)


def test_another_seed_gives_another_fleet(fleet: Fleet) -> None:
    other = simulate_fleet(SMALL.model_copy(update={"seed": SMALL.seed + 1, "days": 30}))
    assert not set(other.element_sets["epoch"]) & set(fleet.element_sets["epoch"])
    assert not np.array_equal(other.weather["f107_obs_sfu"], fleet.weather["f107_obs_sfu"][: len(other.weather)])


def test_an_added_object_changes_no_other(fleet: Fleet) -> None:
    larger = simulate_fleet(SMALL.model_copy(update={"altimetry": 2, "meo": 0}))
    kept = set(fleet.objects["norad_id"]) & set(larger.objects["norad_id"])
    assert len(kept) == len(fleet.objects) - 1
    for name in ("element_sets", "truth", "objects"):
        before, after = getattr(fleet, name), getattr(larger, name)
        pd.testing.assert_frame_equal(
            before[before["norad_id"].isin(kept)].reset_index(drop=True),
            after[after["norad_id"].isin(kept)].reset_index(drop=True),
        )
    pd.testing.assert_frame_equal(fleet.weather, larger.weather)


def test_frames_have_the_contract_s_columns(fleet: Fleet) -> None:
    assert fleet.element_sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    assert fleet.objects.dtypes.astype(str).to_dict() == OBJECT_DTYPES
    assert fleet.weather.dtypes.astype(str).to_dict() == WEATHER_DTYPES
    assert fleet.truth.dtypes.astype(str).to_dict() == TRUTH_DTYPES
    assert (fleet.element_sets["source"] == "simulated").all()
    assert not fleet.element_sets["available_at_imputed"].any()
    assert not fleet.element_sets.duplicated(["norad_id", "epoch"]).any()
    assert fleet.element_sets.sort_values(["norad_id", "epoch"], kind="stable").index.is_monotonic_increasing
    assert set(fleet.truth["norad_id"]) <= set(fleet.element_sets["norad_id"]) == set(fleet.objects["norad_id"])


def test_an_empty_fleet_is_empty_frames() -> None:
    empty = simulate_fleet(SimulateConfig(**PAIR_ONLY, inspector="none", days=20))
    assert empty.element_sets.empty
    assert empty.truth.empty
    assert empty.element_sets.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
    assert empty.truth.dtypes.astype(str).to_dict() == TRUTH_DTYPES
    assert empty.objects.dtypes.astype(str).to_dict() == OBJECT_DTYPES


def test_sets_are_published_hours_after_their_epoch_and_within_the_simulation(fleet: Fleet) -> None:
    latency = fleet.element_sets["available_at"] - fleet.element_sets["epoch"]
    assert latency.min() >= pd.Timedelta(hours=1)
    assert pd.Timedelta(hours=3) < latency.median() < pd.Timedelta(hours=10)
    assert latency.nunique() > len(latency) // 2
    start = pd.Timestamp(SMALL.start)
    assert fleet.element_sets["epoch"].between(start, start + SMALL.days * DAY).all()


def test_sets_come_at_the_rhythm_of_real_ones(fleet: Fleet) -> None:
    days = fleet.element_sets.groupby("norad_id")["epoch"].diff() / DAY
    medians = days.groupby(fleet.element_sets["norad_id"]).median()
    assert medians.between(0.5, 1.1).all()
    assert days.min() > 1.0 / 24.0
    assert days.max() > 2.0
    low = fleet.element_sets[fleet.element_sets["norad_id"] < 900_400]
    latitude = wrap_deg(low["arg_pericenter_deg"] + low["mean_anomaly_deg"])
    assert np.quantile(np.abs(latitude), 0.99) < 0.2


def test_digits_are_those_of_a_two_line_set(fleet: Fleet) -> None:
    elements = mean_elements(fleet.element_sets)
    again = quantize(elements)
    for name in MeanElementFields:
        np.testing.assert_array_equal(getattr(elements, name), getattr(again, name), err_msg=name)
    assert (elements.epoch_us % 864 == 0).all()


MeanElementFields = (
    "epoch_us",
    "mean_motion_rev_day",
    "eccentricity",
    "inclination_deg",
    "raan_deg",
    "arg_pericenter_deg",
    "mean_anomaly_deg",
)


def test_passive_objects_have_no_burn(fleet: Fleet) -> None:
    passive = fleet.objects.loc[fleet.objects["status"] == "inactive", "norad_id"]
    assert len(passive) == 4
    assert not fleet.truth["norad_id"].isin(passive).any()
    assert fleet.truth.groupby("norad_id").size().min() >= 1


@pytest.mark.parametrize(("norad_id", "sigma_m"), [(900_301, 0.13), (900_401, 4.5)])
def test_quiet_noise_is_the_configured_one(fleet: Fleet, norad_id: int, sigma_m: float) -> None:
    steps = steps_a_m(fleet.element_sets[fleet.element_sets["norad_id"] == norad_id])
    assert mad_sigma(steps) == pytest.approx(sigma_m, rel=0.2)


def test_without_noise_sgp4_carries_each_set_to_the_next(perfect: Fleet) -> None:
    sphere = perfect.element_sets[perfect.element_sets["norad_id"] == 900_301]
    assert mad_sigma(steps_a_m(sphere)) < 0.03  # a fifth of the measured noise of the best tracked
    elements = mean_elements(sphere)
    earlier = propagate(elements[:-1], elements.epoch_us[1:]).position_km
    own = propagate(elements[1:], elements.epoch_us[1:]).position_km
    assert np.median(np.linalg.norm(earlier - own, axis=1)) < 0.03


def test_truth_explains_the_steps(perfect: Fleet) -> None:
    """a changes by 2 dv_t / n: over every gap of the drag-free or nearly drag-free satellites."""
    checked = 0
    for norad_id in (900_201, 900_401):
        sets = perfect.element_sets[perfect.element_sets["norad_id"] == norad_id]
        steps = steps_a_m(sets)
        epochs = epoch_us(sets["epoch"])
        burns = perfect.truth[perfect.truth["norad_id"] == norad_id]
        gap = np.searchsorted(epochs, epoch_us(burns["burn_time"])) - 1
        assert ((gap >= 0) & (gap < len(steps))).all()
        expected = np.zeros(len(steps))
        rate_rad_s = sets["mean_motion_rev_day"].mean() * 2.0 * np.pi / 86_400.0
        np.add.at(expected, gap, 2.0 * burns["dv_t_m_s"].to_numpy() / rate_rad_s)
        moved = np.flatnonzero(expected)
        np.testing.assert_allclose(steps[moved], expected[moved], rtol=0.08, atol=0.5)
        checked += len(moved)
    assert checked >= 3


def test_north_south_burns_turn_the_plane(perfect: Fleet) -> None:
    burns = perfect.truth[perfect.truth["kind"] == "north-south station-keeping"]
    assert len(burns) >= 5
    harbor = perfect.element_sets[perfect.element_sets["norad_id"] == 900_501]
    epochs = epoch_us(harbor["epoch"])
    i, node = np.radians(harbor["inclination_deg"]), np.radians(harbor["raan_deg"])
    vector = np.degrees(np.stack([np.sin(i) * np.cos(node), np.sin(i) * np.sin(node)], axis=1))
    for burn in burns.itertuples():
        after = np.searchsorted(epochs, round(burn.burn_time.timestamp() * 1e6))
        if after in (0, len(epochs)):
            continue
        turned = np.linalg.norm(vector[after] - vector[after - 1])
        natural = 0.004 * (epochs[after] - epochs[after - 1]) / 86_400_000_000  # by Sun and Moon, 0.9 deg a year
        assert turned == pytest.approx(np.degrees(abs(burn.dv_n_m_s) / 3074.7), abs=0.003 + natural)


def test_a_storm_takes_low_orbits_down_together(fleet: Fleet) -> None:
    stormy = fleet.weather.loc[fleet.weather["ap_daily"] > 100, "date"]
    assert 1 <= len(stormy) <= 3
    onset = pd.Timestamp(SMALL.start) + SMALL.storm_day * SMALL.days * DAY
    assert abs(stormy.iloc[0] - onset) <= DAY
    for norad_id in (900_302, 900_303):
        sets = fleet.element_sets[fleet.element_sets["norad_id"] == norad_id]
        steps = steps_a_m(sets)
        during = sets["epoch"].iloc[1:].between(onset, onset + 3 * DAY).to_numpy()
        assert steps[during].min() < -4.0 * mad_sigma(steps)


def test_published_drag_follows_the_storm_and_is_nought_above_leo(perfect: Fleet) -> None:
    sets = perfect.element_sets
    passive = sets[sets["norad_id"].between(900_301, 900_303)].groupby("norad_id")["bstar_inv_er"]
    assert (passive.max() > 1.5 * passive.median()).all()
    assert (sets.loc[sets["norad_id"] >= 900_400, "bstar_inv_er"] == 0.0).all()


def test_kinds_and_intents_are_those_of_the_contract(fleet: Fleet, pair: Fleet) -> None:
    kinds = {
        "orbit raise",
        "orbit lowering",
        "drag make-up",
        "east-west station-keeping",
        "north-south station-keeping",
        "relocation",
        "plane change",
        "eccentricity control",
    }
    for each in (fleet, pair):
        assert set(each.truth["kind"]) <= kinds
        assert set(each.truth["intent"]) <= {"routine", "inspection"}
        assert (each.truth["sigma"] > 0.0).all()
    assert set(fleet.truth["intent"]) == {"routine"}
    assert set(pair.truth.loc[pair.truth["intent"] == "inspection", "name"]) == {"INSPECTOR"}


def test_the_inspector_leaves_its_box_and_stands_beside_the_target(pair: Fleet) -> None:
    sets = pair.element_sets[pair.element_sets["norad_id"] == INSPECTOR_ID]
    burns = pair.truth[pair.truth["norad_id"] == INSPECTOR_ID]
    approach = burns[burns["intent"] == "inspection"]
    departure = approach["burn_time"].min()
    longitude = mean_longitude_deg(mean_elements(sets))
    before = (sets["epoch"] < departure).to_numpy()
    assert np.ptp(longitude[before]) < 0.3
    target = pair.element_sets[pair.element_sets["norad_id"] == TARGET_ID]
    there = mean_longitude_deg(mean_elements(target)).mean()
    assert abs(longitude[before].mean() - there) > 10.0
    assert np.abs(longitude[-15:] - there).max() < 0.15

    routine = burns[burns["burn_time"] < departure]
    assert len(routine) > 12
    assert approach["dv_t_m_s"].abs().iloc[0] > 8.0 * routine["dv_t_m_s"].abs().max()
    assert np.sign(approach["dv_t_m_s"].iloc[0]) != np.sign(routine["dv_t_m_s"].median())

    days = pd.date_range(pair.element_sets["epoch"].min() + 10 * DAY, periods=385, freq="D")
    miss_km = nearest_km(pair.element_sets, days)
    assert miss_km[days < departure].min() > 5000.0
    assert miss_km[-30:].min() < 60.0


def test_the_target_keeps_its_box(pair: Fleet) -> None:
    target = pair.element_sets[pair.element_sets["norad_id"] == TARGET_ID]
    longitude = mean_longitude_deg(mean_elements(target))
    inside = np.abs(longitude - np.median(longitude)) < 0.1
    assert inside.mean() > 0.97
    assert pair.objects.set_index("norad_id").loc[TARGET_ID, "name"] != ""
    assert target["inclination_deg"].median() < 0.1


def test_a_low_inspector_catches_up_with_its_target() -> None:
    low = simulate_fleet(SimulateConfig(**PAIR_ONLY, inspector="leo", days=200))
    approach = low.truth[low.truth["intent"] == "inspection"]
    assert set(approach["name"]) == {"INSPECTOR"}
    days = pd.date_range(low.element_sets["epoch"].min() + 10 * DAY, periods=185, freq="D")
    miss_km = nearest_km(low.element_sets, days)
    assert miss_km[days < approach["burn_time"].min()].min() > 1000.0
    assert miss_km[-10:].min() < 100.0


@pytest.mark.slow
def test_the_default_fleet_is_what_the_demo_needs() -> None:
    fleet = simulate_fleet()
    assert len(fleet.objects) == 24
    assert (fleet.objects["name"] == "INSPECTOR").sum() == 1
    assert fleet.objects["name"].is_unique
    assert fleet.objects["object_id"].is_unique
    assert fleet.truth["kind"].nunique() >= 7
    campaign = fleet.truth[fleet.truth["kind"] == "orbit raise"].groupby("norad_id").size()
    assert campaign.max() >= 6
    assert (fleet.element_sets.groupby("norad_id").size() > 300).all()
    assert propagate(mean_elements(fleet.element_sets), mean_elements(fleet.element_sets).epoch_us).code.max() == 0
