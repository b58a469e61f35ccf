"""A benchmark's figures for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipelines.terminal import note, print_table

Columns = Sequence[tuple[str, str]]

_WINDOWS = {
    "gap_12h": "±12 h of the gap",
    "point_3d": "±3 d",
    "point_1.5d_cross_track_excused": "±1.5 d, cross-track alarms excused",
}


def print_report(report: dict[str, Any]) -> None:
    """Print the tables of ``Report.json()`` on stdout, and what a person should know about them on stderr."""
    _left_out(report)
    for group, reason in report["skipped"].items():
        note(f"not measured: {group}: {reason}")
    by_default = sorted({each["group"] for each in report["folds"] if each["chosen"] == "default"})
    for group in by_default:
        note(
            f"{group}: too few satellites to choose a threshold on; the default one is used and no probability is given"
        )
    note(
        f"{report['detector']}, {report['setting']}, {report['split']}; ±1.5 d of the burn unless another window is named"
    )
    for name, own in report["satellites"].items():
        if own["partial"]:
            note(f"{name}: not all of its burns are listed, so only its recall is told")
        if not own["events"]:
            note(f"{name}: none of its burns lies in the span that is evaluated, so only its false alarms are told")
    if report["delivered"]:
        _delivered(report["delivered"])
    _satellites(report)
    _regimes(report)
    _windows(report)
    _sizes(report)
    _burns(report)
    if report.get("trials"):
        _trials(report)
    if report["controls"]:
        _left_out(report["controls"])
        _controls("object", report["controls"])


def _left_out(part: dict[str, Any]) -> None:
    for each in part["left_out"]:
        note(f"left out: {each['name']}: {each['reason']}")


def _delivered(delivered: dict[str, Any]) -> None:
    for group, reason in delivered["skipped"].items():
        note(f"not measured as delivered: {group}: {reason}")
    columns = (
        ("as delivered", "whole"), ("regime", "whole"), ("events", "right"), ("hits", "right"), ("alarms", "right"),
        ("P", "right"), ("R", "right"), ("F1", "right"), ("95 %", "right"), ("told in 24 h", "right"), ("72 h", "right"),
        ("median h", "right"), ("sets", "right"), ("threshold of", "whole"),
    )  # fmt: skip
    told = [(name, own["regime"], own, "", own["chosen"]) for name, own in delivered["satellites"].items()]
    told += [("pooled", regime, own, _interval(own, "f1"), "") for regime, own in delivered["pooled"].items()]
    rows = [
        (
            name, regime, own["events"], own["hits"], _whole(own["false_alarms"]), _two(own["precision"]), _two(own["recall"]),
            _three(own["f1"]), interval, _two(own["within_24_h"]), _two(own["within_72_h"]), _one(own["latency_h"]),
            _one(own["latency_sets"]), chosen,
        )
        for name, regime, own, interval, chosen in told
    ]  # fmt: skip
    rows += [
        ("macro", regime, "", "", "", _two(own["precision"]), _two(own["recall"]), _three(own["f1"]), *[""] * 6)
        for regime, own in delivered["macro"].items()
    ]
    _table(columns, rows)
    if "controls" in delivered:
        _controls("as delivered", delivered["controls"])


def print_labels(report: pd.DataFrame) -> None:
    """Print what labels are worth (`models.benchmark.label_report.label_report`) on stdout."""
    columns = (
        ("object", "right"), ("name", "whole"), ("burns", "right"), ("doubled", "right"), ("windows", "right"),
        ("maneuvers", "right"), ("evaluated", "right"), ("outside", "right"), ("list", "whole"), ("from", "whole"),
        ("to", "whole"), ("years", "right"), ("remark", "whole"),
    )  # fmt: skip
    rows = [
        (
            own["norad_id"], own["name"], own["burns"], own["doubled"], own["windows"], own["maneuvers"], own["evaluated"],
            own["outside"], "partial" if own["partial"] else "whole", own["start"], own["stop"], own["years"], own["remark"],
        )
        for own in report.assign(
            start=report["start"].dt.strftime("%Y-%m-%d").fillna("–"),
            stop=report["stop"].dt.strftime("%Y-%m-%d").fillna("–"),
            years=[f"{years:.1f}" if years > 0 else "–" for years in report["years"]],
        ).to_dict("records")
    ]  # fmt: skip
    print_table(columns, rows)


def _satellites(report: dict[str, Any]) -> None:
    columns = (
        ("satellite", "whole"), ("regime", "whole"), ("events", "right"), ("hits", "right"), ("alarms", "right"),
        ("P", "right"), ("R", "right"), ("F1", "right"), ("AP", "right"), ("R at 1/yr", "right"), ("Δv err", "right"),
        ("time h", "right"),
    )  # fmt: skip
    rows = [
        (
            name, own["stratum"], own["events"], own["hits"], _whole(own["false_alarms"]), _two(own["precision"]), _two(own["recall"]),
            _two(own["f1"]), _two(own["ap"]), _two(own["recall_at_1_fa"]), _percent(own["dv_error"]),
            _one(own["time_error_h"]),
        )
        for name, own in report["satellites"].items()
    ]  # fmt: skip
    _table(columns, rows)


def _regimes(report: dict[str, Any]) -> None:
    columns = (
        ("regime", "whole"), ("", "whole"), ("P", "right"), ("R", "right"), ("F1", "right"), ("95 %", "right"),
        ("AP", "right"), ("R at .3/yr", "right"), ("1/yr", "right"), ("95 %", "right"), ("3/yr", "right"),
    )  # fmt: skip
    rows = []
    for regime in report["pooled"]:
        for kind in ("pooled", "macro"):
            own = report[kind][regime]
            rows.append(
                (
                    regime, kind, _three(own["precision"]), _three(own["recall"]), _three(own["f1"]), _interval(own, "f1"),
                    _three(own["ap"]), _three(own["recall_at_0.3_fa"]), _three(own["recall_at_1_fa"]),
                    _interval(own, "recall_at_1_fa"), _three(own["recall_at_3_fa"]),
                )
            )  # fmt: skip
    _table(columns, rows)


def _windows(report: dict[str, Any]) -> None:
    rows = []
    for name, title in _WINDOWS.items():
        own = report["windows"][name]
        for regime in own["pooled"]:
            if "cross" in name and not regime.startswith(("geo", "igso")):
                continue
            pooled, macro = own["pooled"][regime], own["macro"][regime]
            rows.append((title, regime, _three(pooled["f1"]), _interval(pooled, "f1"), _three(macro["f1"])))
    for name, own in report["nulls"].items():
        rows += [(f"null: {name.replace('_', ' ')}", regime, _three(f1), "", "") for regime, f1 in own.items()]
    columns = (("F1 by", "whole"), ("regime", "whole"), ("pooled", "right"), ("95 %", "right"), ("macro", "right"))
    _table(columns, rows)


def _sizes(report: dict[str, Any]) -> None:
    columns = (("regime", "whole"), ("Δv [mm/s]", "right"), ("events", "right"), ("hits", "right"), ("R", "right"))
    rows = []
    for own in report["by_dv"]:
        low, high = 1e3 * own["dv_low_m_s"], own["dv_high_m_s"]
        size = f"{low:g}–{1e3 * high:g}" if high is not None else f"from {low:g}"
        rows.append((own["regime"], size, own["events"], own["hits"], _two(own["recall"])))
    if rows:
        _table(columns, rows)


def _burns(report: dict[str, Any]) -> None:
    columns = (
        ("regime", "whole"), ("time h", "right"), ("90 %", "right"), ("in 68 %", "right"), ("> 1 cm/s", "right"),
        ("Δv of", "right"), ("err", "right"), ("90 %", "right"), ("in 1 σ", "right"), ("2 σ", "right"), ("ECE", "right"),
        ("ECE above threshold", "right"),
    )  # fmt: skip
    rows = [
        (
            regime, _one(own["time_error_h"]), _one(own["time_error_h_p90"]), _two(own["time_inside_68"]),
            _one(own["time_error_h_large"]), own["dv_measured"], _percent(own["dv_error"]), _percent(own["dv_error_p90"]),
            _two(own["dv_inside_1_sigma"]), _two(own["dv_inside_2_sigma"]), _three(own["ece"]), _three(own["ece_above_threshold"]),
        )
        for regime, own in (*report["pooled"].items(), ("all", report["burns"] | report["calibration"]))
    ]  # fmt: skip
    _table(columns, rows)


def _trials(report: dict[str, Any]) -> None:
    names = {own["norad_id"]: name for name, own in report["satellites"].items()}
    configured = {tuple(own["judged"]): own["inner_f1"] for own in report["trials"] if own["trial"] == 0}
    columns = (
        ("fold", "whole"), ("inner F1 configured", "right"), ("chosen", "right"), ("trial", "right"), ("parameters", "left"),
    )  # fmt: skip
    rows = [
        (
            names.get(own["judged"][0], own["judged"][0]) if len(own["judged"]) == 1 else own["group"],
            _three(configured[tuple(own["judged"])]), _three(own["inner_f1"]), own["trial"],
            " ".join(f"{name}={value:.3g}" for name, value in own["parameters"].items()),
        )
        for own in report["trials"]
        if own["chosen"]
    ]  # fmt: skip
    _table(columns, rows)


def _controls(title: str, controls: dict[str, Any]) -> None:
    columns = (
        (title, "right"),
        ("regime", "whole"),
        ("years", "right"),
        ("false alarms", "right"),
        ("a year", "right"),
    )
    rows = [
        (own["norad_id"], own["regime"], _one(own["years"]), own["false_alarms"], _three(own["false_alarms_per_year"]))
        for own in controls["objects"]
    ]
    rate = _three(controls["false_alarms_per_object_year"])
    rows.append(("all", "", _one(controls["object_years"]), controls["false_alarms"], rate))
    _table(columns, rows)


def _table(columns: Columns, rows: Sequence[Sequence[Any]]) -> None:
    print_table(columns, rows)
    print_table((("", "whole"),), ())


def _interval(own: dict[str, Any], name: str) -> str:
    low, high = own[f"{name}_low"], own[f"{name}_high"]
    return "–" if low is None else f"{low:.2f}–{high:.2f}"


def _shown(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _whole(value: float | None) -> str:
    return _shown(value, "{:.0f}")


def _one(value: float | None) -> str:
    return _shown(value, "{:.1f}")


def _two(value: float | None) -> str:
    return _shown(value, "{:.2f}")


def _three(value: float | None) -> str:
    return _shown(value, "{:.3f}")


def _percent(value: float | None) -> str:
    return _shown(None if value is None else 100 * value, "{:.1f} %")
