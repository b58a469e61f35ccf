"""How small a burn `robust-step` finds: python benchmarks/sensitivity.py DATA [--objects 41335,...] [--sample N] [--plot FILE].

DATA holds the folders `shorten2023`, `controls`, `geo_belt_2026` and, for the sample of low orbits, `catalogue_2026-05`. The thresholds
are those that quiet data of the first three exceed once an object-year. Burns go into quiet arcs, away from logged ones.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))  # a script beside this one must not shadow a package

from benchmarks.element_sets import read_folder
from catalog.records import epoch_us
from configs.injection import InjectionConfig, SensitivityConfig
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.benchmark.burns import smear_of
from models.benchmark.detection_curve import detection_curve, smallest_found
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.sensitivity import Setting, free_gaps, injection_trials, thresholds_at
from models.benchmark.smear import SmearTable, measure_smear, slope_share
from models.detect.calibration import fit_threshold
from models.detect.robust_step import RobustStep
from models.plots import detection_curves

_LEAST_QUIET_DAYS = 5
SHOWN = ["dv_m_s", "low_m_s", "high_m_s", "ceiling", "objects", "places", "injected"]
ERAS = ("1992", "2013", "2015-03", "2100")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--objects", help="catalog numbers of labeled objects; all by default")
    parser.add_argument("--sample", type=int, default=60, help="objects of the belt and of the catalogue in low orbit")
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    pd.set_option("display.width", 200, "display.max_columns", 30, "display.precision", 4, "display.max_rows", 200)

    labeled = compute_features(read_folder(arguments.data / "shorten2023" / "processed_files"))
    labels = read_labels(arguments.data / "shorten2023")
    maneuvers = merge_burns(labels)
    controls = compute_features(read_folder(arguments.data / "controls"))
    belt = compute_features(read_folder(arguments.data / "geo_belt_2026"))
    known = np.unique(np.concatenate([labeled["norad_id"], controls["norad_id"]]))
    belt = belt[~belt["norad_id"].isin(known)].reset_index(drop=True)
    _show_smear(labeled, maneuvers)

    detector = RobustStep()
    everything = pd.concat([labeled, controls, belt]).sort_values(["norad_id", "epoch"], ignore_index=True)
    passive = controls["norad_id"].unique().tolist()
    calibration = fit_threshold(everything, detector.score(everything), quiet_ids=passive)
    config = SensitivityConfig(directions=("along-track", "cross-track"))
    thresholds = thresholds_at(calibration, config.false_alarms_per_object_year, ["leo", "meo", "geo", "heo"])
    print(f"\nthresholds at 1 false alarm per quiet object-year: {thresholds}")
    setting = Setting(detector, thresholds, BurnwatchConfig(sensitivity=config))

    names = dict(zip(labels["norad_id"], labels["name"], strict=True))
    wanted = [int(part) for part in arguments.objects.split(",")] if arguments.objects else list(names)
    own = labeled[labeled["norad_id"].isin(wanted)].reset_index(drop=True)
    trials = _measure(own, setting, maneuvers)
    table = smallest_found(trials, ("regime", "norad_id", "direction"))
    table.insert(0, "name", table["norad_id"].map(names))
    print("\n## Labeled objects\n\n" + table[["name", "direction", *SHOWN]].to_string(index=False))
    if arguments.plot:
        _plot(trials, names, arguments.plot)

    many = Setting(detector, thresholds, BurnwatchConfig(sensitivity=config.model_copy(update={"injections": 150})))
    print("\n## Labeled objects together: 150 places a regime, evenly over its objects")
    _show(_measure(labeled, many, maneuvers, by="regime"))
    _show_sample("the belt, 136 days", belt, many, arguments.sample)
    catalog = arguments.data / "catalogue_2026-05"
    if catalog.is_dir():
        recent = compute_features(read_folder(catalog))
        low = recent[recent.groupby("norad_id")["regime"].transform(lambda each: (each == "leo").all())]
        _show_sample("low orbits, 21 days", low.reset_index(drop=True), many, arguments.sample)


def _measure(
    features: pd.DataFrame, setting: Setting, known: pd.DataFrame | None, by: Literal["norad_id", "regime"] = "norad_id"
) -> pd.DataFrame:
    start, used = time.perf_counter(), time.process_time()
    trials = injection_trials(features, setting, free_gaps(features, setting, known), by=by)
    print(
        f"\n{features['norad_id'].nunique()} objects, {trials['norad_id'].nunique()} with enough quiet history; {len(trials)} burns, "
        f"{time.perf_counter() - start:.0f} s, {time.process_time() - used:.0f} s of one core"
    )
    return trials


def _show_sample(title: str, features: pd.DataFrame, setting: Setting, count: int) -> None:
    """Figures of some objects, drawn from those that have at least five quiet days."""
    free = free_gaps(features, setting)
    days = features["gap_days"].where(free, 0.0).groupby(features["norad_id"]).sum()
    able = days.index[days >= _LEAST_QUIET_DAYS].to_numpy()
    ids = np.random.default_rng(setting.config.sensitivity.seed).permutation(able)[:count]
    print(
        f"\n## Sample of {title}: {len(ids)} of {len(able)} objects with {_LEAST_QUIET_DAYS} quiet days, of {len(days)}"
    )
    _show(_measure(features[features["norad_id"].isin(ids)].reset_index(drop=True), setting, None, by="regime"))


def _show(trials: pd.DataFrame) -> None:
    # Only trials by regime may be pooled: by object, the easy ones are not tried with the sizes that the hard ones are.
    print(smallest_found(trials)[["regime", "direction", *SHOWN]].to_string(index=False))
    print(
        "half of them\n" + smallest_found(trials, share=0.5)[["regime", "direction", *SHOWN[:3]]].to_string(index=False)
    )


def _show_smear(features: pd.DataFrame, maneuvers: pd.DataFrame) -> None:
    """Share of a burn's change of a that the sets after it show: of logged burns, and of the kernel that is injected."""
    print("## Median share that the first, second, ... set after a burn shows\n")
    table = measure_smear(features, maneuvers)
    regimes = features.drop_duplicates("norad_id").set_index("norad_id")["regime"]
    group = np.where(regimes.reindex(table.norad_id).eq("leo"), "leo", "geo")
    rng = np.random.default_rng(0)
    for name, eras in (("leo", ERAS), ("geo", (ERAS[0], ERAS[-1]))):
        for start, stop in pairwise(np.array(eras, "datetime64[us]").astype(np.int64)):
            rows = np.flatnonzero((group == name) & (table.time_us >= start) & (table.time_us < stop))
            shown = [_shares(features, table, row) for row in rows]
            since, real = (np.array([each[part] for each in shown]) for part in (0, 1))
            smear = smear_of(np.repeat(name, len(rows)), table.time_us[rows], InjectionConfig(), rng)
            drawn = slope_share(since, smear[:, :1], smear[:, 1:2], smear[:, 2:])
            print(f"{name} from {np.datetime64(int(start), 'us').astype('datetime64[M]')}, {len(rows)} burns")
            print("    logged  ", np.round(np.nanmedian(real, axis=0), 2))
            print("    injected", np.round(np.median(drawn, axis=0), 2))
            best = pd.Series([table.best(np.array([row])) for row in rows]).value_counts().head(6)
            print("    span/ringing:", {f"{span:g}/{ringing:g}": int(count) for (span, ringing), count in best.items()})


def _shares(features: pd.DataFrame, table: SmearTable, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Days since the burn of the six sets after it, and the share of its step that each shows above the set before."""
    own = features[features["norad_id"] == table.norad_id[row]]
    first = int(np.searchsorted(epoch_us(own["epoch"]), table.time_us[row]))
    times = (epoch_us(own["epoch"])[first : first + 6] - table.time_us[row]) / 86_400e6
    steps = np.nan_to_num(own["step_a_m"].to_numpy()[first : first + 6])
    shares = np.cumsum(steps) / table.step_m[row]
    return np.pad(times, (0, 6 - len(times)), "edge"), np.pad(shares, (0, 6 - len(shares)), "edge")


def _plot(trials: pd.DataFrame, names: dict[int, str], path: Path) -> None:
    curves, sizes = {}, {}
    table = smallest_found(trials, ("norad_id", "direction"))
    for row in table[table["direction"] == "along-track"].to_dict("records"):
        own = trials[(trials["norad_id"] == row["norad_id"]) & (trials["direction"] == row["direction"])]
        curves[names[row["norad_id"]]], sizes[names[row["norad_id"]]] = detection_curve(own), row["dv_m_s"]
    detection_curves(curves, sizes, 0.9).savefig(path, dpi=150)


if __name__ == "__main__":
    main()
