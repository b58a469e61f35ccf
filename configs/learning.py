"""Settings of the trained detectors and of their calibration."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from configs.section import Section

Sensitivity = Literal["cautious", "balanced", "sensitive"]
Columns = Annotated[tuple[str, ...], Field(min_length=1)]


class IsolationForestConfig(Section):
    """An isolation forest per regime on the locally normalised features."""

    columns: Columns = Field(
        default=("z_step_a_m", "z_residual_t_km", "z_step_i_deg", "z_jump_a_m_k0"),
        description="feature columns it reads; each is passed through asinh and scaled by its regime's median and IQR",
    )
    trees: int = Field(default=200, ge=1, description="trees a forest")
    samples: int = Field(default=256, ge=2, description="gaps drawn for each tree")
    min_rows: int = Field(default=2000, ge=2, description="gaps below which a regime uses the forest of all regimes")
    seed: int = Field(default=7, ge=0, description="seed of the draws")


class ForecasterConfig(Section):
    """A causal convolution that forecasts an object's next residual from those before it."""

    targets: Annotated[tuple[Columns, ...], Field(min_length=1)] = Field(
        default=(("z_step_a_m", "z_residual_t_km"), ("z_step_i_deg",)),
        description="normalised feature columns that are forecast, grouped by the direction of burn that shows in them",
    )
    context: tuple[str, ...] = Field(
        default=("ap_daily", "f107_sfu"),
        description="further feature columns read at the gap itself (environment); the gap's length is always read",
    )
    width: int = Field(default=32, ge=4, description="channels of a hidden layer")
    dilations: Annotated[tuple[int, ...], Field(min_length=1)] = Field(
        default=(1, 2, 4, 8, 16),
        description="dilation of each layer [gaps]; with kernel 3 the default sees 62 gaps back",
    )
    clip: float = Field(
        default=8.0, gt=0, description="normalised residuals beyond this are inputs clipped to it [sigma]"
    )
    guard_days: float = Field(
        default=3.0, ge=0, description="days on both sides of a lasting step that carry no weight in training [days]"
    )
    lasting_sigma: float = Field(
        default=6.0, gt=0, description="size of a lasting step, in robust sigmas of its object"
    )
    reject: float = Field(
        default=50.0, gt=0, description="normalised residuals beyond this carry no weight in training [sigma]"
    )
    segment: int = Field(default=1024, ge=16, description="longest stretch of a series in one training sample [gaps]")
    batch: int = Field(default=16, ge=1, description="training segments in a batch")
    epochs: int = Field(default=30, ge=1, description="most passes over the training objects")
    patience: int = Field(default=4, ge=1, description="passes without a better held-out loss before it stops")
    held_out: float = Field(default=0.15, gt=0, lt=0.5, description="fraction of objects held out to stop early")
    learning_rate: float = Field(default=3e-3, gt=0, description="peak step size of AdamW")
    seed: int = Field(default=7, ge=0, description="seed of weights, hold-out and batches")

    @property
    def target_columns(self) -> list[str]:
        """All targets in order."""
        return [name for group in self.targets for name in group]


class BoostedConfig(Section):
    """Boosted trees on candidates with context, one ensemble for LEO and one for what flies higher."""

    trees: dict[str, int] = Field(default={"leo": 150, "high": 120}, description="trees of an ensemble, by group")
    leaves: dict[str, int] = Field(
        default={"leo": 15, "high": 6}, description="most leaves of a tree, by group; few where few burns are labeled"
    )
    least_in_leaf: int = Field(default=15, ge=1, description="least candidates in a leaf")
    learning_rate: float = Field(default=0.06, gt=0, description="share of each tree that is kept")
    l2: float = Field(default=5.0, ge=0, description="L2 penalty on the leaves")
    columns_share: float = Field(default=0.3, gt=0, le=1, description="share of the columns that each split may use")
    ensembles: int = Field(default=3, ge=1, description="ensembles of different seeds whose probabilities are averaged")
    strength_weight: dict[str, float] = Field(
        default={"leo": 0.0, "high": 1.5},
        description="weight of the logarithm of robust-step's strength beside the log-odds of the trees, by group; 0 with `later_sets`",
    )
    least_strength: float = Field(
        default=2.5, gt=0, description="LEO: gaps at most four from a step of this size are candidates [sigma]"
    )
    least_strength_high: float = Field(
        default=3.0, gt=0, description="above LEO: robust-step's events of this strength are candidates [sigma]"
    )
    reach_days: float = Field(
        default=1.5, gt=0, description="how far from an event's time the burn that it found may lie [days]"
    )
    separation_days: dict[str, float] = Field(
        default={"leo": 2.5, "high": 4.0}, description="candidates nearer than this are one event, by group [days]"
    )
    rival_ratio: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="above LEO: unless they score this fraction of the stronger one and lie a day away",
    )
    threshold: dict[str, float] = Field(
        default={"leo": -0.9, "high": -1.7},
        description="score above which there is an event where nothing is calibrated, by group [log-odds]",
    )
    later_sets: int | None = Field(
        default=None,
        ge=0,
        description="how many element sets after a gap its score may depend on; none: all of them (retrospective)",
    )
    late_days_causal: float = Field(
        default=1.0,
        ge=0,
        description="LEO, with `later_sets`: a gap that begins this long after a burn is taught as holding it too, since "
        "a smeared burn may show no earlier [days]",
    )
    seed: int = Field(default=7, ge=0, description="seed of the columns that splits may use")


class CalibrationConfig(Section):
    """How scores become thresholds and probabilities."""

    target_false_alarms_per_object_year: float = Field(
        default=0.3,
        gt=0,
        description="quiet events above the threshold that are accepted [1/(object year)]: at 0.3 the "
        "about 1,000 objects of the geosynchronous belt give 0.8 a day beside some 20 real events",
    )
    passive_false_alarms_per_object_year: float = Field(
        default=0.1,
        gt=0,
        description="most alarms of objects that cannot maneuver, where a home has enough of them to count [1/(object year)]",
    )
    tail_quantile: float = Field(
        default=0.95, gt=0.5, lt=1, description="quantile of the quiet scores below which no tail starts"
    )
    tail_peaks_over_target: float = Field(
        default=10.0, gt=1, description="the tail starts no lower than where quiet peaks are this many times the target"
    )
    decluster_days: float = Field(
        default=4.0, gt=0, description="scores above the tail's start closer than this are one peak [days]"
    )
    guard_days: float = Field(
        default=10.0, ge=0, description="days on both sides of a lasting step that are not counted as quiet [days]"
    )
    lasting_sigma: float = Field(
        default=6.0, gt=0, description="size of a lasting step, in robust sigmas of its object, that ends a quiet arc"
    )
    min_peaks: int = Field(
        default=30, ge=5, description="quiet peaks below which a regime shares the tail of all regimes"
    )
    min_exposure_years: float = Field(
        default=5.0, gt=0, description="quiet object-years below which a regime shares the tail of all regimes"
    )
    probability_bins: int = Field(default=40, ge=2, description="groups of peaks behind the probability curve")

    @model_validator(mode="after")
    def _guard_covers_a_cluster(self) -> Self:
        if self.guard_days and self.guard_days < self.decluster_days:
            raise ValueError("guard_days must be 0 or at least decluster_days")
        return self
