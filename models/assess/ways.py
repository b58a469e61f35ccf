"""Which way another object is, as seen from one that moves."""

APPROACHING, PASSING, RECEDING, BESIDE = "approaching", "passing", "receding", "stopped beside"
