"""Benchmark runs on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.registry.tracking import Tracking

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EXPERIMENT = "benchmark"
_TAGS = ("detector", "setting", "split", "labels", "data_snapshot", "config_hash", "code_version", "seed")


class BenchmarkLog(Tracking):
    """One run for each benchmark, with its settings, figures, plots and the whole report."""

    def log_benchmark(
        self, report: Mapping[str, Any], metrics: Mapping[str, float], figures: Mapping[str, Figure]
    ) -> str:
        """Record a report (`models.benchmark.report.Report.json`); returns the run's id."""
        tags = {name: str(report[name]) for name in _TAGS}
        name = f"{report['detector']}, {report['setting']}, {report['split']}"
        with self.run(EXPERIMENT, name, tags) as run_id:
            settings = {f"config.{key}": value for key, value in report["detector_config"].items()}
            self.log(run_id, params=tags | settings, metrics=metrics, figures=figures)
            self._client.log_dict(run_id, dict(report), "report.json")
            if report.get("trials"):
                self._client.log_text(run_id, pd.json_normalize(report["trials"]).to_csv(index=False), "trials.csv")
        return run_id
