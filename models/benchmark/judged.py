"""Verdicts as a detector takes them: what each says of its window, which of them teach, and how well the others are met.

A verdict says something of its window and nothing of the rest of the object's history: *confirmed* and *routine* say that
there was a burn, *data error* that there was none, the others nothing.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.operation import TrainConfig
from models.benchmark.matching import inside

BURN, NO_BURN, NOTHING = "burn", "no burn", "nothing"
SAYS = {"confirmed": BURN, "routine": BURN, "data error": NO_BURN}
TRAIN, GUARD, SILENT, LOGGED, OUTVOTED, UNCOVERED = (
    "train",
    "guard",
    "says nothing",
    "logged",
    "another verdict counts",
    "no element sets",
)
HELD_OUT = ("other object", "later", "other object and later")

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


class Lessons(NamedTuple):
    """What a detector may learn from verdicts.

    Parameters
    ----------
    rows : (N,) bool
        Gaps of which a verdict says whether they hold a burn.
    burns : DataFrame
        ``norad_id`` and ``burn_time`` of the burns in them.
    """

    rows: BoolArray
    burns: pd.DataFrame


def divide(
    labels: pd.DataFrame, features: pd.DataFrame, config: TrainConfig, spans: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Say of each label what it says, and what it is used for.

    Objects are drawn to be held out by a hash of their number, so that one that is held out always was. Of the windows
    the last ones in time are held out too, whatever their object, and those shortly before them are left out: a burn, a
    storm or a bad set that shows in both would tell what is asked. So nothing that is held out shares its object with what
    teaches in the one part, its time in the other, and either of them in the third.

    Parameters
    ----------
    labels : DataFrame
        ``team, norad_id, epoch_before, epoch_after, burn_time, verdict, decided_at``; an empty team is one's own.
    features : DataFrame
        ``norad_id, epoch_before, epoch`` of all gaps, sorted by (norad_id, epoch).
    config : TrainConfig
    spans : DataFrame, optional
        Where burn logs tell all (`models.benchmark.protocol.evaluated_spans`): there they are believed, and an object that
        has them is not held out.

    Returns
    -------
    DataFrame
        ``labels``, ``says`` (burn, no burn, nothing) and ``split``: 'train', one of ``HELD_OUT``, or why it is neither.
    """
    says = labels["verdict"].map(SAYS).fillna(NOTHING).astype("str")
    split = np.full(len(labels), SILENT, dtype=object)
    open_ones = (says != NOTHING).to_numpy(copy=True)

    def leave_out(these: BoolArray, why: str) -> None:
        split[open_ones & these] = why
        open_ones[these] = False

    leave_out(~_standing(labels, open_ones), OUTVOTED)
    first, stop = gaps_of(labels, features)
    leave_out(first == stop, UNCOVERED)
    numbers, burn_us = labels["norad_id"].to_numpy(np.int64), epoch_us(labels["burn_time"])
    logged = np.empty(0, np.int64)
    if spans is not None and not spans.empty:
        leave_out(inside(labels["norad_id"], burn_us, spans), LOGGED)
        logged = spans["norad_id"].to_numpy(np.int64)
    other = np.array([_drawn(number, config) for number in numbers.tolist()], np.bool_) & ~np.isin(numbers, logged)
    cutoff_us = _cutoff(burn_us[open_ones], config.held_out_time)
    later = burn_us >= cutoff_us
    guard_us = round(config.guard_days * 86_400e6)
    near = ~later & ~other & (cutoff_us - epoch_us(labels["epoch_after"]) < guard_us)
    split[open_ones] = TRAIN
    for mask, name in (
        (near, GUARD),
        (other & ~later, HELD_OUT[0]),
        (later & ~other, HELD_OUT[1]),
        (other & later, HELD_OUT[2]),
    ):
        split[open_ones & mask] = name
    return labels.assign(says=says, split=pd.Series(split, index=labels.index, dtype="str"))


def data_errors(labels: pd.DataFrame) -> pd.DataFrame:
    """The labels that count and say that there was no burn.

    Parameters
    ----------
    labels : DataFrame
        As for `divide`.
    """
    says = labels["verdict"].map(SAYS).fillna(NOTHING)
    standing = _standing(labels, (says != NOTHING).to_numpy())
    return labels[standing & (says == NO_BURN).to_numpy()].reset_index(drop=True)


def lessons(divided: pd.DataFrame, features: pd.DataFrame, config: TrainConfig) -> Lessons:
    """The gaps that verdicts teach.

    Of a burn in LEO that is the gap that holds its time: sets that came later may have cut its window in two. What shows
    beside it is the same burn, seen by fits that reach back across it, so the gaps up to ``beside_days`` from it are
    known too, apart from those in the window of another label, or of a flag that nobody settled. Above LEO one gap is too short an
    arc: all gaps of the window are taken, and none beside it.

    Parameters
    ----------
    divided : DataFrame
        From `divide`.
    features : DataFrame
        The same rows.
    config : TrainConfig
    """
    own = divided[divided["split"] == TRAIN]
    burned = (own["says"] == BURN).to_numpy()
    first, _ = gaps_of(own, features)
    in_leo = burned & features["regime"].eq("leo").to_numpy()[first]
    burn = own.loc[in_leo, "burn_time"]
    holding = own[in_leo].assign(epoch_before=burn - pd.Timedelta(microseconds=1), epoch_after=burn)
    reach = pd.Timedelta(days=config.beside_days)
    beside = own[in_leo].assign(epoch_before=burn - reach, epoch_after=burn + reach)
    rows = _rows_in(beside, features) & ~_rows_in(divided[divided["split"] != TRAIN], features)
    rows |= _rows_in(holding, features) | _rows_in(own[~in_leo], features)
    return Lessons(rows, own.loc[burned, ["norad_id", "burn_time"]].reset_index(drop=True))


def _standing(labels: pd.DataFrame, speaks: BoolArray) -> BoolArray:
    """Labels that count: of one window the team's last word, of windows that overlap one's own, else the latest.

    A duplicate is of another flag's window, whose verdict it leaves alone.
    """
    standing = np.ones(len(labels), np.bool_)
    decided_us = epoch_us(labels["decided_at"])
    place = labels.reset_index(drop=True).assign(decided_us=decided_us)
    words = place[place["verdict"] != "duplicate"].sort_values("decided_us", kind="stable")
    last = words.drop_duplicates(["team", "norad_id", "epoch_before", "epoch_after"], keep="last").index
    standing[words.index.difference(last)] = False
    before_us, after_us = epoch_us(labels["epoch_before"]), epoch_us(labels["epoch_after"])
    foreign = (labels["team"] != "").to_numpy()
    heard = np.flatnonzero(standing & speaks)
    for rows in place.iloc[heard].groupby("norad_id").indices.values():
        own = heard[rows]
        kept: list[int] = []
        for at in own[np.lexsort((-decided_us[own], foreign[own]))].tolist():
            if any(before_us[at] < after_us[one] and before_us[one] < after_us[at] for one in kept):
                standing[at] = False
            else:
                kept.append(at)
    return standing


def gaps_of(labels: pd.DataFrame, features: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """First row and the row after the last of the gaps that each label's window overlaps."""
    ids, numbers = features["norad_id"].to_numpy(np.int64), labels["norad_id"].to_numpy(np.int64)
    low, high = np.searchsorted(ids, numbers), np.searchsorted(ids, numbers, side="right")
    begin_us, end_us = epoch_us(features["epoch_before"]), epoch_us(features["epoch"])
    before_us, after_us = epoch_us(labels["epoch_before"]), epoch_us(labels["epoch_after"])
    first, stop = low.copy(), low.copy()
    for at, (start, end) in enumerate(zip(low, high, strict=True)):
        first[at] = start + np.searchsorted(end_us[start:end], before_us[at], side="right")
        stop[at] = max(first[at], start + np.searchsorted(begin_us[start:end], after_us[at]))
    return first, stop


def _rows_in(labels: pd.DataFrame, features: pd.DataFrame) -> BoolArray:
    """Whether each gap overlaps the window of a label, (N,)."""
    rows = np.zeros(len(features), np.bool_)
    for first, stop in zip(*gaps_of(labels, features), strict=True):
        rows[first:stop] = True
    return rows


def _drawn(norad_id: int, config: TrainConfig) -> bool:
    """Whether an object is held out."""
    digest = hashlib.blake2b(f"{config.seed} {norad_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 < config.held_out_objects


def _cutoff(burn_us: IntArray, share: float) -> float:
    """From when on windows are held out [us]; never where that share is less than one window."""
    held = int(share * len(burn_us))
    return float(np.sort(burn_us)[-held]) if held else np.inf
