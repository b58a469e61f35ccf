"""What an object's own element sets say against a maneuver."""

from __future__ import annotations

import pandas as pd

from configs.explanation import ExplanationConfig
from models.characterize.explain.another import other_objects
from models.characterize.explain.bad_set import bad_sets
from models.characterize.explain.life import add_age, changed_drag, decays
from models.characterize.explain.words import combined


def explain_alone(
    events: pd.DataFrame,
    features: pd.DataFrame,
    history: pd.DataFrame,
    config: ExplanationConfig = ExplanationConfig(),
) -> pd.DataFrame:
    """Explain events by the sets of their own objects, as a worker has them at hand.

    Parameters
    ----------
    events : DataFrame
        As from `burn_fit.fit_burns`.
    features, history : DataFrame
        Feature rows and element sets of these objects, sorted by (norad_id, epoch).

    Returns
    -------
    DataFrame
        ``events`` and own_explanation, own_note; age_days and sets_before (see `life.add_age`).
    """
    aged = add_age(events, history)
    findings = [
        *other_objects(events, history),
        bad_sets(events, features, history, config),
        decays(events, history, config),
        changed_drag(events, features, config),
    ]
    found = combined(findings, events.index)
    return aged.assign(own_explanation=found["explanation"], own_note=found["explanation_note"])
