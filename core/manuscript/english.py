"""The paragraph on methods in English."""

from collections.abc import Sequence

from core.factors import factor
from core.manuscript.facts import Facts
from core.numerals import percent, whole
from core.runs.settings import BY_NAME

CODED = {
    "paper": "entered as plain numbers",
    "recommended": "entered as one channel a class and as sine and cosine of a bearing",
}
LOSSES = {
    "bce": "binary cross-entropy",
    "weighted_bce": "binary cross-entropy with a larger weight on landslide pixels",
    "focal": "focal loss",
    "bce_dice": "the sum of binary cross-entropy and Dice loss",
}
SCHEDULES = {
    "constant": "constant",
    "cosine": "falling to zero along a cosine",
    "warmup_cosine": "rising over the first twentieth of the steps, then falling to zero along a "
    "cosine",
}
PARTS = {"train": "training", "validation": "validation", "test": "test"}
AUGMENTED = {
    "paper": "Training tiles were flipped and turned in all eight ways",
    "safe": "Training tiles were flipped from north to south only, so that the line of sight kept "
    "its sense",
    "none": "Tiles were not augmented",
}


def paragraph(facts: Facts) -> str:
    """Data, factors, split, network, training, threshold and scores, a sentence or two each."""
    parts = (_data, _factors, _split, _network, _training, _kept, _map, _scores)
    return " ".join(filter(None, (part(facts) for part in parts)))


def notes(facts: Facts) -> list[str]:
    """What whoever takes the paragraph over should know."""
    said = ["Everything in it is read from the run: sources of the data are yours to add."]
    if facts.scene.synthetic:
        said.append("The scene is synthetic: its scores say nothing of real ground.")
    if facts.measured is None:
        said.append("The map is not measured, so there are no scores.")
    return said


def _data(facts: Facts) -> str:
    scene = facts.scene
    kind = "synthetic scene" if scene.synthetic else "scene"
    if scene.kind == "tiles":
        size = f"{scene.grid.height // scene.tile} separate tiles of {scene.tile} px"
    else:
        size = f"{whole(scene.grid.width)} × {whole(scene.grid.height)} pixels"
    if facts.pixel_m is not None and facts.km2 is not None:
        size += f" of {facts.pixel_m:g} m ({facts.km2:.1f} km²)"
    on = f" in {facts.system}" if facts.system else ""
    said = f"All factors of the {kind} {scene.name} were brought onto one grid of {size}{on}."
    if scene.inventory:
        share = percent(scene.inventory["landslide_share"])
        count = whole(scene.inventory["polygons"])
        said += f" The landslide inventory holds {count} landslides, {share} of the pixels."
    return said


def _factors(facts: Facts) -> str:
    config = facts.config
    motion = "including" if facts.moves else "without"
    coded = f" {_listed(facts.coded)} {CODED[config.coding]}." if facts.coded else ""
    scaled = "with the mean and deviation of the training tiles alone"
    if config.zscore == "kept":
        scaled = f"as in run {config.start_from}"
    return (
        f"The network was given {len(config.factors)} factors ({_listed(config.factors)}; dataset "
        f"{config.dataset.upper()}, {motion} the InSAR deformation rate).{coded} Factors were "
        f"standardised (z-score) {scaled}."
    )


def _listed(names: Sequence[str]) -> str:
    """
    >>> _listed(["slope", "aspect", "curvature"])
    'Slope, Aspect and Curvature'
    """
    titles = [factor(name).title for name in names]
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)


def _split(facts: Facts) -> str:
    config = facts.config
    drawn = f" From them, squares of {config.crop} px were drawn." if config.crop else ""
    counts = _counts(facts)
    if facts.elsewhere or config.test_scene:
        learned = ", ".join(config.learned_from)
        scenes = f"scene{'s' if len(config.learned_from) > 1 else ''} {learned}{counts}"
        unseen = f", and saw no tile of {facts.scene.name}" if facts.elsewhere else ""
        return f"It learned from tiles of {config.tile} px of the {scenes}{unseen}.{drawn}"
    how = {
        "block": "by blocks of 2 × 2 tiles, stratified by their share of landslides",
        "paper": "7:3 by tile, landslide and other tiles apart",
    }[config.split]
    fold = f" (fold {config.fold} of {config.folds})" if config.fold else ""
    buffer = f", with a buffer of {config.buffer} px between the parts" if config.buffer else ""
    more = f" Tiles of {', '.join(facts.others)} were learned from too." if facts.others else ""
    return f"Tiles of {config.tile} px were split {how}{fold}{counts}{buffer}.{more}{drawn}"


def _counts(facts: Facts) -> str:
    if facts.parts is None:
        return ""
    words = [f"{whole(tiles)} for {PARTS[part]}" for part, tiles in facts.parts.items() if tiles]
    first = f" (of {facts.config.scene}: " if len(facts.config.learned_from) > 1 else " ("
    return f"{first}{', '.join(words)})"


def _network(facts: Facts) -> str:
    config = facts.config
    size = f" with {whole(facts.parameters)} trainable parameters" if facts.parameters else ""
    start = f", starting from the network of run {config.start_from}" if config.start_from else ""
    pretrained = " and an encoder pretrained on ImageNet" if config.encoder_weights else ""
    return (
        f"{config.model_title} (preset {config.preset}){size}{pretrained} gave the probability of "
        f"a landslide in every pixel{start}."
    )


def _training(facts: Facts) -> str:
    config = facts.config
    dropped = f" and dropout {config.dropout:g}" if config.dropout else ""
    share = config.landslide_share_of_batch
    mixed = f", at least {percent(share)} of each with landslides" if share else ""
    averaged = ""
    if config.averaged:
        averaged = f" A running average of the weights (decay {config.averaged:g}) was validated."
    ran = facts.epochs_run
    epochs = f"{config.epochs} epochs"
    if ran and ran != config.epochs:
        epochs = f"{ran} of at most {config.epochs} epochs"
    return (
        f"It was trained for {epochs} with Adam (learning rate {config.learning_rate:g}, "
        f"{SCHEDULES[config.schedule]}), batches of {config.batch}{mixed}, {LOSSES[config.loss]}"
        f"{dropped} (seed {config.seed}). {AUGMENTED[config.augmentation]}.{averaged}"
    )


def _kept(facts: Facts) -> str:
    best = facts.best
    if best is None:
        return ""
    if best.monitor == "last":
        return f"The weights of the last epoch ({best.epoch}) were kept."
    chosen = BY_NAME["monitor"].choices[best.monitor]
    value = f", {best.value:.3g}" if best.value is not None else ""
    return f"The weights of epoch {best.epoch} were kept, which had the {chosen}{value}."


def _map(facts: Facts) -> str:
    looks = ""
    if facts.flips > 1:
        looks = f", each seen in {facts.flips} flips and turns whose probabilities were averaged"
    point = facts.point
    why = ""
    if point is not None and point.kind == "best-f1":
        why = ", the threshold of the best F1 on the validation tiles"
    elif point is not None and point.kind == "recall":
        why = f", the highest threshold with a recall of {point.wanted:g} on the validation tiles"
    elif point is not None and point.kind == "guarantee":
        why = (
            f", a threshold with a guaranteed mean recall of {point.wanted:g} by conformal risk "
            "control on half of the held-out blocks"
        )
    return (
        f"The scene was predicted in overlapping windows{looks}; a pixel counted as landslide from "
        f"a probability of {facts.threshold:g} on{why}."
    )


def _scores(facts: Facts) -> str:
    measured = facts.measured
    if measured is None:
        return ""
    named = {
        "precision": "precision",
        "recall": "recall",
        "f1": "F1",
        "kappa": "Kappa",
        "miou": "mean IoU",
        "iou_landslide": "landslide IoU",
    }
    sure = measured.get("intervals") or {}
    figures = []
    for name, title in named.items():
        ends = sure.get(name)
        interval = f" (90 % interval {ends[0]:.3f} to {ends[1]:.3f})" if ends else ""
        figures.append(f"{title} {measured[name]:.3f}{interval}")
    return (
        f"On {whole(measured['tiles'])} tiles ({measured['area_words']}; landslide prevalence "
        f"{percent(measured['prevalence'])}), with all pixels counted together at a threshold of "
        f"{measured['threshold']:g}, it reached {', '.join(figures[:-1])} and {figures[-1]}. "
        f"Computed with {facts.software}."
    )
