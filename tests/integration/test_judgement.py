"""From element sets to the list an analyst reads: who stands at its top."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from catalog.availability import stamp
from catalog.parse import parse_bytes
from catalog.simulate import simulate_fleet
from features.bank import compute_features
from models.assess.pattern import assess
from models.assess.proximity import history_lookup, nearest
from models.characterize.burn_fit import fit_burns
from models.characterize.kind import classify
from models.detect.candidates import find_events
from models.detect.robust_step import RobustStep

pytestmark = [pytest.mark.slow, pytest.mark.integration]


def judged(history: pd.DataFrame) -> pd.DataFrame:
    """Every event that `robust-step` finds, judged, the most unexpected first."""
    detector = RobustStep()
    features = compute_features(history)
    events = find_events(features, detector.score(features), detector.config.threshold)
    return assess(classify(fit_burns(events, history))).sort_values("unexpectedness", ascending=False)


def read(path: Path) -> pd.DataFrame:
    history = stamp(parse_bytes(gzip.decompress(path.read_bytes()), name=path.stem), source="file")
    ordered = history.sort_values(["norad_id", "epoch"], kind="stable")
    return ordered.drop_duplicates(["norad_id", "epoch"], keep="last", ignore_index=True)


def test_the_inspector_leads_the_simulated_fleet():
    fleet = simulate_fleet()
    names = dict(zip(fleet.objects["norad_id"], fleet.objects["name"], strict=True))
    events = judged(fleet.element_sets)
    departure = fleet.truth[fleet.truth["intent"] == "inspection"]["burn_time"].min()
    first = events.iloc[0]
    assert names[first["norad_id"]] == "INSPECTOR"
    assert abs(first["burn_time"] - departure) < pd.Timedelta(days=2)
    assert first["kind"] == "relocation"
    others = events[events["norad_id"] != first["norad_id"]]
    assert first["unexpectedness"] > others["unexpectedness"].max() + 2
    near = nearest(events.head(10), history_lookup(fleet.element_sets), names).iloc[0]
    assert near["neighbours"][0]["name"] == "HARBOR 21"
    assert "HARBOR 21" in near["reasons"][-1]


@pytest.mark.real_data
def test_cosmos_2558_breaks_its_routine(real_data):
    events = judged(read(real_data / "cases" / "53323_cosmos-2558.tle.gz"))
    routine = events[events["burn_time"].between("2022-09-25", "2023-02-28", inclusive="both")]
    assert len(routine) >= 6
    broken = events[events["burn_time"].between("2023-03-07", "2023-03-22")]
    assert broken["unexpectedness"].max() > routine["unexpectedness"].max() + 1
    assert events["burn_time"].iloc[0].strftime("%Y-%m") == "2023-03"


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("norad_id", "begin", "end"),
    [
        (43874, "2026-02-07", "2026-02-09"),  # TJS-3
        (44910, "2026-03-01", "2026-03-03"),  # SJ-20
        (50322, "2026-03-12", "2026-03-14"),  # SY-12-02
        (55131, "2026-05-04", "2026-05-06"),  # SJ-23
    ],
)
def test_first_moves_of_the_dated_cases_are_among_the_ten_of_their_day(belt, norad_id, begin, end):
    mine = belt[(belt["norad_id"] == norad_id) & belt["burn_time"].between(begin, end)]
    assert len(mine) >= 1
    move = mine.iloc[0]
    day = belt[belt["available_at"].dt.floor("D") == move["available_at"].floor("D")]
    assert (day["unexpectedness"] > move["unexpectedness"]).sum() < 10
    assert (move["available_at"] - pd.Timestamp(begin, tz="UTC")) < pd.Timedelta(days=7)
    assert move["kind"] == "relocation"


@pytest.fixture(scope="module")
def belt(real_data):
    return judged(read(real_data / "geo_belt_2026" / "2026-01-15_2026-05-31.tle.gz"))
