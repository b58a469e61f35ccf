"""What a replay says of dated cases: python benchmarks/cases.py REPLAY DATA [--plots FOLDER] [--largest 20].

REPLAY is the JSON of `burnwatch replay --json`, DATA the folder with the element sets that it was over. Prints the tables of
docs/cases.md. Whether a flag is plain station-keeping is told from the element sets alone, by a rule of this module's
own: in the object's own box, 45 days before and 15 after, with no lasting change of drift or of inclination.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))  # a script beside this one must not shadow a package

from benchmarks.element_sets import read_folder
from catalog.records import mean_elements
from orbits.elements import semi_major_axis_km, wrap_deg
from orbits.geosynchronous import drift_deg_day, mean_longitude_deg

CASES = Path(__file__).with_name("cases.yaml")
FIRST = ("relocation", "reversal", "unexpected")
TYPED = ("disposal", "commissioning", "ordinary relocation")
NOTHING = ("nothing", "routine")
PLACEBO_DAYS = 30
_AROUND = pd.Timedelta(days=1.5)  # a burn's own uncertainty about the dates of the sets around it
_SEEN_WITHIN = pd.Timedelta(days=7)
# Station-keeping of an established keeper: as said in docs/cases.md.
_BEFORE, _AFTER, _BOX_DEG, _DRIFT_DEG_DAY, _INCLINATION_DEG = 45, 15, 0.3, 0.05, 0.1
_SETS, _SPAN_DAYS, _NEAR_SETS = 8, 20, 5


class Replay(NamedTuple):
    """A replay's JSON as frames."""

    days: pd.DatetimeIndex
    flags: pd.DataFrame  # one row a flag, as it was first seen, with its ``day``
    findings: pd.DataFrame  # one row a finding and ``day`` on which it had news


def read_replay(path: Path) -> Replay:
    """The flags, each on the day it was new, and the findings, on each day with news."""
    told = json.loads(path.read_text(encoding="utf-8"))
    flags, findings = [], []
    for day in told["days"]:
        flags += [{**flag, "day": day["day"]} for flag in day["flags"]]
        findings += [{**finding, "day": day["day"]} for finding in day["findings"]]
    days = pd.DatetimeIndex(pd.to_datetime([day["day"] for day in told["days"]], utc=True))
    return Replay(
        days,
        _frame(flags, ("day", "burn_time", "burn_time_low", "burn_time_high"), _FLAG).drop_duplicates(
            "flag_id", ignore_index=True
        ),
        _frame(findings, ("day", "opened_at"), _FINDING),
    )


_FLAG = ["flag_id", "norad_id", "name", "day", "kind", "explanation", "unexpectedness", "rank", "listed", "finding_id"]
_FLAG += ["burn_time", "burn_time_low", "burn_time_high", "dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]
_FINDING = ["finding_id", "norad_id", "name", "day", "kind", "state", "headline", "news", "expects", "neighbours"]
_FINDING += ["partners", "events", "dv_m_s", "unexpectedness", "listed", "opened_at"]


def _frame(rows: list[dict[str, Any]], times: tuple[str, ...], columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(columns=columns)
    for name in times:
        frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
    return frame.assign(listed=frame["listed"].fillna(value=False).astype(bool)) if len(frame) else frame


def read_cases(path: Path = CASES) -> pd.DataFrame:
    """The dated cases; ``until`` is the end of its day."""
    cases = pd.DataFrame(yaml.safe_load(path.read_text(encoding="utf-8")))
    cases = cases.reindex(columns=["norad_id", "name", "from", "until", "what", "stops_at", "with"])
    cases["from"] = pd.to_datetime(cases["from"], utc=True)
    cases["until"] = pd.to_datetime(cases["until"], utc=True) + pd.Timedelta(days=1)
    return cases


def within(cases: pd.DataFrame, replay: Replay) -> pd.DataFrame:
    """The cases that the replay could have seen, and those that should raise nothing in all of it."""
    first, last = replay.days.min(), replay.days.max()
    seen = (cases["until"] > first) & (cases["from"] <= last)
    whole = (cases["from"] >= first - pd.Timedelta(days=2)) & (cases["until"] <= last)
    return cases[seen & (whole | cases["what"].isin(NOTHING))].reset_index(drop=True)


def flags_of(flags: pd.DataFrame, norad_id: int, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """An object's flags whose burn may lie between two times; those that lie there by their best estimate first."""
    own = flags[flags["norad_id"] == norad_id]
    low, high = own["burn_time_low"].fillna(own["burn_time"]), own["burn_time_high"].fillna(own["burn_time"])
    own = own.assign(outside=~own["burn_time"].between(begin, end))
    may = own[(low <= end + _AROUND) & (high >= begin - _AROUND)]
    return may.sort_values(["outside", "day", "rank"], kind="stable").drop(columns="outside")


def case_rows(cases: pd.DataFrame, replay: Replay) -> pd.DataFrame:
    """A row a case: when it was flagged, where it stood that day, in which finding, and what that said."""
    rows: list[dict[str, Any]] = []
    chains: dict[int, str] = {}
    for case in cases.to_dict("records"):
        norad_id = int(case["norad_id"])
        found = flags_of(replay.flags, norad_id, case["from"], case["until"])
        found = found[found["explanation"].fillna("maneuver") == "maneuver"]
        found = found[found["day"] > case["from"]]
        row: dict[str, Any] = {
            "norad_id": norad_id,
            "case": case["name"],
            "dates": f"{case['from']:%Y-%m-%d}..{case['until'] - pd.Timedelta(days=1):%m-%d}",
            "what": case["what"],
            "flags": len(found),
            "listed": int(found["listed"].sum()),
        }
        if len(found):
            best = found.iloc[0]
            told = _told(replay, norad_id, best)
            row |= {
                "flagged": f"{best['day']:%m-%d}",
                "days": (best["day"] - case["until"]) / pd.Timedelta(days=1) + 1,
                "rank": best["rank"],
                "of": int((replay.flags["day"] == best["day"]).sum()),
                "kind": best["kind"],
                "unexpectedness": best["unexpectedness"],
                "dv_m_s": float(np.sqrt(np.nansum(best[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].astype(float) ** 2))),
                **told,
            }
            first = chains.setdefault(norad_id, row["finding_id"])
            row["gathered"] = case["what"] != "later move" or (bool(first) and first == row["finding_id"])
        rows.append(row)
    return pd.DataFrame(rows)


def _told(replay: Replay, norad_id: int, flag: pd.Series) -> dict[str, Any]:
    """What the object's finding said within the week after the flag."""
    own = replay.findings[replay.findings["norad_id"] == norad_id]
    week = own[(own["day"] >= flag["day"]) & (own["day"] <= flag["day"] + _SEEN_WITHIN)]
    finding_id = flag["finding_id"] if isinstance(flag["finding_id"], str) else ""
    if finding_id:
        week = week[week["finding_id"] == finding_id]
    elif len(week):
        finding_id = str(week["finding_id"].iloc[0])
    if week.empty:
        return {"finding_id": finding_id, "finding": "", "said": "", "expects": "", "beside": ""}
    last = week.iloc[-1]
    beside = [str(other.get("name", other.get("other_name", ""))) for other in last["neighbours"] or []]
    return {
        "finding_id": finding_id,
        "finding": last["kind"],
        "said": last["headline"],
        "expects": last["expects"],
        "beside": ", ".join(beside[:3]),
    }


def placebos(cases: pd.DataFrame, replay: Replay, shift_days: int = PLACEBO_DAYS) -> pd.DataFrame:
    """Flags of each case's object at its dates and at dates before and after, beside what chance would bring.

    Chance is the object's own rate of flags outside the dates of its cases, and the mean rate of an object that has any.
    """
    cases = cases[cases["what"].isin((*FIRST, "later move"))]
    total_days, flags = len(replay.days), replay.flags
    mean_rate = len(flags) / max(flags["norad_id"].nunique(), 1) / total_days
    rows = []
    for case in cases.to_dict("records"):
        own = flags[flags["norad_id"] == case["norad_id"]]
        mine = cases[cases["norad_id"] == case["norad_id"]]
        busy = pd.Series(data=False, index=own.index)
        for other in mine.to_dict("records"):
            busy |= own.index.isin(flags_of(own, int(case["norad_id"]), other["from"], other["until"]).index)
        length = (case["until"] - case["from"] + 2 * _AROUND) / pd.Timedelta(days=1)
        outside = max(total_days - len(mine) * length, 1.0)
        row = {"case": case["name"], "from": f"{case['from']:%Y-%m-%d}", "days": length}
        for shift in (0, -shift_days, shift_days):
            by = pd.Timedelta(days=shift)
            begin, end = case["from"] + by, case["until"] + by
            covered = begin >= replay.days.min() and end <= replay.days.max()
            moved = flags_of(own[~busy] if shift else own, int(case["norad_id"]), begin, end)
            row[f"{shift:+d} d" if shift else "at it"] = len(moved) if covered else None
        row["own chance"] = float((~busy).sum()) / outside * length
        row["belt chance"] = mean_rate * length
        rows.append(row)
    return pd.DataFrame(rows)


def list_lengths(replay: Replay) -> dict[str, float]:
    """Findings with news a day, and flags a day."""
    findings = replay.findings.groupby("day")["finding_id"].nunique().reindex(replay.days, fill_value=0)
    flags = replay.flags.groupby("day").size().reindex(replay.days, fill_value=0)
    listed = replay.flags[replay.flags["listed"]].groupby("day").size().reindex(replay.days, fill_value=0)
    return {
        "median findings with news a day": float(findings.median()),
        "mean": float(findings.mean()),
        "most": float(findings.max()),
        "median flags a day": float(flags.median()),
        "median listed flags a day": float(listed.median()),
        "findings": float(replay.findings["finding_id"].nunique()),
        "listed flags": float(replay.flags["listed"].sum()),
    }


def orbits_of(sets: pd.DataFrame) -> pd.DataFrame:
    """Longitude, drift and plane of every element set, sorted by object and epoch."""
    sets = sets.sort_values(["norad_id", "epoch"]).drop_duplicates(["norad_id", "epoch"], ignore_index=True)
    elements = mean_elements(sets)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    return pd.DataFrame(
        {
            "norad_id": sets["norad_id"],
            "epoch": sets["epoch"],
            "a_km": a_km,
            "drift_deg_day": drift_deg_day(a_km),
            "longitude_deg": mean_longitude_deg(elements),
            "inclination_deg": sets["inclination_deg"],
        }
    )


def keeps_station(flags: pd.DataFrame, orbits: pd.DataFrame) -> pd.Series:
    """Whether each flag is plain station-keeping of an established keeper, by element sets alone."""
    return pd.Series([_keeps(flag, orbits) for flag in flags.to_dict("records")], index=flags.index, dtype=bool)


def _keeps(flag: dict[str, Any], orbits: pd.DataFrame) -> bool:
    own = orbits[orbits["norad_id"] == flag["norad_id"]]
    before = own[own["epoch"].between(flag["burn_time_low"] - pd.Timedelta(days=_BEFORE), flag["burn_time_low"])]
    # A burn's own dates may be wrong: what was there to be seen when it was flagged counts too.
    seen = max(flag["burn_time_high"], flag["day"])
    after = own[own["epoch"].between(flag["burn_time_high"], seen + pd.Timedelta(days=_AFTER))]
    if len(before) < _SETS or len(after) < 1:
        return False
    if (before["epoch"].max() - before["epoch"].min()) < pd.Timedelta(days=_SPAN_DAYS):
        return False
    around = pd.concat([before, after])
    center = before["longitude_deg"].iloc[0]
    away = wrap_deg(around["longitude_deg"].to_numpy() - center)
    last, first = before.tail(_NEAR_SETS), after.head(_NEAR_SETS)
    drift = first["drift_deg_day"].median() - last["drift_deg_day"].median()
    plane = first["inclination_deg"].median() - last["inclination_deg"].median()
    inside = np.abs(away - np.median(away)).max() <= _BOX_DEG
    return bool(inside and abs(drift) < _DRIFT_DEG_DAY and abs(plane) < _INCLINATION_DEG)


def last_told(replay: Replay) -> pd.DataFrame:
    """Each finding as it was last told, with the most kinds it went by."""
    last = replay.findings.drop_duplicates("finding_id", keep="last").set_index("finding_id")
    days = replay.findings.groupby("finding_id")["day"].agg(["min", "max", "nunique"])
    return last.assign(first_day=days["min"], last_day=days["max"], days_with_news=days["nunique"]).reset_index()


def largest(replay: Replay, kind: str, count: int = 20) -> pd.DataFrame:
    """The findings of a kind with the largest Δv."""
    own = last_told(replay)
    return own[own["kind"] == kind].sort_values("dv_m_s", ascending=False, kind="stable").head(count)


def most_unexpected(replay: Replay, count: int = 10) -> pd.DataFrame:
    """The flags with the largest unexpectedness, with what their finding last said."""
    top = replay.flags.sort_values("unexpectedness", ascending=False, kind="stable").head(count)
    told = last_told(replay).set_index("finding_id")[["kind", "headline"]].add_prefix("finding_")
    return top.join(told, on="finding_id")


def table(frame: pd.DataFrame) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(map(str, frame.columns)) + " |", "| " + " | ".join(["---"] * len(frame.columns)) + " |"]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in frame.itertuples(index=False)]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "–"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float):
        return f"{value:.3g}"
    return str(value).replace("|", "/").replace("\n", " ")


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("replay", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--plots", type=Path, help="folder for a picture of every finding of the tables")
    parser.add_argument("--largest", type=int, default=20)
    arguments = parser.parse_args()

    replay = read_replay(arguments.replay)
    orbits = orbits_of(read_folder(arguments.data))
    cases = within(read_cases(arguments.cases), replay)
    cases = cases[cases["norad_id"].isin(orbits["norad_id"])].reset_index(drop=True)
    rows = case_rows(cases, replay)
    print(f"# {replay.days.min():%Y-%m-%d} to {replay.days.max():%Y-%m-%d}, {len(replay.flags)} flags\n\n## Cases\n")
    print(table(rows.drop(columns="finding_id", errors="ignore")))
    if "rank" in rows:
        firsts = rows[rows["what"].isin(FIRST)]
        print(f"\nfirst moves: {len(firsts)}, flagged within 7 days {(firsts['days'] <= 7).sum()}", end=", ")
        print(f"in the day's first three {(firsts['rank'] <= 3).sum()}, listed {(firsts['listed'] > 0).sum()}")
    print("\n## Placebos\n")
    control = placebos(cases, replay)
    print(table(control))
    if len(control):
        print("\n", control.select_dtypes("number").sum().round(2).to_dict())
    print("\n## The list\n")
    for what, figure in list_lengths(replay).items():
        print(f"- {what}: {figure:.3g}")
    listed = replay.flags[replay.flags["listed"]]
    keeping = keeps_station(listed, orbits)
    print(f"- station-keeping among {len(listed)} listed flags: {keeping.sum()} ({keeping.mean():.1%})")
    print(table(listed[keeping][["norad_id", "name", "day", "kind", "unexpectedness"]]))
    print("\n## Most unexpected\n")
    top = most_unexpected(replay)
    print(table(top[["norad_id", "name", "day", "kind", "unexpectedness", "finding_kind", "finding_headline"]]))
    told = last_told(replay)
    shown = [top[["norad_id", "name", "day"]].assign(kind="unexpected")]
    for kind in told["kind"].value_counts().index:
        print(f"\n## {kind}: {(told['kind'] == kind).sum()}\n")
        own = largest(replay, str(kind), arguments.largest)
        print(
            table(own[["norad_id", "name", "first_day", "last_day", "days_with_news", "state", "dv_m_s", "headline"]])
        )
        shown.append(own[["norad_id", "name", "kind"]].assign(day=own["first_day"]))
    if arguments.plots:
        from benchmarks.case_plots import draw

        draw(pd.concat(shown, ignore_index=True), orbits, replay.flags, arguments.plots)


if __name__ == "__main__":
    main()
