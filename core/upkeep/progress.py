"""How far something has come, said at every tenth: an item may have thousands of files."""

from collections.abc import Callable

from core.jobs.report import Report


def tenths(report: Report, words: str, total: int) -> Callable[[int], None]:
    """What is called with each number of bytes done.

    >>> add = tenths(lambda words, share: print(words, share), "Copying", 100)
    Copying 0.0
    >>> add(15), add(3), add(82)
    Copying 0.1
    Copying 1.0
    (None, None, None)
    """
    done, said = 0, 0
    report(words, 0.0)

    def add(bytes_done: int) -> None:
        nonlocal done, said
        done += bytes_done
        tenth = 10 * done // max(total, 1)
        if tenth > said:
            said = tenth
            report(words, min(tenth / 10, 1.0))

    return add
