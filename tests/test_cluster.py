"""The same numbers, whoever computes them: threads, processes, dask workers."""

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from core import errors, paths
from core.analysis.one_pass import statistics
from core.analysis.one_pass import tasks as pass_tasks
from core.cluster import faults, on_dask, place, pool, task
from core.cluster.task import Task
from core.jobs.report import JobStopped, silent
from tests import worker_tasks

TWO = "dask:local:2"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("local", "local"),
        ("local:3", "processes"),
        ("dask:local:2", "dask"),
        ("dask:tcp://scheduler.example:8786", "dask"),
        ("dask:tls://10.0.0.1:8786", "dask"),
        ("slurm", "slurm"),
        ("slurm:gpu,gpus=1,mem=16G,time=120", "slurm"),
    ],
)
def test_a_place_is_read_from_a_word(words, kind):
    assert place.parse(words).kind == kind


@pytest.mark.parametrize(
    "words",
    (
        *("", "here", "local:", "local:0", "local:x", "dask", "dask:local:", "dask:http://h:1"),
        *("dask:tcp://h", "slurm:", "slurm,nodes", "slurm,nodes=2", "slurm,gpus=many", "slurmy"),
    ),
)
def test_what_names_no_place_is_refused_in_a_sentence(words):
    with pytest.raises(errors.SlideScopeError) as told:
        place.parse(words)
    assert "--on" in str(told.value) and str(told.value).endswith(".")


def test_strips_are_added_from_the_top_whoever_read_them(tiny_scene, monkeypatch):
    """On tasks of a single strip, which threads finish in any order."""
    monkeypatch.setattr(pass_tasks, "TASK_PIXELS", 1)
    alone = statistics.compute(tiny_scene, sample_pixels=600)
    with _pool(ThreadPoolExecutor(3)) as workers:
        together = statistics.compute(tiny_scene, sample_pixels=600, pool=workers)
    assert _same(alone, together)
    assert not list((paths.cache_folder() / "parts").iterdir())


def test_what_was_added_up_before_a_stop_is_not_added_up_again(tiny_scene, monkeypatch):
    monkeypatch.setattr(pass_tasks, "TASK_PIXELS", 1)
    seen = []

    def stops(stage, fraction=None, **figures):
        seen.append(stage)
        if fraction:
            raise JobStopped

    with _pool(ThreadPoolExecutor(1)) as workers:
        with pytest.raises(JobStopped):
            statistics.compute(tiny_scene, report=stops, pool=workers)
        later = []
        told = lambda stage, *rest, **figures: later.append(stage)  # noqa: E731
        again = statistics.compute(tiny_scene, report=told, pool=workers)
    assert " 0 of 2 " in seen[0] and " 0 of 2 " not in later[0]
    assert _same(statistics.compute(tiny_scene), again)


def _same(one, other) -> bool:
    drawn = [s.balanced.values if s.balanced else None for s in (one, other)]
    return (
        np.array_equal(one.coded.gram, other.coded.gram)
        and np.array_equal(one.without_deformation.gram, other.without_deformation.gram)
        and np.array_equal(*drawn)
        and all(
            np.array_equal(h.counts, other.histograms[n].counts) for n, h in one.histograms.items()
        )
    )


@contextmanager
def _pool(executor: Executor) -> Iterator[pool.Pool]:
    """Threads of this process as workers."""
    folder = paths.cache_folder() / pool.FOLDER / "here"
    (folder / task.RUNNING).mkdir(parents=True)
    with executor:
        yield pool.Pool(executor, task.head_of(folder), folder)


def _doubled(workers: pool.Pool, count: int, report=silent) -> dict:
    tasks = [Task(f"number {n}", worker_tasks.double, (n,)) for n in range(count)]
    return dict(workers.results(tasks, report, "Doubling"))


@pytest.mark.parametrize("where", ["local:2", TWO])
def test_processes_and_dask_workers_carry_tasks_out(workspace, where):
    said = []
    told = lambda stage, *rest, **figures: said.append(stage)  # noqa: E731
    with pool.opened(where, told) as workers:
        assert _doubled(workers, 5, told) == {n: 2 * n for n in range(5)}
        found = dict(workers.results([Task("where", worker_tasks.where)], silent, "Asking"))
        with pytest.raises(errors.SlideScopeError, match="There is no 'x': name another"):
            list(workers.results([Task("no", worker_tasks.refuse, ("x",))], silent, "Asking"))
        with pytest.raises(task.TaskFailed, match="ZeroDivisionError: of a worker"):
            list(workers.results([Task("no", worker_tasks.fail)], silent, "Asking"))
    assert found[0][0] != os.getpid() and found[0][1] == str(workspace)
    assert said[0] == f"Starting on {where}" and said[-1] == "Doubling: 5 of 5 tasks done"
    assert not list((paths.cache_folder() / pool.FOLDER).iterdir())


def test_a_worker_that_is_killed_costs_its_task_alone(workspace):
    killed = []

    def kill(stage, *rest, **figures):
        at = pool.running(next((paths.cache_folder() / pool.FOLDER).iterdir()))
        if at and not killed:
            killed.append(at[0]["pid"])
            os.kill(at[0]["pid"], signal.SIGKILL)

    tasks = [Task(f"number {n}", worker_tasks.slow, (n, 0.4)) for n in range(6)]
    with pool.opened(TWO, silent) as workers:
        assert dict(workers.results(tasks, kill, "Waiting")) == {n: n for n in range(6)}
    assert killed


def test_a_process_that_is_killed_is_told_in_a_sentence(workspace):
    tasks = [Task("end", os.kill, (os.getpid(), 0)), Task("end", os._exit, (1,))]
    with (
        pool.opened("local:2", silent) as workers,
        pytest.raises(faults.WorkerLost, match=r"Ending: one of the processes ended.*kept"),
    ):
        list(workers.results(tasks, silent, "Ending"))


def test_a_stop_takes_back_what_has_not_begun(workspace, tmp_path):
    def stop(stage, *rest, **figures):
        raise JobStopped

    tasks = [Task("wait", worker_tasks.slow, (0, 0.3))]
    tasks += [Task("touch", worker_tasks.touch, (str(tmp_path / str(n)),)) for n in range(5)]
    with _pool(ThreadPoolExecutor(1)) as workers, pytest.raises(JobStopped):
        list(workers.results(tasks, stop, "Waiting"))
    assert not list(tmp_path.glob("[0-9]"))


def _head() -> task.Head:
    folder = paths.cache_folder() / "head"
    (folder / task.RUNNING).mkdir(parents=True, exist_ok=True)
    return task.head_of(folder)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"version": "0.0.1"}, "install the same on both"),
        ({"kernels": "others"}, "python -m core worker"),
        ({"folder": "cache/nowhere"}, "does not see the workspace"),
    ],
)
def test_a_worker_that_cannot_take_part_says_why(workspace, other, sentence):
    head = _head()
    assert task.carry_out(head, 0, Task("two", worker_tasks.double, (1,))) == 2
    with pytest.raises(task.Unfit, match=sentence):
        task.carry_out(replace(head, **other), 0, Task("two", worker_tasks.double, (1,)))


def test_a_scheduler_that_does_not_answer_is_one_sentence(workspace, monkeypatch):
    monkeypatch.setattr(on_dask, "CONNECT_S", 1)
    with (
        pytest.raises(errors.SlideScopeError, match=r"does not answer within 1 s.*dask scheduler"),
        pool.opened("dask:tcp://127.0.0.1:1", silent),
    ):
        pass


def test_another_version_of_dask_is_one_sentence():
    mine, theirs = ({"packages": dict.fromkeys(on_dask.ALIKE, v)} for v in ("2", "1"))
    found = {"client": mine, "scheduler": mine, "workers": {"tcp://a:1": theirs}}
    client = SimpleNamespace(get_versions=lambda: found)
    with pytest.raises(errors.SlideScopeError, match=r"the worker tcp://a:1 has 1:.*same on both"):
        on_dask._check_alike(client)


@pytest.mark.parametrize(("where", "module"), [(TWO, "distributed"), ("slurm", "submitit")])
def test_without_its_library_a_place_says_what_to_install(workspace, monkeypatch, where, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(faults.importlib.util, "find_spec", lambda name: None)
    with (
        pytest.raises(errors.SlideScopeError, match=f"needs {module}.*requirements-cluster.txt"),
        pool.opened(where, silent),
    ):
        pass


def test_slurm_without_sbatch_is_one_sentence(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(errors.SlideScopeError, match="needs the command sbatch"),
        pool.opened("slurm:short,gpus=1", silent),
    ):
        pass


@pytest.mark.parametrize(
    ("kind", "words", "sentence"),
    [
        ("KilledWorker", "", "want of memory"),
        ("UncompletedJobError", "State: OUT_OF_MEMORY", "--on slurm,mem=16G"),
        ("UncompletedJobError", "State: TIMEOUT", "--on slurm,time=240"),
        ("UncompletedJobError", "State: FAILED", "ended early"),
        ("CommClosedError", "closed", "does not answer any more"),
        ("ModuleNotFoundError", "No module named 'core'", "does not have this version"),
    ],
)
def test_what_a_library_says_of_lost_workers_is_one_sentence(kind, words, sentence):
    error = type(kind, (Exception,), {})(words)
    with pytest.raises(faults.WorkerLost, match=sentence), faults.told("Predicting"):
        raise error


def test_other_errors_stay_what_they_are():
    with pytest.raises(KeyError), faults.told("Predicting"):
        raise KeyError("a defect")


def test_only_what_leaves_this_machine_has_a_network():
    assert place.leaves(["import", "s", "--on", "dask:local:2"])
    assert not place.leaves(["import", "s", "--on", "local", "--out", "dask:local:2"])
