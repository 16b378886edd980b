"""docs/reference.md: every action and its options, made from the requests themselves.

python -m core.commands.reference > docs/reference.md
"""

from dataclasses import MISSING

from core.commands import LEFT_OUT
from core.request import Option, options
from core.workflows import ACTIONS, request_class

HEAD = """# Reference: every action and its options

Made from the code by `python -m core.commands.reference`; a test compares them. A long
action is a job: the same request lies as plain values in `jobs/<id>/request.json`. Every action
knows `--json`.
"""


def document() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_action(word) for word in ACTIONS)])


def _action(word: str) -> str:
    request = request_class(word)
    known = {n: o for n, o in options(request).items() if n not in LEFT_OUT.get(word, ())}
    rows = [_row(each) for each in known.values() if not each.hidden]
    words = ACTIONS[word].help
    told = "A job. " if request.KIND else ""
    table = ["| option | what it does | default | bounds | the paper |", "|---|---|---|---|---|"]
    lines = [f"## {word}", "", f"{told}{words[0].upper()}{words[1:]}.", ""]
    return "\n".join([*lines, *([*table, *rows, ""] if rows else [])])


def _row(each: Option) -> str:
    name = each.metavar if each.place else each.switch
    words = f"{each.words}: {', '.join(map(str, each.choices))}" if each.choices else each.words
    cells = [f"`{name}`", words, _default(each), _bounds(each), each.paper]
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _default(each: Option) -> str:
    """
    >>> _default(Option("", default=3e-3)), _default(Option("", presets={"paper": 8, "quick": 24}))
    ('0.003', 'by preset: paper 8, quick 24')
    """
    if each.presets:
        known = ", ".join(f"{name} {_plain(value)}" for name, value in each.presets.items())
        return f"by preset: {known}"
    if each.default is MISSING:
        return "must be given"
    return _plain(each.default)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int | str):
        return str(value)
    return ""


def _bounds(each: Option) -> str:
    """
    >>> _bounds(Option("", least=1, most=1024, unit="px")), _bounds(Option("", above=0.0, most=1))
    ('1 to 1024 px', 'above 0, at most 1')
    """
    if each.above is not None:
        return f"above {each.above:g}, at most {each.most:g}"
    unit = f" {each.unit}" if each.unit else ""
    if each.least is not None and each.most is not None:
        return f"{each.least:g} to {each.most:g}{unit}"
    return f"at least {each.least:g}{unit}" if each.least is not None else unit.strip()


if __name__ == "__main__":
    print(document(), end="")
