"""How a map was made, in the words of a methods section; every figure is the run's own."""

from core.export.provenance import Origin
from core.factors import DEFORMATION
from core.learning.prediction import products
from core.numerals import whole
from core.runs import summary
from core.runs.settings import BY_NAME

AUGMENTED = {
    "paper": "all eight flips and quarter turns of the training tiles",
    "safe": "north-south flips of the training tiles",
    "none": "no augmentation",
}


def paragraphs(origin: Origin) -> list[str]:
    """Network and channels, training (or what the map was joined from), prediction, scores."""
    if origin.run.config.joined:
        return [_joined(origin), _map(origin), SCORES]
    return [_network(origin), _training(origin), _map(origin), SCORES]


SCORES = (
    "Scores come from pixel counts summed over the whole area that is named beside them, never "
    "from means over tiles: precision, recall, F1, Kappa and MIoU after equations 4 to 10 of "
    "Remote Sensing 2024, 16, 992. Because landslides are rare, the background's IoU is close to 1 "
    "and lifts MIoU, and Kappa is close to F1: the landslide IoU and the average precision (AP), "
    "which needs no threshold, stand beside them."
)


def _joined(origin: Origin) -> str:
    config = origin.run.config
    members = ", ".join(config.members)
    how = "The probability of each pixel is the mean of the maps of these runs"
    if config.joined == "folds":
        how = "Each tile is predicted by the network of the fold that held it out; the runs are"
    return (
        f"{how}: {members} ({config.model_title}, preset {config.preset}, dataset "
        f"{config.dataset.upper()}; {config.split_words}). Each is described by its own export."
    )


def _network(origin: Origin) -> str:
    config, card = origin.run.config, origin.run.model_card()
    size = f", {whole(card['trainable_parameters'])} trainable parameters" if card else ""
    coded = {
        "paper": "lithology and aspect as plain numbers",
        "recommended": "lithology one-hot, aspect as sine and cosine",
    }
    return (
        f"{config.model_title} (preset {config.preset}{size}) maps {len(config.factors)} factors "
        f"({', '.join(config.factors)}; {coded[config.coding]}) to the probability of a landslide "
        f"in each pixel. Dataset {config.dataset.upper()}: "
        + ("with" if DEFORMATION in config.factors else "without")
        + " the InSAR deformation rate."
    )


def _training(origin: Origin) -> str:
    config, best = origin.run.config, summary.best(origin.run)
    loss = BY_NAME["loss"].choices[config.loss]
    kept = f" {best.words[0].upper()}{best.words[1:]}." if best else ""
    buffer = f", {config.buffer} px between the parts" if config.buffer else ""
    return (
        f"Tiles of {config.tile} px; {config.split_words}{buffer}. Z-scores are fitted on the "
        f"training tiles alone. Adam, learning rate {config.learning_rate:g} "
        f"({config.schedule.replace('_', ' ')}), batches of {config.batch}, at most "
        f"{config.epochs} epochs, loss: {loss}; {AUGMENTED[config.augmentation]}; "
        f"seed {config.seed}.{kept}"
    )


def _map(origin: Origin) -> str:
    share = "" if origin.threshold == products.THRESHOLD else " (chosen by whoever exported it)"
    flips = origin.run.flips(origin.scene.name)
    looks = f", each looked at {flips} times, flipped and turned, and averaged" if flips > 1 else ""
    return (
        f"The whole scene was predicted in overlapping windows{looks}. A pixel counts as landslide "
        f"from a probability of {origin.threshold:g} on{share}; pixels that touch, at a corner "
        "too, are one landslide. Mean aspect is a circular mean; extreme deformation is the rate "
        "furthest from 0; lithology is the class of most pixels."
    )
