"""Whether this machine's clock can be believed.

What writes by the clock cannot be taken back: findings close after long silence, news and verdicts are dated, notices are
given up. Two things in a home tell the time without the clock: the newest element sets, and when the clock was last believed. A
home whose sets are old is ordinary; a clock that jumped from when it was last believed, with no newer set to bear it out, is not.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from catalog.atomic import replace_bytes
from catalog.store import ElementStore
from configs.catalog import StoreConfig
from review.errors import ReviewError

_BACK = pd.Timedelta(days=1)
_AHEAD = pd.Timedelta(days=7)
_REST = pd.Timedelta(days=30)  # as long as a home of old sets, to which none need come, may rest
_PREDICTED = pd.Timedelta(days=3)  # some epochs lie after their publication
_FEW = 0.1  # share of objects whose newest set may have a wrong year


class ClockError(ReviewError):
    """The clock disagrees with what the home holds.

    Attributes
    ----------
    now : Timestamp
        What the clock says.
    """

    def __init__(self, now: pd.Timestamp, than: str) -> None:
        self.now = now
        super().__init__(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, {than}: nothing was written; set the clock, or if it is "
            "right, say so with `burnwatch doctor --trust-clock`"
        )


def check_clock(home: Path, now: pd.Timestamp, config: StoreConfig) -> None:
    """Raise ClockError where ``now`` cannot be the time.

    Parameters
    ----------
    home : Path
        A simulated one is never at fault: its sets are of any time.
    now : Timestamp
    config : StoreConfig
        Of the home's store, which is read only where it decides.
    """
    if (home / "truth.parquet").is_file():
        return
    believed = _believed(home)
    if believed is not None and believed - _BACK <= now <= believed + _AHEAD:
        return
    epochs = _last_epochs(home, config)
    later = (epochs > now + _PREDICTED).mean()
    if believed is None:
        if later > 0.5:
            raise ClockError(now, f"but most objects have element sets of later, up to {epochs.max():%Y-%m-%d}")
        return
    newest = epochs[epochs <= now + _PREDICTED].max()
    if now > believed:
        borne_out = newest > now - _AHEAD or (newest < believed - _AHEAD and now <= believed + _REST)
    else:
        borne_out = later <= _FEW and newest > now - _PREDICTED
    if not borne_out:
        order = "later" if now > believed else "earlier"
        of = f"no element set is of about then, the newest is of {epochs.max():%Y-%m-%d}"
        raise ClockError(now, f"{abs(now - believed).days} days {order} than when it was last right, and {of}")


def believe_clock(home: Path, now: pd.Timestamp) -> None:
    """Note that the clock is right."""
    replace_bytes(home / "state" / "clock.json", json.dumps({"believed_at": now.isoformat()}).encode())


def _last_epochs(home: Path, config: StoreConfig) -> pd.Series:
    """The newest epoch of each object, also those that a clock which is behind takes for the future."""
    unlimited = config.model_copy(update={"max_ahead_days": 40_000.0})
    return ElementStore(home / "elements", unlimited).coverage()["last_epoch"]


def _believed(home: Path) -> pd.Timestamp | None:
    """When the clock was last believed; None where that was never, or cannot be read any more."""
    try:
        return pd.Timestamp(json.loads((home / "state" / "clock.json").read_bytes())["believed_at"]).tz_convert("UTC")
    except (OSError, ValueError, KeyError, TypeError):
        return None
