"""Losses over the pixels that count. Targets: 1 landslide, 0 not, -1 a pixel that does not count.

A target says itself what counts, so that a loss over a whole batch (Dice) can leave pixels out too.
`predicted` are probabilities. Every loss is a mean over the pixels that count, a scalar.
"""

from keras import ops

EPSILON = 1e-7
FOCUS, BALANCE = 2.0, 0.25  # gamma and alpha of Lin et al. (2017)
NAMES = ("bce", "weighted_bce", "focal", "bce_dice")


def of_name(name, prevalence=0.5):
    """The loss called `name`; `prevalence` is the landslide share of the training pixels, 0..1."""
    if name not in NAMES:
        raise ValueError(f"loss must be one of {NAMES}. Received: loss={name!r}")
    if name == "weighted_bce":
        weight = positive_weight(prevalence)
        return lambda target, predicted: cross_entropy(target, predicted, weight)
    return {"bce": cross_entropy, "focal": focal, "bce_dice": cross_entropy_and_dice}[name]


def positive_weight(prevalence):
    """Weight of a landslide pixel: the square root of how many others there are for each.

    The full ratio would let precision collapse at the 224 : 1 of a natural area.

    >>> positive_weight(0.01), positive_weight(0.5)
    (9.9..., 1.0)
    """
    return ((1 - prevalence) / max(prevalence, EPSILON)) ** 0.5


def cross_entropy(target, predicted, positive=1.0):
    """Binary cross-entropy (the paper's); a landslide pixel weighs `positive`."""
    y, p, counts = parts(target, predicted)
    value = -(positive * y * ops.log(p) + (1 - y) * ops.log(1 - p))
    return mean(value, counts)


def focal(target, predicted):
    """Focal loss (Lin et al. 2017): pixels that are told right already weigh little."""
    y, p, counts = parts(target, predicted)
    landslide = BALANCE * y * (1 - p) ** FOCUS * ops.log(p)
    other = (1 - BALANCE) * (1 - y) * p**FOCUS * ops.log(1 - p)
    return mean(-(landslide + other), counts)


def cross_entropy_and_dice(target, predicted):
    """Binary cross-entropy plus 1 - Dice of the whole batch, in probabilities."""
    y, p, counts = parts(target, predicted)
    both = 2 * ops.sum(y * p * counts) + 1
    either = ops.sum((y + p) * counts) + 1
    return cross_entropy(target, predicted) + 1 - both / either


def parts(target, predicted):
    """(target 0 / 1, probability away from 0 and 1, 1 where the pixel counts), all float32."""
    target, p = ops.cast(target, "float32"), ops.cast(predicted, "float32")
    counts = ops.cast(target >= 0, "float32")
    return ops.maximum(target, 0.0), ops.clip(p, EPSILON, 1 - EPSILON), counts


def mean(value, counts):
    """Mean of `value` where `counts` is 1; 0 where nothing counts."""
    return ops.sum(value * counts) / ops.maximum(ops.sum(counts), 1.0)
