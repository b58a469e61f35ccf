"""A number that stands for another object begins a new history; nothing of the step between them is a maneuver."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from catalog.known import KnownSets
from catalog.objects import empty_objects
from catalog.store import ElementStore
from catalog.weather import empty_weather
from configs.schema import BurnwatchConfig
from models.assess.pattern import assess
from models.bundle import Bundle
from models.characterize.explain.among import explain
from models.characterize.explain.words import ANOTHER_OBJECT, CROSS_TAG, MANEUVER
from pipelines.detection import Detected, look
from tests.quiet_bundle import quiet_bundle
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
NUMBER, SETS, BURN = 95021, 60, 40
EXACT = ["epoch_before", "epoch_after", "score", "probability", "dv_t_m_s", "delta_a_km", "own_explanation"]


def filled(history: pd.DataFrame) -> pd.DataFrame:
    return history.assign(source="file", available_at_imputed=True, rev_at_epoch=0)


def one(noise_a_m: float, raan_deg: float, seed: int, burns_a_m: dict[int, float]) -> pd.DataFrame:
    history = synthetic_history(SETS, norad_id=NUMBER, seed=seed, noise_a_m=noise_a_m, burns_a_m=burns_a_m)
    return filled(history.assign(raan_deg=(history["raan_deg"] + raan_deg) % 360))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return quiet_bundle(noise_a_m=2.0)


@pytest.fixture(scope="module")
def first() -> pd.DataFrame:
    return one(20.0, 0.0, 1, {30: 400.0})


@pytest.fixture(scope="module")
def second(first: pd.DataFrame) -> pd.DataFrame:
    """A far quieter object, in another plane, from a day after the first one's last set."""
    history = one(1.0, 150.0, 2, {BURN: 40.0})
    shift = first["epoch"].iloc[-1] + pd.Timedelta(days=1) - history["epoch"].iloc[0]
    return history.assign(epoch=history["epoch"] + shift, available_at=history["available_at"] + shift)


def looked(history: pd.DataFrame, bundle: Bundle, tmp_path: Path) -> Detected:
    known = KnownSets(ElementStore(tmp_path / "elements", CONFIG.store), None, history)
    objects = known.coverage.assign(count_scored=0, last_epoch_scored=pd.NaT)
    return look(known, objects, bundle, empty_weather(), CONFIG)


def test_the_second_object_is_judged_as_if_it_had_always_been_alone(first, second, bundle, tmp_path):
    both = looked(pd.concat([first, second], ignore_index=True), bundle, tmp_path).events
    parts = [looked(part, bundle, tmp_path).events for part in (first, second)]
    change = both[both["own_explanation"] == ANOTHER_OBJECT]
    assert change["epoch_before"].tolist() == [first["epoch"].iloc[-1]]
    assert change["epoch_after"].tolist() == [second["epoch"].iloc[0]]
    assert change["dv_m_s"].isna().all()
    assert "km/s or more" in change["own_note"].iloc[0]
    others = both[both["own_explanation"] != ANOTHER_OBJECT].reset_index(drop=True)
    assert others["norad_id"].eq(NUMBER).all()
    assert (others["epoch_after"] > second["epoch"].iloc[0]).any()
    pd.testing.assert_frame_equal(others[EXACT], pd.concat(parts, ignore_index=True)[EXACT])
    later = others[others["epoch_after"] > second["epoch"].iloc[0]]
    assert later["observed_days"].max() < (second["epoch"].iloc[-1] - second["epoch"].iloc[0]).days + 1


def test_what_was_found_before_the_change_stays(first, second, bundle, tmp_path):
    whole = looked(pd.concat([first, second], ignore_index=True), bundle, tmp_path).events
    for count in (0, 1, 5):
        known = looked(pd.concat([first, second.iloc[:count]], ignore_index=True), bundle, tmp_path).events
        until = first["epoch"].iloc[-1]
        pd.testing.assert_frame_equal(
            known[known["epoch_after"] <= until][EXACT], whole[whole["epoch_after"] <= until][EXACT]
        )
        assert (known["own_explanation"] == ANOTHER_OBJECT).sum() == min(count, 1)


def test_a_single_set_of_another_object_is_a_cross_tag(first, bundle, tmp_path):
    history = first.copy()
    history.loc[45, "raan_deg"] = (history.loc[45, "raan_deg"] + 60.0) % 360
    found = looked(history, bundle, tmp_path).events
    about = found[
        (found["epoch_after"] >= history["epoch"].iloc[45]) & (found["epoch_before"] <= history["epoch"].iloc[46])
    ]
    assert about["own_explanation"].tolist() == [CROSS_TAG]
    assert "soon the number is back" in about["own_note"].iloc[0]


def test_nothing_of_it_is_unexpected_and_the_habit_begins_anew(first, second, bundle, tmp_path):
    history = pd.concat([first, second], ignore_index=True)
    detected = looked(history, bundle, tmp_path)
    known = KnownSets(ElementStore(tmp_path / "elements", CONFIG.store), None, history)

    def stretch(since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        return known.history(since=since, until=until)

    events = explain(detected.events, stretch, known.history, known.coverage, empty_objects(), empty_weather())
    assert (events["explanation"] == ANOTHER_OBJECT).sum() == 1
    judged = assess(events)
    change = judged["explanation"] == ANOTHER_OBJECT
    assert judged.loc[change, "unexpectedness"].tolist() == [0.0]
    assert judged.loc[change, "reasons"].iloc[0][0].startswith("not a maneuver but another object under its number")
    after = judged[(judged["explanation"] == MANEUVER) & (judged["epoch_before"] > second["epoch"].iloc[0])]
    alone = assess(after.drop(columns=["surprise", "unexpectedness", "reasons"]).reset_index(drop=True))
    assert len(after)
    assert after["surprise"].tolist() == pytest.approx(alone["surprise"].tolist())
    assert np.isfinite(after["surprise"]).all()
