"""Figures of `robust-step` on the benchmark of Shorten et al. 2023: python benchmarks/robust_step.py FOLDER [CONTROLS].

FOLDER is in that benchmark's layout (`processed_files/*.tle`, `raw_data/manoeuvres/*`), with any subset of its
satellites. CONTROLS is a folder of element sets of objects that cannot maneuver. With --causal K scores see K later sets.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))  # a script beside this one must not shadow a package

from benchmarks.element_sets import read_folder
from configs.detect import RobustStepConfig
from features.bank import compute_features
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.matching import Rule
from models.benchmark.nulls import random_events
from models.benchmark.protocol import Evaluation, count_satellites, evaluate, evaluated_spans, match
from models.benchmark.rates import f1_score
from models.detect.candidates import find_events
from models.detect.forward import above
from models.detect.robust_step import RobustStep

RULES: dict[str, tuple[float, Rule]] = {
    "±1.5 d of the point estimate": (1.5, "point"),
    "±12 h of the bracketing gap": (0.5, "gap"),
    "±3 d of the point estimate": (3.0, "point"),
}
THRESHOLDS = np.round(np.exp(np.linspace(np.log(3.0), np.log(100.0), 36)), 2)
LOWEST = float(THRESHOLDS[0])
COUNTS = ["hits", "misses", "false_alarms"]


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("controls", type=Path, nargs="?")
    parser.add_argument("--causal", type=int, metavar="K")
    arguments = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 30, "display.precision", 3)

    detector = RobustStep(RobustStepConfig(later_sets=arguments.causal))
    default = detector.config.threshold
    maneuvers = merge_burns(read_labels(arguments.folder))
    features, scores = _scored(arguments.folder / "processed_files", detector)
    spans = evaluated_spans(features, maneuvers)
    spans = spans[spans["norad_id"].isin(features["norad_id"])]
    events, ranked = detector.events(features, default), detector.ranked(features, LOWEST)

    def events_at(threshold: float) -> pd.DataFrame:
        return above(ranked, threshold) if detector.causal else find_events(features, scores, threshold)

    setting = "retrospective" if arguments.causal is None else f"causal, {arguments.causal} later sets"
    print(f"\n# {setting}; fixed default thresholds {default}")
    for title, (window_days, rule) in RULES.items():
        print(f"\n## {title}\n")
        _show(evaluate(events, maneuvers, spans, window_days=window_days, rule=rule, ranked=ranked))
    print("\n## Threshold chosen on the other satellites of the regime (leave one out), ±1.5 d\n")
    print(_leave_one_out(events_at, maneuvers, spans).to_string(index=False))
    print("\n## Nulls, ±1.5 d: pooled F1 of as many events as labels\n")
    for cadence in (False, True):
        null = evaluate(random_events(spans, maneuvers, cadence=cadence), maneuvers, spans, bootstrap=0).pooled["f1"]
        print("own cadence" if cadence else "random times", null.round(3).to_dict())
    if arguments.controls:
        _show_controls(arguments.controls, detector)


def _scored(folder: Path, detector: RobustStep) -> tuple[pd.DataFrame, np.ndarray]:
    history = read_folder(folder)
    start = time.perf_counter()
    features = compute_features(history)
    between = time.perf_counter()
    scores = detector.score(features)
    end = time.perf_counter()
    print(f"{len(history)} sets: features {len(history) / (between - start):.0f} sets/s,", end=" ")
    print(f"scores {len(features) / (end - between):.0f} gaps/s")
    return features, scores


def _show(evaluation: Evaluation) -> None:
    print(evaluation.satellites.drop(columns=["norad_id"]).to_string(index=False))
    print("\npooled\n", evaluation.pooled.T.to_string())
    print("\nmacro\n", evaluation.macro.to_string())
    print("\nby size\n", evaluation.by_dv.to_string(index=False))


def _leave_one_out(
    events_at: Callable[[float], pd.DataFrame], maneuvers: pd.DataFrame, spans: pd.DataFrame
) -> pd.DataFrame:
    """Counts of each satellite at the threshold with the best pooled F1 on the others of its regime."""
    tables = []
    for threshold in THRESHOLDS:
        events = events_at(float(threshold))
        counted = count_satellites(events, maneuvers, spans, match(events, maneuvers))
        tables.append(counted.assign(threshold=threshold))
    table = pd.concat(tables)
    rows = []
    for regime, own in table.groupby("regime"):
        chosen = []
        for name, satellite in own.groupby("name"):
            others = own[own["name"] != name].groupby("threshold")[COUNTS].sum()
            best = int(f1_score(others["hits"], others["misses"], others["false_alarms"]).argmax())
            chosen.append(satellite[satellite["threshold"] == others.index[best]])
        picked = pd.concat(chosen)
        total = picked[COUNTS].sum()
        rows += picked[["name", "threshold", *COUNTS, "f1"]].to_dict("records")
        pooled = float(f1_score(total["hits"], total["misses"], total["false_alarms"]))
        rows.append({"name": f"pooled {regime}", **total.to_dict(), "f1": pooled})
        rows.append({"name": f"macro {regime}", "f1": picked["f1"].mean()})
    return pd.DataFrame(rows)


def _show_controls(folder: Path, detector: RobustStep) -> None:
    features, _ = _scored(folder, detector)
    events = detector.events(features, detector.config.threshold)
    objects = features.groupby("norad_id").agg(regime=("regime", "first"), years=("gap_days", "sum"))
    objects["years"] /= 365.25
    objects["events"] = events.groupby("norad_id").size().reindex(objects.index, fill_value=0)
    print("\n## Objects that cannot maneuver\n")
    print(objects.to_string())
    print(f"{objects['events'].sum() / objects['years'].sum():.3f} events per object-year")


if __name__ == "__main__":
    main()
