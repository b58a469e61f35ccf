"""Settings of the geosynchronous belt: phases of an object's life, and whom it comes to."""

from pydantic import Field

from configs.section import Section


class BeltConfig(Section):
    """When a geosynchronous object is kept, drifts, librates or has left, and who counts as near."""

    break_deg_day: float = Field(
        default=0.04, gt=0, description="change of the drift, less the pull of the equator, that is a burn [deg/day]"
    )
    break_sigma: float = Field(default=6.0, gt=0, description="the same, at least, in the object's noise of the drift")
    longitude_noise_deg: float = Field(
        default=0.02, gt=0, description="how far the mean longitude of a good set may be off [deg]"
    )
    pull_error: float = Field(
        default=0.3, ge=0, description="share of the pull of the equator that a change of longitude may miss"
    )
    drift_error: float = Field(
        default=0.01, ge=0, description="share of the longitude drifted through that it may be off besides"
    )
    doubt: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="chance under which an excursion too short to move the longitude is a bad set",
    )
    stray_days: float = Field(
        default=1.5, gt=0, description="sets on another drift for longer than this are no bad sets [days]"
    )
    short_days: float = Field(
        default=2.0, gt=0, description="a shorter stay between two drifts is on the way from one to the other [days]"
    )
    standing_deg_day: float = Field(default=0.08, gt=0, description="drift up to which an object may stand [deg/day]")
    leaving_deg_day: float = Field(
        default=0.15, gt=0, description="drift from which one still in its box is leaving it [deg/day]"
    )
    box_deg: float = Field(
        default=0.3, gt=0, description="longitude to either side that one box reaches without evidence of more [deg]"
    )
    parked_deg: float = Field(
        default=0.5, gt=0, description="longitude that one without a burn may wander through and still stand [deg]"
    )
    wide_box_deg: float = Field(
        default=5.0, gt=0, description="half width of the widest box within which slow reversals are keeping [deg]"
    )
    libration_days: float = Field(
        default=60.0,
        gt=0,
        description="following the pull alone for this long, bound to a stable point; twice if it hardly moves [days]",
    )
    circulation_days: float = Field(
        default=180.0, gt=0, description="drifting on without a burn for this long, bound to none, is done [days]"
    )
    burned_factor: float = Field(
        default=2.5, ge=1, description="times as long is asked of one whose drift began with a burn"
    )
    graveyard_km: float = Field(
        default=200.0, gt=0, description="distance of the semi-major axis from the belt beyond which one has left [km]"
    )
    transfer_km: float = Field(
        default=150.0, gt=0, description="distance from which one that comes to the belt is in transfer [km]"
    )
    transfer_eccentricity: float = Field(
        default=0.01, gt=0, lt=1, description="eccentricity from which one that comes to the belt is in transfer"
    )
    horizon_days: float = Field(default=45.0, gt=0, le=180, description="how far ahead arrivals are foretold [days]")
    past_days: float = Field(
        default=5.0, ge=0, le=30, description="for how long one that was passed is said to be left behind [days]"
    )
    fit_days: float = Field(
        default=8.0, gt=0, description="sets up to this much older than the newest tell where it goes [days]"
    )
    drift_noise_deg_day: float = Field(
        default=0.002, gt=0, description="error of the drift that one semi-major axis stands for [deg/day]"
    )
    drift_wander_deg_day: float = Field(
        default=0.002, gt=0, description="how far Moon and Sun change a drift in weeks [deg/day]"
    )
    smear: float = Field(
        default=0.1, ge=0, description="share of a burn's change of drift that the first two sets after it may miss"
    )
    tesseral_error: float = Field(
        default=0.05, ge=0, description="share of the Earth's pull that forecasts may miss, radiation and all"
    )
    max_age_days: float = Field(
        default=30.0, gt=0, description="objects whose newest set is older are not looked at [days]"
    )
    beside_deg: float = Field(
        default=0.25, gt=0, description="longitude between two that stand beside one another, at most [deg]"
    )
    beside_drift_deg_day: float = Field(
        default=0.03, gt=0, description="drift between two that stand beside one another, at most [deg/day]"
    )
    beside_days: float = Field(
        default=5.0, gt=0, description="days over which the closest approach of two that stay together is sought [days]"
    )
    top: int = Field(default=12, ge=1, description="objects told for a mover, the nearest in time first")
    companion_deg: float = Field(
        default=0.1, gt=0, description="longitude between two that share a slot, at most [deg]"
    )
