"""Words that stand alone on a page: in the code they look like any name, so the catalogues learn of
them here."""

from core.language.translation import messages

STATES = messages("done", "next", "open", "locked", "waiting", "running", "stopping", "stopped")
STATES_TOO = messages("failed", "interrupted", "pinned", "shipped", "synthetic", "deleted")
SETTINGS = messages("quick", "thorough", "paper", "recommended", "safe", "none", "auto")
ANSWERS = messages("yes", "no", "last", "loss", "other", "noise", "printed")
PARTS = messages("training", "validation", "test", "left", "right", "scene", "tiles", "landslide")
UNITS = messages("hectares", "pixels", "points", "columns", "recom&shy;mended")
CHARTS = messages("probability", "recalibrated", "SD", "Quantiles ±", "+ Drop-column")
ROLES = messages("viewer", "editor", "admin")
AREAS = messages(
    "{0} held-out tiles of {1}{2}",
    "{0} validation tiles (they chose the best epoch) of {1}{2}",
    "{0} training tiles (seen in training) of {1}{2}",
    "{0} whole scene, training tiles included of {1}{2}",
)
