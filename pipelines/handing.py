"""Findings and flags handed on from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipelines.desk import open_desk
from review.hand_on import hand_on, hand_on_finding
from review.records import FlagRecord

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


def handed(home: Home, config: BurnwatchConfig, which: str, form: str) -> bytes:
    """One finding or flag in one of the forms in which it is handed on.

    Raises
    ------
    review.errors.UnknownIdError, AmbiguousIdError
    review.hand_on.UnknownFormatError
        The form is one of flags only.
    review.ocm.NoManeuverError
        For an OCM, where there is no maneuver to hand on.
    """
    desk = open_desk(home, config)
    with desk.flags:
        found = desk.flags.either(which)
        if isinstance(found, FlagRecord):
            return hand_on(desk, found.flag_id, form).content
        return hand_on_finding(desk, found.finding_id, form).content
