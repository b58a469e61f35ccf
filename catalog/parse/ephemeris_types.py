"""Ephemeris types of element sets that SGP4 does not propagate (CCSDS 502.0-B-3, table 4-3)."""

OTHER_THEORIES = {3: "PPT3", 4: "SGP4-XP", 6: "special perturbations"}
