"""What the command line does where it cannot even be loaded."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from core.interrupted import SAID, STOPPED
from core.libraries import while_loading


@contextmanager
def loading() -> Iterator[None]:
    """Within it the command line is imported. Where a library is missing or broken, `doctor` is
    carried out alone, and every other command ends in one sentence."""
    try:
        yield
    except KeyboardInterrupt:
        print(SAID, file=sys.stderr)
        sys.exit(STOPPED)
    except Exception as error:
        told = while_loading(error)
        if not told:
            raise
        if sys.argv[1:2] == ["doctor"]:
            from core.doctor import doctor

            sys.exit(doctor.main(sys.argv[2:]))
        print(told, file=sys.stderr)
        sys.exit(2)
