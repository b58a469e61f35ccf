"""Bad element sets: a step that goes back with the next set."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements
from configs.explanation import ExplanationConfig
from models.characterize.explain.words import BAD_SET, Finding
from models.characterize.noise import MAD_TO_SIGMA
from models.detect.candidates import row_of
from orbits.elements import FloatArray, IntArray
from orbits.propagate import drift

US_PER_DAY = 86_400e6
_MOST_SUSPECTS = 6
_LEAST_GAPS = 5
_AXIS, _NODE = 0, 2
_MEAN = [0, 1]  # steps that add up to what remains of them
_BESIDE = 3
# Steps and residuals that must go back, and the powers of time by which each grows from one set to another.
_CHANNELS = ("step_a_m", "step_i_deg", "step_raan_deg", "residual_r_km", "residual_t_km", "residual_n_km")
_GROWTH = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 1.0])
_WORDS = (
    "the semi-major axis {:+.3g} m",
    "the inclination {:+.3g} deg",
    "the plane {:+.3g} deg with its node",
    "{:+.3g} km radially",
    "{:+.3g} km along the track",
    "{:+.3g} km across the track",
)


class _Suspects(NamedTuple):
    event: IntArray  # (P,)
    row: IntArray  # (P,) feature row whose later set is suspected to be bad
    first: IntArray  # (P,) rows of the event's first and last gap
    last: IntArray


def bad_sets(events: pd.DataFrame, features: pd.DataFrame, history: pd.DataFrame, config: ExplanationConfig) -> Finding:
    """Events that one or two bad element sets made.

    Every set of an event's window is tried, alone and with the next one: if what it changed goes
    back with the set after it, and the sets on both sides of it agree in semi-major axis, plane and position within
    the object's own noise, it is the set that was off and not the object. A trip out and back would leave the same
    trace where a single set saw it. It is told from a bad set by where that set lies along the track: carried
    back, its orbit must meet the earlier one well before its epoch. A step seen by one of two fits of nearly one epoch and not
    by the other is a bad set too.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after.
    features : DataFrame
        Feature rows of these objects, sorted by (norad_id, epoch).
    history : DataFrame
        Element sets of these objects.
    config : ExplanationConfig
    """
    finding = Finding(BAD_SET, len(events))
    suspects = _suspects(events, features)
    for count in (1, 2):
        _returns(finding, suspects, count, features, config)
    _twins(finding, events, history, config)
    return finding


def _suspects(events: pd.DataFrame, features: pd.DataFrame) -> _Suspects:
    """The sets from the one before the window to the one after it."""
    ids = features["norad_id"].to_numpy(np.int64)
    owner = events["norad_id"].to_numpy(np.int64)
    last = row_of(events, features)
    earlier = pd.MultiIndex.from_arrays([ids, epoch_us(features["epoch_before"])])
    first = earlier.get_indexer(pd.MultiIndex.from_arrays([owner, epoch_us(events["epoch_before"])]))
    first = np.where((first < 0) | (first > last), last, first)
    # The sets before the first gap may be the bad ones: then the event is their going back.
    count = np.where(last >= 0, np.minimum(last - first + 3, _MOST_SUSPECTS), 0)
    event = np.repeat(np.arange(len(events)), count)
    row = last[event] - (np.arange(len(event)) - np.repeat(np.cumsum(count) - count, count))
    same = (row >= 0) & (ids[row] == owner[event])
    event, row = event[same], row[same]
    return _Suspects(event, row, first[event], last[event])


def _returns(
    finding: Finding, suspects: _Suspects, count: int, features: pd.DataFrame, config: ExplanationConfig
) -> None:
    """Explain events by ``count`` successive bad sets, of which the suspect is the first."""
    ids = features["norad_id"].to_numpy(np.int64)
    # From the set before to the set after the bad ones the whole event must have come and gone.
    fits = (suspects.row <= suspects.first) & (suspects.row + count >= suspects.last)
    fits &= suspects.row + count < len(ids)
    event, out = suspects.event[fits], suspects.row[fits]
    fits = ids[out + count] == ids[out]
    event, out = event[fits], out[fits]
    if not len(event):
        return
    back = out + count
    step, over = _values(features, ""), _values(features, f"_lag{count + 1}")
    spans = _spans(features, count + 1)
    sigma = _noise(step, features["gap_days"].to_numpy(np.float64), out, ids, count, config)
    sigma_over = _noise(over, spans, out, ids, count, config, at=back)
    floor = _floors(features)[out]
    sigma, sigma_over = np.fmax(sigma, floor), np.fmax(sigma_over, floor)
    least = np.minimum(np.abs(step[out]), np.abs(step[back]))
    off = (step[out] * step[back] < 0) & (least > config.off_sigma * sigma)
    left = np.abs(over[back])
    quiet = left <= config.quiet_sigma * sigma_over
    returned = off.any(1) & quiet.all(1) & (~off | (left <= config.left_share * least)).all(1)
    # Nor may a step remain of the sets around: a burn that bad sets stand beside is found with them as one event.
    net, rows = _net(step[:, _MEAN], ids, out, back)
    allowed = config.quiet_sigma * sigma[:, _MEAN] * np.sqrt(rows)[:, None]
    returned &= (net <= np.maximum(allowed, np.where(off, config.left_share * least, 0.0)[:, _MEAN])).all(1)
    for i in np.flatnonzero(returned):
        trip = _trip_days(features, int(out[i])) if off[i, _AXIS] else 0.0
        possible = spans[back[i]] >= config.trip_days and trip >= config.trip_share * spans[back[i]]
        finding.say(
            int(event[i]),
            _note(features, out[i], back[i], step[out[i]], left[i], off[i], sigma[i], trip if possible else 0.0),
            explained=not possible,
        )


def _net(steps: FloatArray, ids: IntArray, out: IntArray, back: IntArray) -> tuple[FloatArray, IntArray]:
    """Sizes (P, channels) of the sums of the steps from some rows before to some after, and how many rows they are."""
    starts = np.flatnonzero(np.diff(ids, prepend=-1))
    stops = np.append(starts[1:], len(ids))
    place = np.searchsorted(starts, out, "right") - 1
    first = np.maximum(out - _BESIDE, starts[place])
    last = np.minimum(back + _BESIDE + 1, stops[place])
    total = np.vstack([np.zeros(steps.shape[1]), np.cumsum(np.nan_to_num(steps), axis=0)])
    return np.abs(total[last] - total[first]), np.asarray(last - first, dtype=np.int64)


def _values(features: pd.DataFrame, suffix: str) -> FloatArray:
    values = np.column_stack([features[f"{name}{suffix}"].to_numpy(np.float64) for name in _CHANNELS])
    values[:, _NODE] *= np.sin(np.radians(features["inclination_deg"].to_numpy(np.float64)))  # the plane's turn
    return values


def _spans(features: pd.DataFrame, gaps: int) -> FloatArray:
    """Time (G,) from so many sets before to the later set of each row [days]."""
    days = features["gap_days"].to_numpy(np.float64)
    total = days.copy()
    for lag in range(1, gaps):
        total[lag:] += days[:-lag]
    return total


def _noise(
    values: FloatArray,
    days: FloatArray,
    row: IntArray,
    ids: IntArray,
    count: int,
    config: ExplanationConfig,
    at: IntArray | None = None,
) -> FloatArray:
    """Robust σ (P, channels) of the object's earlier rows, of later ones where they are too few."""
    width = config.noise_gaps
    earlier = row[:, None] - 1 - np.arange(width)
    later = row[:, None] + 2 * count + 1 + np.arange(width)
    sigma, usual = _scatter(values, days, earlier, row, ids)
    few = ~np.isfinite(sigma[:, 0])
    if few.any():
        sigma[few], usual[few] = _scatter(values, days, np.hstack([earlier, later])[few], row[few], ids)
    longer = np.fmax(days[row if at is None else at] / usual, 1.0)
    return np.asarray(sigma * longer[:, None] ** _GROWTH, dtype=np.float64)


def _scatter(
    values: FloatArray, days: FloatArray, rows: IntArray, row: IntArray, ids: IntArray
) -> tuple[FloatArray, FloatArray]:
    inside = (rows >= 0) & (rows < len(ids))
    safe = np.where(inside, rows, 0)
    inside &= ids[safe] == ids[row][:, None]
    drawn = np.where(inside[..., None], np.abs(values[safe]), np.nan)
    enough = np.isfinite(drawn).sum(1) >= _LEAST_GAPS
    filled = np.where(enough[:, None, :], drawn, 0.0)
    spans = np.where(inside & enough.any(1)[:, None], days[safe], np.nan)
    spans[~enough.any(1)] = 1.0
    return np.where(enough, MAD_TO_SIGMA * np.nanmedian(filled, axis=1), np.nan), np.nanmedian(spans, axis=1)


def _floors(features: pd.DataFrame) -> FloatArray:
    """The last printed digit of each channel, (G, channels)."""
    a_km = features["a_km"].to_numpy(np.float64)
    digit_deg, arc_km = np.full(len(a_km), 1e-4), a_km * np.radians(1e-4)
    return np.column_stack([np.full(len(a_km), 0.5), digit_deg, digit_deg, arc_km, arc_km, arc_km])


def _trip_days(features: pd.DataFrame, out: int) -> float:
    """How long before its epoch the suspect's orbit met the earlier one: since when the object may have been away [days].

    The difference along the track grows from nothing at the burn: it is f at the suspect's epoch and was -b at the
    earlier one, so it was nothing |f| / (|f| + |b|) of the gap before; if f and b have opposite signs, never.
    """
    forward, backward = (float(features[name].iloc[out]) for name in ("residual_t_km", "back_t_km"))
    if not forward * backward > 0:
        return 0.0
    return float(features["gap_days"].iloc[out]) * abs(forward) / (abs(forward) + abs(backward))


def _note(
    features: pd.DataFrame,
    out: int,
    back: int,
    step: FloatArray,
    left: FloatArray,
    off: NDArray[np.bool_],
    sigma: FloatArray,
    trip_days: float,
) -> str:
    count = back - out
    largest = int(np.argmax(np.where(off, np.abs(step) / sigma, 0.0)))
    moved = _WORDS[largest].format(step[largest])
    rest = _WORDS[largest].split("{")[1].split("}")[1].split()[0]
    sets = f"the set of {_when(features, out)}"
    if count == 2:
        sets = f"the sets of {_when(features, out)} and {_when(features, out + 1)}"
    text = (
        f"{sets} moved {moved} ({abs(step[largest]) / sigma[largest]:.0f} sigma) and the next one, "
        f"{features['gap_days'].iloc[back]:.1f} days later, back to within {left[largest]:.2g} {rest} of the orbit before"
    )
    if trip_days > 0:
        return f"excursion or bad set: {text}; its place along the track fits a departure {trip_days:.1f} days before its epoch"
    return text


def _when(features: pd.DataFrame, row: int) -> str:
    return f"{features['epoch'].iloc[row]:%Y-%m-%d %H:%M}"


def _twins(
    finding: Finding,
    events: pd.DataFrame,
    history: pd.DataFrame,
    config: ExplanationConfig,
) -> None:
    """Explain events whose later set is contradicted by another of nearly the same epoch."""
    set_us, owner = epoch_us(history["epoch"]), history["norad_id"].to_numpy(np.int64)
    place = {key: row for row, key in enumerate(zip(owner.tolist(), set_us.tolist(), strict=True))}
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    least_us = config.twin_minutes * 60e6
    quads = []
    for event, norad_id in enumerate(events["norad_id"].tolist()):
        before, after = (place.get((norad_id, int(when[event])), -1) for when in (begin_us, end_us))
        if before < 0 or after < 0:
            continue
        twin = after + 1
        while twin < len(owner) and owner[twin] == norad_id and set_us[twin] - set_us[after] <= least_us:
            twin += 1
        # The set beyond the twins must go with them.
        if twin < len(owner) and owner[twin] == norad_id:
            quads += [(event, before, after, one, twin) for one in range(after + 1, twin)]
    if not quads:
        return
    event, before, *others = np.array(quads, dtype=np.int64).T
    elements = mean_elements(history)
    sets = np.concatenate(others)
    own = drift(elements[sets], set_us[sets]).a_km
    carried = drift(elements[np.tile(before, 3)], set_us[sets]).a_km
    step, of_twin, beyond = np.split(1e3 * (own - carried), 3)
    after, twin = others[0], others[1]
    for i in np.flatnonzero(np.fmax(np.abs(of_twin), np.abs(beyond)) <= config.left_share * np.abs(step)):
        minutes = (set_us[twin[i]] - set_us[after[i]]) / 60e6
        finding.say(
            int(event[i]),
            f"the set of {history['epoch'].iloc[after[i]]:%Y-%m-%d %H:%M} says {step[i]:+.3g} m of semi-major axis, "
            f"another {minutes:.0f} min later {of_twin[i]:+.2g} m, and the next one {beyond[i]:+.2g} m",
        )
