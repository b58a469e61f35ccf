"""What is assumed of a regime before any of its objects was seen to burn.

Mean and standard deviation of log10 values, wide, and soon outweighed by the peers' own events. They follow from what
station-keeping needs: LEO drag make-up of centimeters per second; GEO east-west 2 m/s a year in weekly to monthly
burns, north-south 45 m/s a year likewise (Soop 1994, Handbook of Geostationary Orbits).
"""

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
# Share of the burns' directions.
MIX = {"forward": 0.35, "backward": 0.2, "cross-track": 0.3, "radial": 0.05, "unclear": 0.1}
# Of the time between burns [days].
WAITS: dict[str, tuple[float, float]] = {"leo": (1.4, 0.5), "meo": (2.2, 0.5), "geo": (1.0, 0.4), "heo": (1.7, 0.5)}
# Of the drift a burn brings in GEO [deg/day], of the change of altitude it keeps elsewhere [km].
DESTINATIONS: dict[str, tuple[float, float]] = {
    "leo": (-0.6, 0.6),
    "meo": (-0.3, 0.8),
    "geo": (-1.7, 0.4),
    "heo": (0.0, 0.8),
}
