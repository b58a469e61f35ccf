"""Hyper-parameters searched inside one fold: a study that is asked for a trial and told what it was worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from configs.search import Range
from configs.section import Section
from models.benchmark.choice import choose_threshold
from models.benchmark.contest import Fold, Job, group_of
from models.benchmark.decision import inner_events

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.distributions import BaseDistribution

Space = Mapping[str, Range]
Parameters = Mapping[str, float]
AnySection = TypeVar("AnySection", bound=Section)

_START_UP = 6  # trials drawn at random before the estimator has its say: the same ones in every fold


def searched_group(fold: Fold, spans: pd.DataFrame) -> str:
    """The group whose settings a fold's inner jobs are judged by."""
    regimes = dict(zip(spans["norad_id"], spans["regime"], strict=True))
    return group_of(str(regimes[fold.inner[0][1].norad_id]))


def configured(config: Section, space: Space, group: str) -> dict[str, float]:
    """The values that a section has for a group in a space."""
    found = {}
    for place in space:
        value: Any = config
        for name in place.split("."):
            value = getattr(value, name)
        found[place] = value[group] if isinstance(value, Mapping) else value
    return found


def with_parameters(config: AnySection, parameters: Parameters, group: str) -> AnySection:
    """A section with other values for a group, checked."""
    values = config.model_dump()
    for place, value in parameters.items():
        *above, name = place.split(".")
        own = values
        for each in above:
            own = own[each]
        own[name] = own[name] | {group: value} if isinstance(own[name], dict) else value
    return type(config).model_validate(values)


def start(first: Parameters, seed: int) -> Study:
    """A study whose first trial is ``first``; after some drawn at random, of the tree-structured Parzen estimator.

    Bergstra et al. 2011, "Algorithms for hyper-parameter optimization", as in optuna (Akiba et al. 2019,
    doi 10.1145/3292500.3330701).
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_START_UP)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    study.set_user_attr("first", dict(first))
    study.enqueue_trial(dict(first))
    return study


def ask(study: Study, space: Space) -> Trial:
    """The next trial, with its ``params``."""
    first = study.user_attrs["first"]
    return study.ask({name: _distribution(limits, first[name]) for name, limits in space.items()})


def best(study: Study) -> int:
    """The number of the best trial, the earliest of equals."""
    return max(study.trials, key=lambda trial: (trial.value or 0.0, -trial.number)).number


def worth(fold: Fold, outcomes: Mapping[Job, pd.DataFrame], maneuvers: pd.DataFrame, spans: pd.DataFrame) -> float:
    """Smoothed pooled F1 on a fold's inner events, at the threshold that it would choose; 0 if a job failed.

    Parameters
    ----------
    fold : Fold
    outcomes : mapping of Job to DataFrame
        What its inner jobs found.
    maneuvers, spans : DataFrame
        Of the satellite that the fold judges nothing is read.
    """
    if any(job not in outcomes for job, _ in fold.inner):
        return 0.0
    chosen = choose_threshold(inner_events(fold, outcomes, maneuvers, spans))
    return chosen.f1 if chosen else 0.0


def _distribution(limits: Range, first: float) -> BaseDistribution:
    from optuna.distributions import FloatDistribution, IntDistribution

    low, high = min(limits.low, first), max(limits.high, first)
    log = limits.log and low > 0
    return IntDistribution(int(low), int(high), log=log) if limits.whole else FloatDistribution(low, high, log=log)
