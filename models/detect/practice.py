"""Burns put into the quiet arcs of what a network is taught on: more to practice on than operators have logged."""

from __future__ import annotations

import numpy as np
import pandas as pd

from configs.detect import RobustStepConfig
from configs.injection import InjectionConfig
from features.bank import compute_features
from features.history import sets_in
from models.benchmark.burns import draw_burns, injectable_gaps
from models.benchmark.injection import InjectionError, inject
from models.detect.channels import add_channels


def practice(
    features: pd.DataFrame, maneuvers: pd.DataFrame, config: InjectionConfig, steps: RobustStepConfig, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same objects as they would look had they made more burns, with channels, and all of their burns.

    Parameters
    ----------
    features : DataFrame
        Feature rows of objects, and times, of which all maneuvers are logged.
    maneuvers : DataFrame
        ``norad_id``, ``burn_time`` and the windows, if any, of those: nothing is put near them.
    config : InjectionConfig
        Which burns are drawn.
    steps : RobustStepConfig
        How channels are made.
    seed : int
        Of the draws.

    Returns
    -------
    DataFrame, DataFrame
        Rows with the columns of ``add_channels``, and ``norad_id`` and ``burn_time`` of real and injected burns. An object
        of which a drawn burn leaves no orbit is left out, and so is the first gap of each.
    """
    free = injectable_gaps(features, config, known=maneuvers)
    history = sets_in(features)
    burns = draw_burns(history, free, config, np.random.default_rng((config.seed, seed)))
    burned = []
    for norad_id, own in history.groupby("norad_id"):
        try:
            burned.append(inject(own, burns[burns["norad_id"] == norad_id]))
        except InjectionError:
            continue
    labels = pd.concat([maneuvers, burns[["norad_id", "burn_time"]]], ignore_index=True)
    if not burned:
        return features.iloc[:0], labels
    return add_channels(compute_features(pd.concat(burned, ignore_index=True)), steps), labels
