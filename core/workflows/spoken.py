"""Sentences of core for people who click.

A sentence says once what is wrong and what to do, and names options as the command line does, which
is where they are all of one kind: `--min-pairs`, `--unit slope=radians`, `python -m core runs`. For
a page an option is called by the label of its widget, and a command by the page that does the same.
"""

import re
from collections.abc import Mapping
from functools import cache

from core.factors import EXTRA, FACTORS
from core.installed import CHECKOUT_COMMAND
from core.language import reader
from core.language.translation import tr
from core.request import Option, options
from core.scene.plan.override import OPTIONS as OVERRIDES
from core.workflows import ACTIONS, request_class

# What does on a page what the command does; of what no page does, what it is.
PLACES = {
    **dict.fromkeys(("scenes", "import", "sample", "mask"), "the Scene page"),
    **dict.fromkeys(("factors", "channels", "attention"), "the Factors page"),
    **dict.fromkeys(("train", "kfold", "runs", "models"), "the Training page"),
    **dict.fromkeys(("predict", "pack", "load", "load-map"), "the Training page"),
    **dict.fromkeys(("evaluate", "review", "displacement", "profile"), "the Compare page"),
    **dict.fromkeys(("export", "experiment", "applicability"), "the Results page"),
    **dict.fromkeys(("figure", "tables", "methods"), "the Results page"),
    "prepare": "the Overview page",
    "doctor": "a check of the installation (doctor)",
    "backup": "a backup",
    "restore": "a restored backup",
    "verify": "a check of all files",
    "clean": "a clearing of the workspace",
}
# Options that pages ask for otherwise than by a widget of their own.
LABELS = {
    "factor": "Factor",
    "inventory": "Landslide inventory",
    "inventory-points": "Points of landslides",
    "tile-folder": "Folder of tiles",
    "add": "More factors",
    "orbit": "Orbit of the deformation rate",
    "second-orbit": "The other orbit",
    "nodata": "No-data value",
}
# The words of a label, and the values that can be told from the words after it.
Label = tuple[str, frozenset[str]]
NONE = frozenset({"none"})
_COMMAND = re.compile(
    rf"(?P<run>\b[Rr]un |\bwith |: )?`(?:{CHECKOUT_COMMAND}|slidescope) (?P<action>[a-z-]+)[^`]*`"
    r"(?P<ends>(?=[.,;)]|$| first| to ))?"
)
_COMMAND_ZH = re.compile(
    rf"(?P<run>运行 |用 |[:：] ?)?`(?:{CHECKOUT_COMMAND}|slidescope) (?P<action>[a-z-]+)[^`]*` ?"
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_QUOTED = re.compile(r"(?<=[\u3400-\u9fff]) +(?=“)|(?<=”) +(?=[\u3400-\u9fff])")
_TEXT = r"(?:[^\s,;，。；：）、]|,(?=\S))*[^\s,;.:)，。；：）、]"
_OPTION = re.compile(
    r"`[^`]*`|(?<![A-Za-z0-9_-])--(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)"
    rf"(?:[ =](?P<given>'[^']*'|-?\d{_TEXT}|-?\d|\w[\w.:/-]*=(?:\.\.\.|{_TEXT})|\w+(?:,\w+)+"
    r"|[A-Z]+\b(?!-)(?:\[[^\]]*\])?|[a-z][\w-]*))?"
)
_PLACEHOLDER = re.compile(r"[A-Z]+(?:\[[^\]]*\])?|\.\.\.")


def on_page(sentence: str, action: str = "") -> str:
    """The sentence as a page says it; where actions call an option differently, as `action` does.

    >>> on_page("The limit is 40 million; give a coarser --resolution.")
    'The limit is 40 million; give a coarser “Pixel size”.'
    >>> on_page("if they are not, give --unit slope=degrees.")
    'if they are not, give “Unit of the file: degrees” for slope.'
    >>> on_page("No run 'a': `python -m core runs` lists them; choose one.")
    "No run 'a': the Training page lists them; choose one."
    >>> on_page("delete it: `python -m core scenes --delete a`")
    'delete it on the Scene page'
    """
    if "--" not in sentence and "`" not in sentence:
        return sentence
    chinese = _CHINESE.search(sentence) is not None
    placed = _COMMAND_ZH.sub(_place_zh, sentence) if chinese else _COMMAND.sub(_place, sentence)
    said = _OPTION.sub(lambda found: _option(found, action), placed)
    return _QUOTED.sub("", said) if chinese else said


def _place(found: re.Match[str]) -> str:
    """
    >>> on_page("it has no map; run `python -m core predict a` first.")
    'it has no map; go to the Training page first.'
    """
    before, place = found["run"] or "", PLACES.get(found["action"], "the command line")
    if found["ends"] is None:
        return before + place
    if before.lower() == "run ":
        return f"{'G' if before[0] == 'R' else 'g'}o to {place}"
    return f" on {place}" if before == ": " else f"on {place}" if before else place


def _place_zh(found: re.Match[str]) -> str:
    """
    >>> with reader.speaking("zh"):
    ...     on_page("尚无预测图；请先运行 `python -m core predict a` 。")
    '尚无预测图；请先到“训练”页面操作。'
    """
    before, place = found["run"] or "", tr(PLACES.get(found["action"], "the command line"))
    if before == "运行 ":
        return f"到{place}操作"
    if before == "用 ":
        return f"在{place}"
    return f"{before.strip()}{place}"


def _option(found: re.Match[str], action: str) -> str:
    """
    >>> on_page("--crs 'UTM' is no system: write --crs NAME=EPSG:n, or leave --crs out.")
    '“Reference system: UTM” is no system: write “Reference system: EPSG:n”, or leave “Reference \
system” out.'
    """
    name, given = found["name"], found["given"]
    known = {**_known(), **_of(action)}
    if name not in known:
        return found[0]  # of another program, or of none
    label, choices = known[name]
    label = tr(label)
    if given is None:
        return f"“{label}”"
    if re.fullmatch(r"[a-z][\w-]*", given) and given not in choices:
        return f"“{label}” {given}"
    whom, value = "", given
    if name.replace("-", "_") in OVERRIDES and "=" in given:
        whom, _, value = given.partition("=")
    elif name == "factor" and "=" in given:
        value = given.partition("=")[0]
    shown = "" if _PLACEHOLDER.fullmatch(value) else value.strip("'")
    said = f"“{label}: {shown}”" if shown else f"“{label}”"
    if not whom or _PLACEHOLDER.fullmatch(whom):
        return said
    return f"{said} for {whom}" if reader.current() == reader.ENGLISH else f"{said}（{whom}）"


@cache
def _known() -> dict[str, Label]:
    """Every option by its name on the command line: a title of any action before a bare name."""
    every = [options(request_class(action)) for action in reversed(ACTIONS)]
    found: dict[str, Label] = {}
    for titled in (False, True):
        for known in every:
            found |= _labels(known, titled)
    factors = {each.name: each.title for each in (*FACTORS.values(), *EXTRA.values())}
    own = {**factors, **LABELS}
    return {**found, **_labels(OVERRIDES), **{name: (own[name], NONE) for name in own}}


@cache
def _of(action: str) -> dict[str, Label]:
    return _labels(options(request_class(action))) if action in ACTIONS else {}


def _labels(known: Mapping[str, Option], titled: bool = True) -> dict[str, Label]:
    """Label and choices by the name on the command line; of those without a title, the name."""
    found = {}
    for each in known.values():
        name = each.switch.removeprefix("--")
        bare = name[0].upper() + name[1:].replace("-", " ")
        label = each.title.split(" :")[0] or bare
        if bool(each.title) == titled and not each.place:
            found[name] = label, NONE | {str(choice) for choice in each.choices}
    return found
