"""Whether this is a checkout or an installed copy, and how its command is called."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# In a wheel everything lies in slidescope/tree (slidescope/__init__.py).
INSTALLED = PROJECT.parts[-2:] == ("slidescope", "tree")
CHECKOUT_COMMAND = "python -m core"
COMMAND = "slidescope" if INSTALLED else CHECKOUT_COMMAND


def as_called(sentence: str) -> str:
    """`sentence` with the commands in it as they are called here."""
    return sentence.replace(CHECKOUT_COMMAND, COMMAND)
