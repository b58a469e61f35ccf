"""Who is judged by what was learned from whom: the jobs of a benchmark, and one job done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import CandidateConfig
from models.benchmark.matching import lists_all
from models.detect.base import Detector

Split = Literal["loso", "temporal", "transfer"]

LEO, HIGH = "leo", "high"
LEAST_SATELLITES = 3  # one left out, one to choose the threshold on, one to learn from
_DAY_US = 86_400_000_000
GUARD_DAYS = 30
LEARNED_SHARE = 0.6  # of the time, in the temporal split
_UPPER_TWENTIETH = 0.95
EVER = (np.iinfo(np.int64).min, np.iinfo(np.int64).max)


class Window(NamedTuple):
    """A stretch of one satellite's time [us]."""

    norad_id: int
    start_us: int
    stop_us: int


@dataclass(frozen=True, slots=True)
class Job:
    """Learn from what lies in some windows, then judge others.

    Parameters
    ----------
    taught, judged : tuple of Window
        Sorted by norad_id.
    """

    taught: tuple[Window, ...]
    judged: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """What one choice of a threshold is made for.

    Parameters
    ----------
    group : str
        'leo' or 'high' (everything above).
    outer : Job
        Gives the events that count, in all its judged windows.
    inner : tuple of (Job, Window)
        Give the events that the threshold is chosen on: those of the job's in the window, of a satellite and time from which
        the outer job may learn. None where there are too few satellites to choose one.
    """

    group: str
    outer: Job
    inner: tuple[tuple[Job, Window], ...]

    def jobs(self) -> list[Job]:
        """All of them."""
        return [self.outer, *(job for job, _ in self.inner)]


def group_of(regime: str) -> str:
    """LEO learns from LEO; what flies higher from what flies higher."""
    return LEO if regime == "leo" else HIGH


def windows_of(spans: pd.DataFrame) -> tuple[Window, ...]:
    """The evaluated spans as windows, sorted by norad_id."""
    times = zip(spans["norad_id"], epoch_us(spans["start"]), epoch_us(spans["stop"]), strict=True)
    return tuple(sorted(Window(int(norad_id), int(start), int(stop)) for norad_id, start, stop in times))


def plan(
    spans: pd.DataFrame, detector: type[Detector] | Detector, split: Split, share: float = LEARNED_SHARE
) -> tuple[list[Fold], dict[str, str]]:
    """The folds of a benchmark.

    *loso*: each satellite is judged by what was learned from the others of its group (from all others, where no labels are
    needed), the threshold chosen on those others, each in turn judged by what was learned from neither it nor the one left
    out. *temporal*: of each satellite the first ``share`` of the evaluated span teaches, what comes 30 days later is
    judged; the threshold is chosen the same way within the first part. *transfer*: LEO teaches, what flies
    higher is judged; the threshold is that of leaving one LEO satellite out. A satellite whose burns are not all listed
    teaches nothing and nothing is chosen on it; leaving one out, it is judged by what all others of its group taught.

    Parameters
    ----------
    spans : DataFrame
        From `models.benchmark.protocol.evaluated_spans`.
    detector : Detector or its class
    split : {'loso', 'temporal', 'transfer'}
    share : float
        Of the time, for the temporal split.

    Returns
    -------
    folds : list of Fold
    skipped : dict
        Group -> why nothing can be measured in it.
    """
    windows: dict[str, list[Window]] = {LEO: [], HIGH: []}
    regimes = dict(zip(spans["norad_id"], spans["regime"], strict=True))
    unlisted: dict[str, list[Window]] = {LEO: [], HIGH: []}
    whole = set(spans.loc[lists_all(spans), "norad_id"])
    for window in windows_of(spans):
        kept = windows if window.norad_id in whole else unlisted
        kept[group_of(str(regimes[window.norad_id]))].append(window)
    if split == "transfer":
        return _transfer(windows[LEO], windows[HIGH], detector)
    folds: list[Fold] = []
    skipped: dict[str, str] = {}
    for group, own in windows.items():
        others = [window for name, members in windows.items() if name != group for window in members]
        teachers = own if detector.learns_from_labels else own + others
        if split == "temporal":
            folds += [_temporal(group, own, detector, share)] if own else []
        elif detector.needs_fit and len(own) == len(teachers) == 1:
            skipped[group] = f"one satellite: {detector.name} has no other to learn from"
        elif detector.needs_fit and unlisted[group] and not teachers:
            skipped[group] = f"no satellite whose burns are all listed: {detector.name} has none to learn from"
        else:
            folds += _leave_one_out(group, own, others, unlisted[group], detector)
    return folds, skipped


def compete(
    detector: Detector,
    job: Job,
    rows: Mapping[int, pd.DataFrame],
    maneuvers: pd.DataFrame,
    config: CandidateConfig | None = None,
) -> pd.DataFrame:
    """Fit a detector in the taught windows and rank the events of the judged satellites.

    Parameters
    ----------
    detector : Detector
        Not fitted yet.
    job : Job
    rows : mapping of norad_id to DataFrame
        Whole satellites, prepared by this detector (`Detector.prepare`) or not.
    maneuvers : DataFrame
        Of all satellites; only those in taught windows are shown.

    Returns
    -------
    DataFrame
        From ``Detector.ranked`` at ``least_score``: of the judged satellites in order, at all times.
    """
    teach(detector, job, rows, maneuvers)
    found = []
    for window in job.judged:
        own = rows[window.norad_id]
        least = detector.least_score
        if least is None:
            least = float(np.quantile(detector.score(own), _UPPER_TWENTIETH))
        found.append(detector.ranked(own, least, config))
    return pd.concat(found, ignore_index=True)


def teach(detector: Detector, job: Job, rows: Mapping[int, pd.DataFrame], maneuvers: pd.DataFrame) -> None:
    """Fit a detector, if it needs that, to what lies in the taught windows of a job, and to that alone.

    Parameters
    ----------
    detector, job, rows, maneuvers
        As for `compete`.
    """
    if not detector.needs_fit:
        return
    taught = [_within(rows[window.norad_id], "epoch", window) for window in job.taught]
    shown = [_within(maneuvers[maneuvers["norad_id"] == w.norad_id], "burn_time", w) for w in job.taught]
    detector.fit(pd.concat(taught, ignore_index=True), pd.concat(shown, ignore_index=True))


def _leave_one_out(
    group: str, own: list[Window], others: list[Window], unlisted: list[Window], detector: type[Detector] | Detector
) -> list[Fold]:
    def job(*unseen: Window) -> Job:
        if not detector.needs_fit:
            return Job((), unseen)
        teachers = [window for window in own if window not in unseen]
        if not detector.learns_from_labels:
            teachers = [Window(each.norad_id, *EVER) for each in sorted(teachers + others)]
        return Job(tuple(teachers), unseen)

    inner = {window: job(window) for window in own}
    beside = [Fold(group, job(each), tuple((inner[o], o) for o in own)) for each in unlisted]
    if not detector.needs_fit:
        return [Fold(group, job(each), tuple((inner[o], o) for o in own if o != each)) for each in own] + beside
    pairs = {pair: job(*pair) for pair in combinations(own, 2)} if len(own) >= LEAST_SATELLITES else {}
    folds = []
    for each in own:
        inner_jobs = [
            (made, first if second == each else second)
            for (first, second), made in pairs.items()
            if each in (first, second)
        ]
        folds.append(Fold(group, job(each), tuple(inner_jobs)))
    return folds + beside


def _temporal(group: str, own: list[Window], detector: type[Detector] | Detector, share: float) -> Fold:
    first, last = zip(*(_cut(window, share) for window in own), strict=True)
    earlier, later = zip(*(_cut(window, share) for window in first), strict=True)
    inner = Job(earlier if detector.needs_fit else (), later)
    return Fold(group, Job(first if detector.needs_fit else (), last), tuple((inner, window) for window in later))


def _cut(window: Window, share: float) -> tuple[Window, Window]:
    """What is learned and, after the guard, what is judged."""
    norad_id, start, stop = window
    at = start + int(share * (stop - start))
    return Window(norad_id, start, max(start, at - GUARD_DAYS * _DAY_US)), Window(norad_id, at, stop)


def _transfer(
    leo: list[Window], high: list[Window], detector: type[Detector] | Detector
) -> tuple[list[Fold], dict[str, str]]:
    if not leo or not high:
        return [], {HIGH: "transfer takes satellites in LEO and above"}
    inner = []
    if len(leo) >= 2:
        for each in leo:
            teachers = tuple(window for window in leo if window != each)
            inner.append((Job(teachers if detector.needs_fit else (), (each,)), each))
    return [Fold(HIGH, Job(tuple(leo) if detector.needs_fit else (), tuple(high)), tuple(inner))], {}


def _within(frame: pd.DataFrame, column: str, window: Window) -> pd.DataFrame:
    times: NDArray[np.int64] = epoch_us(frame[column])
    return frame[(times >= window.start_us) & (times <= window.stop_us)]
