"""The report: one HTML file with everything inside it, for reading and for printing to PDF."""

import io
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from core.errors import SlideScopeError
from core.export import markup, provenance
from core.export.markup import number, told
from core.export.polygons import Summary
from core.export.provenance import Origin
from core.factors import DEFORMATION, factor
from core.installed import COMMAND
from core.language import joining, reader
from core.language.translation import Own, message, messages, named, tr
from core.learning.prediction import products
from core.learning.scores import evaluation
from core.maps import colours
from core.maps.still import Predicted, still
from core.numerals import interval, percent, whole
from core.runs import request, run_files, summary
from core.runs.config import Brought
from core.runs.measured import looks
from core.runs.settings import BY_NAME
from core.runs.tables import BASELINES, METRICS, intervals
from core.scene.store import Scene

AUGMENTED = {
    "paper": "all eight flips and quarter turns of the training tiles",
    "safe": "north-south flips of the training tiles",
    "none": "no augmentation",
}


SCORES = (
    "Scores come from pixel counts summed over the whole area that is named beside them, never "
    "from means over tiles: precision, recall, F1, Kappa and MIoU after equations 4 to 10 of "
    "Remote Sensing 2024, 16, 992. Because landslides are rare, the background's IoU is close to 1 "
    "and lifts MIoU, and Kappa is close to F1: the landslide IoU and the average precision (AP), "
    "which needs no threshold, stand beside them."
)


FILE = "report.html"
SIDE = 1600
SCHEDULES = messages("constant", "cosine", "warmup cosine")
COLUMNS = {  # of the table of landslides: column -> (title with unit, decimals)
    "area_ha": ("area, ha", 2),
    "pixels": (message("pixels"), 0),
    "probability": (message("mean p"), 3),
    "deformation_mean": ("deformation, mm/yr", 1),
    "deformation_extreme": ("extreme, mm/yr", 1),
    "slope_mean": (message("slope, °"), 1),
    "aspect_mean": (message("aspect, °"), 0),
    "lithology": (message("lithology"), None),
}


def write(origin: Origin, found: Summary, folder: Path) -> None:
    """Write report.html of the files in `folder`."""
    (folder / FILE).write_text(document(origin, found, folder), encoding="utf-8")


def document(origin: Origin, found: Summary, folder: Path) -> str:
    """Return the whole HTML."""
    title = named("Landslides of {0}: {1}", origin.scene.name, origin.run.title)
    scores = _scores(origin)
    parts = [
        f"<h1>{told(title)}</h1>",
        markup.paragraph(
            message(f"Run {origin.run.id}, exported {joining.moment(origin.when)}"), "quiet"
        ),
        *(markup.paragraph(text, "label") for text in _labels(origin)),
        *_cards(scores, origin),
        _picture(origin, folder),
        *_metrics(scores, origin),
        *_landslides(origin, found),
        markup.heading("Methods"),
        *(markup.paragraph(text) for text in paragraphs(origin)),
        markup.heading("Provenance"),
        markup.facts(_provenance(origin)),
    ]
    return markup.document(title, parts)


def _labels(origin: Origin) -> list[str]:
    said = []
    if origin.synthetic:
        said.append(
            "Synthetic scene: generated, not surveyed. The figures say that the software works, "
            "not how well it does on real ground."
        )
    if origin.run.preview(origin.scene.name):
        said.append(
            "Preview: this map came with the software and is of another machine's copy of the "
            "scene, which differs slightly."
        )
    return said


def _scores(origin: Origin) -> dict | None:
    """None where there is nothing to score against."""
    area = evaluation.usual_area(origin.run, origin.scene.name)
    try:
        return evaluation.evaluate(origin.run, origin.scene.name, area, origin.threshold)
    except SlideScopeError:
        return None


def _area(scores: dict, origin: Origin) -> str:
    kind = ", synthetic scene" if scores["synthetic"] else ""
    own = scores["scene"] in origin.run.config.learned_from[:1]
    tiles = f"{scores['tiles']} {'' if own else 'tiles, '}{scores['area_words']}{kind}"
    return (
        f"{tiles}; {origin.run.config.split_words}; "
        f"threshold {scores['threshold']:g}; landslide prevalence {percent(scores['prevalence'])}"
        f"{looks(scores['flips'])}"
    )


def _cards(scores: dict | None, origin: Origin) -> list[str]:
    if scores is None:
        return [markup.paragraph("No inventory covers this map, so there are no scores.", "quiet")]
    figures = {title: number(scores[name], 3) for name, title in METRICS.items()}
    return [markup.cards(figures), markup.paragraph(f"{_area(scores, origin)}.", "quiet")]


def _picture(origin: Origin, folder: Path) -> str:
    predicted = Predicted(folder / run_files.PROBABILITY, origin.threshold)
    data = io.BytesIO()
    Image.fromarray(still(origin.scene, SIDE, predicted)).save(data, "PNG", optimize=True)
    source = f"data:image/png;base64,{b64encode(data.getvalue()).decode()}"
    table = colours.table(colours.PROBABILITY)
    first = round(255 * origin.threshold)
    stops = ", ".join(table[round(first + (255 - first) * n / 8)] for n in range(9))
    outline = f"<b></b> {told('reference inventory')}" if origin.scene.mask_path else ""
    return (
        f"<figure><img alt='{told('Map of predicted landslides')}' src='{source}'>"
        f"<div class='legend'>p {origin.threshold:g}"
        f"<i style='background: linear-gradient(to right, {stops})'></i>1 {outline}</div>"
        f"<figcaption>{told(_extent(origin))}</figcaption></figure>"
    )


def _extent(origin: Origin) -> str:
    scene = origin.scene
    said = f"Predicted landslides of {scene.name} at threshold {origin.threshold:g}"
    said += ", synthetic scene" if scene.synthetic else ""
    if scene.kind == "tiles":
        return f"{said}; the first tiles of the scene, side by side."
    size = f"{whole(scene.grid.width)} × {whole(scene.grid.height)} px"
    if scene.grid.pixel_km2:
        side = scene.grid.pixel_km2**0.5
        x, y = scene.grid.width * side, scene.grid.height * side
        size += f", {x:.1f} × {y:.1f} km, north up"
    return f"{said}; the whole scene, training tiles included: {size}."


def _metrics(scores: dict | None, origin: Origin) -> list[str]:
    if scores is None:
        return []
    listed: dict[str, dict] = {Own(origin.run.title): scores}
    listed |= {title: scores[n] for n, title in BASELINES.items() if scores.get(n)}
    rows = [row for title, values in listed.items() for row in _score_rows(title, values)]
    confusion = [
        ["Landslide", whole(scores["tp"]), whole(scores["fn"])],
        ["Other", whole(scores["fp"]), whole(scores["tn"])],
    ]
    area = _area(scores, origin)
    head = ["Reference", "predicted landslide", "predicted other"]
    return [
        markup.heading("Scores"),
        markup.table(["", *METRICS.values()], rows, f"{area}."),
        markup.heading("Confusion matrix"),
        markup.table(head, confusion, f"Pixels; {area}."),
    ]


def _score_rows(title: str, values: dict) -> list[list[str]]:
    """The scores of a map or baseline and, where there is one, the interval of each."""
    rows = [[title, *(number(values[name], 4) for name in METRICS)]]
    if sure := intervals(values):
        rows.append([message("90 % interval"), *(interval(sure[name]) for name in METRICS)])
    return rows


def _landslides(origin: Origin, found: Summary) -> list[str]:
    head = f"{whole(found.count)} predicted landslides, {whole(found.pixels)} pixels"
    if origin.scene.grid.pixel_km2:
        head += f", {found.pixels * origin.scene.grid.pixel_km2:.2f} km²"
    said = [markup.heading("Landslides"), markup.paragraph(f"{head} (whole scene).")]
    if not found.count:
        return said
    names = [name for name in COLUMNS if name in found.largest[0]]
    # Classes of a synthetic scene are ours, those of another have the names that somebody gave.
    kind = str if origin.synthetic else Own
    rows = [
        [str(row["id"]), *(_cell(row[name], name, kind) for name in names)] for row in found.largest
    ]
    caption = f"The {len(rows)} largest of {whole(found.count)}; all are in landslides.gpkg."
    return [*said, markup.table([message("id"), *(COLUMNS[n][0] for n in names)], rows, caption)]


def _cell(value: Any, name: str, kind: type[str]) -> str:
    decimals = COLUMNS[name][1]
    if decimals is None:
        return kind(value) if isinstance(value, str) else markup.DASH
    return number(value, decimals)


def _provenance(origin: Origin) -> dict[str, str]:
    config, scene = origin.run.config, origin.scene
    inventory = scene.inventory
    version = message(f"version {inventory['version']}") if inventory else "none"
    return {
        "Run": Own(origin.run.id),
        "Command that makes the run again": Own(request.repeat(config).command()),
        "Command of this export": Own(_command(origin)),
        "Dataset": f"{config.dataset.upper()}: {_named(config.factors) or 'not known'}",
        "Split": config.split_words,
        "Seed": str(config.seed),
        "Scene": f"{scene.name}, {'synthetic' if scene.synthetic else 'as imported'}",
        "Fingerprint of the scene": Own(scene.fingerprint),
        "Inventory": version,
        "Reference system": scene.grid.crs or "none (plain pixel grid)",
        "Weights, SHA-256": origin.weights or "not known",
        "Software": Own(provenance.software()),
    }


def _command(origin: Origin) -> str:
    language = reader.current()
    spoken = "" if language == reader.ENGLISH else f" --language {language}"
    return (
        f"{COMMAND} export {origin.run.id} --scene {origin.scene.name} "
        f"--threshold {origin.threshold:g} --out DIR{spoken}"
    )


def paragraphs(origin: Origin) -> list[str]:
    """Network and channels, training (or what the map was joined from), prediction, scores."""
    if (made := origin.run.config.brought) is not None:
        return [_brought(made, origin), SCORES]
    if origin.run.config.joined:
        return [_joined(origin), _map(origin), SCORES]
    return [_network(origin), _training(origin), _map(origin), SCORES]


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


def _brought(made: Brought, origin: Origin) -> str:
    how = "a mask" if made.kind == "mask" else f"a probability, {made.scale:g} meaning 1"
    where = "the whole scene"
    if made.split_of:
        where = f"the tiles that run {made.split_of} held out"
    return (
        f"The map '{origin.run.config.model}' was made elsewhere and brought as {made.file} "
        f"({how}); it was laid on the scene's grid and scored on {where}. What it was made with "
        "and where it was trained is not known here, so its scores may be of areas that it was "
        f"trained on. A pixel counts as landslide from {origin.threshold:g} on; pixels that touch, "
        "at a corner too, are one landslide."
    )


def _network(origin: Origin) -> str:
    config, card = origin.run.config, origin.run.model_card()
    size = f", {whole(card['trainable_parameters'])} trainable parameters" if card else ""
    coded = {
        "paper": "lithology and aspect as plain numbers",
        "recommended": "lithology one-hot, aspect as sine and cosine",
    }
    motion = f"Dataset {config.dataset.upper()}: without the InSAR deformation rate."
    if DEFORMATION in config.factors:
        motion = f"Dataset {config.dataset.upper()}: with the InSAR deformation rate."
    return (
        f"{config.model_title} (preset {config.preset}{size}) maps {len(config.factors)} factors "
        f"({_named(config.factors)}; {coded[config.coding]}) to the probability of a landslide "
        f"in each pixel. {motion}"
    )


def _named(factors: Sequence[str]) -> str:
    """Factors as commands call them; in another language than English by their titles."""
    if reader.current() == reader.ENGLISH:
        return ", ".join(factors)
    return "、".join(tr(factor(name).title) for name in factors)


def _training(origin: Origin) -> str:
    config, best = origin.run.config, summary.best(origin.run)
    loss = BY_NAME["loss"].choices[config.loss]
    schedule = tr(config.schedule.replace("_", " "))
    kept = f" {best.words[0].upper()}{best.words[1:]}." if best else ""
    buffer = f", {config.buffer} px between the parts" if config.buffer else ""
    split = tr(config.split_words) + tr(buffer)
    return (
        f"Tiles of {config.tile} px; {split}. Z-scores are fitted on the "
        f"training tiles alone. Adam, learning rate {config.learning_rate:g} "
        f"({schedule}), batches of {config.batch}, at most "
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
        f"too, are one landslide.{_columns(origin.scene)}"
    )


def _columns(scene: Scene) -> str:
    """What the table's columns of factors are, of those that the scene has."""
    about = {
        "aspect": "mean aspect is a circular mean",
        "deformation": "extreme deformation is the rate furthest from 0",
        "lithology": "lithology is the class of most pixels",
    }
    words = "; ".join(text for name, text in about.items() if name in scene.factor_names)
    return f" {words[0].upper()}{words[1:]}." if words else ""
