"""Every engine gives the same results."""

import operator
from functools import partial

import pytest

from pipelines.engine import Engine
from pipelines.errors import PipelineError

double = partial(operator.mul, 2)


def results(engine: Engine, shards: list[int]) -> dict[int, int]:
    return dict(engine.map(double, shards))


def test_in_this_process() -> None:
    assert results(Engine(workers=1), [1, 2, 3]) == {0: 2, 1: 4, 2: 6}


def test_no_shards() -> None:
    assert results(Engine(workers=2), []) == {}


@pytest.mark.slow
def test_over_processes() -> None:
    assert results(Engine(workers=2), [1, 2, 3]) == {0: 2, 1: 4, 2: 6}


@pytest.mark.slow
def test_an_error_in_a_worker_reaches_the_caller() -> None:
    with pytest.raises(TypeError):
        dict(Engine(workers=2).map(operator.neg, ["a", "b"]))  # type: ignore[arg-type]


@pytest.mark.integration
def test_over_a_local_dask_cluster() -> None:
    assert results(Engine("dask", workers=2), [1, 2, 3]) == {0: 2, 1: 4, 2: 6}


def test_a_dask_scheduler_that_does_not_answer_is_named() -> None:
    engine = Engine("dask", dask_address="tcp://127.0.0.1:1", connect_seconds=0.5)
    with pytest.raises(PipelineError, match=r"tcp://127\.0\.0\.1:1"):
        results(engine, [1])
