"""Print what is plain to see in a home, and whether it was flagged: ``python -m benchmarks.visible HOME [--replay JSON]``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import read_replay, table
from benchmarks.visible.belt import drift_changes, told
from benchmarks.visible.meeting import met
from benchmarks.visible.steps import RAISE, TRUTHS, steps
from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from pipelines.events import EventLog
from pipelines.home import Home

MISSES = 20  # of each kind that are printed
PASSIVE = ("debris", "rocket body")
CONSTELLATIONS = ("STARLINK", "KUIPER", "ONEWEB")
SIZES_KM = (0.3, 0.6, 1.5, 5.0, np.inf)


def seen_in(home: Home) -> tuple[pd.DataFrame, dict[str, int]]:
    """The steps in a home with ``found`` and what they are of, and counts of what was flagged besides."""
    sets, objects = _sets(home), ObjectCatalog(home.path).load().set_index("norad_id")
    log = EventLog(home.state / "events.parquet").read()
    if log is None:
        raise SystemExit(f"{home.path} was not scored: run `burnwatch score`, or give --replay")
    events = log[log["explanation"] == "maneuver"]
    passive = objects.index[objects["kind"].isin(PASSIVE)]
    seen = steps(sets, TRUTHS)
    name = seen["norad_id"].map(objects["name"]).fillna("").astype(str)
    of = [next((each for each in CONSTELLATIONS if each in one), "others") for one in name]
    seen = seen.assign(name=name, of=of, passive=seen["norad_id"].isin(passive), found=met(seen, events))
    raised = seen[(seen["truth"] == RAISE.name) & ~seen["passive"]]
    return seen, {
        "objects that rose and have no flag": int(
            raised.loc[~raised["norad_id"].isin(events["norad_id"]), "norad_id"].nunique()
        ),
        "passive objects": int(sets["norad_id"][sets["norad_id"].isin(passive)].nunique()),
        "maneuvers flagged of passive objects": int(events["norad_id"].isin(passive).sum()),
        "maneuvers flagged": len(events),
    }


def _sets(home: Home) -> pd.DataFrame:
    store = ElementStore(home.elements)
    return store.history(store.coverage()["norad_id"].tolist())


def _print_steps(home: Home) -> None:
    seen, counts = seen_in(home)
    for what, count in counts.items():
        print(f"{what:40} {count:6}")
    by_truth = (
        seen[~seen["passive"]]
        .groupby("truth")
        .agg(steps=("found", "size"), objects=("norad_id", "nunique"), found=("found", "mean"))
    )
    of_passive = seen[seen["passive"]].groupby("truth").size().reindex(by_truth.index, fill_value=0)
    print(table(by_truth.assign(of_passive_objects=of_passive).reset_index()))
    raised = seen[(seen["truth"] == RAISE.name) & ~seen["passive"]]
    sizes, rates = pd.cut(raised["size"], SIZES_KM), pd.cut(raised["sets_a_day"], [0, 1, 2, 3, np.inf])
    for group in (raised["of"], sizes.astype(str).rename("raise_km"), rates.astype(str)):
        print(raised.groupby(group)["found"].agg(["size", "mean"]).round(3).to_string())
    missed = seen[~seen["found"] & ~seen["passive"]]
    missed = missed.iloc[missed["size"].abs().to_numpy().argsort()[::-1]].sort_values("truth", kind="stable")
    print(table(missed.groupby("truth").head(MISSES)[["truth", "norad_id", "name", "epoch_before", "size", "noise"]]))


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
        _print_steps(home)
    else:
        _print_changes(home, arguments.replay)


if __name__ == "__main__":
    main()
