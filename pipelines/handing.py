"""Findings and flags handed on from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pipelines.desk import open_desk
from pipelines.errors import PipelineError
from review.export import finding_json, findings_csv
from review.hand_on import finding_ocm, hand_on
from review.records import FlagRecord

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.desk import Desk
    from review.records import FindingRecord


def handed(home: Home, config: BurnwatchConfig, which: str, form: str) -> bytes:
    """One finding or flag in one of the forms in which it is handed on.

    Raises
    ------
    review.errors.UnknownIdError, AmbiguousIdError
    review.ocm.NoManeuverError
        For an OCM, where there is no maneuver to hand on.
    PipelineError
        The form is one of flags only.
    """
    desk = open_desk(home, config)
    found = desk.flags.either(which)
    if isinstance(found, FlagRecord):
        return hand_on(desk, found.flag_id, form).content
    return _finding(desk, found, form)


def _finding(desk: Desk, finding: FindingRecord, form: str) -> bytes:
    if form == "json":
        text = json.dumps(finding_json(finding), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    elif form == "csv":
        text = findings_csv([finding])
    elif form == "ocm":
        text = finding_ocm(desk, finding)
    else:
        raise PipelineError(
            f"a finding is handed on as json, csv or ocm; ask for {form} of one of its flags (`burnwatch show {finding.finding_id[:8]}`)"
        )
    return text.encode()
