"""Invented findings with the element sets of their objects."""

from datetime import timedelta

import pandas as pd

from review.records import FindingRecord, News, State
from tests.review_examples import DAY, element_sets, finding, flag_of, iso

GEO_KM = 42164.17


def belt_sets():
    """A mover that leaves its place on `DAY` + 10 h at 0.77°/day to the east, and two that stand ahead of it."""
    orbit = {"a_km": GEO_KM, "eccentricity": 2e-4, "inclination_deg": 0.05, "bstar_inv_er": 0.0, "sets_a_day": 1.0}
    mover = element_sets(**orbit, delta_a_km=-60.0, delta_i_deg=0.0, days=90)
    stays = element_sets(**orbit, delta_a_km=0.0, delta_i_deg=0.0, days=90)  # of the same epochs, from the same place
    others = [
        stays.assign(norad_id=norad_id, mean_anomaly_deg=(stays["mean_anomaly_deg"] + ahead_deg) % 360.0)
        for norad_id, ahead_deg in ((90002, 10.0), (90003, 17.0))
    ]
    return pd.concat([mover, *others], ignore_index=True)


def leo_sets():
    """A mover that raises its orbit on `DAY` + 10 h, and one in nearly its plane."""
    other = element_sets(norad_id=90002, burn_day=95.0, seed=3, a_km=6880.0)
    return pd.concat([element_sets(delta_a_km=2.2), other.assign(raan_deg=other["raan_deg"] + 0.4)], ignore_index=True)


def burn_of(sets, regime, **values):
    """The flag of the mover's burn."""
    return flag_of(sets[sets["norad_id"] == 90001], regime=regime, kind="relocation", **values)


def told(flag, regime, **values):
    """A finding that gathers the flag, told until five days after it."""
    at = flag.epoch_after + timedelta(days=5)
    news = [
        News(at=flag.epoch_after + timedelta(hours=6), text="leaves 99.4° E", event=flag.epoch_after),
        News(at=at, text="now drifts 0.77°/day to the east"),
    ]
    neighbours = [
        {
            "norad_id": 90002,
            "name": "LANTERN 2",
            "miss_km": 41.5,
            "miss_sigma_km": 12.0,
            "when": iso(DAY + timedelta(days=13.4)),
            "when_low": iso(DAY + timedelta(days=12.9)),
            "when_high": iso(DAY + timedelta(days=14.1)),
            "way": "approaching",
        },
        {"norad_id": 90003, "name": "KESTREL 7", "miss_km": None, "when": None},
    ]
    made = {
        **{name: value for name, value in finding().items() if name != "said"},
        "regime": regime,
        "state": State.UNDER_WAY,
        "opened_at": news[0].at,
        "news_at": at,
        "news": news,
        "neighbours": neighbours,
        "partners": [90004],
        "events": [{"epoch_before": iso(flag.epoch_before), "epoch_after": iso(flag.epoch_after)}],
    }
    return FindingRecord(**(made | values))
