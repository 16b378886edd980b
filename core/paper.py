"""The figures that the paper prints (tables 2, 3 and 4), to stand beside ours.

Landslide IoU is not printed: it follows from F1, IoU = F1 / (2 - F1).
"""

# Table 2: factor -> (VIF, TOL), in the paper's order.
TABLE_2 = {
    "deformation": (1.074, 0.931),
    "elevation": (1.044, 0.957),
    "slope": (1.031, 0.970),
    "aspect": (1.002, 0.998),
    "curvature": (1.007, 0.993),
    "lithology": (1.028, 0.973),
}


def iou_from_f1(f1: float) -> float:
    """Return the IoU of a class from its F1.

    >>> round(iou_from_f1(0.7611), 4)
    0.6143
    """
    return f1 / (2 - f1)


def _row(precision: float, recall: float, f1: float, kappa: float, miou: float) -> dict:
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "kappa": kappa,
        "miou": miou,
        "iou_landslide": iou_from_f1(f1),
    }


# Table 3: model -> metrics on RS-DR.
TABLE_3 = {
    "fcn": _row(0.6870, 0.5354, 0.6018, 0.6002, 0.7136),
    "unet": _row(0.4653, 0.6908, 0.5561, 0.5543, 0.6901),
    "fc_densenet": _row(0.6312, 0.7043, 0.6658, 0.6599, 0.7479),
    "fcadensenet": _row(0.8381, 0.6972, 0.7611, 0.7602, 0.8062),
}
# Table 4: dataset -> metrics of FCADenseNet.
TABLE_4 = {
    "rs": _row(0.6614, 0.6878, 0.6743, 0.6729, 0.7529),
    "rs-dr": TABLE_3["fcadensenet"],
}
TABLE_4_MODEL = "fcadensenet"
# What the paper's model is held against in its text and abstract: the same network without CBAM.
WITHOUT_CBAM = "fc_densenet"
# What must be read beside the printed figures.
NOTES_2 = (
    "Paper: quoted as printed. The tolerance of elevation, 0.957, does not follow from its VIF: "
    "1 / 1.044 = 0.958, a slip of rounding.",
)
NOTES_3 = (
    "Paper: quoted as printed. The landslide IoU is not printed there; it follows from F1, "
    "IoU = F1 / (2 − F1).",
    "Paper: the Kappa of FC_DenseNet, 0.6599, does not follow from its own precision and recall, "
    "which give 0.6642.",
    "Paper: “five EMs superior” holds except for recall (0.6972 against 0.7043 of FC_DenseNet); "
    "the “9.53 %” of its abstract are percentage points of F1 (0.7611 − 0.6658), the “14.3 %” of "
    "its text is the same gain in percent.",
    "MIoU averages in the background, whose IoU is close to 1, and Kappa is close to F1 where "
    "landslides are rare: read the landslide IoU beside them.",
)
NOTES_4 = (
    "The paper's landslides were outlined from areas of obvious deformation, so RS-DR is favoured "
    "by construction.",
)
# What stands wherever RS and RS-DR of a scene are compared.
CIRCULARITY = (
    "The paper outlined its landslides from areas of obvious deformation, so RS-DR is favoured by "
    "construction; what it gains here depends on how this scene's inventory was made."
)
AREA_WORDS = (
    "the paper's own study area (its data is not public), tiles split 7:3, about one landslide "
    "pixel in 224"
)
