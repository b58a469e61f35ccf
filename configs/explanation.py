"""Settings of the explanations: what else than a maneuver may have made an event."""

from pydantic import Field

from configs.section import Section


class ExplanationConfig(Section):
    """When an event is explained by something else than a maneuver."""

    reopen_days: float = Field(
        default=10.0, ge=0, description="later sets of other objects may explain an event for this long [days]"
    )
    reopen_loss_days: float = Field(
        default=90.0, ge=0, description="that its object was lost or broke up may explain it for this long [days]"
    )
    noise_gaps: int = Field(default=40, ge=8, description="earlier gaps that the noise about an event is taken from")
    off_sigma: float = Field(
        default=5.0, gt=0, description="a set is off where it leaves its neighbors and comes back by so many sigma ..."
    )
    quiet_sigma: float = Field(
        default=3.5, gt=0, description="... while the sets on both sides of it agree within so many"
    )
    left_share: float = Field(
        default=0.25, gt=0, lt=1, description="share of the step that may be left once the bad set is passed over"
    )
    trip_days: float = Field(
        default=2.0, gt=0, description="between sets closer than this no object leaves and is back in place [days]"
    )
    trip_share: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="share of the time between the sets on both sides from which a trip is possible",
    )
    twin_minutes: float = Field(
        default=60.0, gt=0, description="two fits with epochs this close cannot both be right if they differ [min]"
    )
    young_days: float = Field(
        default=7.0,
        gt=0,
        description="since its launch an object's orbit determination settles for this long [days] ...",
    )
    young_sets: int = Field(default=5, ge=1, description="... and over its first element sets ...")
    young_sets_days: float = Field(default=45.0, gt=0, description="... where these came within this long [days]")
    born_days: float = Field(
        default=14.0, gt=0, description="an object whose first element set came later than this is not new here [days]"
    )
    settling_dv_m_s: float = Field(
        default=0.1, gt=0, description="orbit determination that settles makes no step of a larger along-track Δv [m/s]"
    )
    settling_cross_m_s: float = Field(default=0.5, gt=0, description="the same across the track [m/s]")
    first_set_factor: float = Field(
        default=4.0, ge=1, description="both are so many times larger for a step away from the very first set"
    )
    decay_perigee_km: float = Field(
        default=310.0, gt=100, description="below this height of the perigee drag rules an orbit and ends it [km]"
    )
    bstar_jump: float = Field(
        default=3.0, gt=1, description="factor by which B* changes for good where an object lost its attitude or parts"
    )
    bstar_sets: int = Field(default=5, ge=3, description="sets on either side that B* is compared over")
    storm_ceiling_km: float = Field(
        default=1000.0, gt=200, description="above this mean height no storm moves an object [km]"
    )
    storm_band_km: float = Field(
        default=25.0, gt=0, description="neighbors in altitude, which meet the same air, are this close [km]"
    )
    storm_neighbors: int = Field(default=4, ge=2, description="neighbors whose median is believed")
    storm_excess: float = Field(
        default=0.15, gt=0, description="excess of the drag over what SGP4 expected that makes a storm, as its share"
    )
    storm_factor: float = Field(
        default=2.5, gt=1, description="an object may feel a storm more than its neighbors do, by this factor"
    )
    storm_context_days: float = Field(
        default=12.0, gt=0, description="time before an event over which usual drag is known [days]"
    )
    storm_window_days: float = Field(
        default=10.0, gt=0, description="across a longer window a storm of a day is not told [days]"
    )
    storm_lasts: float = Field(
        default=3.0, ge=1, description="a storm lasts beyond the window: what it takes of the orbit in all, in windows"
    )
    storm_least_ap: float = Field(
        default=15.0, ge=0, description="under this daily Ap, where it is known, there is no storm"
    )
    storm_ap: float = Field(default=80.0, gt=0, description="daily Ap from which a storm is known without neighbors")
    storm_ap_excess: float = Field(
        default=6.0, gt=0, description="largest excess of the drag that such a storm explains, as share of SGP4's"
    )
    swap_share: float = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="two orbits are exchanged where that leaves less than this share of both steps",
    )
    swap_span: float = Field(
        default=2e-3, gt=0, description="how far a set may lie from the orbit that it continues, as share of a"
    )
    docked_span: float = Field(
        default=2e-4, gt=0, description="objects nearer than this share of a in every element move as one"
    )
    docked_days: float = Field(default=2.0, gt=0, description="for at least this long [days]")
    near_days: float = Field(
        default=4.0, gt=0, description="sets of other objects within this time of an event are compared [days]"
    )
    later_days: float = Field(
        default=20.0, gt=0, description="sets of all objects up to this long after an event are looked at [days]"
    )
    loss_days: float = Field(default=30.0, gt=0, description="silence after which an object is missed [days] ...")
    loss_gaps: float = Field(default=10.0, gt=0, description="... if it is also so many times its usual gap")
    loss_sets: int = Field(default=2, ge=1, description="element sets after an event, at most, that a loss left")
    pieces: int = Field(default=3, ge=2, description="new objects of a launch that make a break-up")
    pieces_days: float = Field(default=60.0, gt=0, description="time in which pieces are catalogued [days]")
    pieces_plane_deg: float = Field(default=1.5, gt=0, description="largest angle between their planes [deg]")
