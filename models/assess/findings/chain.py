"""The events of one object that belong together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.frame import UNDER_WAY, Finding, iso
from models.characterize.explain.words import MANEUVER

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Move:
    """One event of an object, as far as findings look at it.

    Parameters
    ----------
    before, after : Timestamp
        The window between two epochs.
    time : Timestamp
        When it burned, as well as is known.
    a_km, delta_a_km : float
        Semi-major axis after it, and its change [km]; NaN where not known.
    longitude_deg : float
        Mean longitude (GEO) [deg].
    inclination_deg, delta_i_deg, delta_e : float
        After it, and the changes.
    dv_t_m_s, dv_n_m_s, dv_m_s : float
        [m/s]
    """

    norad_id: int
    regime: str
    before: pd.Timestamp
    after: pd.Timestamp
    time: pd.Timestamp
    first_seen: pd.Timestamp
    a_km: float
    delta_a_km: float
    longitude_deg: float
    inclination_deg: float
    delta_i_deg: float
    delta_e: float
    dv_t_m_s: float
    dv_n_m_s: float
    dv_m_s: float
    probability: float
    unexpectedness: float
    listed: bool
    maneuver: bool
    age_days: float
    observed_days: float
    kind: str
    reasons: tuple[str, ...]
    neighbours: tuple[dict[str, Any], ...]


def moves_of(events: pd.DataFrame) -> list[Move]:
    """Events (E rows) as moves, in order of their windows."""
    ordered = events.sort_values(["norad_id", "epoch_after", "epoch_before"], kind="stable")
    return [_move({str(name): value for name, value in row.items()}) for row in ordered.to_dict("records")]


def gathered(finding: Finding, moves: Iterable[Move], config: FindingsConfig) -> list[Move]:
    """The moves of the finding's object that belong to its chain, in order.

    Those whose windows meet one that the finding holds, and later ones within ``chain_days`` of the last that mattered,
    or at any time while it is under way.
    """
    held = held_windows(finding)
    last = pd.Timestamp(finding["said"]["mattered"])
    start = min((before for before, _ in held), default=pd.Timestamp(finding["said"].get("from", last)))
    found: list[Move] = []
    for move in moves:
        if not move.maneuver or (move.probability < config.least_probability and not move.listed):
            continue
        near = finding["state"] == UNDER_WAY or move.before <= last + config.chain_days * DAY
        if any(meets(move, *window) for window in held) or (near and move.before >= start):
            found.append(move)
    return found


def held_windows(finding: Finding) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The windows of a finding's events."""
    return [(pd.Timestamp(one["epoch_before"]), pd.Timestamp(one["epoch_after"])) for one in finding["events"]]


def meets(move: Move, before: pd.Timestamp, after: pd.Timestamp) -> bool:
    """Whether the move's window shares more than an instant with another."""
    return bool(move.before < after and before < move.after)


def windows(moves: Iterable[Move]) -> list[dict[str, str]]:
    """The windows of moves, as findings hold them."""
    return [{"epoch_before": iso(move.before), "epoch_after": iso(move.after)} for move in moves]


def _move(row: dict[str, Any]) -> Move:
    def number(name: str, default: float = math.nan) -> float:
        value = row.get(name)
        return default if value is None or value != value else float(value)

    after = row["epoch_after"]
    burn_time, seen = row.get("burn_time"), row.get("first_seen_at")
    dv = number("thrust_dv_m_s")
    return Move(
        norad_id=int(row["norad_id"]),
        regime=str(row["regime"]),
        before=row["epoch_before"],
        after=after,
        time=after if burn_time is None or pd.isna(burn_time) else burn_time,
        first_seen=row["available_at"] if seen is None or pd.isna(seen) else seen,
        a_km=number("a_km"),
        delta_a_km=number("delta_a_km"),
        longitude_deg=number("longitude_deg"),
        inclination_deg=number("inclination_deg"),
        delta_i_deg=number("delta_i_deg"),
        delta_e=number("delta_e"),
        dv_t_m_s=number("dv_t_m_s"),
        dv_n_m_s=number("dv_n_m_s"),
        dv_m_s=number("dv_m_s") if math.isnan(dv) else dv,
        probability=number("probability", 1.0),
        unexpectedness=number("unexpectedness", 0.0),
        listed=bool(row.get("listed", False)),
        maneuver=row.get("explanation", MANEUVER) == MANEUVER,
        age_days=number("age_days"),
        observed_days=number("observed_days"),
        kind=str(row.get("kind", "")),
        reasons=tuple(_list(row.get("reasons"))),
        neighbours=tuple(_list(row.get("neighbours"))),
    )


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, Iterable) else []


def spent_m_s(moves: Sequence[Move]) -> float:
    """Velocity change of moves together [m/s], as far as it is known of each."""
    return float(sum(move.dv_m_s for move in moves if math.isfinite(move.dv_m_s)))
