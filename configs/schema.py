"""The whole configuration: one section a subject."""

from pydantic import Field

from configs.belt import BeltConfig
from configs.catalog import IngestConfig, StoreConfig
from configs.desk import DeskConfig
from configs.detect import CandidateConfig, MoveConfig, PlacementConfig, ProofConfig, RobustStepConfig
from configs.explanation import ExplanationConfig
from configs.features import FeatureConfig
from configs.findings import FindingsConfig
from configs.injection import InjectionConfig, SensitivityConfig
from configs.judgement import BurnFitConfig, KindConfig, OverdueConfig, PatternConfig, ProximityConfig, SurpriseConfig
from configs.learning import BoostedConfig, CalibrationConfig, ForecasterConfig, IsolationForestConfig
from configs.networks import EnsembleConfig, PretrainedConfig, TemporalConvConfig
from configs.notices import NoticesConfig
from configs.operation import BenchmarkConfig, ReplayConfig, ScheduleConfig, ScoreConfig, TrainConfig
from configs.review import ReviewConfig
from configs.section import Section
from configs.shadowing import ShadowingConfig
from configs.simulate import SimulateConfig
from configs.sources import CelestrakConfig, SpaceTrackConfig


class BurnwatchConfig(Section):
    """Everything that can be set; the order is that of the data's way through the house."""

    ingest: IngestConfig = Field(default=IngestConfig(), description="How files are read")
    celestrak: CelestrakConfig = Field(default=CelestrakConfig(), description="How CelesTrak is asked")
    spacetrack: SpaceTrackConfig = Field(
        default=SpaceTrackConfig(), description="How Space-Track is asked; the login comes from the environment"
    )
    simulate: SimulateConfig = Field(default=SimulateConfig(), description="The simulated fleet")
    store: StoreConfig = Field(default=StoreConfig(), description="How element sets are kept")
    features: FeatureConfig = Field(default=FeatureConfig(), description="How element sets become feature rows")
    robust_step: RobustStepConfig = Field(default=RobustStepConfig(), description="Detector robust-step")
    isolation_forest: IsolationForestConfig = Field(
        default=IsolationForestConfig(), description="Detector isolation-forest"
    )
    forecaster: ForecasterConfig = Field(default=ForecasterConfig(), description="Detector forecaster")
    boosted: BoostedConfig = Field(default=BoostedConfig(), description="Detector boosted")
    temporal_conv: TemporalConvConfig = Field(default=TemporalConvConfig(), description="Detector temporal-conv")
    ensemble: EnsembleConfig = Field(default=EnsembleConfig(), description="Detector ensemble")
    pretrained: PretrainedConfig = Field(default=PretrainedConfig(), description="Detector pretrained")
    calibration: CalibrationConfig = Field(
        default=CalibrationConfig(), description="How scores become thresholds and probabilities"
    )
    candidates: CandidateConfig = Field(default=CandidateConfig(), description="How scored gaps become events")
    placement: PlacementConfig = Field(
        default=PlacementConfig(), description="Into which gap a geosynchronous event is put"
    )
    moves: MoveConfig = Field(
        default=MoveConfig(), description="Which geosynchronous moves are plain from the longitude"
    )
    proof: ProofConfig = Field(
        default=ProofConfig(), description="When a geosynchronous burn is shown by enough sets to be told"
    )
    burn_fit: BurnFitConfig = Field(default=BurnFitConfig(), description="How the time and Δv of a burn are found")
    kind: KindConfig = Field(default=KindConfig(), description="How burns are named")
    explanation: ExplanationConfig = Field(
        default=ExplanationConfig(), description="When an event is explained by something else than a maneuver"
    )
    pattern: PatternConfig = Field(default=PatternConfig(), description="How an object's pattern of life is kept")
    surprise: SurpriseConfig = Field(
        default=SurpriseConfig(), description="How surprises are calibrated, and which events are listed"
    )
    overdue: OverdueConfig = Field(
        default=OverdueConfig(), description="When a strict keeper that does not burn is called overdue"
    )
    proximity: ProximityConfig = Field(default=ProximityConfig(), description="How neighbors are looked for")
    findings: FindingsConfig = Field(default=FindingsConfig(), description="How events are gathered into findings")
    belt: BeltConfig = Field(
        default=BeltConfig(), description="How geosynchronous objects are followed and whom they come to"
    )
    shadowing: ShadowingConfig = Field(
        default=ShadowingConfig(), description="When an object is said to shadow another for weeks"
    )
    injection: InjectionConfig = Field(
        default=InjectionConfig(), description="How burns are drawn that are put into real histories"
    )
    sensitivity: SensitivityConfig = Field(
        default=SensitivityConfig(), description="How the smallest burn that would have been seen is measured"
    )
    train: TrainConfig = Field(default=TrainConfig(), description="What training learns from")
    score: ScoreConfig = Field(default=ScoreConfig(), description="How new element sets are scored")
    replay: ReplayConfig = Field(default=ReplayConfig(), description="How a past period is walked through")
    benchmark: BenchmarkConfig = Field(default=BenchmarkConfig(), description="How detectors are measured")
    review: ReviewConfig = Field(default=ReviewConfig(), description="How flags are kept and shown")
    desk: DeskConfig = Field(default=DeskConfig(), description="Who gets in to the analysts' desk, and what it shows")
    notices: NoticesConfig = Field(default=NoticesConfig(), description="Who is told of new flags and findings")
    schedule: ScheduleConfig = Field(default=ScheduleConfig(), description="What `burnwatch serve` runs, and when")


# Sections that decide what a model is and what it finds; the others only say where things come from and go.
SCIENCE = (
    "features",
    "robust_step",
    "isolation_forest",
    "forecaster",
    "boosted",
    "temporal_conv",
    "ensemble",
    "pretrained",
    "calibration",
    "candidates",
    "placement",
    "moves",
    "proof",
    "burn_fit",
    "kind",
    "explanation",
    "pattern",
    "surprise",
    "overdue",
    "proximity",
    "shadowing",
    "findings",
    "belt",
    "train",
    "score",
)
