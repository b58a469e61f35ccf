"""The smallest burn that would have been seen on an object."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from features.bank import compute_features
from models.benchmark.detection_curve import detection_curve, smallest_found
from models.benchmark.sensitivity import Setting, free_gaps, injection_trials, thresholds_at
from models.registry import ModelRegistry
from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home

_BY = ("norad_id", "direction")


@dataclass(frozen=True)
class Sensitivity:
    """What was put into the objects' histories, and what was found.

    Parameters
    ----------
    model_version, detector : str
    false_alarms_per_object_year : float
        At the threshold that burns had to pass.
    share : float
        Of the burns of a size that make it seen.
    objects : DataFrame
        norad_id, name, regime, quiet_days, note (why an object has no figures, else empty).
    smallest : DataFrame
        norad_id, direction, dv_m_s, low_m_s, high_m_s, ceiling, places, injected (`smallest_found`).
    curve : DataFrame
        norad_id, direction, dv_m_s, injected, found, probability, low, high (`detection_curve`).
    """

    model_version: str
    detector: str
    false_alarms_per_object_year: float
    share: float
    objects: pd.DataFrame
    smallest: pd.DataFrame
    curve: pd.DataFrame

    def to_json(self) -> str:
        """The whole as JSON; sizes that were not reached are null."""
        objects = []
        for one in self.objects.to_dict("records"):
            own = self.smallest[self.smallest["norad_id"] == one["norad_id"]]
            points = self.curve[self.curve["norad_id"] == one["norad_id"]]
            directions = []
            for row in own.drop(columns=["norad_id", "objects"]).to_dict("records"):
                at = points[points["direction"] == row["direction"]].drop(columns=["norad_id", "direction"])
                directions.append({key: _plain(value) for key, value in row.items()} | {"curve": at.to_dict("records")})
            objects.append({key: _plain(value) for key, value in one.items()} | {"directions": directions})
        about = {
            "model_version": self.model_version,
            "detector": self.detector,
            "false_alarms_per_object_year": self.false_alarms_per_object_year,
            "share": self.share,
        }
        return json.dumps(about | {"objects": objects}, indent=2, ensure_ascii=False, allow_nan=False)

    def plot(self, path: Path) -> None:
        """Draw every curve into a PNG, PDF or SVG.

        Raises
        ------
        PipelineError
            Where there is no curve, or the ending of ``path`` names no format.
        """
        from models.plots import detection_curves

        if self.curve.empty:
            raise PipelineError("there is no curve to draw: no object has enough quiet history")
        names = dict(zip(self.objects["norad_id"], self.objects["name"], strict=True))
        curves, sizes = {}, {}
        for row in self.smallest.to_dict("records"):
            own = (self.curve["norad_id"] == row["norad_id"]) & (self.curve["direction"] == row["direction"])
            label = f"{names[row['norad_id']] or row['norad_id']}, {row['direction']}"
            curves[label], sizes[label] = self.curve[own], row["dv_m_s"]
        try:
            detection_curves(curves, sizes, self.share).savefig(path, dpi=150)
        except ValueError as error:
            raise PipelineError(
                f"{path}: cannot draw into this kind of file; end its name in .png, .pdf or .svg"
            ) from error


def sensitivity(
    home: Home,
    config: BurnwatchConfig,
    ids: Sequence[int],
    *,
    model: str = "champion",
    advance: Callable[[int], object] = lambda _: None,
) -> Sensitivity:
    """Put burns into quiet arcs of the stored histories and see which ones the registered model finds.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
        Its section ``sensitivity`` says what is injected.
    ids : sequence of int
        Catalog numbers.
    model : str
        Alias or version of the registered model.
    advance : callable
        Told how many copies were scored.

    Raises
    ------
    PipelineError
        Where an object is not in the store.
    models.errors.ModelError
        Where there is no such model.
    """
    loaded = ModelRegistry(home.mlflow).resolve(model)
    history = ElementStore(home.elements, config.store).history(list(ids))
    unknown = sorted(set(ids) - set(history["norad_id"].tolist()))
    if unknown:
        raise PipelineError(f"no element sets of {', '.join(map(str, unknown))} in the store: ingest them first")
    weather = WeatherTable(home.path).load()
    features = compute_features(history, config=config.features, weather=weather)
    rate = config.sensitivity.false_alarms_per_object_year
    setting = Setting(
        loaded.detector,
        thresholds_at(loaded.calibration, rate, features["regime"].unique().tolist()),
        config,
        weather,
    )
    free = free_gaps(features, setting)
    trials = injection_trials(features, setting, free, by="norad_id", advance=advance)
    share = config.sensitivity.found_share
    return Sensitivity(
        str(loaded.version),
        loaded.detector.name,
        rate,
        share,
        _objects(home, ids, features, free, trials),
        smallest_found(trials, _BY, share=share, seed=config.sensitivity.seed),
        detection_curve(trials, _BY),
    )


def _objects(
    home: Home, ids: Sequence[int], features: pd.DataFrame, free: np.ndarray[Any, Any], trials: pd.DataFrame
) -> pd.DataFrame:
    names = ObjectCatalog(home.path).name_of(ids)
    days = features["gap_days"].where(free, 0.0).groupby(features["norad_id"]).sum()
    regimes = features.groupby("norad_id")["regime"].last()
    measured = set(trials["norad_id"].tolist())
    rows = []
    for norad_id in dict.fromkeys(ids):
        quiet = float(days.get(norad_id, 0.0))
        note = "" if norad_id in measured else f"too little quiet history: {quiet:.0f} days that burns can be put into"
        rows.append((norad_id, names.get(norad_id, ""), regimes.get(norad_id, ""), quiet, note))
    return pd.DataFrame(rows, columns=["norad_id", "name", "regime", "quiet_days", "note"])


def _plain(value: object) -> object:
    """A value as JSON has it: what is not finite is null."""
    return None if isinstance(value, float) and not np.isfinite(value) else value
