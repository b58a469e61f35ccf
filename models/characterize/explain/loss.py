"""Objects that break up or are seen no more."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from catalog.records import epoch_us, mean_elements
from configs.explanation import ExplanationConfig
from models.characterize.explain.words import BREAK_UP, Finding
from orbits.propagate import drift

US_PER_DAY = 86_400_000_000
_LAUNCH = 8  # characters of an international designator that name the launch: 1993-036
_LEAST_SETS = 10

Sets = Callable[[list[int]], pd.DataFrame]


def losses(events: pd.DataFrame, coverage: pd.DataFrame, config: ExplanationConfig) -> Finding:
    """Events after which no element set came for much longer than usual, while other objects' went on.

    What only one or two sets have seen, and nothing after them, is as much a lost track as a burn.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_after.
    coverage : DataFrame
        ``norad_id``, ``count``, ``first_epoch``, ``last_epoch`` of every object, as of the judgement.
    """
    finding = Finding(BREAK_UP, len(events))
    known = coverage.set_index("norad_id")
    known = known.reindex(events["norad_id"])
    last_us, first_us = (epoch_us(known[name]) for name in ("last_epoch", "first_epoch"))
    count = known["count"].to_numpy(np.float64)
    end_us = int(epoch_us(coverage["last_epoch"]).max()) if len(coverage) else 0
    usual_days = (last_us - first_us) / np.maximum(count - 1, 1) / US_PER_DAY
    silent_days = (end_us - last_us) / US_PER_DAY
    seen_days = (last_us - epoch_us(events["epoch_after"])) / US_PER_DAY
    lost = (count >= _LEAST_SETS) & (silent_days >= np.maximum(config.loss_days, config.loss_gaps * usual_days))
    lost &= seen_days <= (config.loss_sets - 1) * 1.5 * usual_days
    for event in np.flatnonzero(lost):
        finding.say(
            int(event),
            f"no element set for {silent_days[event]:.0f} days after {seen_days[event]:.1f} more days of them, "
            f"usually one every {usual_days[event]:.1f} days: the object was lost, and nothing confirms a burn",
        )
    return finding


def break_ups(
    events: pd.DataFrame, coverage: pd.DataFrame, objects: pd.DataFrame, sets: Sets, config: ExplanationConfig
) -> Finding:
    """Events after which new objects of the same launch appear in the orbit of the one that stepped.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after.
    coverage : DataFrame
        As of `losses`.
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``.
    sets : callable(ids) -> DataFrame
        Element sets of some objects.
    """
    finding = Finding(BREAK_UP, len(events))
    designators = objects.drop_duplicates("norad_id").set_index("norad_id")["object_id"].astype("str")
    born = coverage.assign(launch=coverage["norad_id"].map(designators).astype("str").fillna("").str[:_LAUNCH])
    born = born[born["launch"] != ""]
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    first = dict(zip(coverage["norad_id"].tolist(), epoch_us(coverage["first_epoch"]).tolist(), strict=True))
    grouped = dict(iter(born.groupby("launch")))
    reach_us = int(config.pieces_days * US_PER_DAY)
    for event, norad_id in enumerate(events["norad_id"].tolist()):
        family = grouped.get(str(designators.get(norad_id, ""))[:_LAUNCH])
        # An object that itself just appeared is one of the pieces, or its whole launch is new to the store.
        if family is None or first.get(norad_id, end_us[event]) > begin_us[event] - reach_us:
            continue
        appeared = epoch_us(family["first_epoch"])
        pieces = family.loc[
            (family["norad_id"] > norad_id)
            & (appeared > begin_us[event] - US_PER_DAY)
            & (appeared <= end_us[event] + reach_us),
            "norad_id",
        ].tolist()
        if len(pieces) < config.pieces:
            continue
        alike = _in_its_plane(int(norad_id), pieces, int(end_us[event]), sets, config)
        if len(alike) >= config.pieces:
            finding.say(
                event,
                f"{len(alike)} new objects of its launch in its plane within {config.pieces_days:.0f} days "
                f"({', '.join(str(piece) for piece in alike[:3])}{' ...' if len(alike) > 3 else ''}): it broke up",
            )
    return finding


def _in_its_plane(norad_id: int, pieces: list[int], at_us: int, sets: Sets, config: ExplanationConfig) -> list[int]:
    history = sets([norad_id, *pieces])
    away = np.abs(epoch_us(history["epoch"]) - at_us)
    # The parent as it was at the event, each piece as it was first seen.
    history = history.assign(away=np.where(history["norad_id"] == norad_id, away, epoch_us(history["epoch"])))
    one = history.sort_values("away", kind="stable").drop_duplicates("norad_id")
    parent, others = one[one["norad_id"] == norad_id], one[one["norad_id"] != norad_id]
    if parent.empty or others.empty:
        return []
    elements = mean_elements(others)
    at = drift(mean_elements(parent)[np.zeros(len(others), dtype=np.int64)], elements.epoch_us)
    normals = [
        _normal(np.radians(inclination), np.radians(node))
        for inclination, node in ((at.inclination_deg, at.raan_deg), (elements.inclination_deg, elements.raan_deg))
    ]
    angle = np.degrees(np.arccos(np.clip((normals[0] * normals[1]).sum(0), -1, 1)))
    return sorted(others.loc[angle <= config.pieces_plane_deg, "norad_id"].tolist())


def _normal(inclination: np.ndarray, node: np.ndarray) -> np.ndarray:
    return np.stack([np.sin(inclination) * np.sin(node), -np.sin(inclination) * np.cos(node), np.cos(inclination)])
