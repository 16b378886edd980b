"""The paragraph on methods: every figure in it is the run's."""

import re
from dataclasses import replace

import pytest

from core.errors import SlideScopeError
from core.learning.scores import operating_point
from core.learning.scores.operating_point import OperatingPoint
from core.manuscript import methods
from core.manuscript.request import MethodsRequest
from core.request import LANGUAGES
from core.workflows import run
from tests import tiny


def told(made, scene, language: str = "en") -> str:
    return methods.told(made, scene, language)["text"]


def test_every_language_has_a_writer():
    assert set(methods.WRITERS) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_figures_are_those_of_config_and_scores(tiny_scene, tiny_runs, language):
    made = tiny_runs[0]
    text, config, scores = told(made, tiny_scene, language), made.config, made.metrics()
    figures = set(re.findall(r"\d+(?:\.\d+)?", text))
    wanted = [config.epochs, config.batch, config.tile, config.buffer, len(config.factors)]
    wanted += [f"{config.learning_rate:g}", f"{config.dropout:g}", tiny.WIDTH, tiny.HEIGHT, "12.5"]
    wanted += [f"{scores[name]:.3f}" for name in ("precision", "recall", "f1", "kappa", "miou")]
    wanted += [scores["tiles"], f"{scores['threshold']:g}", 32648]
    assert {str(value) for value in wanted} <= figures


def test_other_settings_make_another_paragraph(tiny_scene):
    changed = {
        **{"epochs": 7, "batch": 5, "loss": "focal", "dropout": 0.0, "crop": 64, "seed": 3},
        **{"augmentation": "safe", "coding": "recommended", "averaged": 0.98, "buffer": 16},
    }
    text = told(tiny.run(tiny_scene, "rs", 2.0, "unet", **changed), tiny_scene)
    assert "3 of at most 7 epochs" in text and "batches of 5, focal loss (seed 3)" in text
    assert "squares of 64 px" in text and "buffer of 16 px" in text and "decay 0.98" in text
    assert "from north to south only" in text and "one channel a class" in text
    assert "without the InSAR deformation rate" in text and "dropout" not in text
    assert text.count("U-Net") == 1


def test_the_threshold_is_said_with_what_chose_it(tiny_scene, tiny_runs):
    made = tiny_runs[0]
    operating_point.store(made, OperatingPoint("best-f1", 0.235))
    english, chinese = (told(made, tiny_scene, language) for language in ("en", "zh"))
    assert "from a probability of 0.235 on, the threshold of the best F1 on the" in english
    assert "阈值0.235（验证瓦片上F1最高的阈值）" in chinese


def test_chinese_uses_the_words_of_the_field(tiny_scene, tiny_runs):
    text = told(tiny_runs[0], tiny_scene, "zh")
    assert all(word in text for word in ("滑坡识别", "形变速率", "训练", "阈值", "召回率", "坡向"))
    assert not re.search(r"[a-z]{4,} [a-z]{2,} [a-z]{2,}", text)  # no English sentence


def test_a_network_of_other_ground_says_that_it_never_saw_this(tiny_scene, workspace):
    other = tiny.scene("valley")
    made = tiny.run(tiny_scene, "rs", 2.0, test_scene="valley")
    assert "and saw no tile of valley" in told(made, other)
    assert "saw no tile" not in told(made, tiny_scene)


def test_a_run_without_a_network_of_its_own_is_refused(tiny_scene, tiny_runs):
    one, two = (run_.id for run_ in tiny_runs)
    config = replace(tiny_runs[0].config, joined="average", members=(one, two))
    made = replace(tiny_runs[0], config=config)
    with pytest.raises(SlideScopeError, match=f"is joined from {one}, {two}"):
        told(made, tiny_scene)


def test_the_command_prints_it(tiny_runs, capsys):
    from core.commands import show

    show("methods", run(MethodsRequest(tiny_runs[0].id), print))
    assert "trained for 3 epochs with Adam" in capsys.readouterr().out
