"""A fleet that flies, is trained on and scored in seconds."""

from configs.schema import BurnwatchConfig

_DEFAULT = BurnwatchConfig()
_FLEET = {"days": 200, "sun_synchronous": 2, "altimetry": 1, "passive_leo": 1, "meo": 0, "geosynchronous": 2}

SMALL = _DEFAULT.model_copy(
    update={
        "simulate": _DEFAULT.simulate.model_copy(update=_FLEET),
        "train": _DEFAULT.train.model_copy(update={"detector": "robust-step"}),  # quick to load, and learns at home
        "score": _DEFAULT.score.model_copy(update={"shard_objects": 3}),
        "replay": _DEFAULT.replay.model_copy(update={"shard_objects": 3}),
    }
)
