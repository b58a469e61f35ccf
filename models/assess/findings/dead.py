"""Objects that cannot move of themselves, and yet do."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.chain import DAY, Move

_YEAR = 365.25


def cannot_move(objects: pd.DataFrame) -> dict[int, str]:
    """Why objects are known to be dead, by number: debris, rocket bodies, what is listed as inactive or decayed."""
    dead = objects[objects["kind"].isin(["debris", "rocket body"]) | objects["status"].isin(["inactive", "decayed"])]
    said = [
        f"is {'debris' if kind == 'debris' else 'a rocket body'}"
        if kind in ("debris", "rocket body")
        else f"is listed as {status}"
        for kind, status in zip(dead["kind"], dead["status"], strict=True)
    ]
    return dict(zip(dead["norad_id"].tolist(), said, strict=True))


def dead_that_moved(
    moves: Sequence[Move], known: Mapping[int, str], as_of: pd.Timestamp, config: FindingsConfig
) -> tuple[Move, str] | None:
    """The first of an object's moves that shows it moved though it is dead, and why it counts as dead.

    One odd set does not move an object: the event must still be there when some days have passed.
    """
    for index, move in enumerate(moves):
        real = move.maneuver and move.probability >= config.dead_probability and move.dv_m_s >= config.dead_dv_m_s
        fresh = move.first_seen > as_of - config.fresh_days * DAY
        if not real or not fresh or as_of - move.after < config.dead_wait_days * DAY:
            continue
        if move.norad_id in known:
            return move, known[move.norad_id]
        silent = move.observed_days
        if index:
            silent = min(silent, (move.before - moves[index - 1].after) / DAY)
        if move.listed and math.isfinite(silent) and silent >= config.dead_days:
            return move, f"had not burned in {silent / _YEAR:.1f} years"
    return None
