"""Invented objects, events and flags."""

from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd

from catalog.records import ELEMENT_SET_DTYPES, empty_element_sets, mean_elements
from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.propagate import drift, propagate
from review.intake import ScoringRun
from review.records import FlagRecord, Status, VerdictRecord
from review.upsert import flag_id

DAY = datetime(2026, 3, 2, tzinfo=UTC)


def event(norad_id: int = 90001, day: float = 0.0, *, hours: float = 20.0, **values: object) -> dict[str, object]:
    """One event of a burn window that begins ``day`` days after `DAY` and lasts ``hours``."""
    before = DAY + timedelta(days=day)
    after = before + timedelta(hours=hours)
    burn = before + timedelta(hours=hours / 2)
    return {
        "norad_id": norad_id,
        "name": "ARGUS 4",
        "regime": "leo",
        "detector": "robust-step",
        "epoch_before": before,
        "epoch_after": after,
        "burn_time": burn,
        "burn_time_low": burn - timedelta(minutes=20),
        "burn_time_high": burn + timedelta(minutes=20),
        "available_at": after + timedelta(hours=3),
        "dv_r_m_s": 0.001,
        "dv_t_m_s": 0.25,
        "dv_n_m_s": -0.02,
        "dv_r_sigma_m_s": 0.05,
        "dv_t_sigma_m_s": 0.002,
        "dv_n_sigma_m_s": 0.015,
        "dv_m_s": 0.251,
        "dv_sigma_m_s": 0.003,
        "kind": "orbit raise",
        "score": 12.5,
        "threshold": 5.0,
        "probability": 0.998,
        "unexpectedness": 2.5,
        "reasons": ["11 times the median of its earlier burns", "first burn in 94 days"],
        "neighbours": [{"norad_id": 90002, "name": "TARGET 1", "miss_km": 41.5, "when": after + timedelta(days=3)}],
        "quality": [],
        "fit_status": "fitted",
        "fit_note": "",
        "delta_a_km": 0.46,
        "delta_i_deg": 0.0001,
        "delta_e": -0.00002,
        "chi2_ratio": 25.0,
        **values,
    }


def frame(*events: dict[str, object]) -> pd.DataFrame:
    """Events as a frame with UTC times in microseconds."""
    made = pd.DataFrame(list(events))
    for name in made.columns.intersection(
        ["epoch_before", "epoch_after", "burn_time", "burn_time_low", "burn_time_high", "available_at"]
    ):
        made[name] = pd.to_datetime(made[name], utc=True).astype("datetime64[us, UTC]")
    return made


def finding(norad_id: int = 90001, day: float = 0.0, **values: object) -> dict[str, object]:
    """One finding of the event of `event(norad_id, day)`, told a day after its window."""
    of = event(norad_id, day)
    said = of["epoch_after"] + timedelta(days=1)
    chain = f"{norad_id} {day}"
    return {
        "finding_id": str(uuid5(NAMESPACE_URL, chain)),
        "norad_id": norad_id,
        "name": "ARGUS 4",
        "regime": "geo",
        "kind": "relocation",
        "state": "under way",
        "opened_at": said,
        "news_at": said,
        "closed_at": None,
        "headline": "ARGUS 4 left 99.4° E and drifts 1.2°/day to the east",
        "news": [{"at": iso(said), "text": "left 99.4° E: 3.4 m/s", "event": iso(of["epoch_after"])}],
        "expects": "reaches TARGET 1 at 105.1° E on 9 March",
        "reasons": ["first east-west burn above 1 m/s in 412 days"],
        "neighbours": [
            {
                "norad_id": 90002,
                "name": "TARGET 1",
                "miss_km": 41.5,
                "when": iso(DAY + timedelta(days=7)),
                "when_low": iso(DAY + timedelta(days=6)),
                "when_high": iso(DAY + timedelta(days=9)),
                "longitude_deg": 105.1,
                "way": "approaching",
            }
        ],
        "events": [{"epoch_before": iso(of["epoch_before"]), "epoch_after": iso(of["epoch_after"])}],
        "partners": [],
        "unexpectedness": 4.2,
        "dv_m_s": 3.4,
        "listed": True,
        "said": {"mattered": iso(of["epoch_after"]), "longitude_deg": 99.4, "arrived": None},
        **values,
    }


def findings(*made: dict[str, object]) -> pd.DataFrame:
    """Findings as the frame that tells of them."""
    frame = pd.DataFrame(list(made))
    for name in ("opened_at", "news_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def iso(time: datetime) -> str:
    """A time as lists hold it."""
    return time.isoformat().replace("+00:00", "Z")


def run(hours: float = 0.0, *, spans: list[tuple[int, float, float]] | None = None, **values: object) -> ScoringRun:
    """A scoring run ``hours`` after `DAY` + 5 days; ``spans`` as (norad_id, first day, last day) after `DAY`."""
    scored = None
    if spans is not None:
        scored = pd.DataFrame(
            [(norad_id, DAY + timedelta(days=start), DAY + timedelta(days=end)) for norad_id, start, end in spans],
            columns=["norad_id", "span_start", "span_end"],
        )
    settings = {
        "at": DAY + timedelta(days=5, hours=hours),
        "model_version": "robust-step-1",
        "data_snapshot": "a1b2c3",
        "config_hash": "f00d",
        "spans": scored,
    }
    return ScoringRun(**(settings | values))


def element_sets(
    *,
    days: int = 100,
    a_km: float = 6878.0,
    inclination_deg: float = 97.45,
    eccentricity: float = 0.0012,
    bstar_inv_er: float = 4e-5,
    norad_id: int = 90001,
    burn_day: float = 70.5,
    delta_a_km: float = 0.46,
    delta_i_deg: float = 0.0021,
    sets_a_day: float = 1.6,
    seed: int = 1,
) -> pd.DataFrame:
    """An invented object's element sets around one burn, moved by SGP4 with the noise of a real fit.

    The burn is at ``DAY`` + 10 h; the first set ``burn_day`` days earlier.
    """
    rng = np.random.default_rng(seed)
    start = DAY + timedelta(hours=10) - timedelta(days=burn_day)
    count = int(days * sets_a_day)
    day = np.sort((np.arange(count) + rng.uniform(-0.3, 0.3, count)) / sets_a_day)
    epochs_us = int(start.timestamp() * 1e6) + np.round(day * 86_400e6).astype(np.int64)
    burn_us = int(start.timestamp() * 1e6) + int(burn_day * 86_400e6)

    def one(a: float, e: float, i: float, raan: float, argp: float, anomaly: float, epoch: int) -> MeanElements:
        values = (float(kozai_mean_motion_rev_day(a, e, i)), e, i, raan, argp, anomaly, bstar_inv_er)
        return MeanElements(np.array([epoch]), *(np.array([value]) for value in values))

    first = one(a_km, eccentricity, inclination_deg, 40.0, 80.0, 10.0, int(epochs_us[0]))
    at_burn = drift(first, np.array([burn_us]))
    moved = one(
        float(at_burn.a_km[0]) + delta_a_km,
        float(at_burn.eccentricity[0]) + 2e-5,
        float(at_burn.inclination_deg[0]) + delta_i_deg,
        float(at_burn.raan_deg[0]),
        float(at_burn.arg_pericenter_deg[0]),
        float(at_burn.mean_anomaly_deg[0]),
        burn_us,
    )
    after = epochs_us > burn_us
    tracks = [drift(first, epochs_us[None, ~after]), drift(moved, epochs_us[None, after])]
    a, e, i, raan, argp, anomaly = (
        np.concatenate([getattr(track, name)[0] for track in tracks]) for name in tracks[0]._fields[:6]
    )
    a = a + rng.standard_t(4, count) * 0.004
    i = np.round(i + rng.standard_t(4, count) * 0.00012, 4)
    e = np.round(np.abs(e + rng.standard_t(4, count) * 1.5e-6), 7)
    epochs = pd.to_datetime(pd.Series(epochs_us), unit="us", utc=True).astype("datetime64[us, UTC]")
    imputed = np.arange(count) % 9 == 4
    frame = empty_element_sets().reindex(range(count))
    return frame.assign(
        norad_id=norad_id,
        epoch=epochs,
        available_at=epochs + pd.to_timedelta(rng.uniform(3, 11, count), unit="h").round("us"),
        available_at_imputed=imputed,
        source="file",
        mean_motion_rev_day=kozai_mean_motion_rev_day(a, e, i),
        eccentricity=e,
        inclination_deg=i,
        raan_deg=np.round(raan, 4),
        arg_pericenter_deg=np.round(argp, 4),
        mean_anomaly_deg=np.round(anomaly, 4),
        bstar_inv_er=np.abs(bstar_inv_er * (1 + 0.1 * rng.standard_normal(count))),
        mean_motion_dot_rev_day2=0.0,
        mean_motion_ddot_rev_day3=0.0,
        ephemeris_type=0,
        classification="U",
        element_set_no=999,
        rev_at_epoch=1,
    ).astype(ELEMENT_SET_DTYPES)


def flag_of(sets: pd.DataFrame, **values: object) -> FlagRecord:
    """The flag that a run would make of the burn in `element_sets`."""
    burn = DAY + timedelta(hours=10)
    before = sets["epoch"][sets["epoch"] <= burn].max().to_pydatetime()
    after = sets["epoch"][sets["epoch"] > burn].min().to_pydatetime()
    said = event(
        epoch_before=before,
        epoch_after=after,
        burn_time=burn,
        burn_time_low=burn - timedelta(minutes=35),
        burn_time_high=burn + timedelta(minutes=41),
        available_at=after + timedelta(hours=5),
    )
    made = said | {
        "flag_id": flag_id(said["norad_id"], before, after, "robust-step"),
        "rank": 1,
        "model_version": "robust-step-3",
        "data_snapshot": "7d1f0c52a9",
        "config_hash": "c0ffee12",
        "first_seen_at": after + timedelta(hours=6),
        "updated_at": after + timedelta(hours=30),
        "version": 3,
        "status": Status.CONFIRMED,
        "reasons": [
            "Size: 0.251 m/s is 11 times the median of its 14 earlier burns (0.023 m/s).",
            "Waiting time: 23 days since the last burn, where 78 to 96 days are usual.",
            "Direction: 8 % of it is cross-track; earlier burns were purely along-track.",
        ],
        "neighbours": [
            {"norad_id": 90412, "name": "LANTERN 2", "miss_km": 11.4, "when": "2026-03-09T04:17:00Z"},
            {"norad_id": 90077, "name": "KESTREL R/B", "miss_km": 41.5, "when": "2026-03-05T20:00:00Z"},
        ],
        "quality": ["Geomagnetic activity was quiet (Ap 6) on the day of the burn."],
        "fit_note": "Three sets on each side.",
        "delta_i_deg": 0.0021,
    }
    return FlagRecord(**(made | values))


def verdicts_on(flag: FlagRecord) -> list[VerdictRecord]:
    """A review in two steps."""
    steps = [
        (Status.OPEN, Status.IN_REVIEW, "mara", "", 7.0),
        (
            Status.IN_REVIEW,
            Status.CONFIRMED,
            "mara",
            "Matches the operator's notice.\nWatch LANTERN 2 for an answer.",
            9.5,
        ),
    ]
    return [
        VerdictRecord(
            verdict_id=index,
            flag_id=flag.flag_id,
            decided_at=flag.epoch_after + timedelta(hours=hours),
            who=who,
            from_status=from_status,
            to_status=to_status,
            note=note,
            model_version=flag.model_version,
            flag_version=index + 1,
        )
        for index, (from_status, to_status, who, note, hours) in enumerate(steps, start=1)
    ]


def residuals(sets: pd.DataFrame) -> pd.DataFrame:
    """The residual columns of the feature bank: each set's position less the one before's prediction, in RTN."""
    elements = mean_elements(sets)
    there = propagate(elements[1:], elements.epoch_us[1:])
    predicted = propagate(elements[:-1], elements.epoch_us[1:])
    radial = there.position_km / np.linalg.norm(there.position_km, axis=1, keepdims=True)
    normal = np.cross(there.position_km, there.velocity_km_s)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    miss = there.position_km - predicted.position_km
    axes = {"r": radial, "t": np.cross(normal, radial), "n": normal}
    return pd.DataFrame(
        {
            "norad_id": sets["norad_id"].iloc[1:].to_numpy(),
            "epoch": sets["epoch"].iloc[1:].array,
            **{f"residual_{name}_km": np.sum(miss * axis, axis=1) for name, axis in axes.items()},
        }
    )
