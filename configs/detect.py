"""Settings of the robust step detector and of the logic that makes events of scores."""

from __future__ import annotations

from pydantic import Field

from configs.section import Section


class RobustStepConfig(Section):
    """How `robust-step` finds steps without training."""

    widths_gaps: tuple[int, ...] = Field(
        default=(1, 2, 3, 5, 8, 12),
        min_length=1,
        description="Over how many gaps the element sets may smear one burn: the widths that are tried [gaps].",
    )
    noise_window_gaps: int = Field(
        default=121, ge=15, description="Gaps from which the local noise is estimated [gaps]."
    )
    decay_window_gaps: int = Field(
        default=41, ge=9, description="Gaps from which the local rate of decay is estimated and taken off [gaps]."
    )
    usual_gaps: float = Field(
        default=1.5,
        gt=0.0,
        description="A gap longer than this many usual ones has noise in proportion to its length: so does an error of "
        "the rate [usual gaps].",
    )
    smear_gap_days: float = Field(
        default=3.0,
        gt=0.0,
        description="A burn is not smeared past a gap longer than this: fits reach back days [day].",
    )
    noise_floor_m: float = Field(default=0.2, gt=0.0, description="Least σ of a step of the semi-major axis [m].")
    noise_floor_deg: float = Field(default=1e-4, gt=0.0, description="Least σ of a step of the inclination [deg].")
    join_sigma: float = Field(default=2.0, gt=0.0, description="Steps of one sign above this belong to one burn [σ].")
    join_ratio: float = Field(
        default=0.1,
        ge=0.0,
        lt=1.0,
        description="They must also be this fraction of the strongest step of that burn [-].",
    )
    split_ratio: float = Field(
        default=0.7,
        gt=0.0,
        description="With a quiet gap between, steps of at least this fraction of the strongest are burns of their own [-].",
    )
    plane_weight: dict[str, float] = Field(
        default={"leo": 0.2, "meo": 0.25, "geo": 0.5, "heo": 0.25},
        description="What a σ of a step of the inclination counts against one of the semi-major axis, by regime; "
        "below 1 where its tails are heavier, being quantized at 1e-4 deg [-].",
    )
    threshold: dict[str, float] = Field(
        default={"leo": 6.0, "meo": 15.0, "geo": 30.0, "heo": 30.0},
        description="Score above which a gap holds a burn where nothing is calibrated, by regime [σ].",
    )
    later_sets: int | None = Field(
        default=None,
        ge=0,
        description="How many element sets after a gap its score may depend on; none: all of them (retrospective).",
    )


class CandidateConfig(Section):
    """How scores become events."""

    separation_days: dict[str, float] = Field(
        default={"leo": 2.5, "meo": 4.0, "geo": 4.0, "heo": 4.0},
        description="Detections nearer than this to a stronger one are that one's, by regime [day].",
    )
    rival_ratio: float = Field(
        default=0.3,
        gt=0.0,
        le=1.0,
        description="Unless they score at least this fraction of the stronger one and lie `rival_days` away [-].",
    )
    rival_days: float = Field(
        default=1.0, gt=0.0, description="Nearer than this no two detections are two maneuvers [day]."
    )
    join_gaps: int = Field(
        default=1,
        ge=1,
        description="Gaps above the threshold at most this far apart are one event, in the first of them [gaps].",
    )
    smear_ratio: float = Field(
        default=0.1,
        gt=0.0,
        description="If the next step goes on in the same direction with at least this fraction of the gap's own, the "
        "element sets smear the burn, which then lies at the gap's begin [-].",
    )
    smear_lead_days: float = Field(
        default=0.25, ge=0.0, description="How long before that gap's begin a smeared burn is put [day]."
    )


class PlacementConfig(Section):
    """Which geosynchronous events are put into another gap (`models.detect.placement`)."""

    empty_share: float = Field(
        default=0.1,
        gt=0.0,
        lt=1.0,
        description="A gap with less than this share of a step soon after it does not hold the burn [-].",
    )
    least_sigma: float = Field(default=20.0, gt=0.0, description="Least step that an event is moved to [σ].")
    plane_weight: float = Field(
        default=0.5, gt=0.0, description="What a σ of a step of the inclination counts against one of the axis [-]."
    )


class MoveConfig(Section):
    """How geosynchronous moves are told from where the object is (`models.detect.moves`)."""

    least_drift_deg_day: float = Field(
        default=0.1, gt=0.0, description="Least change of the drift that no station-keeping needs [deg/day]."
    )
    displaced_deg: float = Field(
        default=0.1,
        gt=0.0,
        description="Distance from the longitude that the orbit before says, for each day of the gap, from which the "
        "object has left whatever comes next [deg].",
    )
    least_share_of_day: float = Field(
        default=0.05,
        ge=0.0,
        description="It must have gone at least this part of a day's new drift: the place in a bad set is the old one.",
    )
    stays_share: float = Field(
        default=0.3,
        gt=0.0,
        lt=1.0,
        description="The next set has the same drift, to this share of the change [-].",
    )
    returns_share: float = Field(
        default=0.5,
        gt=0.0,
        lt=1.0,
        description="A set that is back in place has the drift of an earlier one, to this share of the change [-].",
    )
    returning_sets: int = Field(
        default=3, ge=1, le=6, description="A set may end so many bad ones by going back to the orbit before them."
    )
    max_gap_days: float = Field(
        default=30.0, gt=0.0, description="Across a longer gap SGP4 does not say where the object would be [day]."
    )
    probability: float = Field(default=0.95, gt=0.0, le=1.0, description="Probability that such a move is real [-].")


class ProofConfig(Section):
    """When a burn in geosynchronous orbit is shown by enough sets to be told (`models.detect.proof`)."""

    settle_hours: float = Field(
        default=24.0, ge=0.0, description="Sets must have come for this long after the first that shows it [h]."
    )
    least_drift_deg_day: float = Field(
        default=0.1,
        gt=0.0,
        description="Else: least change of the drift that the longitude can bear out [deg/day].",
    )
    displaced_deg: float = Field(
        default=0.2, gt=0.0, description="Least distance from the longitude that the orbit before says [deg]."
    )
    least_hours: float = Field(
        default=4.0,
        ge=0.0,
        description="The burn must have been this long before the set: a bad set claims one just before it [h].",
    )
    longest_gap_days: float = Field(
        default=10.0,
        gt=0.0,
        description="Where sets come more rarely none is waited for; less than what scoring looks back over [day].",
    )
