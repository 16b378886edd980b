"""The one error base: what a user can put right; and the few kinds that callers tell apart."""

from core.installed import as_called


class SlideScopeError(Exception):
    """Input that the user can put right.

    The message is one sentence: the problem, the value given, the rule, the next step.
    Pages and the command line catch this base only; everything else is a defect and crashes
    loudly into the log. Commands are written as a checkout calls them, and said as this copy does.
    """

    def __str__(self) -> str:
        return as_called(super().__str__())


class NotFound(SlideScopeError):
    """A scene, run, job, version or file of that name is not there (any more)."""


class InvalidName(NotFound):
    """Nothing can be of that name; who looks something up may take it for not there."""


class Damaged(SlideScopeError):
    """A file is there and cannot be read as what it should be."""
