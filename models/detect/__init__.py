"""Is there a burn? Scorers, candidates, calibration."""
