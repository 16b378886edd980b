"""How much one user, and all together, may have."""

import pytest

from core import access, quotas
from core.access import EDITOR, Actor
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.scene import store
from core.scene.files import uploads
from core.workflows.requests import PrepareRequest

ANA, BEN = Actor("ana", EDITOR), Actor("ben", EDITOR)


def upload(who: Actor, folder: str, size: int):
    with access.asking(who):
        return uploads.save_upload(folder, "dem.tif", b"x" * size)


def test_a_file_and_a_users_uploads_and_all_uploads_are_bounded(workspace, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_MAX_UPLOAD", "0.002")
    with pytest.raises(
        SlideScopeError, match=r"'dem\.tif' has .* MB: an upload may have 0\.002 MB"
    ):
        upload(ANA, "a", 3000)
    monkeypatch.setenv("SLIDESCOPE_MAX_UPLOADS_EACH", "0.003")
    upload(ANA, "a", 1900)
    with pytest.raises(SlideScopeError, match=r"has no room: your uploads may have 0\.003 MB"):
        upload(ANA, "b", 1900)
    upload(BEN, "c", 1900)
    monkeypatch.setenv("SLIDESCOPE_MAX_UPLOADS_EACH", "0")
    monkeypatch.setenv("SLIDESCOPE_MAX_UPLOADS", "0.001")
    with pytest.raises(SlideScopeError, match=r"all uploads may have 0\.001 MB together"):
        upload(BEN, "d", 1500)


def test_jobs_that_wait_or_run_are_bounded_for_each_and_for_all(workspace, monkeypatch):
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    for who in (ANA, ANA, BEN):
        with access.asking(who):
            JobReport(jobs.create(PrepareRequest()).folder)
    assert sorted(job.by.name for job in jobs.active() if job.by) == ["ana", "ana", "ben"]
    monkeypatch.setenv("SLIDESCOPE_MAX_JOBS_EACH", "2")
    with access.asking(ANA), pytest.raises(SlideScopeError, match="2 jobs of yours wait or run"):
        jobs.start(PrepareRequest())
    monkeypatch.setenv("SLIDESCOPE_MAX_JOBS", "3")
    with access.asking(BEN), pytest.raises(SlideScopeError, match="3 jobs wait or run and 3 may"):
        jobs.start(PrepareRequest())


def test_scenes_are_bounded_and_one_may_be_written_over(tiny_scene, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_MAX_SCENES", "1")
    with pytest.raises(SlideScopeError, match="There are 1 scenes and 1 may be"), store.create("b"):
        pass
    with pytest.raises(KeyError), store.create("tiny", replace_old=True):
        raise KeyError  # it went as far as being written


@pytest.mark.parametrize("text", ("x", "-1", "nan", "inf", "1e300"))
def test_a_bound_that_is_no_number_is_said(monkeypatch, text):
    monkeypatch.setenv("SLIDESCOPE_MAX_JOBS", text)
    with pytest.raises(SlideScopeError, match=f"SLIDESCOPE_MAX_JOBS is '{text}': it is a number"):
        quotas.check_jobs(0, 0)


def test_zero_is_no_bound(monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_MAX_JOBS", "0")
    quotas.check_jobs(0, 10**6)
