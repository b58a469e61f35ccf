"""What makes a finding: behavior over weeks, from events."""

from pydantic import Field

from configs.section import Section


class FindingsConfig(Section):
    """How events are gathered into findings, and what is news of them."""

    fresh_days: float = Field(
        default=21.0, gt=0, description="an event first seen longer ago than this opens no finding [days]"
    )
    chain_days: float = Field(
        default=30.0,
        gt=0,
        description="an event this long after the last one that mattered belongs to its chain [days]",
    )
    quiet_days: float = Field(
        default=30.0, gt=0, description="a finding that rests is closed after this long without news [days]"
    )
    adrift_days: float = Field(
        default=150.0, gt=0, description="a finding under way is closed after this long without an event [days]"
    )
    least_probability: float = Field(
        default=0.5, ge=0, le=1, description="an event less likely real than this is not gathered"
    )
    standing_drift_deg_day: float = Field(
        default=0.06, gt=0, description="GEO: slower than this an object stands [deg/day]"
    )
    leaving_drift_deg_day: float = Field(
        default=0.15, gt=0, description="GEO: from this drift on an object that stood leaves [deg/day]"
    )
    sure_drift_deg_day: float = Field(
        default=0.5, gt=0, description="GEO: slower than this, who keeps a wide box turns within it [deg/day]"
    )
    leaving_deg: float = Field(
        default=1.0, gt=0, description="GEO: this far from where it stood an object has moved elsewhere [deg]"
    )
    drift_news_deg_day: float = Field(
        default=0.2, gt=0, description="GEO: smaller changes of the drift last told are no news [deg/day]"
    )
    drift_news_share: float = Field(
        default=0.25, gt=0, le=1, description="GEO: so are changes under this share of the larger drift"
    )
    stop_days: float = Field(
        default=1.5, ge=0, description="GEO: sets must show this long that an object stands before it is said [days]"
    )
    stay_days: float = Field(
        default=7.0, gt=0, description="GEO: a stand shorter than this is no place that an object had [days]"
    )
    beside_deg: float = Field(
        default=0.3, gt=0, description="GEO: who stands within this of an object stands beside it [deg]"
    )
    box_share: float = Field(
        default=2.5, gt=0, description="GEO: and so many times the half width of the box that it kept"
    )
    inclined_deg: float = Field(
        default=20.0, gt=0, description="GEO: more inclined than this, a node is kept and not a longitude [deg]"
    )
    inclined_box_deg: float = Field(
        default=5.0, gt=0, description="GEO: such an object turns within so much to either side and goes nowhere [deg]"
    )
    jump_days: float = Field(
        default=2.5, gt=0, description="GEO: from place to place faster than this, nobody saw it on its way [days]"
    )
    jump_deg: float = Field(
        default=0.05, gt=0, description="GEO: such sets may be those of another that stands so near [deg]"
    )
    jump_sure_days: float = Field(default=10.0, gt=0, description="GEO: unless they stay for so long [days]")
    beside_tilt_deg: float = Field(
        default=4.0, gt=0, description="GEO: with a larger difference of inclination nobody stands beside it [deg]"
    )
    back_deg: float = Field(default=0.7, gt=0, description="GEO: this near its old place an object has come back [deg]")
    loiter_days: float = Field(
        default=14.0, gt=0, description="GEO: so long beside another's object is loitering [days]"
    )
    loiter_deg: float = Field(default=0.1, gt=0, description="GEO: farther from it is no loitering [deg]")
    graveyard_km: float = Field(
        default=200.0, gt=0, description="GEO: this far above the synchronous radius a raise leaves the belt [km]"
    )
    disposal_drift_deg_day: float = Field(
        default=1.5, gt=0, description="GEO: what drifted faster before is not raised for disposal [deg/day]"
    )
    raise_km: float = Field(
        default=80.0, gt=0, description="GEO: a disposal raises the orbit by this much at least [km]"
    )
    serial_stops: int = Field(default=3, ge=2, description="GEO: different places from which on visiting is serial")
    serial_days: float = Field(default=365.0, gt=0, description="GEO: time within which the places lie [days]")
    young_days: float = Field(
        default=300.0, gt=0, description="since launch: what a younger object does may be commissioning [days]"
    )
    old_days: float = Field(
        default=2900.0, gt=0, description="since launch: what an older object does may be its disposal [days]"
    )
    settled_days: float = Field(
        default=30.0, gt=0, description="in one place this long, an object is no longer being commissioned [days]"
    )
    horizon_days: float = Field(default=45.0, gt=0, description="how far ahead arrivals are told [days]")
    dead_days: float = Field(
        default=730.0, gt=0, description="watched this long without a burn, an object counts as dead [days]"
    )
    dead_dv_m_s: float = Field(
        default=0.3, gt=0, description="least Δv of an event that shows a dead object moved [m/s]"
    )
    dead_wait_days: float = Field(
        default=2.0, ge=0, description="how long such an event must stand against later sets first [days]"
    )
    dead_probability: float = Field(default=0.95, ge=0, le=1, description="and the least probability of it")
    tow_km: float = Field(default=5.0, gt=0, description="objects of nearer semi-major axes may move together [km]")
    tow_deg: float = Field(default=0.3, gt=0, description="GEO: and of nearer longitudes [deg]")
    tow_drift_deg_day: float = Field(default=0.05, gt=0, description="GEO: and of drifts as alike [deg/day]")
    company_chance: float = Field(
        default=0.1, gt=0, description="others as near that one expects there, above which an approach is not said"
    )
    together_hours: float = Field(
        default=24.0, gt=0, description="burns of two objects this near in time may be synchronised [h]"
    )
    together_deg: float = Field(default=2.0, gt=0, description="GEO: and this near in longitude [deg]")
    together_km: float = Field(default=20.0, gt=0, description="elsewhere: this near in semi-major axis [km]")
    together_plane_deg: float = Field(default=2.0, gt=0, description="elsewhere: and this near in inclination [deg]")
    together_chance: float = Field(
        default=0.05, gt=0, lt=1, description="chance of burning together below which it is said"
    )
    larger_dex: float = Field(
        default=1.0, gt=0, description="a later event this much more unexpected than all before is news [-log10 p]"
    )
    larger_share: float = Field(default=2.0, gt=1, description="and this many times as large as all before, in Δv")
    altitude_km: float = Field(
        default=10.0, gt=0, description="outside GEO: a smaller change of the orbit last told is no news [km]"
    )
    altitude_share: float = Field(
        default=0.5, gt=0, description="outside GEO: so is one under this share of the whole change so far"
    )
    plane_deg: float = Field(
        default=0.03, gt=0, description="outside GEO: a smaller turn of the plane is no news [deg]"
    )
    reentry_km: float = Field(
        default=350.0, gt=0, description="perigee height below which a lowered orbit is a disposal [km]"
    )
    commission_km: float = Field(
        default=20.0, gt=0, description="outside GEO: a young object's rise by this much is commissioning [km]"
    )
    established_days: float = Field(
        default=90.0,
        gt=0,
        description="burning about one orbit, or in one place, this long, an object is no new one [days]",
    )
    routine_burns: int = Field(
        default=4, ge=3, description="like burns at like intervals after a change that make a new routine"
    )
    routine_spread: float = Field(
        default=0.35, gt=0, description="largest spread of their intervals and sizes [natural log]"
    )
