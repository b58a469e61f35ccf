"""Every engine gives the same results."""

import operator
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from catalog.encoding import CorruptPartError
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from tests.unit.pipelines import engine_work

REPOSITORY = Path(__file__).parents[3]
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
def test_an_error_in_a_worker_reaches_the_caller_whole() -> None:
    with pytest.raises(CorruptPartError, match="part: cut; ") as caught:
        dict(Engine(workers=2).map(engine_work.refuse, [Path("part")] * 2))
    assert (caught.value.path, caught.value.reason) == (Path("part"), "cut")


@pytest.mark.slow
def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"import tests.unit.pipelines.engine_work as work; work.run({str(tmp_path)!r})"
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    workers: set[int] = set()
    while len(workers) < 2:
        assert parent.poll() is None
        workers = {int(path.name) for path in tmp_path.iterdir()}
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in workers):
        assert time.monotonic() < deadline


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.integration
def test_over_a_local_dask_cluster() -> None:
    assert results(Engine("dask", workers=2), [1, 2, 3]) == {0: 2, 1: 4, 2: 6}


def test_a_dask_scheduler_that_does_not_answer_is_named() -> None:
    engine = Engine("dask", dask_address="tcp://127.0.0.1:1", connect_seconds=0.5)
    with pytest.raises(PipelineError, match=r"tcp://127\.0\.0\.1:1"):
        results(engine, [1])
