"""Leave one satellite out, with everything that is learned or chosen inside the fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.learning import BoostedConfig
from models.benchmark.matching import inside, match
from models.benchmark.protocol import count_satellites
from models.benchmark.rates import f1_score
from models.detect.boosted import Trees, pick_events, train
from models.detect.described import Candidates, hold_burns
from models.errors import ModelError

THRESHOLDS = np.linspace(-4.5, 3.0, 51)  # log-odds
COUNTS = ["hits", "misses", "false_alarms"]
_LEAST_SATELLITES = 3
_SMOOTH = 5  # thresholds over which the F1 is averaged before the best is taken: a lone peak is luck

Progress = Callable[[str], None]


def leave_one_out(
    candidates: Candidates,
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    variants: Mapping[str, Sequence[BoostedConfig]],
    progress: Progress = lambda _: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events of each satellite by trees that never saw it.

    The trees, and which variant and threshold to use, come from the other satellites of its group alone: each of
    those is in turn judged by trees that saw neither it nor the one left out, and the variant and threshold with
    the best pooled F1 (±1.5 d) are taken. Only the evaluated spans are learned from: elsewhere burns are not logged.

    Parameters
    ----------
    candidates : Candidates
        Of all satellites; made without labels, each from its own gaps.
    maneuvers, spans : DataFrame
        From `merge_burns` and `evaluated_spans`.
    variants : mapping of group to configurations
        What the inner folds choose from.
    progress : callable
        Told what each fold chose.

    Returns
    -------
    events : DataFrame
        All events of the held-out satellites with ``score`` and their fold's ``threshold``.
    choices : DataFrame
        norad_id, group, variant (position), threshold and inner_f1 of each fold.

    Raises
    ------
    ModelError
        If a group has fewer than three satellites.
    """
    owner, groups = candidates.events["norad_id"].to_numpy(), candidates.group
    held = hold_burns(candidates, maneuvers, variants["leo"][0].reach_days)
    taught = inside(candidates.events["norad_id"], epoch_us(candidates.events["burn_time_hint"]), spans)
    events, choices = [], []
    for group in np.unique(groups[np.isin(owner, spans["norad_id"])]):
        satellites = [int(each) for each in spans["norad_id"] if (groups[owner == each] == group).any()]
        if len(satellites) < _LEAST_SATELLITES:
            raise ModelError(f"{len(satellites)} {group} satellites: leaving one out twice takes three")
        bench = _Bench(candidates, held, taught, owner, maneuvers, spans, str(group))
        for left_out in satellites:
            tables = [bench.inner_f1(config, left_out, satellites) for config in variants[str(group)]]
            variant = int(np.argmax([table.max() for table in tables]))
            threshold = float(THRESHOLDS[int(tables[variant].argmax())])
            found = bench.events(variants[str(group)][variant], {left_out}, left_out)
            events.append(found.assign(threshold=threshold))
            choice = {"norad_id": left_out, "group": group, "variant": variant, "threshold": threshold}
            choices.append(choice | {"inner_f1": float(tables[variant].max())})
            progress(f"{left_out}: variant {variant}, threshold {threshold:.3f}, inner F1 {tables[variant].max():.3f}")
    return pd.concat(events, ignore_index=True), pd.DataFrame(choices)


class _Bench:
    """Trees by which satellites they did not see, each trained once."""

    def __init__(
        self,
        candidates: Candidates,
        held: NDArray[np.bool_],
        taught: NDArray[np.bool_],
        owner: NDArray[np.int64],
        maneuvers: pd.DataFrame,
        spans: pd.DataFrame,
        group: str,
    ) -> None:
        self.candidates, self.held, self.owner = candidates, held, owner
        self.maneuvers, self.spans, self.group = maneuvers, spans, group
        self.taught = taught & (candidates.group == group)
        self._trees: dict[tuple[str, frozenset[int]], Trees] = {}
        self._counts: dict[tuple[str, frozenset[int], int], NDArray[np.int64]] = {}

    def events(self, config: BoostedConfig, unseen: set[int], satellite: int) -> pd.DataFrame:
        """Events of one satellite by trees that saw none of ``unseen``."""
        name = config.model_dump_json(), frozenset(unseen)
        if name not in self._trees:
            rows = self.taught & ~np.isin(self.owner, list(unseen))
            self._trees[name] = train(self.candidates[rows], self.held[rows], self.group, config)
        own = self.candidates[self.owner == satellite]
        return pick_events(own, self._trees[name].probability(own), config)

    def inner_f1(self, config: BoostedConfig, left_out: int, satellites: list[int]) -> NDArray[np.float64]:
        """Pooled F1 on the other satellites at each of ``THRESHOLDS``, smoothed."""
        total = np.zeros((len(THRESHOLDS), len(COUNTS)), np.int64)
        for other in satellites:
            if other != left_out:
                total += self._counted(config, frozenset({left_out, other}), other)
        f1 = f1_score(*total.T)
        return np.asarray(np.convolve(np.pad(f1, _SMOOTH // 2, "edge"), np.ones(_SMOOTH) / _SMOOTH, "valid"))

    def _counted(self, config: BoostedConfig, unseen: frozenset[int], satellite: int) -> NDArray[np.int64]:
        name = config.model_dump_json(), unseen, satellite
        if name not in self._counts:
            events = self.events(config, set(unseen), satellite)
            own = self.maneuvers[self.maneuvers["norad_id"] == satellite].reset_index(drop=True)
            span = self.spans[self.spans["norad_id"] == satellite]
            rows = []
            for threshold in THRESHOLDS:
                above = events[events["score"] > threshold].reset_index(drop=True)
                rows.append(count_satellites(above, own, span, match(above, own))[COUNTS].to_numpy()[0])
            self._counts[name] = np.asarray(rows, dtype=np.int64)
        return self._counts[name]
