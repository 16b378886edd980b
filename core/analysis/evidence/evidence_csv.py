"""The tables of evidence as CSV, in the numbers of the JSON."""

from core.analysis.csv_text import text


def classes_csv(explored: dict) -> str:
    """Pixels and landslide share of each class of one factor.

    >>> row = {"label": "shale", "pixels": 4, "landslide_pixels": 1, "share": 0.25}
    >>> classes_csv({"classes": [row]}).split()
    ['class,pixels,landslide_pixels,landslide_share', 'shale,4,1,0.25']
    """
    keys = ("label", "pixels", "landslide_pixels", "share")
    rows = ([row[key] for key in keys] for row in explored["classes"])
    return text(["class", "pixels", "landslide_pixels", "landslide_share"], rows)


def explored_csv(explored: dict) -> str:
    """Pixels inside and outside landslides by interval of one factor, by class where it has some.

    >>> explored_csv({"edges": [0.0, 1.0], "outside": [4], "inside": [1]}).split()
    ['low,high,outside,inside', '0.0,1.0,4,1']
    """
    edges = explored["edges"]
    if not edges:
        return classes_csv(explored)
    rows = zip(edges[:-1], edges[1:], explored["outside"], explored["inside"])
    return text(["low", "high", "outside", "inside"], rows)


def evidence_csv(evidence: dict) -> str:
    """The evidence of every class of every factor, a class a row.

    >>> numbers = dict.fromkeys(CLASS_KEYS, 1) | {"label": "shale"}
    >>> table = {"factor": "lithology", "breaks": "classes", "classes": [numbers]}
    >>> evidence_csv({"factors": [table]}).splitlines()[1]
    'lithology,classes,shale,,,1,1,1,1,1,1,1,1,1'
    """
    rows = (
        [
            table["factor"],
            table["breaks"],
            row["label"],
            row.get("low"),
            row.get("high"),
            *(row[key] for key in CLASS_KEYS[1:]),
        ]
        for table in evidence["factors"]
        for row in table["classes"]
    )
    return text(["factor", "breaks", "class", "low", "high", *CLASS_KEYS[1:]], rows)


CLASS_KEYS = (
    "label", "pixels", "landslide_pixels", "share", "frequency_ratio", "w_plus", "w_minus",
    "contrast", "studentised", "landslides",
)  # fmt: skip


def ranking_csv(evidence: dict) -> str:
    """Factors by information gain, with the area under each one's ROC curve."""
    keys = ("rank", "factor", "information_gain", "auc", "breaks")
    return text(keys, ([table[key] for key in keys] for table in evidence["factors"]))


def roc_csv(evidence: dict) -> str:
    """The points of every factor's ROC curve.

    >>> table = {"factor": "slope", "roc": {"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]}}
    >>> roc_csv({"factors": [table]}).split()
    ['factor,false_positive_rate,true_positive_rate', 'slope,0.0,0.0', 'slope,1.0,1.0']
    """
    rows = (
        [table["factor"], *point]
        for table in evidence["factors"]
        if table["roc"]
        for point in zip(table["roc"]["fpr"], table["roc"]["tpr"])
    )
    return text(["factor", "false_positive_rate", "true_positive_rate"], rows)
