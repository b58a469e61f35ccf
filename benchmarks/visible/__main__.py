"""Print what is plain to see in a home, and whether it was flagged: ``python -m benchmarks.visible HOME [--replay JSON]``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import read_replay, table
from benchmarks.visible.belt import drift_changes, told
from benchmarks.visible.meeting import met
from benchmarks.visible.raises import raises
from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from pipelines.events import EventLog
from pipelines.home import Home

PASSIVE = ("debris", "rocket body")
CONSTELLATIONS = ("STARLINK", "KUIPER", "ONEWEB")
SIZES_M = (300.0, 600.0, 1500.0, 5000.0, np.inf)


def raised_in(home: Home) -> tuple[pd.DataFrame, dict[str, int]]:
    """The raises in a home with ``found`` and what they are of, and counts of what was flagged besides."""
    sets, objects = _sets(home), ObjectCatalog(home.path).load().set_index("norad_id")
    log = EventLog(home.state / "events.parquet").read()
    if log is None:
        raise SystemExit(f"{home.path} was not scored: run `burnwatch score`, or give --replay")
    events = log[log["explanation"] == "maneuver"]
    passive = objects.index[objects["kind"].isin(PASSIVE)]
    raised = raises(sets)
    name = raised["norad_id"].map(objects["name"]).fillna("").astype(str)
    of = [next((each for each in CONSTELLATIONS if each in one), "others") for one in name]
    raised = raised.assign(name=name, of=of, passive=raised["norad_id"].isin(passive), found=met(raised, events))
    raised["size_m"] = pd.cut(raised["rise_m"], SIZES_M).astype(str)
    raised["sets_a_day"] = pd.cut(raised["sets_a_day"], [0, 1, 2, 3, np.inf]).astype(str)
    active = raised[~raised["passive"]]
    return raised, {
        "raises of active objects": len(active),
        "objects that rose and have no flag": int(
            active.loc[~active["norad_id"].isin(events["norad_id"]), "norad_id"].nunique()
        ),
        "raises of passive objects": int(raised["passive"].sum()),
        "passive objects": int(sets["norad_id"][sets["norad_id"].isin(passive)].nunique()),
        "maneuvers flagged of passive objects": int(events["norad_id"].isin(passive).sum()),
        "maneuvers flagged in low orbit": int((events["regime"] == "leo").sum()),
    }


def _sets(home: Home) -> pd.DataFrame:
    store = ElementStore(home.elements)
    return store.history(store.coverage()["norad_id"].tolist())


def _print_raises(home: Home) -> None:
    raised, counts = raised_in(home)
    for what, count in counts.items():
        print(f"{what:40} {count:6}")
    active = raised[~raised["passive"]]
    print(f"{'found':40} {active['found'].mean():6.3f}")
    for group in ("of", "size_m", "sets_a_day"):
        print(active.groupby(group)["found"].agg(["size", "mean"]).round(3).to_string())
    print(
        active.loc[~active["found"], ["norad_id", "name", "epoch_before", "rise_m", "noise_m"]].to_string(index=False)
    )


def _print_changes(home: Home, replay: Path) -> None:
    objects = ObjectCatalog(home.path).load().set_index("norad_id")
    changes = told(drift_changes(_sets(home)), read_replay(replay))
    passive = changes["norad_id"].isin(objects.index[objects["kind"].isin(PASSIVE)])
    changes = changes.assign(name=changes["norad_id"].map(objects["name"]).fillna(""))
    print(f"{'changes of drift of passive objects':40} {passive.sum():6}")
    changes = changes[~passive]
    print(f"{'changes of drift':40} {len(changes):6}, of {changes['norad_id'].nunique()} objects")
    print(f"{'flagged':40} {changes['flagged'].mean():6.3f}")
    print(f"{'told as news':40} {changes['told_after_days'].notna().mean():6.3f}")
    print(f"{'days until it was told, median':40} {changes['told_after_days'].median():6.1f}")
    print(table(changes[~changes["flagged"] | changes["told_after_days"].isna()]))


def main() -> None:
    """Print recall by group, and the misses."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="home that was scored, or that --replay is of")
    parser.add_argument("--replay", type=Path, help="JSON of `burnwatch replay`: tell of changes of drift in the belt")
    arguments = parser.parse_args()
    home = Home.at(arguments.home)
    if arguments.replay is None:
        _print_raises(home)
    else:
        _print_changes(home, arguments.replay)


if __name__ == "__main__":
    main()
