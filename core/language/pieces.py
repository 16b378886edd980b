"""Words that stand alone on a page, and what is put together of pieces: in the code neither looks
like a message, so the catalogues learn of them here."""

from core.language.translation import messages

STATES = messages("done", "next", "open", "locked", "waiting", "running", "stopping", "stopped")
STATES_TOO = messages(
    "starting",
    "now",
    "then",
    "{0} more",
    "failed",
    "interrupted",
    "pinned",
    "shipped",
    "synthetic",
    "deleted",
)
SETTINGS = messages("quick", "thorough", "paper", "recommended", "safe", "none", "auto")
ANSWERS = messages("yes", "no", "last", "loss", "other", "noise", "printed")
PARTS = messages("training", "validation", "test", "left", "right", "scene", "tiles", "landslide")
UNITS = messages("hectares", "pixels", "points", "columns", "recom&shy;mended")
CHARTS = messages("probability", "recalibrated", "SD", "Quantiles ±", "+ Drop-column")
ROLES = messages("viewer", "editor", "admin")
# What tells an import what numbers are.
EVIDENCE = messages(
    "by its unit '{0}'",
    "by its FILE_TYPE '{0}'",
    "by its 8 bits, {0} to {1}",
    "by its values, {0} to {1}",
    "by its values, only {0}",
    "by the name of column '{0}'",
    "by the name of its variable '{0}'",
    "by the name of its variable '{0}' and its unit '{1}'",
)
KERNELS = messages("nearest", "bilinear", "cubic", "average", "mode", "copied", "reprojected")
SPANS = messages("{0} to {1} reflectance × 10⁴", "its own", "point features", "polygons")
TITLES = messages("{0} {1}, seed {2}")
MADE = messages("Measuring from orbit", "Writing interferograms")
HEADS = messages("Bars:", "Prediction, s/km²", "{0}, %")
COUNTS = messages("{0} line and no polygon", "{0} lines and no polygon")
# Of sentences that are put together of pieces: two fields side by side cannot be told apart.
AREAS = messages(
    *("{0} held-out tiles", "{0} held-out tiles of {1}", "{0} held-out tiles of run {1}"),
    "{0} held-out tiles of {1}, a synthetic scene",
    "{0} held-out tiles of run {1}, a synthetic scene",
    "{0} held-out tiles of run {1}, synthetic scene",
    "{0} validation tiles (they chose the best epoch) of {1}",
    "{0} validation tiles (they chose the best epoch) of {1}, a synthetic scene",
    "{0} training tiles (seen in training) of {1}",
    "{0} training tiles (seen in training) of {1}, a synthetic scene",
    "{0} whole scene, training tiles included of {1}",
    "{0} whole scene, training tiles included of {1}, a synthetic scene",
    *("{0} tiles", "scenes {0}", "scene {0}"),
    "whole scene {0}, none of it seen in training",
    "whole scene {0}, where the map was trained is not known",
)
