"""What is no maneuver, from element sets to flags: a simulated storm, a lost object, the dated cases."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from catalog.simulate import simulate_fleet
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.schema import BurnwatchConfig
from pipelines.events import EventLog
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_files, ingest_objects, ingest_simulated, ingest_weather
from pipelines.score import score
from pipelines.train import train
from review.records import FlagRecord

pytestmark = [pytest.mark.slow, pytest.mark.integration]

DETECTOR = "robust-step"  # taken in by what is no burn, so that something is left to explain
NOT_BURNS = ("drag storm", "bad element set", "cross-tag", "decay", "first element sets", "break-up or loss")


def flags_of(home: Home, config: BurnwatchConfig) -> list[FlagRecord]:
    with open_flags(home, config) as flags:
        return flags.flags(order="time")


def crowded() -> BurnwatchConfig:
    """Many objects at few altitudes, and a storm as of May 2024: Ap up to 400 for half a day."""
    default = BurnwatchConfig()
    fleet = {"days": 120, "sun_synchronous": 36, "altimetry": 0, "passive_leo": 12, "meo": 0, "geosynchronous": 0}
    fleet |= {"inspector": "none", "storm_day": 0.6}
    update = {
        "simulate": default.simulate.model_copy(update=fleet),
        # One storm in a third of a year: at fewer false alarms the calibration leaves most of it under the threshold.
        "calibration": default.calibration.model_copy(update={"target_false_alarms_per_object_year": 6.0}),
    }
    return default.model_copy(update=update)


@pytest.fixture(scope="module")
def stormy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, BurnwatchConfig]:
    home, config = Home.at(tmp_path_factory.mktemp("stormy")), crowded()
    ingest_simulated(home, config)
    train(home, config, detector=DETECTOR)
    score(home, config)
    return home, config


def test_what_a_storm_moves_is_no_burn_and_a_burn_in_it_is_one(stormy: tuple[Home, BurnwatchConfig]) -> None:
    home, config = stormy
    flags, truth = flags_of(home, config), simulate_fleet(config.simulate).truth
    weather = WeatherTable(home.path).load()
    storm = weather.loc[weather["ap_daily"].idxmax(), "date"]
    assert weather["ap_daily"].max() > 200

    called = [flag for flag in flags if flag.explanation == "drag storm"]
    assert len(called) >= 5
    for flag in called:
        assert pd.Timedelta(days=-4) < flag.burn_time - storm < pd.Timedelta(days=4)
        assert flag.kind == "drag storm"
        assert flag.unexpectedness == 0.0
        assert flag.reasons[0].startswith("not a maneuver but a drag storm: it fell")

    days = pd.Timedelta(days=2)
    burns = truth[truth["burn_time"].between(storm - days, storm + 2 * days)]
    found = [
        flag
        for burn in burns.itertuples()
        for flag in flags
        if flag.norad_id == burn.norad_id and flag.epoch_before <= burn.burn_time <= flag.epoch_after
    ]
    assert len(found) >= 10
    assert {flag.explanation for flag in found} == {"maneuver"}
    burned = set(truth["norad_id"])
    passive = [flag for flag in flags if flag.norad_id not in burned and abs(flag.burn_time - storm) < days]
    assert sum(flag.explanation == "drag storm" for flag in passive) >= len(passive) / 2 > 0


def test_the_log_keeps_what_the_burn_would_be(stormy: tuple[Home, BurnwatchConfig]) -> None:
    events = EventLog(stormy[0].state / "events.parquet").read()
    assert events is not None
    refused = events[events["explanation"] == "drag storm"]
    assert len(refused)
    assert not set(refused["kind"]) & set(NOT_BURNS)


def test_an_event_is_judged_anew_once_its_object_is_lost(
    scored_home: Home, trained_home: Home, small: BurnwatchConfig, tmp_path: Path
) -> None:
    """What later sets of other objects tell changes a flag that was made before."""
    sets = ElementStore(trained_home.elements, small.store).history()
    middle = sets["epoch"].min() + 0.5 * (sets["epoch"].max() - sets["epoch"].min())
    last = next(
        flag
        for flag in sorted(flags_of(scored_home, small), key=lambda flag: flag.epoch_after)
        if flag.epoch_after > middle and flag.explanation == "maneuver" and flag.regime == "leo"
    )
    own = sets["norad_id"] == last.norad_id
    end = sets.loc[own & (sets["epoch"] > last.epoch_after), "epoch"].iloc[1]
    home = Home.at(tmp_path / "home")
    for name in ("mlflow", "objects.parquet", "weather.parquet"):
        source = trained_home.path / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, home.path / name)
    store = ElementStore(home.elements, small.store)

    store.append(sets[sets["epoch"] < end])
    score(home, small)
    (before,) = [flag for flag in flags_of(home, small) if _same(flag, last)]
    assert before.explanation == "maneuver"

    store.append(sets[~own & (sets["epoch"] < end + pd.Timedelta(days=60))])
    score(home, small)
    (after,) = [flag for flag in flags_of(home, small) if _same(flag, last)]
    assert after.flag_id == before.flag_id
    assert after.explanation == "break-up or loss"
    assert "no element set for" in after.explanation_note


def _same(flag: FlagRecord, other: FlagRecord) -> bool:
    near = abs(flag.burn_time - other.burn_time) < pd.Timedelta(days=2)
    return flag.norad_id == other.norad_id and near


@pytest.fixture(scope="module")
def cases(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[FlagRecord]:
    home, config = Home.at(tmp_path_factory.mktemp("cases")), BurnwatchConfig()
    ingest_files(home, config, [real_data / "cases", real_data / "controls"])
    ingest_objects(home, config, [real_data / "objects.csv"])
    ingest_weather(home, config, [real_data / "space_weather" / "SW-All.csv"])
    train(home, config, detector=DETECTOR)
    score(home, config)
    return flags_of(home, config)


def between(flags: list[FlagRecord], norad_id: int, since: str, until: str) -> list[FlagRecord]:
    start, stop = pd.Timestamp(since, tz="UTC"), pd.Timestamp(until, tz="UTC")
    return [flag for flag in flags if flag.norad_id == norad_id and start <= flag.burn_time <= stop]


@pytest.mark.real_data
@pytest.mark.parametrize(("norad_id", "other"), [(44625, "INTELSAT 901"), (26824, "MEV-1")])
def test_mev_1_and_intelsat_901_are_docked(cases: list[FlagRecord], norad_id: int, other: str) -> None:
    (together,) = between(cases, norad_id, "2025-03-30", "2025-04-10")
    assert f"moves as one with {other}" in together.explanation_note
    assert "docked" in together.reasons[-1] or "docked" in together.reasons[-2]
    assert together.explanation == "maneuver"


@pytest.mark.real_data
def test_mev_1_parts_from_intelsat_901(cases: list[FlagRecord]) -> None:
    (parting,) = between(cases, 44625, "2025-04-28", "2025-05-08")
    assert "until then as one with INTELSAT 901" in parting.explanation_note


@pytest.mark.real_data
def test_the_first_sets_of_cosmos_2553_are_no_burn(cases: list[FlagRecord]) -> None:
    first = between(cases, 51511, "2022-02-05", "2022-03-05")
    assert [flag.explanation for flag in first] == ["first element sets"]


@pytest.mark.real_data
def test_the_end_of_cosmos_2543_is_decay(cases: list[FlagRecord]) -> None:
    assert [flag.explanation for flag in between(cases, 44835, "2024-08-01", "2024-09-01")] == ["decay"]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("norad_id", "since", "until", "least"),
    [
        (53323, "2023-03-06", "2023-03-22", 1),  # Cosmos 2558 breaks its routine
        (43874, "2026-02-06", "2026-05-07", 4),  # TJS-3 relocates
        (49330, "2022-01-20", "2022-02-02", 2),  # SJ-21 tows
        (44797, "2022-10-08", "2023-05-31", 5),  # Cosmos 2542 raises its orbit
        (55841, "2023-03-12", "2025-03-31", 8),  # Luch-5X
    ],
)
def test_real_maneuvers_stay(cases: list[FlagRecord], norad_id: int, since: str, until: str, least: int) -> None:
    flags = between(cases, norad_id, since, until)
    assert len(flags) >= least
    assert {flag.explanation for flag in flags} == {"maneuver"}


@pytest.mark.real_data
def test_what_is_no_maneuver_ranks_below_the_maneuvers(cases: list[FlagRecord]) -> None:
    assert {flag.unexpectedness for flag in cases if flag.explanation != "maneuver"} == {0.0}
