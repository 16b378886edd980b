"""Tasks on dask workers: `--on dask:local:N` and `--on dask:tcp://HOST:8786`."""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import paths, processes
from core.cluster import faults
from core.cluster.place import Place
from core.errors import SlideScopeError

CONNECT_S = 10
# What both ends of a connection must have alike: the form in which tasks travel.
ALIKE = ("distributed", "dask", "cloudpickle", "msgpack")
GPU = "GPU"


@contextmanager
def opened(where: Place, folder: Path, gpus: bool) -> Iterator[tuple[Executor, int]]:
    """(executor, grain)"""
    faults.need("distributed", f"dask:{where.address or 'local:N'}")
    # What it says of workers that end is said by the action.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with _client(where, folder) as client:
        _check_alike(client)
        kept = {"resources": {GPU: 1}} if gpus and _offers_gpus(client) else {}
        yield client.get_executor(pure=False, **kept), 1


@contextmanager
def _client(where: Place, folder: Path) -> Iterator[Any]:
    from distributed import Client

    if where.address:
        with _connected(where.address) as client:
            yield client
        return
    with _cluster(where.count, folder) as cluster, Client(cluster, set_as_default=False) as client:
        yield client


def _cluster(count: int, folder: Path) -> Any:
    """Workers of one thread on this machine, which only this process can talk to."""
    from distributed import LocalCluster

    threads = {processes.THREADS: str(processes.share(count))}
    return LocalCluster(
        n_workers=count,
        threads_per_worker=1,
        processes=True,
        # Encrypted and with a key of its own: whoever reaches a scheduler can run anything.
        security=True,
        protocol="tls://",
        dashboard_address=None,
        local_directory=str(folder),
        silence_logs=logging.CRITICAL,
        env=threads,
    )


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise SlideScopeError(
            f"The scheduler at {address} does not answer within {CONNECT_S} s: start it there with "
            "`dask scheduler`, open its port, or leave --on out."
        ) from error
    except Exception as error:
        # Whatever another version's greeting is taken for.
        raise SlideScopeError(
            f"The scheduler at {address} is not understood ({type(error).__name__}): it has "
            "another version of dask or speaks tls://; install the same version on both."
        ) from error
    with client:
        yield client


def _check_alike(client: Any) -> None:
    """Raise a SlideScopeError where scheduler or a worker has another version of dask."""
    found = client.get_versions()
    mine = found["client"]["packages"]
    others = {"the scheduler": found["scheduler"], **found["workers"]}
    for name, each in others.items():
        theirs = (each or {}).get("packages", {})
        for package in ALIKE:
            if theirs.get(package) != mine.get(package):
                who = name if name == "the scheduler" else f"the worker {name}"
                raise SlideScopeError(
                    f"Here is {package} {mine.get(package)}, and {who} has "
                    f"{theirs.get(package)}: tasks travel in a form of one version; install the "
                    "same on both."
                )


def _offers_gpus(client: Any) -> bool:
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return any(worker.get("resources", {}).get(GPU) for worker in workers)


def work(address: str, workers: int, gpus: int) -> None:
    """Be workers of a scheduler until it ends."""
    faults.need("distributed", f"dask:{address}")
    with _connected(address):
        pass
    from distributed.cli.dask_worker import main

    os.environ[processes.THREADS] = str(processes.share(workers))
    if "SLIDESCOPE_WORKSPACE" in os.environ:
        # Not relative: each begins in a folder of its own.
        os.environ["SLIDESCOPE_WORKSPACE"] = str(paths.workspace())
    words = [address, "--nworkers", str(workers), "--nthreads", "1", "--no-dashboard"]
    words += ["--resources", f"{GPU}={gpus}"] if gpus else []
    main(words, standalone_mode=False)
