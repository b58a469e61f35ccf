"""Make the model that ships with burnwatch: python -m benchmarks.pretrained DATA FOLDER.

DATA holds the folders `shorten2023`, `operators`, `geo_belt_2026`, `catalogue_2026-05` and `controls` and the table `objects.csv`; FOLDER is
made: `models/pretrained/weights`, for the one that ships. The same data and code give the same bytes on one machine.

What teaches: satellites whose operators' logs are whole, above low orbit with more burns put between theirs, since those logs lack most north-south ones; and objects without
engines, as they are (twice) and with burns put into them: short and dense histories as an active catalog has them, and the long sparse ones of geodetic spheres.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.element_sets import read_folder
from configs.injection import InjectionConfig
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from features.history import sets_in
from models.benchmark.burns import draw_burns, injectable_gaps
from models.benchmark.contest import HIGH
from models.benchmark.injection import inject
from models.benchmark.labels import LabelSource, merge_burns, read_labels, whole_lists
from models.benchmark.operating_point import operating_points
from models.benchmark.protocol import evaluated_spans
from models.detect.boosted import NO_EVENT
from models.detect.calibration import OperatingPoint
from models.detect.chain import find_burns
from models.detect.ensemble import Ensemble
from models.detect.pretrained import write_pretrained

CONFIG = BurnwatchConfig()
# Satellites without engines, and what is left of launches; Planet's and Spire's steer by drag alone.
WITHOUT_ENGINES = r"^(?:FLOCK|LEMUR|GONETS|APRIZESAT)| R/B| DEB"
INCOMPLETE = (41866, 43226, 60133, 25544)  # GOES-16, -17, -19 and the station: what is not listed may be a burn
SPHERES = (7646, 16908, 22824, 38077)  # Starlette, Ajisai, Stella, LARES
COPY = 1_000_000_000  # added to the catalog number of a copy, as often as its number says
LEAST_SETS = 5
NO_BURNS = pd.DataFrame({"norad_id": np.empty(0, np.int64), "burn_time": pd.to_datetime([], utc=True).as_unit("us")})
STATED_PER_YEAR = 0.1  # false alarms of objects that cannot burn, on those that did not teach [1/(object year)]
# Short histories get burns early and often, long and sparse ones as few as satellites make.
SHORT = InjectionConfig(
    dv_m_s={"leo": (3e-3, 0.5), "meo": (1e-2, 1.0), "geo": (1e-2, 1.0), "heo": (1e-2, 1.0)},
    directions={"along-track": 0.7, "cross-track": 0.15, "any": 0.15},
    burns_per_year=60,
    spacing_days=6,
    sets_before=8,
    sets_after=4,
)
BETWEEN = SHORT.model_copy(
    update={
        "dv_m_s": dict.fromkeys(("leo", "meo", "geo", "heo"), (2e-2, 2.0)),
        "directions": {"along-track": 0.45, "cross-track": 0.45, "any": 0.1},
        "burns_per_year": 30,
        "spacing_days": 2,
        "guard_days": 4,
    }
)
LONG = SHORT.model_copy(update={"burns_per_year": 3, "sets_before": 20})


# Above low orbit two burns may lie two days apart.
SETTINGS = CONFIG.ensemble.model_copy(
    update={
        "boosted": CONFIG.ensemble.boosted.model_copy(
            update={"rival_ratio": 0.5, "separation_days": {"leo": 2.5, "high": 2.0}}
        )
    }
)


class Lessons(NamedTuple):
    """Prepared rows of objects that teach beside the satellites, copies among them, and the burns of the copies."""

    rows: pd.DataFrame
    burns: pd.DataFrame


def main() -> None:
    """Teach, choose, write, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    source = LabelSource((arguments.data / "shorten2023", arguments.data / "operators"), partial=frozenset(INCOMPLETE))
    labels = whole_lists(merge_burns(read_labels(source)))
    satellites = prepared(logged_sets(arguments.data, set(labels["norad_id"])))
    spans = evaluated_spans(satellites, labels)
    logged = within(satellites, spans)
    inert = without_engines(arguments.data)
    lessons = together(inert, between(logged, labels))
    rows = {int(str(each)): own for each, own in pd.concat([satellites, lessons.rows]).groupby("norad_id")}
    burns = pd.concat([labels, lessons.burns], ignore_index=True)
    points = operating_points(
        partial(Ensemble, SETTINGS),
        rows,
        burns,
        spans,
        CONFIG.candidates,
        teachers={each: each % COPY for each in lessons.rows["norad_id"].unique().tolist()},
        loosest=[HIGH],
    )
    points = held(points, *passive_scores(logged, labels, inert))
    detector = taught(logged, labels, lessons)
    own = {each % COPY for each in lessons.rows["norad_id"].unique().tolist()} | set(spans["norad_id"].tolist())
    print(write_pretrained(arguments.folder, detector, points, frozenset(own)))
    for regime, point in points.items():
        print(regime, f"threshold {point.threshold:.3f} on {point.satellites} satellites")


def logged_sets(data: Path, wanted: set[int]) -> pd.DataFrame:
    """Element sets of the logged satellites, from where each lies whole."""
    parts = [read_folder(data / name) for name in ("shorten2023/processed_files", "geo_belt_2026")]
    sets = pd.concat(parts, ignore_index=True)
    return sets[sets["norad_id"].isin(wanted)]


def without_engines(data: Path) -> Lessons:
    """Objects that cannot burn, as they are, once more, and with two draws of burns."""
    objects = pd.read_csv(data / "objects.csv")
    ids = objects.loc[objects["name"].str.contains(WITHOUT_ENGINES, na=False), "norad_id"]
    catalog, spheres = read_folder(data / "catalogue_2026-05"), read_folder(data / "controls")
    lessons = []
    for sets, config in (
        (catalog[catalog["norad_id"].isin(ids)], SHORT),
        (spheres[spheres["norad_id"].isin(SPHERES)], LONG),
    ):
        real = compute_features(sets[sets.groupby("norad_id")["epoch"].transform("size") >= LEAST_SETS])
        real = real[real["regime"] == "leo"].reset_index(drop=True)
        free = injectable_gaps(real, config, quiet_guard_days=0, lasting_sigma=np.inf)
        again = real.assign(norad_id=real["norad_id"] + COPY)
        lessons += [Lessons(Ensemble().prepare(rows), NO_BURNS) for rows in (real, again)]
        lessons += [copied(real, free, config, NO_BURNS, number) for number in (2, 3)]
    return together(*lessons)


def between(satellites: pd.DataFrame, labels: pd.DataFrame) -> Lessons:
    """The satellites above low orbit with more burns, three times."""
    real = satellites[satellites["regime"] != "leo"].reset_index(drop=True)
    free = injectable_gaps(real, BETWEEN, known=labels)
    logged = labels.loc[labels["norad_id"].isin(real["norad_id"]), ["norad_id", "burn_time"]]
    return together(*(copied(real, free, BETWEEN, logged, number) for number in (1, 2, 3)))


def copied(
    real: pd.DataFrame, free: NDArray[np.bool_], config: InjectionConfig, logged: pd.DataFrame, number: int
) -> Lessons:
    """Copies of objects, with a draw of burns in their free gaps beside the logged ones."""
    history = sets_in(real)
    drawn = draw_burns(history, free, config, np.random.default_rng((config.seed, number)))
    moved = inject(history, drawn)
    rows = compute_features(moved.assign(norad_id=moved["norad_id"] + number * COPY))
    burns = pd.concat([logged, drawn[["norad_id", "burn_time"]]], ignore_index=True)
    return Lessons(Ensemble().prepare(rows), burns.assign(norad_id=burns["norad_id"] + number * COPY))


def together(*lessons: Lessons) -> Lessons:
    """Several in one, rows in order of object and time."""
    rows, burns = zip(*lessons, strict=True)
    return Lessons(sorted_rows(pd.concat(rows)), pd.concat(burns, ignore_index=True))


def prepared(sets: pd.DataFrame) -> pd.DataFrame:
    """Feature rows of element sets, with the ensemble's own columns."""
    return Ensemble().prepare(sorted_rows(compute_features(sets)))


def sorted_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """In order of object and time."""
    return rows.sort_values(["norad_id", "epoch"], ignore_index=True)


def within(satellites: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """The rows of evaluated spans."""
    span = spans.set_index("norad_id")
    at = satellites["norad_id"].map(span["start"]), satellites["norad_id"].map(span["stop"])
    return satellites[satellites["epoch"].between(*at)].reset_index(drop=True)


def taught(satellites: pd.DataFrame, labels: pd.DataFrame, lessons: Lessons) -> Ensemble:
    """An ensemble that learned from the satellites and from all lessons."""
    rows = sorted_rows(pd.concat([satellites, lessons.rows], ignore_index=True))
    burns = pd.concat([labels[["norad_id", "burn_time"]], lessons.burns], ignore_index=True)
    return Ensemble(SETTINGS).fit(rows, burns)


def passive_scores(satellites: pd.DataFrame, labels: pd.DataFrame, inert: Lessons) -> tuple[NDArray[np.float64], float]:
    """Scores of events on objects without engines, highest first, each half judged by what the other taught; object-years seen."""
    odd = (inert.rows["norad_id"] % COPY % 2).to_numpy() == 1
    scores, years = [], 0.0
    for half in (odd, ~odd):
        drawn = inert.burns["norad_id"].isin(inert.rows.loc[half, "norad_id"])
        detector = taught(satellites, labels, Lessons(inert.rows[half], inert.burns[drawn]))
        judged = inert.rows[~half & (inert.rows["norad_id"] < COPY).to_numpy()].reset_index(drop=True)
        events = find_burns(judged, detector, {"leo": NO_EVENT}, CONFIG)
        scores.append(events["score"].to_numpy(np.float64))
        years += float(judged["gap_days"].sum()) / 365.25
    return np.sort(np.concatenate(scores))[::-1], years


def held(points: Mapping[str, OperatingPoint], passive: NDArray[np.float64], years: float) -> dict[str, OperatingPoint]:
    """The points, that of low orbit no lower than where objects without engines give no more false alarms than stated."""
    for least in (-2, -1.5, -1, -0.5, 0, 0.5, 1):
        print(f"passive, {years:.1f} object-years: {(passive > least).sum() / years:.3f} a year above {least}")
    least = float(passive[int(STATED_PER_YEAR * years)])
    low = points["leo"]
    return {**points, "leo": low.model_copy(update={"threshold": max(low.threshold, least)})}


if __name__ == "__main__":
    main()
