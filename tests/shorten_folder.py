"""A small folder in the layout of Shorten et al. 2023, made of synthetic histories: element sets as text, burn logs as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from tests.naive.catalog import tle_lines
from tests.synthetic_history import synthetic_history

DAY_US = 86_400_000_000

# code in the logs: catalog number, orbit
LEO = {"CRYO2": 36508, "JASO2": 33105, "SEN3B": 43437, "SARAL": 39086}
GEO = {"2006-053A": 29640, "2012-002A": 38049, "2016-077A": 41882}
NAMES = {
    36508: "CryoSat-2", 33105: "Jason-2", 43437: "Sentinel-3B", 39086: "SARAL", 29640: "Fengyun-2D", 38049: "Fengyun-2F",
    41882: "Fengyun-4A",
}  # fmt: skip
SETS, SIZE_M = 260, {"leo": 60.0, "geo": 2500.0}


def write_shorten(folder: Path, leo: Mapping[str, int] = LEO, geo: Mapping[str, int] = GEO) -> Path:
    """Write the satellites; each burns about monthly, by amounts that stand far out of the noise."""
    (folder / "processed_files").mkdir(parents=True, exist_ok=True)
    (folder / "raw_data" / "manoeuvres").mkdir(parents=True, exist_ok=True)
    for number, (code, norad_id) in enumerate((leo | geo).items()):
        orbit = "leo" if code in leo else "geo"
        gaps = np.arange(20 + 3 * number, SETS - 15, 27)
        sizes = SIZE_M[orbit] * np.where(np.arange(len(gaps)) % 3 == 2, -1.0, 1.0)
        history = synthetic_history(
            SETS,
            norad_id=norad_id,
            orbit=orbit,
            seed=number,
            noise_a_m=1.0 if orbit == "leo" else 20.0,
            burns_a_m=dict(zip(gaps.tolist(), sizes.tolist(), strict=True)),
        )
        (folder / "processed_files" / f"{NAMES[norad_id]}.tle").write_text(tle_text(history))
        epochs = epoch_us(history["epoch"])
        times = pd.to_datetime((epochs[gaps] + epochs[gaps + 1]) // 2, unit="us", utc=True)
        write = doris_line if orbit == "leo" else fengyun_line
        log = "".join(write(code, time, size) for time, size in zip(times, sizes, strict=True))
        name = f"{code.lower()[:3]}man.txt" if orbit == "leo" else f"man{norad_id}.txt.fy"
        (folder / "raw_data" / "manoeuvres" / name).write_text(log)
    return folder


def write_controls(folder: Path) -> Path:
    """Two objects that never burn."""
    folder.mkdir(parents=True, exist_ok=True)
    for norad_id, orbit in ((7646, "leo"), (22694, "geo")):
        history = synthetic_history(150, norad_id=norad_id, orbit=orbit, seed=norad_id, noise_a_m=1.0)
        (folder / f"{norad_id}.tle").write_text(tle_text(history))
    return folder


def tle_text(sets: pd.DataFrame) -> str:
    """Element sets as two-line sets."""
    lines = []
    for row in sets.to_dict("records"):
        epoch: pd.Timestamp = row["epoch"]
        start = pd.Timestamp(year=epoch.year, month=1, day=1, tz="UTC")
        exponent = 0 if row["bstar_inv_er"] == 0 else int(np.floor(np.log10(row["bstar_inv_er"]))) + 1
        drawn = {
            "norad_id": row["norad_id"],
            "year": epoch.year,
            "tick": round((epoch - start) / pd.Timedelta(days=1) * 1e8),
            "mean_motion": round(row["mean_motion_rev_day"] * 1e8),
            "eccentricity": round(row["eccentricity"] * 1e7),
            **{
                name: round(row[f"{name}_deg"] % 360.0 * 1e4) % 3_600_000
                for name in ("inclination", "raan", "arg_pericenter", "mean_anomaly")
            },
            "bstar": (round(row["bstar_inv_er"] / 10.0**exponent * 1e5), exponent),
            "dot": 0,
            "ddot": (0, 0),
            "ephemeris_type": 0,
            "classification": "U",
            "element_set_no": 999,
            "rev": 12345,
        }
        lines += tle_lines(drawn)
    return "\n".join(lines) + "\n"


def doris_line(code: str, time: pd.Timestamp, size_m: float) -> str:
    """A firing in an International DORIS Service log, a minute long, right to the second."""
    dv_m_s = size_m * 5.3e-4  # half the mean motion at 7,100 km [1/s]
    day = f"{time.year} {time.day_of_year:03d} {time.hour:02d} {time.minute:02d}"
    seconds = f"{time.second + time.microsecond / 1e6:.3f}"
    return f"{code} {day} {day} 006 1 {day} {seconds} 60.0 0.0 {dv_m_s:.6f} 0.0 0 0 0 0 0 0\n"


def fengyun_line(code: str, time: pd.Timestamp, size_m: float) -> str:
    """A line of the Fengyun logs, in China Standard Time."""
    local = (time + pd.Timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S")
    return f'GEO-EW-STATION-KEEPING {code} "{local} CST" "{local} CST"\n'
