"""Behavior over weeks: events gathered into findings."""

from models.assess.findings.frame import FINDING_DTYPES, FINDING_KINDS, STATES, empty_findings
from models.assess.findings.update import movers, update

__all__ = ["FINDING_DTYPES", "FINDING_KINDS", "STATES", "empty_findings", "movers", "update"]
