"""What a home flags, held against burn logs: python -m benchmarks.delivered HOME LABELS.

The flags that say maneuver, at the threshold that training chose, one to one with the logged burns (±1.5 d). Figures of
satellites that taught the model are in-sample, and are marked so by whoever quotes them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from catalog.store import ElementStore
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.protocol import evaluate, evaluated_spans
from orbits.elements import regime
from pipelines.events import EventLog
from pipelines.home import Home

SHOWN = ["name", "regime", "maneuvers", "hits", "misses", "false_alarms", "precision", "recall", "f1"]


def main() -> None:
    """Print figures by satellite and by regime."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("labels", type=Path)
    arguments = parser.parse_args()
    home, maneuvers = Home.at(arguments.home), merge_burns(read_labels(arguments.labels))
    sets = ElementStore(home.elements).history(maneuvers["norad_id"].unique().tolist())
    sets["regime"] = regime(sets["mean_motion_rev_day"], sets["eccentricity"])
    events = EventLog(home.state / "events.parquet").read()
    figures = evaluate(events[events["explanation"] == "maneuver"], maneuvers, evaluated_spans(sets, maneuvers))
    print(figures.satellites[SHOWN].round(2).to_string(index=False))
    print(figures.pooled[["precision", "recall", "f1", "f1_low", "f1_high"]].round(3).to_string())


if __name__ == "__main__":
    main()
