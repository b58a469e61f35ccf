"""How burnwatch runs: training, scoring, schedules."""

from typing import Annotated, Literal

from pydantic import Field

from configs.learning import Sensitivity
from configs.section import Section

DetectorName = Literal[
    "pretrained", "robust-step", "isolation-forest", "forecaster", "boosted", "temporal-conv", "ensemble"
]
Cron = Annotated[str, Field(pattern=r"^\S+ \S+ \S+ \S+ \S+$")]


class TrainConfig(Section):
    """What a training run learns from."""

    detector: DetectorName = Field(default="pretrained", description="detector that `train` fits unless told otherwise")
    seed: int = Field(default=20260131, ge=0, description="seed of everything random in training")
    since_days: int | None = Field(
        default=None, ge=30, description="train on this many last days only; null for all [d]"
    )
    max_objects: int | None = Field(
        default=None, ge=1, description="train on a seeded sample of at most this many objects"
    )
    match_window_days: float = Field(
        default=1.5, gt=0, description="labels: an event this near a maneuver is a hit [d]"
    )
    verdicts: bool = Field(default=True, description="learn from the analysts' verdicts, and measure against them")
    held_out_objects: float = Field(
        default=0.2, ge=0, lt=1, description="share of the objects whose verdicts never teach and are measured against"
    )
    held_out_time: float = Field(
        default=0.2, ge=0, lt=1, description="share of the verdicts, the last in time, that are measured against too"
    )
    guard_days: float = Field(
        default=10.0, ge=0, description="verdicts on windows this shortly before those do not teach [d]"
    )
    beside_days: float = Field(
        default=2.5,
        ge=0,
        description="LEO: gaps this near a burn that a verdict tells of are taught as holding none, where no other flag is; "
        "that of `boosted.separation_days` [d]",
    )
    least_judged_burns: int = Field(
        default=100,
        ge=1,
        description="burns that verdicts must teach where a detector that learns from burns has no logs of them",
    )


class ScoreConfig(Section):
    """How new element sets are scored."""

    sensitivity: Sensitivity = Field(
        default="balanced",
        description="how much it takes to be flagged: `cautious` takes four times the odds of a burn, or a quarter of the false "
        "alarms, `sensitive` the reverse; a watch-list may have its own",
    )
    context_days: float = Field(
        default=400.0, gt=0, description="history read before the first new epoch of an object [d]"
    )
    revisit_days: float = Field(
        default=20.0,
        gt=0,
        description="events this long before the first new epoch are judged again, as later sets sharpen them [d]",
    )
    shard_objects: int = Field(default=40, ge=1, description="objects that one worker scores at a time")
    workers: int = Field(default=0, ge=0, description="worker processes of the local engine; 0 for one a core")


class ReplayConfig(Section):
    """How a past period is walked through."""

    context_days: float | None = Field(
        default=None,
        gt=0,
        description="history read before the first new epoch of an object; null for that of `score`, less is faster [d]",
    )
    shard_objects: int = Field(default=128, ge=1, description="objects that one worker walks through the period with")
    held_sets: int = Field(
        default=3_000_000,
        ge=0,
        description="element sets that are held in memory at most; of a larger store the days are read one by one",
    )


class BenchmarkConfig(Section):
    """How detectors are measured against labels, and when one may take another's place."""

    resamples: int = Field(default=2000, ge=100, description="resamples of the satellites behind every 95 % interval")
    seed: int = Field(default=20260131, ge=0, description="seed of the resamples and of the random detectors")
    worse_f1: float = Field(
        default=0.02, ge=0, description="promotion: pooled F1 that a challenger may lose, in 95 % of the resamples"
    )
    worse_false_alarms_per_object_year: float = Field(
        default=0.02, ge=0, description="promotion: false alarms on controls that it may gain [1/(object year)]"
    )
    worse_size_ratio: float = Field(
        default=1.25, ge=1, description="promotion: by how much the smallest burn that it finds may grow"
    )
    injections: int = Field(
        default=20, ge=5, description="promotion: burns of each size and direction put into a regime's quiet arcs"
    )
    directions: tuple[Literal["along-track", "cross-track", "radial"], ...] = Field(
        default=("along-track", "cross-track"), description="promotion: directions of these burns"
    )


class ScheduleConfig(Section):
    """What `burnwatch serve` runs, and when (cron expressions, UTC)."""

    ingest_cron: Cron = Field(default="17 */8 * * *", description="when the ingest flow pulls new element sets")
    score_cron: Cron = Field(default="47 */8 * * *", description="when the score flow looks for new maneuvers")
    train_cron: Cron = Field(default="23 3 * * 0", description="when the train flow fits a challenger")
    report_cron: Cron = Field(
        default="7 6 * * *", description="when the report flow writes the pages of the findings with the newest news"
    )
    notify_cron: Cron = Field(
        default="*/10 * * * *",
        description="when the notify flow sends what waits: tries after failures, digests, the end of quiet hours; only "
        "where notices.rules has any",
    )
    upkeep_cron: Cron = Field(
        default="11 2 * * 6",
        description="when the upkeep flow merges the store's files and reads every byte of the home",
    )
    celestrak_groups: tuple[str, ...] = Field(
        default=("active",), description="CelesTrak groups that the ingest flow pulls"
    )
    spacetrack_ids: tuple[int, ...] = Field(
        default=(), description="catalog numbers whose history is pulled from Space-Track"
    )
    report_limit: int = Field(
        default=20, ge=1, description="pages that one report run writes at most, most unexpected first"
    )
    report_days: float = Field(
        default=7.0, gt=0, description="the report flow writes findings with news in this many last days of news [d]"
    )
