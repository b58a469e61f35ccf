"""Hyper-parameters of a benchmark's folds: every fold has a study of its own, and their jobs are done together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from configs.search import SPACES
from models.benchmark.contest import Fold, Job
from models.benchmark.search import ask, best, configured, searched_group, start, with_parameters, worth
from pipelines.contest import Contestant, Jobs
from pipelines.errors import PipelineError


@dataclass(frozen=True)
class Searched:
    """What a fold chose.

    Parameters
    ----------
    contestant : Contestant
        The detector as the fold would have it.
    parameters : dict
        Place in the detector's section -> value, of the fold's group; empty where there was nothing to choose on.
    trials : list of dict
        Of each: judged (norad_ids), group, trial, inner_f1, chosen, parameters.
    """

    contestant: Contestant
    parameters: dict[str, float]
    trials: list[dict[str, Any]]


def require_space(name: str) -> None:
    """Refuse to search a detector that has nothing to be searched.

    Raises
    ------
    PipelineError
    """
    if name not in SPACES:
        raise PipelineError(f"detector {name!r} has no hyper-parameters to search: choose one of {', '.join(SPACES)}")


def done(jobs: Jobs, wanted: Sequence[tuple[Contestant, Sequence[Job]]]) -> list[dict[Job, pd.DataFrame]]:
    """What the jobs of each contestant found, those left out that could not be done; all are done together."""
    found = iter(jobs.outcomes([(contestant, job) for contestant, own in wanted for job in own]))
    told = [[(job, next(found)) for job in own] for _, own in wanted]
    return [{job: events for job, events in own if not isinstance(events, str)} for own in told]


def search(
    jobs: Jobs,
    contestant: Contestant,
    folds: Sequence[Fold],
    spans: pd.DataFrame,
    *,
    trials: int,
    seed: int,
) -> list[Searched]:
    """What each fold chooses by the smoothed F1 of its inner events, beginning with the configured settings.

    All studies have one seed: their first trials are the same, so that the jobs of these are shared.
    """
    space = SPACES[contestant.name]
    own = [fold for fold in folds if fold.inner]
    groups = [searched_group(fold, spans) for fold in own]
    studies = [start(configured(contestant.config, space, group), seed) for group in groups]
    rows: list[list[dict[str, Any]]] = [[] for _ in own]
    for _ in range(trials):
        asked = [ask(study, space) for study in studies]
        tried = [
            contestant.varied(with_parameters(contestant.config, trial.params, group))
            for trial, group in zip(asked, groups, strict=True)
        ]
        found = done(jobs, [(one, fold.jobs()[1:]) for one, fold in zip(tried, own, strict=True)])
        for fold, group, study, trial, outcomes, into in zip(own, groups, studies, asked, found, rows, strict=True):
            f1 = worth(fold, outcomes, jobs.maneuvers, spans)
            study.tell(trial, f1)
            judged = [window.norad_id for window in fold.outer.judged]
            into.append(
                {
                    "judged": judged,
                    "group": group,
                    "trial": trial.number,
                    "inner_f1": f1,
                    "chosen": False,
                    "parameters": dict(trial.params),
                }
            )
    chosen = {}
    for fold, group, study, told in zip(own, groups, studies, rows, strict=True):
        row = told[best(study)]
        row["chosen"] = True
        section = with_parameters(contestant.config, row["parameters"], group)
        chosen[fold] = Searched(contestant.varied(section), row["parameters"], told)
    return [chosen.get(fold, Searched(contestant, {}, [])) for fold in folds]
