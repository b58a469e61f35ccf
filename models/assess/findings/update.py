"""Findings brought up to a day."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.chain import DAY
from models.assess.findings.day import day_of
from models.assess.findings.frame import CLOSED, Finding, finding_frame, finding_rows
from models.assess.findings.opening import fallen_silent, opened, risen, turned_elsewhere
from models.assess.findings.progress import advanced
from models.assess.findings.together import together

_MEMORY = 400 * DAY  # events longer ago belong to no finding that is open


def update(
    findings: pd.DataFrame,
    events: pd.DataFrame,
    phases: pd.DataFrame,
    company: pd.DataFrame,
    overdue: pd.DataFrame,
    objects: pd.DataFrame,
    as_of: pd.Timestamp,
    config: FindingsConfig = FindingsConfig(),
) -> pd.DataFrame:
    """Bring findings up to a time: gather new events, open what is new, say what changed, close what rests.

    Pure: the same call on its own result changes nothing, and no news is said twice.

    Parameters
    ----------
    findings : DataFrame
        Those of before (`frame.FINDING_DTYPES`); `empty_findings` at first.
    events : DataFrame
        The log as of ``as_of``, judged: what `assess` and `calibrate` add, ``first_seen_at`` and ``listed`` among it.
    phases : DataFrame
        As from `belt_phases`, of all geosynchronous objects.
    company : DataFrame
        Who is near whom, as from `arrivals` and its like elsewhere.
    overdue : DataFrame
        ``norad_id``, ``since``, ``surprise``, ``reason``: keepers that no longer burn.
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``.
    as_of : Timestamp
        Now; nothing that was first seen later is looked at.

    Returns
    -------
    DataFrame
        Of the same columns, newest news first.
    """
    rows = finding_rows(findings)
    known = events[events["first_seen_at"] <= as_of] if "first_seen_at" in events else events
    known = known[known["epoch_after"] > as_of - _MEMORY]
    day = day_of(rows, known, phases, company, overdue, objects, as_of, config)
    rows += opened(rows, day)
    rows = risen(rows, day)
    rows += turned_elsewhere(rows, day)
    rows += fallen_silent(rows, overdue, day)
    by_object: dict[int, list[Finding]] = defaultdict(list)
    for row in rows:
        by_object[row["norad_id"]].append(row)
    rows = [advanced(row, by_object[row["norad_id"]], day) for row in rows]
    rows = together(rows, day.moves, day.current, company, day.names, day.dead, as_of, config)
    return finding_frame(rows)


def movers(
    findings: pd.DataFrame, events: pd.DataFrame, as_of: pd.Timestamp, config: FindingsConfig = FindingsConfig()
) -> list[int]:
    """Objects whose company matters to findings: those of findings that are open, and of fresh listed events.

    Parameters
    ----------
    findings, events, as_of, config
        As for `update`.
    """
    ids = set(findings.loc[findings["state"] != CLOSED, "norad_id"].tolist())
    if len(events) and "listed" in events:
        fresh = events["listed"].astype(bool) & (events["first_seen_at"] > as_of - config.fresh_days * DAY)
        ids |= set(events.loc[fresh & (events["first_seen_at"] <= as_of), "norad_id"].tolist())
    return sorted(int(one) for one in ids)
