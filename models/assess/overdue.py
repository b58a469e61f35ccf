"""The burns that did not come: strict keepers that fell silent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student_t

from catalog.records import epoch_us, mean_elements, utc
from configs.judgement import OverdueConfig, SurpriseConfig
from models.assess.burns import US_PER_DAY, burns_of
from models.assess.reasons import days_text
from models.assess.surprise import Null
from models.characterize.explain.words import MANEUVER
from models.errors import ModelError
from orbits.elements import semi_major_axis_km
from orbits.geosynchronous import j22_acceleration_deg_day2, mean_longitude_deg

FloatArray = NDArray[np.float64]

OVERDUE_DTYPES = {"norad_id": "int64", "since": "datetime64[us, UTC]", "surprise": "float64", "reason": "str"}
_MISSED_AT_MOST = 12
_MONTH_DAYS = 30.0
_ELSEWHERE = ("relocation", "orbit raise", "orbit lowering", "plane change")
_WORDS = {"along": ("east-west burn", "along-track burn"), "across": ("north-south burn", "cross-track burn")}


class Rhythm(NamedTuple):
    """When an object burns: a period, how well it is kept, and how many of the burns are found; N objects.

    Parameters
    ----------
    waits : (N,) float64
        Waits that it was learned from.
    center, spread : (N,) float64
        Of the natural logarithm of the period [day].
    recall : (N,) float64
        Share of the burns that are found.
    strict : (N,) bool
        Whether it is kept well enough for its absence to mean something.
    """

    waits: FloatArray
    center: FloatArray
    spread: FloatArray
    recall: FloatArray
    strict: NDArray[np.bool_]


def overdue(
    events: pd.DataFrame,
    coverage: pd.DataFrame,
    as_of: pd.Timestamp,
    config: OverdueConfig = OverdueConfig(),
    *,
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name the strict keepers that have not burned for surprisingly long although element sets of them keep coming.

    A renewal model of each object's waits: log-normal about its own period with a Student-t forecast, each burn being
    found with the object's own recall, so that a wait may span several periods. How long waits last under that
    forecast is calibrated by those that ended, of all strict keepers, each foretold from the ones before it
    (`surprise.Null`). The limit follows from the number of waits that begin in a month among all of them: as each is
    given one chance to be called overdue, about ``false_per_month`` are called so by chance.

    In the geosynchronous belt silence is checked: an object that does not burn is pulled along by the ellipticity of
    the equator, smoothly. Where its longitude does not follow that parabola, or its semi-major axis goes in steps, its
    burns were too small to be found.

    Parameters
    ----------
    events : DataFrame
        As from `kind.classify`: norad_id, burn_time, epoch_after, available_at, burn fit; kind, first_seen_at and
        explanation where there.
    coverage : DataFrame
        norad_id, last_epoch: up to when element sets were seen, as of then. Silence without sets is none.
    as_of : Timestamp
        Time of the judgement; what came later is left out.
    config : OverdueConfig
    history : DataFrame, optional
        Element sets of any objects, sorted by object and epoch, for that check; only those available by ``as_of`` are
        used. Without it nothing is checked.

    Returns
    -------
    DataFrame
        norad_id, since (end of the window of its last burn: names the silence), surprise (-log10 of the calibrated p)
        and reason, by falling surprise.

    Raises
    ------
    ModelError
        If a column is missing.

    Notes
    -----
    Renewal process with thinning: Cox, Renewal Theory (1962), section 2.
    """
    needed = ("norad_id", "burn_time", "epoch_after", "available_at")
    if missing := [name for name in needed if name not in events]:
        raise ModelError(f"events lack columns {', '.join(missing)}: run burn_fit.fit_burns first")
    past = _known(events, as_of)
    last_epoch = coverage.set_index("norad_id")["last_epoch"].astype("datetime64[us, UTC]")
    last_epoch = last_epoch[last_epoch >= as_of - pd.Timedelta(days=config.max_set_age_days)]
    past = past[past["norad_id"].isin(last_epoch.index)]
    found = _maneuvers(past, config)
    ids, waits = _waits(found, config)
    if not len(ids):
        return _said([])
    # What ended waits score, each under the rhythm of those before it.
    null = Null(SurpriseConfig(prior_events=config.prior_waits))
    for back in range(1, config.tested_waits + 1):
        before = _rhythm(waits[:, :-back], config)
        tested = before.strict & np.isfinite(waits[:, -back])
        scores = surprise_of_wait(before, waits[:, -back])[tested]
        null.learn(scores)
    rhythm = _rhythm(waits, config)
    latest = found.groupby("norad_id").last().reindex(ids)
    watched_us = np.minimum(epoch_us(last_epoch.reindex(ids)), int(epoch_us(pd.Series([as_of]))[0]))
    silence = watched_us / US_PER_DAY - config.settle_days - latest["day"].to_numpy(np.float64)
    surprise = null.surprise(surprise_of_wait(rhythm, np.maximum(silence, 1e-3)))
    begun = float((_MONTH_DAYS * rhythm.recall / np.exp(rhythm.center))[rhythm.strict].sum())
    limit = -np.log10(min(config.false_per_month / max(begun, 1.0), config.largest_p))
    rows = np.flatnonzero(rhythm.strict & (surprise >= limit))
    names = _names(found, config)
    sets = (
        None if history is None else history[history["norad_id"].isin(ids[rows]) & (history["available_at"] <= as_of)]
    )
    said = []
    for row in rows[np.argsort(-surprise[rows], kind="stable")].tolist():
        since, norad_id = int(latest["until_us"].iloc[row]), int(ids[row])
        if sets is not None and latest["geo"].iloc[row] and not _adrift(sets, norad_id, since, config):
            continue
        days = float((watched_us[row] - since) / US_PER_DAY)
        said.append((norad_id, since, float(surprise[row]), _reason(names[norad_id], days, rhythm, row)))
    return _said(said)


def surprise_of_wait(rhythm: Rhythm, waits: FloatArray) -> FloatArray:
    """-log10 of the chance that no burn is found for longer than ``waits`` [day], (N,)."""
    chance = (1 - rhythm.recall) ** _MISSED_AT_MOST
    for periods in range(1, _MISSED_AT_MOST + 1):
        scale = rhythm.spread * np.sqrt(1 / periods + 1 / np.maximum(rhythm.waits, 1))
        longer = student_t.sf((np.log(waits) - rhythm.center - np.log(periods)) / scale, np.maximum(rhythm.waits, 1))
        chance = chance + rhythm.recall * (1 - rhythm.recall) ** (periods - 1) * longer
    out: FloatArray = np.maximum(-np.log10(np.clip(chance, 1e-30, 1.0)), 0.0)
    return out


def _adrift(sets: pd.DataFrame, norad_id: int, since_us: int, config: OverdueConfig) -> bool:
    """Whether the longitude of a geosynchronous object goes as it does without burns."""
    own = sets[(sets["norad_id"] == norad_id) & (epoch_us(sets["epoch"]) >= since_us)].drop_duplicates("epoch")
    if len(own) < config.min_sets:
        return False
    elements = mean_elements(own)
    longitude = np.unwrap(mean_longitude_deg(elements), period=360.0)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    day = epoch_us(own["epoch"]) / US_PER_DAY
    day -= day.mean()
    pull = float(j22_acceleration_deg_day2(longitude.mean()))
    parabola = np.polynomial.Polynomial.fit(day, longitude, 2).convert()
    rough = float(np.std(longitude - parabola(day)))
    excess = abs(2 * float(parabola.coef[2]) - pull)
    # What the wrong curvature makes in the middle of the span, the ends being joined.
    astray = excess * float(np.ptp(day)) ** 2 / 8
    steps = float(np.std(a_km - np.polynomial.Polynomial.fit(day, a_km, 1)(day)))
    smooth = rough <= config.longitude_noise_deg and steps <= config.a_noise_km
    return smooth and (astray <= 3 * config.longitude_noise_deg or excess <= abs(pull) / 2)


def _known(events: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    keep = (events["available_at"] <= as_of).to_numpy(np.bool_) & events["burn_time"].notna().to_numpy(np.bool_)
    if "first_seen_at" in events:
        keep &= (events["first_seen_at"] <= as_of).to_numpy(np.bool_)
    if "explanation" in events:
        keep &= (events["explanation"] == MANEUVER).to_numpy(np.bool_)
    return events[keep]


def _maneuvers(events: pd.DataFrame, config: OverdueConfig) -> pd.DataFrame:
    """The burns of each object since it last went elsewhere, those of one campaign as one.

    Returns norad_id, day and until_us (of the campaign's last burn and the end of its window), way, geo; sorted.
    """
    burns = burns_of(events)
    frame = pd.DataFrame(
        {
            "norad_id": [burn.norad_id for burn in burns],
            "day": [burn.day for burn in burns],
            "way": [{"forward": "along", "backward": "along", "cross-track": "across"}.get(burn.direction) for burn in burns],
            "geo": [burn.regime == "geo" for burn in burns],
            "until_us": epoch_us(events["epoch_after"]),
            "moves": events["kind"].isin(_ELSEWHERE).to_numpy() if "kind" in events else False,
        }
    ).sort_values(["norad_id", "day", "until_us"], ignore_index=True)  # fmt: skip
    # Who goes elsewhere begins a new life there.
    moves = frame.groupby("norad_id")["moves"]
    frame = frame[moves.cumsum() == moves.transform("sum")]
    apart = frame.groupby("norad_id")["day"].diff(-1).abs()
    return frame[~(apart <= config.campaign_days)].reset_index(drop=True)


def _waits(found: pd.DataFrame, config: OverdueConfig) -> tuple[NDArray[np.int64], FloatArray]:
    """Objects with waits enough, and their latest ones [day], (N, max_waits), the newest last; NaN where fewer."""
    wait = found.groupby("norad_id")["day"].diff()
    rows = found.assign(wait=wait, back=found.groupby("norad_id").cumcount(ascending=False)).dropna(subset="wait")
    rows = rows[rows["back"] < config.max_waits]
    counts = rows.groupby("norad_id").size()
    ids = counts.index[counts >= config.min_waits].to_numpy(np.int64)
    rows = rows[rows["norad_id"].isin(ids)]
    waits = np.full((len(ids), config.max_waits), np.nan)
    place = config.max_waits - 1 - rows["back"].to_numpy(np.int64)
    waits[np.searchsorted(ids, rows["norad_id"].to_numpy(np.int64)), place] = rows["wait"].to_numpy(np.float64)
    return ids, waits


def _rhythm(waits: FloatArray, config: OverdueConfig) -> Rhythm:
    """The rhythm that waits (N, W) tell, NaN being none."""
    known = np.isfinite(waits)
    count = known.sum(1).astype(np.float64)
    filled = np.where(known, waits, np.nan)
    filled[count == 0] = 1.0
    logs = np.log(filled)
    center = np.nanmedian(logs, axis=1)
    # A wait of about two periods holds a burn that was not found.
    periods = np.maximum(np.round(np.exp(logs - center[:, None])), 1.0)
    error = np.where(known, logs - np.log(periods) - center[:, None], 0.0)
    freedom = config.prior_waits_spread + count
    spread = np.sqrt((config.prior_waits_spread * config.usual_spread**2 + (error**2).sum(1)) / freedom)
    happened = np.where(known, periods, 0.0).sum(1)
    recall = (config.recall_weight * config.recall + count) / (config.recall_weight + happened)
    strict = (count >= config.min_waits) & (spread <= config.max_spread) & (recall >= config.min_recall)
    return Rhythm(count, center, spread, recall, strict)


def _names(found: pd.DataFrame, config: OverdueConfig) -> dict[int, str]:
    """What burns of an object are called: by their way, where most go the same."""
    share = found.groupby(["norad_id", "way"]).size() / found.groupby("norad_id").size()
    geo = found.groupby("norad_id")["geo"].last()
    names = dict.fromkeys(found["norad_id"].tolist(), "burn")
    for norad_id, way in share.index[share >= config.named_share].tolist():
        names[norad_id] = _WORDS[way][0 if geo[norad_id] else 1]
    return names


def _reason(name: str, days: float, rhythm: Rhythm, row: int) -> str:
    low, high = (np.exp(rhythm.center[row] + side * 1.2816 * rhythm.spread[row]) for side in (-1, 1))
    usual = f"{low:.0f}-{high:.0f}" if high >= 3 else f"{low:.1f}-{high:.1f}"
    return f"no {name} for {days_text(days)}, usually every {usual}, {rhythm.waits[row]:.0f} times so far"


def _said(rows: list[tuple[int, int, float, str]]) -> pd.DataFrame:
    ids, since, surprise, reason = zip(*rows, strict=True) if rows else ((), (), (), ())
    frame = pd.DataFrame(
        {"norad_id": ids, "since": utc(np.array(since, dtype=np.int64)), "surprise": surprise, "reason": reason}
    )
    return frame.astype(OVERDUE_DTYPES)
