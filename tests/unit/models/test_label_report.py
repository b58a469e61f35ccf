"""What labels are worth, told before anything is fitted."""

import numpy as np
import pandas as pd

from models.benchmark.label_report import FEW_SETS, NO_SETS, NOTHING, label_report, told_of
from models.benchmark.labels import label_frame

START = pd.Timestamp("2026-01-01", tz="UTC")


def at(*days: float) -> list[pd.Timestamp]:
    return [START + pd.Timedelta(days=day) for day in days]


def sets(norad_id: int, days) -> pd.DataFrame:
    epochs = pd.Series(at(*days), dtype="datetime64[us, UTC]")
    return pd.DataFrame({"norad_id": norad_id, "epoch": epochs, "regime": "leo", "inclination_deg": 98.0})


def test_every_object_is_told_with_what_keeps_it_from_being_evaluated():
    day = {"window_start": at(50)[0], "window_end": at(51)[0], "burn_time": at(50.5)[0]}
    rows = [
        *({"norad_id": 1, "name": "A", "burn_time": time} for time in at(30, 60, 60, 400)),
        {"norad_id": 1, "name": "A", **day},
        *({"norad_id": 2, "name": "B", "burn_time": time} for time in at(30)),
        *({"norad_id": 3, "name": "C", "burn_time": time} for time in at(30)),
        *({"norad_id": 4, "name": "D", "burn_time": time, "partial": True} for time in at(500, 530)),
    ]
    epochs = pd.concat([sets(1, range(200)), sets(2, range(8)), sets(4, range(200))])
    report = label_report(label_frame(rows), epochs).set_index("norad_id")
    first = report.loc[1]
    counts = ["burns", "doubled", "windows", "maneuvers", "evaluated", "outside"]
    assert first[counts].tolist() == [5, 1, 1, 4, 3, 1]
    assert first["years"] == (first["stop"] - first["start"]) / pd.Timedelta(days=365.25)
    assert report["remark"].tolist() == ["", FEW_SETS, NO_SETS, NOTHING]
    assert report["partial"].tolist() == [False, False, False, True]
    lines = told_of(report.reset_index())
    assert (
        lines[0] == f"labels: 8 maneuvers of 4 objects; 3 of 1 objects are evaluated, over {first['years']:.1f} years"
    )
    assert lines[1] == "labels: 1 objects have no element sets; are the numbers right? 3"
    assert lines[2].startswith("labels: 1 A: 1 of 4 maneuvers are outside its element sets; 1 burns are listed again")
    assert f"{NOTHING}; 2 of 2 maneuvers are outside" in lines[4]
    assert len(lines) == 5


def test_labels_of_nothing_that_is_there():
    report = label_report(label_frame([{"norad_id": 1, "burn_time": START}]), sets(1, []))
    assert report["remark"].tolist() == [NO_SETS]
    assert np.isnan(report["years"].iloc[0])
    assert report["start"].isna().all()


def test_a_list_without_oddities_is_one_line():
    report = label_report(label_frame([{"norad_id": 1, "burn_time": time} for time in at(40, 80)]), sets(1, range(200)))
    assert len(told_of(report)) == 1
