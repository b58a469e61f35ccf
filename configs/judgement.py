"""Settings of the judgement: what a burn was, whether it was unexpected, and who is near."""

from pydantic import Field

from configs.section import Section


class BurnFitConfig(Section):
    """How the time and Δv of a burn are fitted to the element sets on both sides."""

    sets_each_side: int = Field(
        default=8, ge=1, le=12, description="element sets used before and after the burn, at most"
    )
    sets_after: int | None = Field(
        default=None,
        ge=1,
        description="element sets after the burn that may be seen, at most: K + 1 to judge causally with K later sets",
    )
    stop_at_neighbors: bool = Field(
        default=True, description="sets beyond a neighboring event are not used: they follow another orbit"
    )
    max_span_days: float = Field(
        default=12.0, gt=0, description="oldest set used before, and latest after, the gap [days]"
    )
    reference_set: int = Field(
        default=3, ge=0, description="which set of a side, from the nearest on, the others are compared with"
    )
    sets_used: int = Field(
        default=4, ge=1, description="nearest believed sets of a side that the fit rests on: far ones carry drag"
    )
    drag_share: float = Field(
        default=1e-3,
        gt=0,
        description="share of the semi-major axis that drag may take between a set and the gap: beyond it only the nearest set of a side counts",
    )
    sets_used_deep: int = Field(
        default=1, ge=1, description="the same in deep space, where Moon and Sun stray the far ones"
    )
    deep_a_km: float = Field(
        default=20_000.0, gt=0, description="semi-major axis from which an orbit counts as deep space [km]"
    )
    model_error: float = Field(
        default=0.015, ge=0, description="share of the Δv that impulse and mean elements may miss"
    )
    gate_sigma: float = Field(
        default=4.0, gt=0, description="what the other sets contradict beyond this loses weight [sigma]"
    )
    smear_share: float = Field(
        default=0.02,
        ge=0,
        lt=1,
        description="share of the step that a believed set may miss, being smeared over the burn",
    )
    smear_days: float = Field(
        default=0.25, ge=0, description="time over which the longitude gathers what a smeared mean motion misses [days]"
    )
    noise_gaps: int = Field(
        default=40, ge=6, description="the object's latest gaps before the burn that its noise is taken from"
    )
    least_rate_share: float = Field(
        default=0.3, gt=0, description="least error of a rate, in that of the same rate told by two sets"
    )
    rate_memory_days: float = Field(
        default=10.0, gt=0, description="for how long the error of a rate (drag, forces left out) stays the same [days]"
    )
    skipped_sets: int = Field(
        default=4,
        ge=0,
        description="nearest sets of a side that may be left out as smeared or on the wrong side, at most",
    )
    least_sets: int = Field(default=2, ge=1, description="sets of a side that must be left then")
    max_strangeness: float = Field(
        default=3.0, gt=0, description="chi2 per degree of freedom of the sets above which leaving some out is tried"
    )
    skip_cost: float = Field(
        default=1.15, ge=1, description="factor by which leaving out one more set must lessen that chi2"
    )
    noise_dof: float = Field(
        default=6.0, ge=0, description="weight of the object's noise against the scatter at hand [degrees of freedom]"
    )
    reweightings: int = Field(default=3, ge=0, description="rounds in which sets that others contradict lose weight")
    grid_points_per_orbit: int = Field(
        default=10, ge=6, description="trial burn times an orbit; the phase is lost below about 8"
    )
    max_grid_points: int = Field(
        default=720, ge=32, description="trial burn times at most; longer gaps are tried more coarsely"
    )
    refined_minima: int = Field(default=12, ge=1, description="best trial times about which a finer grid is laid")
    refined_points: int = Field(default=15, ge=3, description="points of each finer grid")
    pad_gaps: float = Field(
        default=0.5, ge=0, le=2, description="trial times reach this share of the gap beyond either end"
    )
    outside_prior: float = Field(
        default=0.1, gt=0, le=1, description="prior density of a burn outside the gap, inside being 1"
    )
    interval: float = Field(default=0.68, gt=0, lt=1, description="probability inside burn_time_low..burn_time_high")
    radial_share: float = Field(
        default=0.1, gt=0, description="radial Δv expected beside along- and cross-track, as their share"
    )
    radial_floor_m_s: float = Field(default=0.005, gt=0, description="radial Δv that is always allowed for [m/s]")
    radial_doubt: float = Field(
        default=3.0, ge=0, description="sigma of eccentricity step that a radial burn must stand above"
    )
    max_impulse_chi2: float = Field(
        default=200.0, gt=0, description="misfit of one impulse above which the crossing of the orbits is not believed"
    )
    max_chi2_per_dof: float = Field(
        default=400.0, gt=1, description="above it no single burn explains the sets: Δv is withheld"
    )
    max_gap_days: float = Field(
        default=30.0, gt=0, description="across a gap longer than this the Δv is withheld: SGP4 is no reference [days]"
    )
    min_snr: float = Field(default=2.0, ge=0, description="Δv under this many sigma is said to be within the noise")
    floor_angle_deg: float = Field(default=1e-4, gt=0, description="last digit of the angles in an element set [deg]")
    floor_eccentricity: float = Field(
        default=1e-7, gt=0, description="last digit of the eccentricity in an element set"
    )
    floor_mean_motion_rev_day: float = Field(default=1e-8, gt=0, description="last digit of the mean motion [rev/day]")
    least_acceleration_m_s2: float = Field(
        default=1e-6, gt=0, description="along-track acceleration above which a lasting change of a is thrust [m/s2]"
    )
    least_thrust_days: float = Field(default=3.0, gt=0, description="shortest span that counts as lasting [days]")
    drag_ceiling_km: float = Field(
        default=600.0, ge=0, description="perigee height below which a lasting fall may be drag [km]"
    )
    chunk_events: int = Field(default=256, ge=1, description="events fitted at once; bounds the memory")


class KindConfig(Section):
    """Thresholds between the kinds of burn."""

    min_snr: float = Field(default=2.0, ge=0, description="a Δv component under this many sigma does not count")
    cross_track_share: float = Field(
        default=0.7, gt=0, lt=1, description="share of the Δv across the track that makes it such a burn"
    )
    relocation_drift_deg_day: float = Field(
        default=0.15,
        gt=0,
        description="GEO drift change above what keeping a 0.1 deg slot needs in a fortnight [deg/day]",
    )
    geo_band_km: float = Field(
        default=40.0,
        gt=0,
        description="distance from the synchronous radius within which an object keeps its slot [km]",
    )
    graveyard_km: float = Field(
        default=200.0,
        gt=0,
        description="height over the synchronous radius from which a raise leads out of the protected belt (IADC) [km]",
    )
    transfer_km: float = Field(
        default=600.0, gt=0, description="distance from the synchronous radius that only a transfer comes from [km]"
    )
    makeup_a_km: float = Field(
        default=2.0,
        gt=0,
        description="largest raise that makes up for drag; a LEO ground track allows a few hundred metres [km]",
    )
    makeup_ceiling_km: float = Field(
        default=7800.0, gt=0, description="semi-major axis above which drag asks for no make-up [km]"
    )
    plane_station_keeping_deg: float = Field(
        default=0.1,
        gt=0,
        description="largest change of plane by one north-south burn in GEO: seven weeks of lunisolar pull [deg]",
    )
    eccentricity_share: float = Field(
        default=3.0, gt=1, description="eccentricity step over what the change of the semi-major axis alone brings"
    )


class PatternConfig(Section):
    """Pattern of life: what is usual for an object, and how fast that is forgotten."""

    memory_days: float = Field(
        default=730.0, gt=0, description="time in which an old burn's weight falls to 1/e [days]"
    )
    within_share: float = Field(
        default=0.25,
        gt=0,
        lt=1,
        description="share of the built-in variance that one object shows: sets how fast its own history counts",
    )
    most_within_share: float = Field(
        default=0.8, gt=0, lt=1, description="largest such share that is learned from the peers"
    )
    widest_dex: float = Field(
        default=0.5, gt=0, description="largest deviation of one value that counts for the scatter of routine [log10]"
    )
    prior_weight: float = Field(
        default=4.0, gt=0, description="degrees of freedom the peers lend to an object's own spread"
    )
    peers_weight: float = Field(
        default=10.0,
        gt=0,
        description="weight of what is built in against a regime's burns, and of a wider group's mix against a closer one's, in independent burns",
    )
    group_weight: float = Field(
        default=4.0,
        gt=0,
        description="weight of a wider group against a closer one for sizes, waits and drifts, in independent burns",
    )
    min_spread_dex: float = Field(
        default=0.1, gt=0, description="least spread of sizes, waits and destinations that is believed [log10]"
    )
    memory_burns: float = Field(
        default=20.0, gt=1, description="burns in which an older one's weight falls to 1/e: how soon a routine is new"
    )
    change_share: float = Field(
        default=0.5, ge=0, lt=1, description="share of its habit that an object's strangest burn makes us forget"
    )
    outcome_prior: float = Field(
        default=2.0, gt=0, description="weight of the peers' mix of directions, kinds and turns, in events"
    )
    campaign_days: float = Field(default=3.0, gt=0, description="burns at most this far apart are one campaign [days]")
    renewal_intervals: float = Field(
        default=3.0, gt=0, description="own intervals from which the waiting time is judged by them"
    )
    usual_share: float = Field(default=0.8, gt=0, lt=1, description="central share of the waiting times called usual")
    cadence_cap: float = Field(
        default=2.0, gt=0, description="largest surprise from a burn out of its rhythm [-log10 p]"
    )
    term_cap: float = Field(
        default=8.0, gt=0, description="largest surprise from size, direction or destination [-log10 p]"
    )
    reach_correlation: float = Field(
        default=0.6, ge=0, le=1, description="correlation of the surprises by size, distance and drift of one burn"
    )
    mention: float = Field(default=1.0, gt=0, description="surprise from which a term is named as a reason [-log10 p]")
    drift_deg_day: float = Field(
        default=0.1, gt=0, description="drift from which a GEO object no longer keeps its place [deg/day]"
    )
    relocation_days: float = Field(
        default=120.0, gt=0, description="for how long a drift that a burn began counts as a relocation [days]"
    )
    young_days: float = Field(
        default=120.0, ge=0, description="younger than this, an object is likely on the way to its place yet [days]"
    )
    young_spread: float = Field(
        default=2.0, ge=1, description="factor on the spread of sizes expected of a young object"
    )
    habit_share: float = Field(
        default=0.3, gt=0, le=1, description="weight of the newest orbit in an object's habitual one"
    )


class SurpriseConfig(Section):
    """How surprises are calibrated against past ones, and which of them are listed."""

    memory_days: float = Field(
        default=180.0, gt=0, description="time in which a past event's weight in the null falls to 1/e [days]"
    )
    prior_events: float = Field(
        default=50.0,
        gt=0,
        description="weight of the nominal p-values in the null, in events: decides while few were seen",
    )
    tail_start: float = Field(
        default=0.4, gt=0, lt=1, description="quantile of past surprises from which an exponential is fitted to them"
    )
    tail_end: float = Field(
        default=0.75,
        gt=0,
        lt=1,
        description="quantile beyond which past surprises are censored in that fit: the truly unexpected",
    )
    keeping_drift_deg_day: float = Field(
        default=0.05,
        gt=0,
        description="GEO burns that change the drift by more do not keep a place: no measure of what is routine [deg/day]",
    )
    keeping_tilt_deg: float = Field(
        default=0.1, gt=0, description="the same of the inclination: more than a north-south burn does [deg]"
    )
    false_discovery_rate: float = Field(
        default=0.2, gt=0, lt=1, description="share of the list that may be routine burns"
    )
    largest_p: float = Field(
        default=0.05, gt=0, lt=1, description="p of an event above which it is not listed, however few there are"
    )
    window_days: int = Field(
        default=7, ge=1, description="days whose events are one family of the false discovery rate [days]"
    )
    max_window_days: float = Field(
        default=45.0, gt=0, description="an event between sets farther apart is not listed: it may be old [days]"
    )
    settle_days: int = Field(
        default=10,
        ge=0,
        description="an event found longer after its element sets came is old history, judged as of then [days]",
    )


class OverdueConfig(Section):
    """When a strict keeper that does not burn is called overdue."""

    min_waits: int = Field(default=4, ge=2, description="waits between burns that a rhythm is told from, at least")
    max_waits: int = Field(default=40, ge=4, description="latest waits of an object that are looked at")
    tested_waits: int = Field(
        default=8, ge=1, description="latest ended waits of an object that the forecast is calibrated by, at most"
    )
    campaign_days: float = Field(default=2.0, ge=0, description="burns less apart than this are one maneuver [days]")
    usual_spread: float = Field(
        default=0.2, gt=0, description="spread of a keeper's period that is assumed before its waits tell [ln]"
    )
    prior_waits_spread: float = Field(default=2.0, gt=0, description="weight of that assumption, in waits")
    max_spread: float = Field(default=0.3, gt=0, description="spread of the period above which no rhythm is seen [ln]")
    recall: float = Field(
        default=0.8, gt=0, lt=1, description="share of a keeper's burns that are found, before its waits tell"
    )
    recall_weight: float = Field(default=5.0, gt=0, description="weight of that assumption, in burns")
    min_recall: float = Field(default=0.6, gt=0, lt=1, description="share found below which silence means nothing")
    prior_waits: float = Field(
        default=50.0, gt=0, description="weight of the nominal p-values of waits in their calibration, in waits"
    )
    false_per_month: float = Field(
        default=1.0, gt=0, description="keepers called overdue by chance, in the whole home [1/month]"
    )
    largest_p: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="p of a silence above which nothing is said, however few keepers there are",
    )
    settle_days: float = Field(
        default=5.0,
        ge=0,
        description="a burn of the last days may not be found yet: silence ends so long before [days]",
    )
    max_set_age_days: float = Field(
        default=5.0, gt=0, description="without an element set for longer nothing is said of an object [days]"
    )
    min_sets: int = Field(
        default=5, ge=4, description="element sets of the silence that its longitude is told from in GEO, at least"
    )
    longitude_noise_deg: float = Field(
        default=0.007, gt=0, description="scatter of the mean longitude about its parabola without burns, at most [deg]"
    )
    a_noise_km: float = Field(
        default=0.2, gt=0, description="scatter of the semi-major axis about its line without burns, at most [km]"
    )
    named_share: float = Field(
        default=0.7, gt=0.5, le=1, description="share of its burns that go one way, for the reason to name the way"
    )


class ProximityConfig(Section):
    """Who is near an object after its burn."""

    days: float = Field(default=10.0, gt=0, le=60, description="how far ahead closest approaches are sought [days]")
    settle_days: float = Field(
        default=3.0,
        ge=0,
        description="sets that came up to this long after the event are used, once they are there [days]",
    )
    geo_days: float = Field(
        default=21.0, gt=0, le=90, description="the same in GEO, where a drift of a degree a day takes weeks [days]"
    )
    max_events: int = Field(default=300, ge=0, description="events looked at in one call, the most unexpected first")
    top: int = Field(default=3, ge=1, description="neighbours named for an event")
    max_pairs: int = Field(
        default=40, ge=1, description="candidates propagated for an event, the nearest in element space first"
    )
    max_miss_km: float = Field(default=1000.0, gt=0, description="farther than this is no neighbour [km]")
    max_age_days: float = Field(
        default=10.0, gt=0, description="element sets older than this at the judgement are not used [days]"
    )
    geo_margin_deg: float = Field(default=1.0, gt=0, description="longitude added to the reachable arc in GEO [deg]")
    geo_plane_deg: float = Field(
        default=16.0, gt=0, description="largest angle between the planes of GEO neighbours [deg]"
    )
    leo_band_km: float = Field(default=100.0, gt=0, description="largest difference of radius ranges outside GEO [km]")
    leo_plane_deg: float = Field(
        default=3.0, gt=0, le=60, description="largest angle between the planes outside GEO [deg]"
    )
    company_rows: int = Field(default=12, ge=1, description="others told of for an event outside GEO, at most")
    propagated: int = Field(
        default=5, ge=1, description="of these, how many are propagated for their closest approach, the first ones"
    )
    plane_days: float = Field(
        default=60.0, gt=0, description="how far ahead planes that turn towards one another are looked at [days]"
    )
    coplanar_deg: float = Field(default=0.5, gt=0, description="planes nearer than this count as one [deg]")
    node_match_deg_year: float = Field(
        default=5.0, gt=0, description="nodes that part no faster drift alike: one plane stays one for weeks [deg/year]"
    )
    hold_deg_day: float = Field(
        default=0.5, gt=0, description="a phase that changes no faster is kept; in low orbit 0.4 km of height [deg/day]"
    )
    beside_deg: float = Field(default=10.0, gt=0, le=180, description="largest phase at which one stands beside [deg]")
    pass_deg_day: float = Field(
        default=15.0, gt=0, description="a phase that closes faster is a pass, slower an approach [deg/day]"
    )
    catch_days: float = Field(
        default=30.0, gt=0, description="how far ahead an approach along the track is told [days]"
    )
    fleet_least: int = Field(
        default=8, ge=1, description="objects of one series of names in a shell that make a constellation"
    )
    fleet_band_km: float = Field(default=60.0, gt=0, description="height of a constellation's shell, either way [km]")
    fleet_tilt_deg: float = Field(default=1.5, gt=0, description="inclinations within a shell, either way [deg]")
    notable_chance: float = Field(
        default=0.1, gt=0, description="expected number of others as near by chance, under which company is told of"
    )
    mention_km: float = Field(default=10.0, gt=0, description="a pass nearer than this is always told of [km]")
    max_age_user_days: float = Field(
        default=60.0, gt=0, description="the oldest element sets given by the user that are used [days]"
    )
