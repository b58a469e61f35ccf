"""One satellite prepared, one job done, both kept: the shards of a benchmark's work."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from configs.detect import CandidateConfig
from configs.features import FeatureConfig
from configs.section import Section
from features.bank import compute_features
from models.benchmark.contest import Job, compete
from models.benchmark.folder import fingerprint
from models.bundle import sources_hash
from models.detect.detectors import create
from models.errors import ModelError
from pipelines.errors import PipelineError
from pipelines.keep import Keep, read_frame
from pipelines.terminal import Advance, silent

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from models.detect.base import Detector
    from pipelines.engine import Engine

# What decides features, and what jobs find; the rest of the code may change and the kept frames still hold.
FEATURE_SOURCES = ("catalog", "orbits", "features")
JOB_SOURCES = (*FEATURE_SOURCES, "models")
OUTSIDE_JOBS = (
    "models/assess",
    "models/registry",
    *(f"models/benchmark/{name}.py" for name in ("burn_logs", "choice", "decision", "figures", "folder")),
    *(
        f"models/benchmark/{name}.py"
        for name in (
            "label_fields",
            "label_table",
            "labels",
            "measurement",
            "nulls",
            "protocol",
            "ranking",
            "rates",
            "report",
            "search",
        )
    ),
    *(f"models/{name}.py" for name in ("diagnostics", "plots", "relocation")),
)
_MOST_HELD = 24  # satellites whose rows a worker holds in memory


@dataclass(frozen=True)
class Contestant:
    """A detector that is to be measured: its name and all settings that decide what it finds.

    Parameters
    ----------
    name : str
    config : Section
        The detector's own.
    candidates : CandidateConfig
    features : FeatureConfig
    prepared : Section or None
        The detector's own that its satellites were prepared with, where that differs in settings that change nothing there.
    """

    name: str
    config: Section
    candidates: CandidateConfig
    features: FeatureConfig
    prepared: Section | None = None

    def create(self) -> Detector:
        """It, not fitted."""
        return create(self.name, self.config)

    def varied(self, config: Section) -> Contestant:
        """It with settings that change nothing about how satellites are prepared."""
        return replace(self, config=config, prepared=self.prepared or self.config)

    @property
    def preparation(self) -> Contestant:
        """It as it prepares satellites."""
        return replace(self, config=self.prepared or self.config, prepared=None)

    @property
    def identity(self) -> dict[str, Any]:
        """Everything that its events depend on beside the data."""
        return {
            "detector": self.name,
            "config": self.config.model_dump(mode="json"),
            "candidates": self.candidates.model_dump(mode="json"),
            "features": self.features.model_dump(mode="json"),
            "code": sources_hash(JOB_SOURCES, OUTSIDE_JOBS),
        }

    @classmethod
    def of(cls, config: BurnwatchConfig, name: str, later_sets: int | None) -> Contestant:
        """The configured detector of that name, seeing ``later_sets`` sets after a gap (None: all).

        Raises
        ------
        PipelineError
            If it cannot be told how many later sets to see, and sees more.
        """
        section: Section = getattr(config, name.replace("-", "_"))
        if "later_sets" in type(section).model_fields:
            section = section.model_copy(update={"later_sets": later_sets})
        elif later_sets is not None and create(name, section).later_sets > later_sets:
            raise PipelineError(f"detector {name!r} has no causal setting: choose another, or leave out --causal")
        return cls(name, section, config.candidates, config.features)


@dataclass(frozen=True)
class Place:
    """Where a satellite's prepared rows lie."""

    norad_id: int
    sets: str  # fingerprint of its element sets


@dataclass(frozen=True)
class Preparation:
    """One satellite to be prepared."""

    keep: Keep
    contestant: Contestant
    place: Place
    sets: pd.DataFrame


@dataclass(frozen=True)
class JobShard:
    """One job, with what it needs to be done elsewhere."""

    keep: Keep
    contestant: Contestant
    job: Job
    places: tuple[Place, ...]
    maneuvers: pd.DataFrame


def prepare_satellite(shard: Preparation) -> None:
    """Make and keep one satellite's features and what the detector prepares of them."""
    keep, contestant, place = shard.keep, shard.contestant, shard.place
    features = keep.frame(
        "features", _features_from(contestant, place), lambda: compute_features(shard.sets, config=contestant.features)
    )
    detector = contestant.create()
    if detector.mark is not None:
        keep.frame("prepared", _prepared_from(contestant, place), lambda: detector.prepare(features))


def prepared(
    engine: Engine, keep: Keep, contestant: Contestant, sets: Mapping[int, pd.DataFrame], advance: Advance = silent
) -> dict[int, Place]:
    """Prepare satellites by their element sets, each once, and say where their rows lie."""
    places = {norad_id: Place(norad_id, fingerprint(sets[norad_id])) for norad_id in sorted(sets)}
    shards = [Preparation(keep, contestant, place, sets[place.norad_id]) for place in places.values()]
    for index, _ in engine.map(prepare_satellite, shards):
        advance(1, note=f"{contestant.name}: prepared {shards[index].place.norad_id}")
    return places


def do_job(shard: JobShard) -> pd.DataFrame | str:
    """The ranked events of one job, kept; or why its detector cannot learn from what it is taught."""

    def work() -> pd.DataFrame:
        used = {window.norad_id for window in (*shard.job.taught, *shard.job.judged)}
        rows = {
            place.norad_id: rows_of(shard.keep, shard.contestant, place)
            for place in shard.places
            if place.norad_id in used
        }
        return compete(shard.contestant.create(), shard.job, rows, shard.maneuvers, shard.contestant.candidates)

    try:
        return shard.keep.frame("jobs", job_from(shard), work)
    except ModelError as error:
        return str(error)


def features_of(keep: Keep, contestant: Contestant, place: Place) -> pd.DataFrame:
    """The feature rows of a prepared satellite."""
    return keep.frame("features", _features_from(contestant, place), lambda: _vanished(place))


def rows_of(keep: Keep, contestant: Contestant, place: Place) -> pd.DataFrame:
    """A satellite's rows as the detector prepared them."""
    if contestant.create().mark is None:
        kind, made_from = "features", _features_from(contestant, place)
    else:
        kind, made_from = "prepared", _prepared_from(contestant, place)
    rows = _held(keep.path(kind, made_from))
    return _vanished(place) if rows is None else rows


_held = functools.lru_cache(_MOST_HELD)(read_frame)


def _vanished(place: Place) -> pd.DataFrame:
    raise PipelineError(
        f"what was prepared of {place.norad_id} was deleted or damaged meanwhile: run the command again"
    )


def _features_from(contestant: Contestant, place: Place) -> dict[str, Any]:
    return {
        "norad_id": place.norad_id,
        "sets": place.sets,
        "features": contestant.features.model_dump(mode="json"),
        "code": sources_hash(FEATURE_SOURCES),
    }


def _prepared_from(contestant: Contestant, place: Place) -> dict[str, Any]:
    return {"norad_id": place.norad_id, "sets": place.sets, "contestant": contestant.preparation.identity}


def job_from(shard: JobShard) -> dict[str, Any]:
    """Everything that decides what a job finds."""
    used = {window.norad_id for window in (*shard.job.taught, *shard.job.judged)}
    return {
        "contestant": shard.contestant.identity,
        "taught": shard.job.taught,
        "judged": shard.job.judged,
        "sets": sorted((place.norad_id, place.sets) for place in shard.places if place.norad_id in used),
        "maneuvers": fingerprint(shard.maneuvers[["norad_id", "burn_time", "window_start", "window_end"]])
        if shard.job.taught
        else "",
    }


@dataclass
class Jobs:
    """Does jobs, each once; counts those that were done now and those that were found done.

    Parameters
    ----------
    engine : Engine
    keep : Keep
    places : tuple of Place
        Prepared satellites.
    maneuvers : DataFrame
        Of all of them.
    advance : callable
    """

    engine: Engine
    keep: Keep
    places: tuple[Place, ...]
    maneuvers: pd.DataFrame
    advance: Advance = silent
    done: int = 0
    known: int = 0
    _seen: set[Path] = field(default_factory=set)

    def outcomes(self, wanted: Sequence[tuple[Contestant, Job]]) -> list[pd.DataFrame | str]:
        """What each found (`do_job`); equal ones are done once."""
        shards = [JobShard(self.keep, contestant, job, self.places, self.maneuvers) for contestant, job in wanted]
        paths = [self.keep.path("jobs", job_from(shard)) for shard in shards]
        distinct = dict(zip(paths, shards, strict=True))
        before = {path for path in distinct if path.is_file()}
        self.known += len(before - self._seen)
        found: dict[Path, pd.DataFrame | str] = {}
        for index, events in self.engine.map(do_job, list(distinct.values())):
            path = list(distinct)[index]
            found[path] = events
            self.done += path not in before and not isinstance(events, str)
            self.advance(1, note=f"{distinct[path].contestant.name}: judging")
        self._seen |= distinct.keys()
        return [found[path] for path in paths]


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for each worker, so that sums are always in one order and cores are not fought for."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))  # for the workers, which start anew
    try:
        with threadpool_limits(1):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
