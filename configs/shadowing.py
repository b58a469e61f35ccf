"""Settings of the search for objects that shadow others for weeks."""

from pydantic import Field

from configs.section import Section


class ShadowingConfig(Section):
    """When an object counts as shadowing another."""

    days: float = Field(default=60.0, gt=0, le=400, description="how far back is looked [days]")
    step_days: float = Field(default=3.0, gt=0, description="time between the looks [days]")
    least_days: float = Field(
        default=21.0, gt=0, description="for how long two must share plane and altitude without a break [days]"
    )
    plane_deg: float = Field(default=0.5, gt=0, description="largest angle between the planes [deg]")
    band_km: float = Field(default=60.0, gt=0, description="largest difference of radius ranges [km]")
    max_age_days: float = Field(default=10.0, gt=0, description="sets older than this at a look are not used [days]")
    max_age_user_days: float = Field(default=60.0, gt=0, description="the same of sets given by the user [days]")
    follow_days: float = Field(
        default=10.0, gt=0, description="a change of orbit within this time after the other's may follow it [days]"
    )
    change_km: float = Field(
        default=0.05, gt=0, description="smallest change of the semi-major axis that counts as one [km]"
    )
    change_sigma: float = Field(default=8.0, gt=0, description="and how far it must stand above the object's noise")
    like_share: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="a change follows another if it is at least this share of it, and it of that",
    )
    chance: float = Field(
        default=0.01, gt=0, lt=1, description="likelihood of as many follows by chance under which they are believed"
    )
    phase_deg: float = Field(
        default=20.0, gt=0, le=180, description="a phase that stays within this range is kept on purpose [deg]"
    )
    beside_deg: float = Field(
        default=30.0, gt=0, le=180, description="and farther apart along the track it is a constellation [deg]"
    )
    entry_deg: float = Field(
        default=0.2, gt=0, description="turn into the other's plane, beyond what the nodes do, that a burn made [deg]"
    )
    docked_km: float = Field(
        default=10.0, ge=0, description="objects that are never farther apart along the track are one or docked [km]"
    )
