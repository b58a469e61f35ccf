"""`burnwatch promote`: the challenger becomes champion if it is not worse, and only then."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from features.bank import compute_features
from models.benchmark.detection_curve import smallest_found
from models.benchmark.folder import SETS_FOLDER, read_controls, read_satellites
from models.benchmark.gate import Check, compare_controls, compare_labels, compare_sizes
from models.benchmark.labels import LabelSource
from models.benchmark.sensitivity import Setting, free_gaps, injection_trials, thresholds_at
from models.bundle import UnreadableModelError
from models.registry import CHALLENGER, CHAMPION, LoadedModel, ModelRegistry
from pipelines.benchmark import FOLDER
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.keep import Keep
from pipelines.registered import judged, together
from pipelines.runs import recorded
from pipelines.terminal import Advance, silent

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home

PROMOTED, REFUSED = "promoted", "refused"


@dataclass(frozen=True)
class Decision:
    """What `promote` decided.

    Parameters
    ----------
    promoted : bool
    challenger, champion : int
        Versions, the champion before the decision.
    checks : sequence of Check
        Empty where there was nothing to decide.
    why : str
        Why nothing was measured, where the champion could not be read.
    """

    promoted: bool
    challenger: int
    champion: int
    checks: Sequence[Check] = field(default_factory=tuple)
    why: str = ""

    def lines(self) -> list[str]:
        """The decision for a person."""
        if self.challenger == self.champion:
            return [f"version {self.champion} is challenger and champion: nothing to decide"]
        said = [f"{'passed' if check.passed else 'FAILED'}  {check.said}" for check in self.checks]
        if self.why:
            said.append(f"nothing was measured: {self.why}")
        if self.promoted:
            return [*said, f"version {self.challenger} is champion now; version {self.champion} is kept as previous"]
        return [*said, f"version {self.challenger} is worse: version {self.champion} stays champion"]


def promote(
    home: Home,
    config: BurnwatchConfig,
    *,
    labels: LabelSource | None,
    controls: Path | None,
    sets: Sequence[Path] = (),
    engine: Engine | None = None,
    advance: Advance = silent,
) -> Decision:
    """Measure challenger and champion alike, and promote the challenger if it is not worse at anything.

    Both are judged as they flag, by the thresholds that they were registered with: on labelled satellites, by a detector that
    learns from logs after it was taught without the judged one; on the controls; and on burns put into quiet arcs of
    these. The decision and its figures are kept with the challenger.
    A champion that cannot be read gives way unmeasured.

    Raises
    ------
    models.registry.AliasNotFoundError
        If there is no challenger or champion.
    models.bundle.UnreadableModelError
        If the challenger cannot be read.
    PipelineError
        If there is nothing to measure on.
    """
    registry = ModelRegistry(home.mlflow)
    with home.alone("promote"), recorded(home, config, "promote") as run:
        challenger = registry.resolve(CHALLENGER)
        try:
            champion = registry.resolve(CHAMPION)
        except UnreadableModelError as error:
            run.summary |= {"challenger": challenger.version, "promoted": True}
            return _replaced(registry, challenger, str(error))
        run.summary |= {"challenger": challenger.version, "champion": champion.version}
        run.mlflow_run_id = registry.run_of(challenger.version)
        if challenger.version == champion.version:
            registry.set_champion(champion.version)  # the aliases may have yet to follow
            return Decision(False, challenger.version, champion.version)
        if labels is None or controls is None:
            raise PipelineError(
                "promoting takes --labels PATH (known burns) and --controls PATH (element sets of objects that cannot maneuver)"
            )
        settings = config.benchmark
        satellites = read_satellites(sets or _places(home, labels), labels)
        watched = read_controls(controls)
        features = compute_features(together(watched.sets), config=config.features)
        keep, engine = Keep(home.path / FOLDER), engine or Engine(workers=1)
        before, after = (
            judged(model, satellites, watched, features, keep, config, engine, advance)
            for model in (champion, challenger)
        )
        checks = compare_labels(before.satellites, after.satellites, settings)
        checks.append(compare_controls(before.controls, after.controls, settings))
        advance(0, note="injecting burns")
        old, new = _smallest(config, champion, challenger, features)
        checks += compare_sizes(old, new, settings, before.satellites["regime"].unique().tolist())
        promoted = all(check.passed for check in checks)
        figures = {f"gate_{check.name}": check.challenger for check in checks}
        figures |= {f"gate_champion_{check.name}": check.champion for check in checks}
        registry.record_decision(
            challenger.version,
            f"{PROMOTED if promoted else REFUSED} against version {champion.version}",
            [check.said for check in checks if promoted or not check.passed],
            {name: value for name, value in figures.items() if math.isfinite(value)},
        )
        if promoted:
            registry.set_champion(challenger.version)
        run.summary |= {"promoted": promoted, "failed_checks": [check.said for check in checks if not check.passed]}
    return Decision(promoted, challenger.version, champion.version, checks)


def _places(home: Home, labels: LabelSource) -> list[Path]:
    """Where the element sets of labelled objects are, when nobody says: beside their logs, else in the home."""
    return [path for path in labels.paths if (path / SETS_FOLDER).is_dir()] or [home.path]


def roll_back(home: Home) -> str:
    """Make the champion before champion again; says what was done, and doing it again says and changes no more.

    Raises
    ------
    models.registry.AliasNotFoundError
        If there is none.
    models.bundle.UnreadableModelError
        If it cannot be read.
    """
    with home.alone("promote"):
        registry = ModelRegistry(home.mlflow)
        now, before = registry.roll_back()
        registry.record_decision(now, f"rolled back from version {before}", [], {})
    return f"version {now} is champion again; version {before} is kept as previous"


def _replaced(registry: ModelRegistry, challenger: LoadedModel, why: str) -> Decision:
    """The challenger in the place of a champion that cannot be read."""
    before = registry.version_of(CHAMPION) or challenger.version
    registry.record_decision(challenger.version, f"{PROMOTED} against version {before}", [why], {})
    registry.set_champion(challenger.version)
    return Decision(True, challenger.version, before, why=why)


def _smallest(
    config: BurnwatchConfig, champion: LoadedModel, challenger: LoadedModel, features: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Smallest burn that each of the two finds, put into the same quiet arcs at the same rate of false alarms."""
    settings = config.benchmark
    how = config.sensitivity.model_copy(update={"injections": settings.injections, "directions": settings.directions})
    regimes = features["regime"].unique().tolist()
    each = [
        Setting(
            model.detector,
            thresholds_at(model.calibration, how.false_alarms_per_object_year, regimes),
            config.model_copy(update={"sensitivity": how}),
        )
        for model in (champion, challenger)
    ]
    free = free_gaps(features, each[0]) & free_gaps(features, each[1])
    old, new = (
        smallest_found(injection_trials(features, setting, free), share=how.found_share, seed=how.seed)
        for setting in each
    )
    return old, new
