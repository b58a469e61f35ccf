"""One function over many shards: in this process, over local processes, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Literal, TypeVar

from pipelines.errors import PipelineError

Shard = TypeVar("Shard")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Engine:
    """Where shards are worked on.

    Parameters
    ----------
    kind : 'local' or 'dask'
    workers : int
        Processes of the local engine; 0 for one a core, 1 for this process alone.
    dask_address : str or None
        Scheduler of a running Dask cluster; without it a local one is started.
    connect_seconds : float
        How long to wait for that scheduler [s].
    """

    kind: Literal["local", "dask"] = "local"
    workers: int = 0
    dask_address: str | None = None
    connect_seconds: float = 20.0

    def map(self, function: Callable[[Shard], Result], shards: Sequence[Shard]) -> Iterator[tuple[int, Result]]:
        """``(index, function(shard))`` of every shard, in order of completion.

        ``function`` must be importable by name, and it and the shards picklable.
        """
        if self.kind == "dask":
            yield from self._map_dask(function, shards)
            return
        workers = min(self.workers or os.cpu_count() or 1, len(shards))
        if workers <= 1:
            for index, shard in enumerate(shards):
                yield index, function(shard)
            return
        # Forked children inherit the locks of threads that do not come along; spawned ones start clean.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as pool:
            futures = {pool.submit(function, shard): index for index, shard in enumerate(shards)}
            for future in as_completed(futures):
                yield futures[future], future.result()

    def _map_dask(self, function: Callable[[Shard], Result], shards: Sequence[Shard]) -> Iterator[tuple[int, Result]]:
        try:
            from distributed import Client, LocalCluster
            from distributed import as_completed as dask_as_completed
        except ImportError as error:
            raise PipelineError("engine dask is not installed: pip install 'burnwatch[dask]'") from error
        address = self.dask_address or LocalCluster(
            n_workers=self.workers or os.cpu_count() or 1,
            threads_per_worker=1,  # SGP4 and pandas hold the interpreter's lock
            dashboard_address=None,
            host="127.0.0.1",
        )
        try:
            client = Client(address, timeout=self.connect_seconds)
        except OSError as error:
            raise PipelineError(f"no Dask scheduler answers at {self.dask_address}: {error}") from error
        try:
            futures = {client.submit(function, shard, pure=False): index for index, shard in enumerate(shards)}
            for future in dask_as_completed(futures):
                yield futures[future], future.result()
        finally:
            client.close()
            if not isinstance(address, str):
                address.close()


def _end_with_parent() -> None:
    """In a worker: end when the process that started it is killed, instead of waiting for it forever."""
    parent = multiprocessing.parent_process()

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os._exit(1)

    if parent is not None:
        threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()
