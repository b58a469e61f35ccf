"""One pass of SGP4 over a history: each used set at its own epoch and at its neighbors'."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.history import LAGS, Gaps
from orbits.elements import IntArray, MeanElements
from orbits.propagate import MeanDrift, State, propagate_with_drift

OWN = 0


def forward(lag: int) -> int:
    """Column of the passes that holds a set ``lag`` epochs later."""
    return lag


def back(lag: int) -> int:
    """Column of the passes that holds a set ``lag`` epochs earlier."""
    return len(LAGS) + lag


@dataclass(frozen=True, slots=True)
class Passes:
    """What SGP4 makes of N used sets at their own epoch, three epochs later and three epochs earlier.

    Parameters
    ----------
    elements : MeanElements
        The N sets.
    gaps : Gaps
        The G feature rows in them.
    state : State
        Position [km] and velocity [km/s] in TEME, (N, 7, 3); columns by ``OWN``, ``forward``, ``back``.
    drift : MeanDrift
        Mean elements as SGP4 carries them, (N, 7).
    """

    elements: MeanElements
    gaps: Gaps
    state: State
    drift: MeanDrift


def run_passes(elements: MeanElements, norad_id: IntArray, gaps: Gaps) -> Passes:
    """Propagate each set to its neighbors' epochs; where it has none, to its own."""
    times_us = np.repeat(elements.epoch_us[:, None], 1 + 2 * len(LAGS), axis=1)
    for lag in LAGS:
        same = norad_id[lag:] == norad_id[:-lag]
        times_us[:-lag, forward(lag)][same] = elements.epoch_us[lag:][same]
        times_us[lag:, back(lag)][same] = elements.epoch_us[:-lag][same]
    state, drift = propagate_with_drift(elements, times_us)
    return Passes(elements, gaps, state, drift)
