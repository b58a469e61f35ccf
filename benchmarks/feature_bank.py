"""Speed of the feature bank: python benchmarks/feature_bank.py PATH... (files or folders of element sets).

Sets a second of processor time on one core, and how much of it is SGP4.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))  # a script beside this one must not shadow a package

from catalog.availability import stamp
from catalog.errors import CatalogError
from catalog.records import mean_elements
from catalog.sources.files import read_paths
from configs.features import FeatureConfig
from features.bank import compute_features
from features.history import gaps, used_sets
from features.passes import run_passes


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", type=Path, nargs="+")
    outcomes = [outcome for _, outcome in read_paths(parser.parse_args().paths)]
    history = pd.concat([stamp(one, source="file") for one in outcomes if not isinstance(one, CatalogError)])
    print(f"{len(history)} sets of {history['norad_id'].nunique()} objects")

    start = time.process_time()
    features = compute_features(history)
    whole_s = time.process_time() - start
    print(f"feature bank {len(history) / whole_s:.0f} sets/s ({len(features)} rows, {len(features.columns)} columns)")

    sets = used_sets(history, FeatureConfig())
    norad_id = sets["norad_id"].to_numpy(np.int64)
    start = time.process_time()
    run_passes(mean_elements(sets), norad_id, gaps(norad_id))
    passes_s = time.process_time() - start
    print(f"of which SGP4, seven epochs a set: {100 * passes_s / whole_s:.0f} %")


if __name__ == "__main__":
    main()
