"""The one error base: what a user can put right."""


class SlideScopeError(Exception):
    """Input that the user can put right.

    The message is one sentence: the problem, the value given, the rule, the next step.
    Pages and the command line catch this base only; everything else is a defect and crashes
    loudly into the log.
    """
