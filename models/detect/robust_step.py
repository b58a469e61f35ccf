"""The detector that needs no training: persistent steps of the orbit against their local noise."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from configs.detect import RobustStepConfig
from models.detect.base import UNLIMITED_LATER_SETS, Detector
from models.detect.drag import less_drag_misfit
from models.detect.pursuit import GROWN_BEFORE, FloatArray, Run, box_strengths, moving_median, pursue, runs_as_known

_CONFIG_FILE = "robust_step.json"


class RobustStep(Detector):
    """Pursues steps of the mean semi-major axis and of the inclination.

    The score of a gap is the strength, in local robust σ, of the burn that shows first in it. The
    semi-major axis is freed of drag by the object's own local rate of decay, a moving median: SGP4's
    drag term is no reference near a burn, because the fit absorbs the burn into it; what goes with a
    step of that term is taken off too. Across a long gap
    both must show the step. Above LEO there is resonance instead of drag, and SGP4 knows it. Gaps in which
    nothing begins score below ``join_sigma``, by their own step, so that scores rank all gaps.

    With ``later_sets`` = k the score of a gap is what would have been known k element sets later; each
    gap of a burn that is still being smeared then carries the strength seen so far.
    """

    name: ClassVar[str] = "robust-step"
    needs_fit: ClassVar[bool] = False
    least_score: ClassVar[float | None] = 3.0

    def __init__(self, config: RobustStepConfig | None = None) -> None:
        self.config = config or RobustStepConfig()

    @property
    def settings(self) -> RobustStepConfig:  # noqa: D102 - as the base says
        return self.config

    @property
    def inputs(self) -> tuple[str, ...]:
        """The feature columns it reads."""
        return "regime", "gap_days", "a_km", "step_a_m", "step_i_deg", "step_bstar_inv_er"

    @property
    def later_sets(self) -> int:
        """How many element sets after a gap its score may depend on."""
        return UNLIMITED_LATER_SETS if self.config.later_sets is None else self.config.later_sets

    @property
    def default_threshold(self) -> dict[str, float]:
        """That of its configuration [σ]."""
        return self.config.threshold

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:
        """Nothing to learn."""

    def _score(self, features: pd.DataFrame) -> NDArray[np.float64]:
        columns = {name: features[name].to_numpy(np.float64) for name in self.inputs[1:]}
        weights = np.array([self.config.plane_weight.get(regime, 0.0) for regime in features["regime"]])
        in_leo = features["regime"].eq("leo").to_numpy()
        norad_id = features["norad_id"].to_numpy()
        bounds = np.flatnonzero(np.concatenate(([True], norad_id[1:] != norad_id[:-1], [True])))
        scores = np.zeros(len(features))
        for start, stop in pairwise(bounds.tolist()):
            own = {name: values[start:stop] for name, values in columns.items()}
            scores[start:stop] = self._score_object(own, weights[start:stop], bool(in_leo[start]))
        return scores

    def _score_object(self, columns: dict[str, FloatArray], plane_weights: FloatArray, decaying: bool) -> FloatArray:
        gap_days, sgp4_m = columns["gap_days"], columns["step_a_m"]
        steps_m, trust = self._less_rate(sgp4_m, gap_days), np.ones(len(gap_days))
        if decaying:
            changes_m = np.append(np.nan, 1e3 * np.diff(columns["a_km"]))
            changes_m[0] = sgp4_m[0] if gap_days[0] <= self.config.smear_gap_days else np.nan
            steps_m = self._less_rate(changes_m, gap_days)
            trust = np.where(gap_days <= self.config.smear_gap_days, 1.0, _agreement(steps_m, sgp4_m))
            window = self.config.noise_window_gaps
            steps_m = less_drag_misfit(steps_m, columns["step_bstar_inv_er"], window, self._ahead(window))
        axis = self._channel(steps_m, trust, gap_days, self.config.noise_floor_m)
        steps_deg = self._less_rate(columns["step_i_deg"], gap_days)
        plane = self._channel(steps_deg, np.ones(len(gap_days)), gap_days, self.config.noise_floor_deg)
        return np.maximum(axis, plane_weights * plane)

    def _less_rate(self, steps: FloatArray, gap_days: FloatArray) -> FloatArray:
        """Steps less what the object's own local rate makes of the gap."""
        rate = moving_median(
            steps / gap_days, self.config.decay_window_gaps, self._ahead(self.config.decay_window_gaps)
        )
        return np.asarray(steps - np.nan_to_num(rate) * gap_days)

    def _ahead(self, window: int) -> int:
        """How many values of a window lie after the current one: half of them, or none if causal."""
        return window // 2 if self.config.later_sets is None else 0

    def _channel(self, steps: FloatArray, trust: FloatArray, gap_days: FloatArray, floor: float) -> FloatArray:
        """Score of each gap by one series of steps, of each of which ``trust`` is believed."""
        config = self.config
        window = config.decay_window_gaps
        usual_days = moving_median(gap_days, window, self._ahead(window))
        linked = gap_days <= config.smear_gap_days
        boxes = partial(
            box_strengths,
            np.nan_to_num(steps),
            np.fmax(1.0, gap_days / (config.usual_gaps * usual_days)),
            linked,
            config.widths_gaps,
            floor=floor,
            window=config.noise_window_gaps,
            ahead=self._ahead(config.noise_window_gaps),
        )
        strengths = trust * boxes()
        if config.later_sets is not None:
            return self._causal(strengths, trust * boxes(grown=GROWN_BEFORE), linked, config.later_sets)
        return _scores(strengths, self._runs(strengths, linked), config.join_sigma)

    def _causal(
        self, strengths: FloatArray, at_end: FloatArray, linked: NDArray[np.bool_], later_sets: int
    ) -> FloatArray:
        """The score of each gap from what is known ``later_sets`` gaps after it (see `runs_as_known`)."""
        config = self.config
        scores = _quiet(at_end, config.join_sigma)
        pursuit = config.widths_gaps, config.join_sigma, config.join_ratio, config.split_ratio
        for gap, runs in enumerate(runs_as_known(strengths, at_end, linked, *pursuit, later_sets=later_sets)):
            for run in runs:
                if run.start <= gap < run.stop:
                    scores[gap] = run.strength
        return scores

    def _runs(self, strengths: FloatArray, linked: NDArray[np.bool_]) -> list[Run]:
        config = self.config
        return pursue(strengths, linked, config.widths_gaps, config.join_sigma, config.join_ratio, config.split_ratio)

    def save(self, folder: Path) -> None:
        """Write the settings; there are no weights."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _CONFIG_FILE).write_text(self.config.model_dump_json(indent=2), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(RobustStepConfig.model_validate_json((folder / _CONFIG_FILE).read_bytes()))


def _agreement(step: FloatArray, other: FloatArray) -> FloatArray:
    """Which part of a step another estimate of it bears out, from 0 (none, or the other sign) to 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(np.clip(other / step, 0.0, 1.0)))


def _scores(strengths: FloatArray, runs: list[Run], join_sigma: float) -> FloatArray:
    """The strength of each run at its first gap, nothing in the rest of it, a small score elsewhere."""
    scores = _quiet(strengths, join_sigma)
    for run in runs:
        scores[run.start : run.stop] = 0.0
    for run in runs:
        scores[run.start] = run.strength
    return scores


def _quiet(strengths: FloatArray, join_sigma: float) -> FloatArray:
    """Score of the gaps in which no burn begins: their own step, always below ``join_sigma``."""
    own = np.abs(strengths[0])
    return np.asarray(join_sigma * own / (own + join_sigma))
