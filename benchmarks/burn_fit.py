"""Speed and truth of the burn fit: python benchmarks/burn_fit.py FOLDER.

FOLDER is in the layout of the benchmark of Shorten et al. 2023. Every event is fitted twice: with the gap that holds the
logged maneuver (what the fit itself can do) and with the gaps that `robust-step` found (hits within 1.5 days), and so are the
hits on the simulated fleet, whose truth is known. *Alone*: no other maneuver within five days. The speed is that of
fitting the detector's events over and over, 10,000 of them, and of the quick fit of every gap.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))  # a script beside this one must not shadow a package

from benchmarks.element_sets import read_folder
from catalog.simulate import simulate_fleet
from features.bank import compute_features
from models.assess.pattern import assess
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.protocol import match
from models.characterize.burn_fit import fit_burns, quick
from models.characterize.kind import classify
from models.detect.candidates import find_events
from models.detect.robust_step import RobustStep
from orbits.elements import regime
from pipelines.demo import compare

SMALLEST_DV_M_S = 0.01
SPEED_EVENTS = 10_000
ALONE_DAYS = 5.0
TRUTH = ["burn_time", "regime", "dv_r_m_s", "dv_t_m_s", "dv_n_m_s", "dv_m_s"]


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    pd.set_option("display.width", 220, "display.max_columns", 30, "display.precision", 3)

    history = read_history(folder / "processed_files")
    maneuvers = merge_burns(read_labels(folder))
    maneuvers = maneuvers[maneuvers["norad_id"].isin(history["norad_id"])].reset_index(drop=True)
    maneuvers["alone"] = alone(maneuvers)
    held = labelled_gaps(maneuvers, history)
    print("\n# Fitted in the gap that holds the logged maneuver\n")
    given = fit_burns(held.drop(columns=TRUTH), history)
    print(errors(given, held).to_string(index=False))
    print(f"\nthrust: {given['thrust'].value_counts().to_dict()}")

    detector = RobustStep()
    features = compute_features(history)
    found = find_events(features, detector.score(features), detector.config.threshold)
    matches = match(found, maneuvers)
    hits = found[matches.event_to_maneuver >= 0].reset_index(drop=True)
    truth = maneuvers.iloc[matches.event_to_maneuver[matches.event_to_maneuver >= 0]].reset_index(drop=True)
    everything = fit_burns(found, history)
    fitted = everything[matches.event_to_maneuver >= 0].reset_index(drop=True)
    hits = pd.concat([hits[["epoch_before", "epoch_after", "regime"]], truth], axis=1)
    print(f"\n# Hits of {detector.name}: {len(hits)} of {len(maneuvers)} maneuvers, {len(found)} events\n")
    print(errors(fitted, hits).to_string(index=False))

    fleet = simulate_fleet()
    simulated = compute_features(fleet.element_sets)
    events = find_events(simulated, detector.score(simulated), detector.config.threshold)
    seen = compare(fit_burns(events, fleet.element_sets), fleet.truth)
    print(f"\n# Simulated fleet: {seen.true_events} hits, {seen.events} events\n")
    print(f"median error of the Δv vector {seen.dv_error:.1%}, of the time {seen.time_error_h:.2f} h")

    repeated = pd.concat([found] * -(-SPEED_EVENTS // len(found)), ignore_index=True).iloc[:SPEED_EVENTS]
    # Copies of an event would be its neighbours: each copy becomes another object with the same history.
    copy = np.arange(SPEED_EVENTS) // len(found)
    many = pd.concat([history.assign(norad_id=history["norad_id"] + 1_000_000 * k) for k in range(copy.max() + 1)])
    repeated["norad_id"] += 1_000_000 * copy
    many = many.sort_values(["norad_id", "epoch"], kind="stable", ignore_index=True)
    start = time.process_time()
    fits = fit_burns(repeated, many)
    between = time.process_time()
    assess(classify(fits))
    end = time.process_time()
    print(
        f"\n{SPEED_EVENTS} events: fit {SPEED_EVENTS / (between - start):.0f} events/s ({between - start:.1f} s),",
        end=" ",
    )
    print(f"kind and pattern of life {SPEED_EVENTS / (end - between):.0f} events/s")
    gaps = features[["norad_id", "epoch_before", "epoch"]].rename(columns={"epoch": "epoch_after"}).iloc[:SPEED_EVENTS]
    start = time.process_time()
    fit_burns(gaps, history, quick())
    print(f"{len(gaps)} gaps: quick fit {len(gaps) / (time.process_time() - start):.0f} gaps/s")


def read_history(folder: Path) -> pd.DataFrame:
    """Element sets of the folder, one an epoch."""
    history = read_folder(folder).sort_values(["norad_id", "epoch"], kind="stable")
    return history.drop_duplicates(["norad_id", "epoch"], keep="last", ignore_index=True)


def alone(maneuvers: pd.DataFrame) -> np.ndarray:
    """Whether no other maneuver of the object lies within five days."""
    by_object = maneuvers.groupby("norad_id")["burn_time"]
    waits = [by_object.diff(periods).abs() for periods in (1, -1)]
    return np.logical_and.reduce([~(wait < pd.Timedelta(days=ALONE_DAYS)) for wait in waits])


def labelled_gaps(maneuvers: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """The maneuvers that lie between two element sets, with those sets' epochs and the regime."""
    parts = []
    for norad_id, rows in maneuvers.groupby("norad_id"):
        own = history[history["norad_id"] == norad_id].reset_index(drop=True)
        after = own["epoch"].searchsorted(rows["burn_time"])
        rows, after = rows[(after > 5) & (after < len(own) - 5)], after[(after > 5) & (after < len(own) - 5)]
        names = regime(own["mean_motion_rev_day"].to_numpy()[after], own["eccentricity"].to_numpy()[after])
        parts.append(
            rows.assign(
                epoch_before=own["epoch"].iloc[after - 1].array,
                epoch_after=own["epoch"].iloc[after].array,
                regime=names,
            )
        )
    return pd.concat(parts, ignore_index=True)


def errors(fitted: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """One row a satellite and one a regime: errors of Δv (above 1 cm/s) and of time, and how often σ holds the truth."""
    done = (fitted["fit_status"] == "fitted").to_numpy()
    logged = truth["dv_t_m_s"].to_numpy()
    offset = fitted["dv_t_m_s"].to_numpy() - logged
    middle = truth["epoch_before"] + (truth["epoch_after"] - truth["epoch_before"]) / 2
    frame = pd.DataFrame(
        {
            "satellite": truth["name"].to_numpy(),
            "regime": truth["regime"].to_numpy(),
            "alone": truth["alone"].to_numpy(),
            "fitted": done,
            "along": done & (np.abs(logged) > SMALLEST_DV_M_S),
            "relative": np.abs(offset / np.where(logged == 0, np.nan, logged)),
            "z": np.abs(offset / fitted["dv_t_sigma_m_s"].to_numpy()),
            "hours": np.abs((fitted["burn_time"] - truth["burn_time"]).dt.total_seconds() / 3600),
            "middle_hours": np.abs((middle - truth["burn_time"]).dt.total_seconds() / 3600),
            "inside": (truth["burn_time"] >= fitted["burn_time_low"])
            & (truth["burn_time"] <= fitted["burn_time_high"]),
            # TOPEX logs no Δv: its small burns cannot be told apart, so none of its times count as large.
            "large": ~(np.abs(np.nan_to_num(logged)) <= SMALLEST_DV_M_S) | (truth["regime"] == "geo").to_numpy(),
        }
    )
    rows = [_row(str(name), group) for name, group in frame.groupby("satellite")]
    rows += [_row(f"all {name}", group) for name, group in frame.groupby("regime")]
    rows += [_row(f"alone {name}", group) for name, group in frame[frame["alone"]].groupby("regime")]
    return pd.DataFrame(rows)


def _row(name: str, group: pd.DataFrame) -> dict[str, object]:
    along, timed = group[group["along"]], group[group["fitted"] & group["large"]]
    return {
        "satellite": name,
        "maneuvers": len(group),
        "withheld": int((~group["fitted"]).sum()),
        "above 1 cm/s": len(along),
        "dv_t error median": along["relative"].median(),
        "p90": along["relative"].quantile(0.9),
        "within 1 σ": (along["z"] < 1).mean() if len(along) else np.nan,
        "2 σ": (along["z"] < 2).mean() if len(along) else np.nan,
        "timed": len(timed),
        "hours median": timed["hours"].median(),
        "p90 h": timed["hours"].quantile(0.9),
        "gap middle h": timed["middle_hours"].median(),
        "in 68 %": timed["inside"].mean(),
    }


if __name__ == "__main__":
    main()
