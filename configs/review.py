"""Settings of the flag store and of the reports."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from configs.section import Section

OneLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[ -~]*$")]  # of ASCII


class ReviewConfig(Section):
    """How flags are kept and shown."""

    database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL of the flags' database (sqlite:///… or postgresql://…); review.sqlite in the home "
        "folder where none is given. It may hold a password: give it by the environment, not in a file.",
    )
    team: str = Field(
        default="", max_length=200, description="Name under which this home's verdicts go to other teams as labels"
    )
    match_hours: float = Field(
        default=24.0,
        ge=0.0,
        description="An event whose burn is nearer than this to a known flag's burn is that flag, even where their burn "
        "windows do not overlap [h].",
    )
    lock_timeout_s: float = Field(
        default=30.0, gt=0.0, description="How long a writer waits for another one before it gives up [s]."
    )
    report_days_before: float = Field(
        default=60.0, gt=0.0, description="How far back before the burn a report's timelines reach [day]."
    )
    report_days_after: float = Field(
        default=30.0, gt=0.0, description="How far after the burn a report's timelines reach [day]."
    )
    report_neighbors: int = Field(
        default=6, ge=0, description="How many neighbors and partners the picture of a finding shows at most."
    )
    originator: OneLine = Field(
        default="BURNWATCH",
        min_length=1,
        description="Who makes the messages that are handed on (OCM, OMM): your organization's abbreviation in the SANA "
        "registry of organizations, or its name.",
    )
    classification: OneLine = Field(
        default="",
        description="Caveat on the messages, reports and packages that are handed on; empty for none.",
    )
