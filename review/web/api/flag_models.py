"""A flag and the steps of its review, as the API speaks of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from review.records import Status
from review.web.api.fields import Known, NoradId, Record


class Neighbour(BaseModel):
    """Another object near the one that burned, or on its way; more is said where it is known."""

    model_config = ConfigDict(extra="allow", from_attributes=True)
    __pydantic_extra__: dict[str, str | int | float | bool | None]

    norad_id: NoradId
    name: str
    miss_km: Known = Field(default=None, ge=0.0, description="Distance at the closest approach [km]")
    when: datetime | None = Field(default=None, description="When that is [UTC]")


class Flag(Record):
    """One event put before an analyst. Times are UTC, changes of velocity in RTN of the object's orbit."""

    flag_id: UUID
    norad_id: NoradId
    name: str
    regime: str = Field(description="leo, meo, geo or heo")
    detector: str
    epoch_before: datetime = Field(description="Epoch of the last element set before the burn")
    epoch_after: datetime = Field(description="Epoch of the first element set after it")
    burn_time: datetime = Field(description="Best estimate of the burn")
    burn_time_low: datetime = Field(description="Start of the interval that holds the burn")
    burn_time_high: datetime = Field(description="End of that interval")
    dv_r_m_s: Known = Field(description="Radial change of velocity, outward [m/s]")
    dv_t_m_s: Known = Field(description="Along-track change of velocity, forward [m/s]")
    dv_n_m_s: Known = Field(description="Cross-track change of velocity, along the angular momentum [m/s]")
    dv_r_sigma_m_s: Known = Field(description="Its standard error [m/s]")
    dv_t_sigma_m_s: Known = Field(description="Its standard error [m/s]")
    dv_n_sigma_m_s: Known = Field(description="Its standard error [m/s]")
    dv_m_s: Known = Field(description="Size of the change of velocity [m/s]")
    dv_sigma_m_s: Known = Field(description="Standard error of the size [m/s]")
    kind: str = Field(description="What the burn was for, as the program took it")
    judged_kind: str = Field(description="The kind that an analyst confirmed; may be empty")
    score: float = Field(description="How anomalous the gap is, in the detector's own units")
    threshold: Known = Field(description="The score from which events are flagged")
    probability: Known = Field(description="That there was a burn")
    unexpectedness: Known = Field(
        description="log10 of the surprise, given the object's own earlier burns and its peers'"
    )
    rank: int | None = Field(
        description="By unexpectedness among the flags of the burn's UTC day, 1 the most unexpected"
    )
    reasons: list[str]
    neighbours: list[Neighbour]
    quality: list[str] = Field(description="Doubts about the data")
    fit_status: str
    fit_note: str
    delta_a_km: Known = Field(description="Change of the semi-major axis [km]")
    delta_i_deg: Known = Field(description="Change of the inclination [deg]")
    delta_e: Known = Field(description="Change of the eccentricity")
    chi2_ratio: Known = Field(
        description="Misfit ratio: χ² without the burn over χ² with it, how many times better the fit with the burn is"
    )
    explanation: str = Field(description="maneuver, or what else the event is")
    explanation_note: str
    model_version: str
    data_snapshot: str = Field(description="Content of the store of element sets that was scored")
    config_hash: str
    first_seen_at: datetime
    updated_at: datetime
    available_at: datetime = Field(description="From when the event could have been known")
    status: Status
    version: int = Field(ge=1, description="Counts the changes of this flag; a verdict says which one it saw")
    withdrawn_at: datetime | None = Field(description="Since when scoring no longer finds it")
    listed: bool = Field(description="Selected for the list of its day by that day's false discovery rate")
    finding_id: UUID | None = Field(description="The finding that gathers it")
    assignee: str = Field(description="Who has it; empty where nobody has")


class Step(Record):
    """One step of a flag's review."""

    verdict_id: int
    flag_id: UUID
    decided_at: datetime
    who: str
    from_status: Status
    to_status: Status
    note: str
    kind: str = Field(description="The kind of maneuver that was confirmed")
    assignee: str = Field(description="Who has the flag after the step")
    model_version: str = Field(description="The model whose flag was judged")
    flag_version: int = Field(description="The flag's version after the step")
