"""Rows a second of every detector's scoring, and the time its training takes: ``python -m benchmarks.detectors [ROWS]``."""

from __future__ import annotations

import sys
import time

from models.detect.detectors import DETECTORS, create
from tests.synthetic_features import synthetic_features

GAPS = 250  # an object; a year of sets, about


def main(rows: int) -> None:
    """Print one line a detector."""
    objects = max(rows // GAPS, 2)
    burns = {(index, gap): 30.0 for index in range(0, objects, 3) for gap in range(40, GAPS, 60)}
    features = synthetic_features(objects=objects, gaps=GAPS, seed=1, burns=burns)
    print(f"{'detector':<18}{'rows':>10}{'fit [s]':>10}{'score [s]':>11}{'rows/s':>10}")
    for name in DETECTORS:
        detector = create(name)
        started = time.perf_counter()
        detector.fit(features)
        fitted = time.perf_counter()
        detector.score(features)
        scored = time.perf_counter()
        seconds = scored - fitted
        print(
            f"{name:<18}{len(features):>10,}{fitted - started:>10.1f}{seconds:>11.2f}{len(features) / seconds:>10,.0f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
