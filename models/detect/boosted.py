"""Boosted trees that confirm candidate burns from what the gaps about them look like."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from catalog.records import epoch_us
from configs.detect import CandidateConfig, RobustStepConfig
from configs.learning import BoostedConfig
from configs.section import Section
from models.detect.base import UNLIMITED_LATER_SETS, Detector
from models.detect.candidates import EVENT_DTYPES, by_regime
from models.detect.context import INPUTS, bounds
from models.detect.described import HIGH, LEO, STRENGTH, US_A_DAY, Candidates, find_candidates, hold_burns
from models.detect.pursuit import FloatArray
from models.detect.robust_step import RobustStep
from models.detect.trusted import dump_trusted, load_trusted
from models.errors import ModelError

_LEAST_PROBABILITY = 0.002
_MOST_PROBABILITY = 1 - 1e-4
NO_EVENT = -6.3  # most that a gap without an event scores, less than the least event
_BACKGROUND = "candidate background"

# Everything outside skops' own defaults that saved trees may hold; anything else is refused on load.
TRUSTED_TYPES = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """A trained group: ensembles of different seeds, which columns they read, and the usual strength of a burn."""

    ensembles: list[Any]
    columns: list[int]
    usual_strength: float
    strength_weight: float

    def probability(self, candidates: Candidates) -> FloatArray:
        """Of a burn at each candidate, (C,).

        The log-odds of the trees, averaged over seeds, plus ``strength_weight`` times the logarithm of the
        strength over that of the usual burn, both together over that weight where it is above one.
        """
        if not len(candidates):
            return np.empty(0)
        seen = candidates.description[:, self.columns]
        with threadpool_limits(1):
            chance = np.mean([each.predict_proba(seen)[:, 1] for each in self.ensembles], axis=0)
        if self.strength_weight == 0:
            return np.asarray(chance)
        chance = np.clip(chance, 0.005, 0.995)
        odds = np.log(chance / (1 - chance))
        odds = odds + self.strength_weight * np.log(np.fmax(candidates.strength, 1e-3) / self.usual_strength)
        return np.asarray(1 / (1 + np.exp(-odds / max(1.0, self.strength_weight))))


def train(candidates: Candidates, held: NDArray[np.bool_], group: str, config: BoostedConfig) -> Trees:
    """Trees on the candidates of one group; one thread, so that sums are always in one order."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    if not held.any() or held.all():
        raise ModelError(f"boosted cannot learn: {int(held.sum())} of {len(held)} {group} candidates hold a burn")
    columns = _that_differ(candidates.description)
    seen, ensembles = candidates.description[:, columns], []
    with threadpool_limits(1):
        for seed in range(config.seed, config.seed + config.ensembles):
            trees = HistGradientBoostingClassifier(
                max_iter=config.trees[group],
                max_leaf_nodes=config.leaves[group],
                min_samples_leaf=config.least_in_leaf,
                learning_rate=config.learning_rate,
                l2_regularization=config.l2,
                max_features=config.columns_share,
                early_stopping=False,
                random_state=seed,
            )
            ensembles.append(trees.fit(seen, held))
    return Trees(ensembles, columns, float(np.median(candidates.strength[held])), config.strength_weight[group])


def _that_differ(description: NDArray[np.float32]) -> list[int]:
    """Columns of more than one value: the others would only take the place of one that tells something in the draws."""
    low, high = np.nan_to_num(description, nan=np.inf).min(axis=0), np.nan_to_num(description, nan=-np.inf).max(axis=0)
    return np.flatnonzero(low < high).tolist()


def pick_events(candidates: Candidates, probability: FloatArray, config: BoostedConfig) -> pd.DataFrame:
    """One event for what one burn explains, with the log-odds of its probability as ``score``, sorted by feature row.

    In LEO that is the probability that some gap within ``reach_days`` holds the burn: their sum, as far as no
    likelier event claimed them. Nothing within ``separation_days`` is a second event. Above LEO a
    candidate that is nearly as likely (``rival_ratio``) and a day away is a burn of its own.
    """
    hint_us, owner = epoch_us(candidates.events["burn_time_hint"]), candidates.events["norad_id"].to_numpy(np.int64)
    middle_us = (epoch_us(candidates.events["epoch_before"]) + epoch_us(candidates.events["epoch_after"])) // 2
    groups = candidates.group
    chance = np.zeros(len(candidates))
    for start, stop in bounds(owner):
        own, group = slice(start, stop), str(groups[start])
        times_us = middle_us[own] if group == LEO else hint_us[own]
        chance[own] = _claimed(times_us, probability[own], group, config)
    kept = chance > 0
    return candidates.events[kept].assign(score=log_odds(chance[kept])).reset_index(drop=True)


def log_odds(chance: FloatArray, least: float = _LEAST_PROBABILITY, most: float = _MOST_PROBABILITY) -> FloatArray:
    """Of probabilities (N,), finite: those beyond ``least`` and ``most`` count as these."""
    chance = np.clip(chance, least, most)
    return np.asarray(np.log(chance / (1 - chance)))


def _claimed(times_us: NDArray[np.int64], chance: FloatArray, group: str, config: BoostedConfig) -> FloatArray:
    """The probability of each candidate of one object that becomes an event, 0 for the others."""
    score, free = np.zeros(len(chance)), np.ones(len(chance), np.bool_)
    kept: list[int] = []
    apart_us = config.separation_days[group] * US_A_DAY
    for at in np.argsort(-chance, kind="stable"):
        if chance[at] < _LEAST_PROBABILITY:
            break
        away_us = np.abs(times_us - times_us[at])
        if group == LEO:
            if free[at]:
                score[at] = min(1.0, chance[free & (away_us <= config.reach_days * US_A_DAY)].sum())
                free[away_us <= apart_us] = False
            continue
        near = [other for other in kept if away_us[other] < apart_us]
        if all(away_us[o] >= US_A_DAY and chance[at] >= config.rival_ratio * chance[o] for o in near):
            kept.append(at)
            score[at] = chance[at]
    return score


class Boosted(Detector):
    """Histogram gradient boosting (Friedman 2001, doi 10.1214/aos/1013203451) on candidates with context.

    Trained on logged burns. The score of a gap is the log-odds of the event in it, below ``NO_EVENT`` where there is none.
    It is retrospective: noise, ranks and neighbors are taken from both sides. With ``later_sets`` = k everything is
    described from what is known k sets after the gap, the score of a candidate is that of its gap alone (in LEO: of a burn
    in it or shortly before it), and the first gap above the threshold is the event (`models.detect.forward`).
    """

    name: ClassVar[str] = "boosted"
    learns_from_labels: ClassVar[bool] = True
    learns_from_verdicts: ClassVar[bool] = True
    mark: ClassVar[str | None] = STRENGTH
    scores_log_odds: ClassVar[bool] = True
    times_events: ClassVar[bool] = True
    least_score: ClassVar[float | None] = NO_EVENT

    def __init__(self, config: BoostedConfig | None = None) -> None:
        self.config = config or BoostedConfig()
        self._trees: dict[str, Trees] = {}

    @property
    def settings(self) -> Section:  # noqa: D102 - as the base says
        return self.config

    @property
    def inputs(self) -> tuple[str, ...]:  # noqa: D102 - as the base says
        return INPUTS

    @property
    def later_sets(self) -> int:  # noqa: D102 - as the base says
        return UNLIMITED_LATER_SETS if self.config.later_sets is None else self.config.later_sets

    @property
    def default_threshold(self) -> dict[str, float]:
        """The configured ones of LEO and of what flies higher."""
        limits = self.config.threshold
        return {regime: limits[LEO if regime == "leo" else HIGH] for regime in ("leo", "meo", "geo", "heo")}

    def _prepare(self, features: pd.DataFrame) -> pd.DataFrame:
        background = RobustStep(RobustStepConfig(later_sets=self.config.later_sets)).score(features)
        return find_candidates(features, self.config).into(features).assign(**{_BACKGROUND: background})

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:
        assert maneuvers is not None  # noqa: S101 - fit() saw to it
        candidates = Candidates.out_of(features)
        late_days = self.config.late_days_causal if self.causal else 0.0
        held = hold_burns(candidates, maneuvers, self.config.reach_days, late_days)
        groups = candidates.group
        if not held.any():
            raise ModelError("boosted cannot learn: no candidate holds a logged burn")
        mixed = [group for group in (LEO, HIGH) if held[groups == group].any() and not held[groups == group].all()]
        taught = mixed or [LEO if held[groups == LEO].any() else HIGH]
        config = self.config
        if self.causal:  # how strong a burn will turn out is not known yet
            config = config.model_copy(update={"strength_weight": dict.fromkeys(config.strength_weight, 0.0)})
        self._trees = {g: train(candidates[groups == g], held[groups == g], g, config) for g in taught}

    def _score(self, features: pd.DataFrame) -> FloatArray:
        candidates = Candidates.out_of(features)
        probability = self.chance(features, candidates)
        if self.causal:
            events = candidates.events.assign(score=log_odds(probability))
        else:
            events = pick_events(candidates, probability, self.config)
        # Elsewhere robust-step ranks the gaps, so that the tail of quiet scores has no atom.
        scores = NO_EVENT - 1 / (1 + features[_BACKGROUND].to_numpy(np.float64))
        scores[events["row"]] = events["score"]
        return scores

    def chance(self, features: pd.DataFrame, candidates: Candidates) -> FloatArray:  # noqa: ARG002 - others read them
        """Of a burn at each candidate, (C,); a group that was not trained is judged by the other one's trees."""
        groups, out = candidates.group, np.zeros(len(candidates))
        for group in np.unique(groups):
            trees = self._trees.get(str(group)) or next(iter(self._trees.values()))
            out[groups == group] = trees.probability(candidates[groups == group])
        return out

    def _events(
        self,
        features: pd.DataFrame,
        scores: FloatArray,
        threshold: float | Mapping[str, float],
        config: CandidateConfig,
    ) -> pd.DataFrame:
        """What holds an event is one already, unless causal: ``config`` has nothing to add."""
        if self.causal:
            return super()._events(features, scores, threshold, config)
        candidates = Candidates.out_of(features)
        found = candidates.events.assign(score=scores[candidates.events["row"]])
        found["threshold"] = by_regime(threshold, found["regime"].to_numpy(str), "threshold")
        found = found[found["score"] > found["threshold"].clip(lower=NO_EVENT)].reset_index(drop=True)
        return found.assign(probability=np.nan, detector=self.name)[list(EVENT_DTYPES)].astype(EVENT_DTYPES)

    def _ranked(
        self,
        features: pd.DataFrame,
        scores: FloatArray,
        least: float | Mapping[str, float],
        config: CandidateConfig,
    ) -> pd.DataFrame:
        """With the candidates' own windows and times."""
        apart = {
            regime: self.config.separation_days[LEO if regime == "leo" else HIGH] for regime in config.separation_days
        }
        limits = by_regime(least, features["regime"].to_numpy(str), "threshold")
        config = config.model_copy(update={"separation_days": apart})
        ranked = super()._ranked(features, scores, NO_EVENT, config)
        candidates = Candidates.out_of(features)
        at = pd.MultiIndex.from_frame(features.iloc[candidates.events["row"]][["norad_id", "epoch"]])
        own = at.get_indexer(pd.MultiIndex.from_frame(ranked[["norad_id", "epoch_after"]]))
        for name in ("epoch_before", "epoch_after", "burn_time_hint"):
            ranked[name] = candidates.events[name].iloc[own].array
        above_least = ranked["score"].to_numpy(np.float64) > limits[candidates.events["row"].to_numpy()[own]]
        kept: pd.DataFrame = ranked[above_least].reset_index(drop=True)
        return kept

    def save(self, folder: Path) -> None:
        """Write ``detector.json`` and ``trees.skops`` into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: [one.columns, one.usual_strength, one.strength_weight] for name, one in self._trees.items()}
        record = {"config": self.config.model_dump(mode="json"), "trees": kept}
        (folder / "detector.json").write_text(json.dumps(record, indent=2))
        dump_trusted({name: trees.ensembles for name, trees in self._trees.items()}, folder / "trees.skops")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises
        ------
        ModelError
            When the file of trees holds a type that is not in ``TRUSTED_TYPES``.
        """
        record = json.loads((folder / "detector.json").read_text())
        detector = cls(BoostedConfig.model_validate(record["config"]))
        loaded = load_trusted(folder / "trees.skops", TRUSTED_TYPES, "trees do")
        detector._trees = {name: Trees(ensembles, *record["trees"][name]) for name, ensembles in loaded.items()}
        detector.fitted = True
        return detector
