"""CelesTrak's GP and SupGP queries.

CelesTrak allows one fetch of a query in two hours, and its usage policy asks software to stop at any answer other than 200
and to tell a person (https://celestrak.org/usage-policy.php). After one, and after a connection that fails, nothing is asked of
it for some hours, whatever the query. The ledger under ``home/ledger/celestrak`` keeps both rules across restarts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from catalog.availability import stamp
from catalog.ledger import Ledger, Receipt
from catalog.parse import ParseError
from catalog.records import SUPPLEMENTAL_SOURCE
from catalog.sources.holds import begin_hold, check_held
from catalog.sources.transport import bounded, check_clock, check_status, looks_like_html, open_client
from catalog.sources.web import (
    Batch,
    Clock,
    Skipped,
    SourceError,
    parse_answer,
    utc_now,
    with_retries,
)
from configs.sources import CelestrakConfig

_GP, _SUPGP = "gp.php", "supplemental/sup-gp.php"
_NOT_UPDATED = re.compile(
    r"has not updated since your last successful\s+download of .{0,200}? at ([\d-]{10} [\d:]{8}) UTC", re.DOTALL
)
_HINTS = {
    403: "CelesTrak blocks this address or query for now: do not repeat, see https://celestrak.org/usage-policy.php",
    404: "no such group or address: check the spelling of the query, and base_url",
    429: "too many requests: wait",
}


@dataclass(frozen=True)
class Query:
    """One query of CelesTrak.

    Parameters
    ----------
    kind : str
        GROUP (GP only), FILE or SOURCE (SupGP only), CATNR, INTDES, NAME, SPECIAL.
    value : str
        Name of the group, catalog number, ...
    supplemental : bool
        Ask for SupGP: sets fitted to operators' ephemerides, labeled 'supgp' and never mixed with GP.
    """

    kind: Literal["GROUP", "CATNR", "INTDES", "NAME", "SPECIAL", "FILE", "SOURCE"]
    value: str
    supplemental: bool = False

    def __post_init__(self) -> None:
        only = {"GROUP": False, "FILE": True, "SOURCE": True}.get(self.kind, self.supplemental)
        if only != self.supplemental:
            raise ValueError(f"{self.kind} is a query of {'SupGP' if only else 'GP'}: set supplemental={only}")
        if not self.value.strip() or (self.kind == "CATNR" and not re.fullmatch(r"\d{1,9}", self.value)):
            raise ValueError(f"{self.kind}={self.value!r} is no query; a catalog number has up to nine digits")

    def __str__(self) -> str:
        return f"{'SupGP' if self.supplemental else 'GP'} {self.kind}={self.value}"


def fetch(
    query: Query, *, home: Path, config: CelestrakConfig | None = None, clock: Clock = utc_now
) -> Batch | Skipped:
    """The element sets of one query, unless it is too early to ask.

    Parameters
    ----------
    query : Query
    home : Path
        ``$BURNWATCH_HOME``.
    config : CelestrakConfig, optional
    clock : callable
        The time, UTC.

    Returns
    -------
    Batch or Skipped
        ``available_at`` of the batch is the time of the fetch, because CelesTrak does not say when a set was made. A batch
        without rows means that CelesTrak has no set for the query. Call ``Batch.done`` once the sets are stored.

    Raises
    ------
    HeldError
        Any answer but 200, or none: then nothing is asked, of any query, for ``config.hold_h`` (``config.min_interval_h`` where
        the connection failed) or until Retry-After. So too while that lasts.
    SourceError
        The answer is no element sets, or CelesTrak's clock is a day or more from this machine's.
    """
    config = config or CelestrakConfig()
    request = {"endpoint": _SUPGP if query.supplemental else _GP, query.kind: query.value.strip().lower()}
    ledger = Ledger(home, "celestrak")
    with ledger.lock:
        for receipt, body in ledger.pending():
            if receipt.request == request:
                return _batch(query, body, receipt, ledger, config)
        now = clock()
        if early := _too_early(query, ledger.last(request), config, now):
            return early
        check_held(ledger, now, url=config.base_url)
        try:
            body = with_retries(lambda: _get(query, config, now), config.retry, url=_url(query, config))
        except SourceError as error:
            if error.status == 403 and (said := _NOT_UPDATED.search(str(error))):
                at = _fetched(pd.Timestamp(said[1], tz="UTC").as_unit("us"), config, now)
                ledger.note(request, at, not_updated=True)
                return _skipped(query, at, config, "CelesTrak has nothing newer")
            if error.status is None and not error.passing:  # an answer that is no use, such as one too large
                ledger.note(request, now, trouble=error.reason)
                raise
            hours = config.min_interval_h if error.passing else config.hold_h
            raise begin_hold(ledger, error, now, hours) from error
        trouble = _trouble(body)
        if trouble:
            ledger.note(request, now, trouble=trouble)
            raise SourceError(trouble, url=_url(query, config), status=200, hint="check the query")
        return _batch(query, body, ledger.receive(request, body, now), ledger, config)


def _get(query: Query, config: CelestrakConfig, now: pd.Timestamp) -> bytes:
    parameters = {query.kind: query.value.strip(), "FORMAT": config.format}
    with (
        open_client(config.http, base_url=config.base_url) as client,
        client.stream("GET", _SUPGP if query.supplemental else _GP, params=parameters) as response,
    ):
        check_status(response, hints=_HINTS)
        check_clock(response, now)
        return bounded(response.iter_bytes(), config.http, url=str(response.request.url))


def _batch(query: Query, body: bytes, receipt: Receipt, ledger: Ledger, config: CelestrakConfig) -> Batch:
    try:
        parsed = parse_answer(body, name=f"celestrak {query}")
    except ParseError as error:
        ledger.close(receipt, state="unreadable", trouble=str(error))
        hint = "the answer may have been cut; try again later"
        raise SourceError(
            f"no element sets in the answer: {error}", url=_url(query, config), status=200, hint=hint
        ) from error
    # The date in the header of an XML or KVN file is the file's: when a set could be had is when it was fetched.
    undated = parsed.element_sets.assign(
        creation_date=pd.Series(pd.NaT, index=parsed.element_sets.index, dtype="datetime64[us, UTC]")
    )
    source = SUPPLEMENTAL_SOURCE if query.supplemental else "celestrak"
    sets = stamp(replace(parsed, element_sets=undated), source=source, fetched_at=receipt.at)
    return Batch(
        sets,
        parsed.names,
        parsed.refused,
        str(query),
        lambda: ledger.close(receipt, sets=len(sets)),
        uncounted=parsed.uncounted,
    )


def _too_early(query: Query, last: Receipt | None, config: CelestrakConfig, now: pd.Timestamp) -> Skipped | None:
    if last is None or not last.at <= now < last.at + pd.Timedelta(hours=config.min_interval_h):
        return None
    trouble, nothing_newer = last.facts.get("trouble"), last.facts.get("not_updated")
    remark = (
        f"the answer was no element sets ({trouble})"
        if trouble
        else "CelesTrak has nothing newer" * bool(nothing_newer)
    )
    return _skipped(query, last.at, config, remark)


def _fetched(said: pd.Timestamp, config: CelestrakConfig, now: pd.Timestamp) -> pd.Timestamp:
    """The fetch that CelesTrak means, or now, where that one is too old (or another's clock) for the next to be yet to come."""
    return said if said <= now < said + pd.Timedelta(hours=config.min_interval_h) else now


def _skipped(query: Query, at: pd.Timestamp, config: CelestrakConfig, remark: str) -> Skipped:
    next_at = at + pd.Timedelta(hours=config.min_interval_h)
    reason = (
        f"asked for at {at:%Y-%m-%d %H:%M} UTC{'; ' + remark if remark else ''}; CelesTrak allows one fetch "
        f"in {config.min_interval_h:g} h, the next at {next_at:%Y-%m-%d %H:%M} UTC"
    )
    return Skipped(str(query), reason, next_at)


def _trouble(body: bytes) -> str:
    """What is wrong with an answer of status 200, '' if it may be element sets."""
    if looks_like_html(body):
        return "answered with a web page instead of element sets"
    start = body.lstrip()[:200]
    if start.lower().startswith(b"invalid query"):
        return f"CelesTrak did not understand: {' '.join(start.decode('utf-8', 'replace').split())}"
    return "" if start else "answered with nothing"


def _url(query: Query, config: CelestrakConfig) -> str:
    return f"{config.base_url}{_SUPGP if query.supplemental else _GP}?{query.kind}={query.value}"
