"""Element sets, objects and space weather into the home."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

import pandas as pd

from catalog import quarantine
from catalog.atomic import replace_parquet
from catalog.availability import stamp
from catalog.errors import CatalogError, shown
from catalog.future import without_future
from catalog.objects import ObjectCatalog, objects_from_names, read_objects
from catalog.parse import Parsed, ParseError
from catalog.records import SUPPLEMENTAL_SOURCE
from catalog.simulate.generate import simulate_fleet
from catalog.sources import celestrak, spacetrack
from catalog.sources.files import list_files, read_file
from catalog.sources.holds import HeldError
from catalog.sources.holds import lift_hold as end_hold
from catalog.sources.web import Batch, Skipped
from catalog.store import ElementStore
from catalog.weather import WeatherTable, read_space_weather
from pipelines.errors import PipelineError
from pipelines.refusals import Refusals
from pipelines.runs import ingestion
from pipelines.terminal import Advance, silent

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home

# Sets gathered before they are stored: each append touches every bucket once.
ROWS_PER_APPEND = 500_000


@dataclass
class IngestSummary:
    """What an ingestion did."""

    what: str = "element sets"
    files: int = 0
    skipped: int = 0
    read: int = 0
    added: int = 0
    refused: int = 0
    held: bool = False
    unverified: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    quarantine: str = ""
    lost: bool = False
    errors: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether nothing good came of it, most of a file was lost, or a source asked to be left alone."""
        return self.held or self.lost or (not self.read and bool(self.errors or self.refused))

    def lines(self) -> list[str]:
        """The summary for a person."""
        lines = [f"error: {error}" for error in self.errors] + self.messages
        if self.read:
            lines.append(
                f"{self.what}: {self.read:,} read, {self.added:,} new, {self.read - self.added:,} known already"
            )
        if self.unverified:
            lines.append(f"{self.unverified:,} of them have no checksum: taken by their layout alone, unverified")
        if self.refused:
            refusals = Refusals(self.refused, self.reasons)
            lines.append(f"{refusals.told(self.read)}; each with file, line and field in {self.quarantine}")
        if self.skipped:
            lines.append(f"{self.skipped} files skipped: their names end like no known form of element sets")
        return lines or [f"nothing received: no {self.what} in what was read"]


@ingestion("files")
def ingest_files(
    home: Home,
    config: BurnwatchConfig,
    paths: Sequence[Path],
    *,
    supplemental: bool | None = None,
    advance: Advance = silent,
) -> IngestSummary:
    """Store the element sets of files and folders; one bad file or record does not stop the others.

    A file above ``catalog.parse.tle.SETS_AT_ONCE`` element sets is stored part by part. What a run that was killed had
    stored is known to the next, which adds the rest.

    Sets fitted to operators' ephemerides (SupGP) are told by what they say of themselves, or are all or none of them so
    where ``supplemental`` says it; they are kept apart from GP.
    """
    summary = IngestSummary()
    store = ElementStore(home.elements, config.store)
    waiting: list[pd.DataFrame] = []
    names: list[pd.DataFrame] = []
    apart = 0
    listed = list_files(paths)
    summary.skipped = listed.skipped
    outcomes = chain(listed.errors, chain.from_iterable(read_file(path, config.ingest) for path in listed.files))
    for path, parts in groupby(outcomes, lambda outcome: outcome[0]):
        name = shown(Path(path.name))
        advance(1, note=name)
        taken, refusals = 0, Refusals()
        for _, part in parts:
            if isinstance(part, Parsed):
                part = without_future(part, shown(path), config.store, config.ingest.max_refused_per_file)
            if not _is_taken(part, home, summary, refusals):
                continue
            taken += len(part.element_sets)
            waiting.append(stamp(part, source="file", supplemental=supplemental, config=config.ingest))
            apart += int((waiting[-1]["source"] == SUPPLEMENTAL_SOURCE).sum())
            names.append(part.names)
            if sum(map(len, waiting)) >= ROWS_PER_APPEND:
                advance(0, note=f"{name}: {taken:,} element sets")
                _store(store, summary, waiting)
        summary.files += taken > 0
        if refusals.count > taken:
            summary.lost = True
            lost = f"{shown(path)}: {'most' if taken else 'all'} of it was lost, {refusals.told(taken)}"
            summary.errors.append(f"{lost}; each with line and field in {summary.quarantine}")
    _store(store, summary, waiting)
    _name(home, names)
    if apart:
        summary.messages.append(f"{apart:,} of the sets are SupGP: kept as such, apart from GP, and not scored")
    return summary


@ingestion("CelesTrak")
def ingest_celestrak(
    home: Home,
    config: BurnwatchConfig,
    *,
    groups: Iterable[str] = (),
    norad_ids: Iterable[int] = (),
    names: Iterable[str] = (),
    supplemental: bool = False,
    lift_hold: bool = False,
    advance: Advance = silent,
) -> IngestSummary:
    """Store the current element sets of CelesTrak queries; after a refusal nothing more is asked (see ``celestrak.fetch``).

    ``lift_hold`` ends an earlier refusal's hold first.
    """
    group_kind = "FILE" if supplemental else "GROUP"
    wanted = [(group_kind, group) for group in groups]
    wanted += [("CATNR", str(norad_id)) for norad_id in norad_ids] + [("NAME", name) for name in names]
    summary = IngestSummary()
    if lift_hold:
        end_hold(home.path, "celestrak")
    for kind, value in wanted:
        advance(1, note=value)
        try:
            query = celestrak.Query(kind, value, supplemental)  # type: ignore[arg-type]
            _take(home, config, summary, celestrak.fetch(query, home=home.path, config=config.celestrak))
        except (CatalogError, ValueError) as error:
            _fail(summary, error)
    return summary


@ingestion("Space-Track")
def ingest_spacetrack(
    home: Home,
    config: BurnwatchConfig,
    norad_ids: Sequence[int],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    lift_hold: bool = False,
    advance: Advance = silent,
) -> IngestSummary:
    """Store histories (or, without ``since``, the current element sets) from Space-Track; what came before an error stays."""
    if since is None:
        answers = spacetrack.fetch_current(norad_ids, home=home.path, config=config.spacetrack)
    else:
        answers = spacetrack.fetch_history(norad_ids, since, until, home=home.path, config=config.spacetrack)
    summary = IngestSummary()
    if lift_hold:
        end_hold(home.path, "space-track")
    try:
        for answer in answers:
            advance(1)
            _take(home, config, summary, answer)
    except CatalogError as error:
        _fail(summary, error)
    return summary


@ingestion("simulated")
def ingest_simulated(
    home: Home, config: BurnwatchConfig, *, seed: int | None = None, days: int | None = None, advance: Advance = silent
) -> IngestSummary:
    """Store a simulated fleet, and its truth beside it (see ``read_truth``).

    Raises
    ------
    PipelineError
        Where the home holds real element sets: the two would be taken for one catalog.
    """
    store = ElementStore(home.elements, config.store)
    if store.count() and not home.truth.is_file():
        raise PipelineError(
            f"{home.path} holds real element sets: simulate into another home (burnwatch --home FOLDER)"
        )
    changes = {key: value for key, value in {"seed": seed, "days": days}.items() if value is not None}
    settings = config.simulate.model_validate(config.simulate.model_dump() | changes)
    advance(0, note="fleet")
    fleet = simulate_fleet(settings)
    summary = IngestSummary()
    replace_parquet(home.truth, fleet.truth)
    ObjectCatalog(home.path).merge(fleet.objects)
    WeatherTable(home.path).merge(fleet.weather)
    _store(store, summary, [fleet.element_sets])
    summary.messages.append(f"{len(fleet.objects)} simulated objects, {len(fleet.truth)} burns")
    return summary


def read_truth(home: Home) -> pd.DataFrame:
    """The burns of the simulated fleet in ``home``."""
    return pd.read_parquet(home.truth)


@ingestion("objects")
def ingest_objects(home: Home, _config: BurnwatchConfig, paths: Sequence[Path]) -> IngestSummary:
    """Merge tables of objects into what is known of them; one bad table or row does not stop the others."""
    summary = IngestSummary("objects")

    def read(path: Path) -> pd.DataFrame:
        return read_objects(path, refuse=lambda refused: _refuse(home, summary, refused))

    return _merge(paths, summary, read, ObjectCatalog(home.path).merge)


@ingestion("space weather")
def ingest_weather(home: Home, _config: BurnwatchConfig, paths: Sequence[Path]) -> IngestSummary:
    """Merge tables of space weather into what is known of it; one bad table or day does not stop the others."""
    summary = IngestSummary("days of space weather")

    def read(path: Path) -> pd.DataFrame:
        return read_space_weather(path, refuse=lambda refused: _refuse(home, summary, refused))

    return _merge(paths, summary, read, WeatherTable(home.path).merge)


def _merge(
    paths: Sequence[Path],
    summary: IngestSummary,
    read: Callable[[Path], pd.DataFrame],
    merge: Callable[[pd.DataFrame], int],
) -> IngestSummary:
    for path in paths:
        try:
            table = read(path)
        except CatalogError as error:
            summary.errors.append(str(error))
            continue
        summary.files += 1
        summary.read += len(table)
        summary.added += merge(table)
    return summary


def _take(home: Home, config: BurnwatchConfig, summary: IngestSummary, answer: Batch | Skipped) -> None:
    """Store one answer of a web source, then tell its ledger so."""
    if isinstance(answer, Skipped):
        summary.messages.append(f"{answer.request}: {answer.reason}")
        return
    if answer.element_sets.empty and answer.refused.empty:
        summary.messages.append(f"{answer.request}: nothing received, the source has no such element sets")
    told = Parsed(answer.element_sets, answer.names, answer.refused, answer.uncounted)
    told = without_future(told, answer.request, config.store, config.ingest.max_refused_per_file)
    _refuse(home, summary, told.refused, told.uncounted)
    _store(ElementStore(home.elements, config.store), summary, [told.element_sets])
    _name(home, [answer.names], renames=True)
    answer.done()


def _fail(summary: IngestSummary, error: Exception) -> None:
    """Note an error, once where all that is left to ask meets the same one."""
    summary.held |= isinstance(error, HeldError)
    if str(error) not in summary.errors:
        summary.errors.append(str(error))


def _store(store: ElementStore, summary: IngestSummary, waiting: list[pd.DataFrame]) -> None:
    sets = [part for part in waiting if len(part)]
    waiting.clear()
    if not sets:
        return
    result = store.append(pd.concat(sets, ignore_index=True), read_at=datetime.now(UTC))
    summary.read += sum(map(len, sets))
    summary.added += result.added


def _is_taken(part: Parsed | CatalogError, home: Home, summary: IngestSummary, refusals: Refusals) -> TypeGuard[Parsed]:
    """Whether a part of a file holds what is to be stored; what it refused is kept and counted."""
    if isinstance(part, (Parsed, ParseError)):
        refusals.add(part.refused, part.uncounted)
        _refuse(home, summary, part.refused, part.uncounted)
    if isinstance(part, Parsed):
        summary.unverified += part.unverified
        return True
    if not (isinstance(part, ParseError) and len(part.refused)):  # else told with all reasons, not the first alone
        summary.errors.append(str(part))
    return False


def _refuse(home: Home, summary: IngestSummary, refused: pd.DataFrame, uncounted: int = 0) -> None:
    if len(refused):
        quarantine.append(home.path, refused)
        refusals = Refusals(summary.refused, summary.reasons)
        refusals.add(refused, uncounted)
        summary.refused, summary.quarantine = refusals.count, str(home.path / quarantine.FOLDER)


def _name(home: Home, names: list[pd.DataFrame], *, renames: bool = False) -> None:
    named = [part for part in names if len(part)]
    if named:
        objects = objects_from_names(pd.concat(named, ignore_index=True))
        ObjectCatalog(home.path).merge(objects, renames=renames)
