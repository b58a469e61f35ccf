"""The explanations of an event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MANEUVER = "maneuver"
BAD_SET = "bad element set"
ANOTHER_OBJECT = "another object"
CROSS_TAG = "cross-tag"
DRAG_STORM = "drag storm"
DECAY = "decay"
FIRST_SETS = "first element sets"
BREAK_UP = "break-up or loss"
# Of two that hold, the first is said: the surest of what cannot be a burn comes first.
NOT_MANEUVERS = (ANOTHER_OBJECT, FIRST_SETS, DECAY, CROSS_TAG, BAD_SET, DRAG_STORM, BREAK_UP)
EXPLANATIONS = (MANEUVER, *NOT_MANEUVERS)


class Finding:
    """What one rule says of E events: which it explains, and what it has seen.

    Parameters
    ----------
    explanation : str
        One of `NOT_MANEUVERS`.
    count : int
        E.

    Attributes
    ----------
    explained : (E,) bool
    notes : list of str
        The evidence in words and figures; of an event that is not explained, what speaks for a doubt, else ''.
    """

    def __init__(self, explanation: str, count: int) -> None:
        self.explanation = explanation
        self.explained: NDArray[np.bool_] = np.zeros(count, dtype=np.bool_)
        self.notes = [""] * count

    def say(self, event: int, note: str, *, explained: bool = True) -> None:
        """Explain one event, or only note a doubt. The first explanation of an event stays."""
        if not self.explained[event] and (explained or not self.notes[event]):
            self.explained[event], self.notes[event] = explained, note

    def take(self, part: Finding, events: NDArray[np.int64]) -> None:
        """What was found among some of the events: those at ``events``, in the order of ``part``."""
        for place, event in enumerate(events.tolist()):
            if part.notes[place]:
                self.say(event, part.notes[place], explained=bool(part.explained[place]))


def combined(findings: list[Finding], index: pd.Index) -> pd.DataFrame:
    """One explanation an event: the first rule's that holds, with its evidence, or with every doubt about a maneuver.

    Returns
    -------
    DataFrame
        ``explanation`` (one of `EXPLANATIONS`) and ``explanation_note``, of the given index.
    """
    ordered = sorted(findings, key=lambda finding: NOT_MANEUVERS.index(finding.explanation))
    explanations, notes = [], []
    for event in range(len(index)):
        holding = [finding for finding in ordered if finding.explained[event]]
        doubts = [finding for finding in ordered if not finding.explained[event] and finding.notes[event]]
        explanations.append(holding[0].explanation if holding else MANEUVER)
        said = [finding.notes[event] for finding in (holding[:1] or doubts)]
        notes.append("; ".join(dict.fromkeys(said)))
    return pd.DataFrame(
        {
            "explanation": pd.Series(explanations, index=index, dtype="str"),
            "explanation_note": pd.Series(notes, index=index, dtype="str"),
        }
    )
