"""The command line, one file a noun; also the background worker.

A command file has `add_<command>(commands)`, which adds a parser and sets its defaults:
`run(args, report) -> dict` (the object `--json` prints), `show(result)` (the same for people) and,
for a long action, `job_kind` and `job_title(args)`.
"""

from core.commands import (
    channels,
    evaluate,
    experiment,
    factors,
    kfold,
    models,
    predict,
    prepare,
    runs,
    sample,
    scenes,
    serve,
    train,
    weights,
)

PARSERS = (
    sample.add_sample,
    scenes.add_import,
    scenes.add_scenes,
    factors.add_factors,
    models.add_models,
    train.add_train,
    kfold.add_kfold,
    predict.add_predict,
    weights.add_pack,
    weights.add_load,
    evaluate.add_evaluate,
    channels.add_channels,
    channels.add_attention,
    experiment.add_experiment,
    runs.add_runs,
    prepare.add_prepare,
    serve.add_serve,
)
