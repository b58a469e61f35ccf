"""Figures of `boosted`, leaving one satellite out: python benchmarks/boosted.py FOLDER [CONTROLS].

FOLDER is in the layout of the benchmark of Shorten et al. 2023, with any subset of its satellites. Trees and threshold
come from inside each fold. CONTROLS is a folder of element sets of objects that cannot maneuver: they
are scored by trees trained on all satellites of FOLDER, at the middle one of the folds' thresholds.
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
from configs.learning import BoostedConfig
from features.bank import compute_features
from models.benchmark.folds import leave_one_out
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.matching import Rule
from models.benchmark.protocol import evaluate, evaluated_spans
from models.detect.boosted import Boosted
from models.detect.described import HIGH, LEO, find_candidates

RULES: dict[str, tuple[float, Rule]] = {
    "±1.5 d of the point estimate": (1.5, "point"),
    "±12 h of the bracketing gap": (0.5, "gap"),
    "±3 d of the point estimate": (3.0, "point"),
}
VARIANTS = {"leo": [BoostedConfig()], "high": [BoostedConfig()]}


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("controls", type=Path, nargs="?")
    arguments = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 30, "display.precision", 3)

    start = time.perf_counter()
    maneuvers = merge_burns(read_labels(arguments.folder))
    features = read_features(arguments.folder / "processed_files")
    maneuvers = maneuvers[maneuvers["norad_id"].isin(features["norad_id"])].reset_index(drop=True)
    spans = evaluated_spans(features, maneuvers)
    candidates = find_candidates(features, BoostedConfig())
    print(f"{len(candidates)} candidates in {len(features)} gaps, {time.perf_counter() - start:.0f} s", flush=True)
    ranked, choices = leave_one_out(candidates, maneuvers, spans, VARIANTS, lambda said: print(said, flush=True))
    events = ranked[ranked["score"] > ranked["threshold"]].reset_index(drop=True)
    for title, (window_days, rule) in RULES.items():
        print(f"\n## {title}\n")
        found = evaluate(events, maneuvers, spans, window_days=window_days, rule=rule, ranked=ranked)
        print(found.satellites.drop(columns=["norad_id"]).to_string(index=False))
        print("\npooled\n", found.pooled.T.to_string())
        print("\nmacro\n", found.macro.to_string())
        if rule == "point" and window_days == 1.5:
            print("\nby size\n", found.by_dv.to_string(index=False))
    if arguments.controls:
        show_controls(features, maneuvers, spans, choices, arguments.controls)
    print(f"\n{time.perf_counter() - start:.0f} s")


def read_features(folder: Path) -> pd.DataFrame:
    """Features of every element set under a folder."""
    return compute_features(read_folder(folder))


def show_controls(
    features: pd.DataFrame, maneuvers: pd.DataFrame, spans: pd.DataFrame, choices: pd.DataFrame, folder: Path
) -> None:
    """Events a year on objects that cannot maneuver."""
    chosen = choices.groupby("group")["threshold"].median().to_dict()
    threshold = {regime: chosen[LEO if regime == "leo" else HIGH] for regime in ("leo", "meo", "geo", "heo")}
    span = spans.set_index("norad_id").reindex(features["norad_id"])
    epochs = features["epoch"].to_numpy()
    logged = (epochs >= span["start"].to_numpy()) & (epochs <= span["stop"].to_numpy())
    detector = Boosted()
    detector.fit(detector.prepare(features)[logged].reset_index(drop=True), maneuvers)
    controls = read_features(folder)
    objects = controls.groupby("norad_id").agg(regime=("regime", "first"), years=("gap_days", "sum"))
    objects["years"] /= 365.25
    objects["events"] = (
        detector.events(controls, threshold).groupby("norad_id").size().reindex(objects.index, fill_value=0)
    )
    print(f"\n## Objects that cannot maneuver, thresholds {chosen}\n")
    print(objects.to_string())
    print(f"{np.divide(objects['events'].sum(), objects['years'].sum()):.3f} events per object-year")


if __name__ == "__main__":
    main()
