"""What labels are worth before anything is fitted: by object, what of them can be evaluated, and what is odd about them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from models.benchmark.labels import SAME_BURN, merge_burns
from models.benchmark.matching import inside
from models.benchmark.protocol import EDGE_SETS, evaluated_spans

NO_SETS, FEW_SETS, NOTHING = (
    "no element sets",
    "too few element sets",
    "no burn in a span that can be evaluated",
)
_MOST_NAMED = 5


def label_report(labels: pd.DataFrame, epochs: pd.DataFrame) -> pd.DataFrame:
    """One row an object.

    Parameters
    ----------
    labels : DataFrame
        From `models.benchmark.labels.read_labels`.
    epochs : DataFrame
        ``norad_id``, ``epoch``, ``regime`` and ``inclination_deg`` of the element sets.

    Returns
    -------
    DataFrame
        ``norad_id``, ``name``; ``burns`` that are listed, ``doubled`` and ``windows`` (how many of them are listed again,
        and how many known by a window alone); ``maneuvers`` that they make (`merge_burns`), ``evaluated`` and ``outside`` (how
        many lie in the evaluated span, and how many before the first or after the last element set); ``partial``; ``start``,
        ``stop`` and ``years`` of the span; ``remark``: what keeps the object from being evaluated, empty for nothing.
    """
    maneuvers = merge_burns(labels)
    spans = evaluated_spans(epochs, maneuvers)
    sets = epochs.groupby("norad_id")["epoch"].agg(sets="size", first="min", last="max")
    known = sets.reindex(maneuvers["norad_id"])
    told = labels.assign(
        doubled=labels.duplicated(SAME_BURN), windows=labels["window_end"] > labels["window_start"]
    ).groupby("norad_id")
    made = maneuvers.assign(
        evaluated=inside(maneuvers["norad_id"], epoch_us(maneuvers["burn_time"]), spans),
        outside=(maneuvers["window_end"] < known["first"].array) | (maneuvers["window_start"] > known["last"].array),
    ).groupby("norad_id")
    report = pd.concat(
        [
            told.agg(
                name=("name", "first"), burns=("name", "size"), doubled=("doubled", "sum"), windows=("windows", "sum")
            ),
            made.agg(
                maneuvers=("name", "size"),
                evaluated=("evaluated", "sum"),
                outside=("outside", "sum"),
                partial=("partial", "max"),
            ),
            spans.set_index("norad_id")[["start", "stop", "years"]],
        ],
        axis=1,
    )
    count = sets["sets"].reindex(report.index).fillna(0)
    report["remark"] = np.select(
        [count == 0, count <= 2 * EDGE_SETS, report["evaluated"] == 0], [NO_SETS, FEW_SETS, NOTHING], default=""
    )
    return report.reset_index(names="norad_id")


def told_of(report: pd.DataFrame) -> list[str]:
    """What a person should know of a report before a fit: the whole in a line, and a line for each object that is odd."""
    usable, unseen = report[report["remark"] == ""], report[report["remark"] == NO_SETS]
    lines = [
        f"labels: {report['maneuvers'].sum()} maneuvers of {len(report)} objects; {usable['evaluated'].sum()} of "
        f"{len(usable)} objects are evaluated, over {usable['years'].sum():.1f} years"
    ]
    if len(unseen):
        shown = ", ".join(str(number) for number in unseen["norad_id"].head(_MOST_NAMED))
        more = ", …" if len(unseen) > _MOST_NAMED else ""
        lines.append(f"labels: {len(unseen)} objects have {NO_SETS}; are the numbers right? {shown}{more}")
    for row in report[report["remark"] != NO_SETS].to_dict("records"):
        oddities = [
            (row["remark"], row["remark"]),
            (row["outside"], f"{row['outside']} of {row['maneuvers']} maneuvers are outside its element sets"),
            (row["doubled"], f"{row['doubled']} burns are listed again and count once"),
            (row["windows"], f"{row['windows']} of {row['burns']} burns are known by a day or another window alone"),
            (row["partial"], "the list is not whole, so it teaches nothing and its recall alone is told"),
        ]
        said = "; ".join(text for holds, text in oddities if holds)
        lines += [f"labels: {row['norad_id']} {row['name']}: {said}"] if said else []
    return lines
