"""What is assumed of a regime before any of its objects was seen to burn.

Mean and standard deviation of log10 values, wide, and soon outweighed by the peers' own events. They follow from what
station-keeping needs: LEO drag make-up of centimeters per second; GEO east-west 2 m/s a year in weekly to monthly
burns, north-south 45 m/s a year likewise (Soop 1994, Handbook of Geostationary Orbits).
"""

from models.characterize.kind import KINDS

# Of the Δv [m/s], along the track and across it.
SIZES: dict[str, tuple[float, float]] = {
    "leo": (-1.5, 0.7),
    "meo": (-0.7, 0.8),
    "geo": (-1.1, 0.5),
    "heo": (-0.3, 0.8),
}
CROSS_TRACK_SIZES: dict[str, tuple[float, float]] = {
    "leo": (-0.2, 0.8),
    "meo": (0.0, 0.8),
    "geo": (0.0, 0.5),
    "heo": (0.0, 0.8),
}
# Share of the burns' directions, and of their kinds.
MIX = {"forward": 0.35, "backward": 0.2, "cross-track": 0.3, "radial": 0.05, "unclear": 0.1}
KIND_MIX = dict.fromkeys(KINDS, 1 / len(KINDS))
# Of the time between campaigns, and between the burns of one [days]; share of the waits within campaigns;
# silence before the burns of those that are hardly known [days].
WAITS: dict[str, tuple[float, float]] = {"leo": (1.4, 0.5), "meo": (2.2, 0.5), "geo": (1.0, 0.4), "heo": (1.7, 0.5)}
SILENCE = (1.7, 0.6)
WITHIN_SHARE = {"within": 0.3, "between": 0.7}
# Of the drift that a burn brings in GEO to who keeps his place, and to who drifts [deg/day].
DRIFTS = {"kept": (-1.7, 0.4), "drifting": (-1.0, 0.8)}
# Of the change of altitude that it keeps elsewhere [km].
OFFSETS: dict[str, tuple[float, float]] = {"leo": (-0.6, 0.6), "meo": (-0.3, 0.8), "heo": (0.0, 0.8)}
# What a burn does to the drift in GEO: of objects left to their habit, which hardly any of the belt ever changes, of those
# that a burn of their own sent on their way, and of new ones.
DRIFT_TURNS: dict[str, dict[str, float]] = {
    "habitual": {"trim": 0.95, "departure": 0.03, "stop": 0.006, "reversal": 0.003, "slower": 0.006, "faster": 0.005},
    "relocating": {"trim": 0.3, "stop": 0.3, "reversal": 0.05, "slower": 0.2, "faster": 0.15},
    "commissioned": {"trim": 0.4, "stop": 0.15, "reversal": 0.05, "slower": 0.2, "faster": 0.1, "departure": 0.1},
}
