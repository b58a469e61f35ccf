"""All that findings are told from on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.age import Launches, launches_of
from models.assess.findings.belt import Others, Spot, others_of, redirects, turned, unplaced, without_mistaken
from models.assess.findings.chain import DAY, Move, moves_of
from models.assess.findings.dead import cannot_move
from models.assess.findings.frame import CLOSED, Finding


@dataclass(frozen=True)
class Day:
    """All that findings are told from on a day."""

    as_of: pd.Timestamp
    moves: Mapping[int, list[Move]]
    phases: Mapping[int, pd.DataFrame]
    no_phases: pd.DataFrame
    others: Others
    turned: Mapping[int, tuple[Spot, pd.Timestamp]]
    names: Mapping[int, str]
    launches: Launches
    coming: set[int]
    dead: Mapping[int, str]
    current: pd.DataFrame
    company: pd.DataFrame
    config: FindingsConfig


def day_of(
    rows: list[Finding],
    events: pd.DataFrame,
    phases: pd.DataFrame,
    company: pd.DataFrame,
    overdue: pd.DataFrame,
    objects: pd.DataFrame,
    as_of: pd.Timestamp,
    config: FindingsConfig,
) -> Day:
    """What of a day's frames matters to findings, by object; parameters as of `update.update`."""
    listed = events["listed"].to_numpy(np.bool_) if "listed" in events else np.zeros(len(events), dtype=np.bool_)
    wanted = {row["norad_id"] for row in rows if row["state"] != CLOSED} | set(events.loc[listed, "norad_id"].tolist())
    wanted |= set(overdue["norad_id"].tolist())
    late = events["epoch_after"] > as_of - 2 * config.fresh_days * DAY
    recent = set(events.loc[late, "norad_id"].tolist())
    redirected = redirects(events["a_km"], events["delta_a_km"]) & (events["regime"] == "geo")
    wanted |= set(events.loc[late & redirected, "norad_id"].tolist())
    known = objects[objects["norad_id"].isin(wanted | recent | set(phases["norad_id"].tolist()))]
    dead = cannot_move(known)
    wanted |= set(dead) & recent
    ordered = phases.sort_values(["norad_id", "phase_start"], kind="stable", ignore_index=True)
    ordered = without_mistaken(ordered, config)
    left = turned(ordered, as_of - config.fresh_days * DAY, config)
    adrift = unplaced(ordered, config) & recent
    launches = launches_of(objects, wanted | set(left) | adrift)
    coming = {one for one in adrift if launches.age_days(one, as_of) < config.young_days}
    wanted |= coming
    moves: dict[int, list[Move]] = defaultdict(list)
    for move in moves_of(events[events["norad_id"].isin(wanted | set(left))]):
        moves[move.norad_id].append(move)
    own = ordered[ordered["norad_id"].isin(wanted | set(left))]
    names = dict(zip(known["norad_id"].tolist(), known["name"].tolist(), strict=True))
    return Day(
        as_of,
        moves,
        {int(group["norad_id"].iloc[0]): group for _, group in own.groupby("norad_id")},
        ordered.iloc[:0],
        others_of(ordered, known, config),
        left,
        names,
        launches,
        coming,
        dead,
        ordered[ordered["current"]],
        company,
        config,
    )
