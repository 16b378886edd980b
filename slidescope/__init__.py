"""The command `slidescope`, and the only name that an installed copy puts beside other packages.

A wheel carries the checkout's folders (app.py, core, pages, models, sample_data) as they are, in
`slidescope/tree`; names as general as `core` are found there by this command's own processes
alone. In a checkout there is no `tree`: `python -m slidescope` is then `python -m core`.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TREE = HERE / "tree" if (HERE / "tree").is_dir() else HERE.parent


def main() -> int:
    """Run a command of `core`, which may be anything that `python -m core` knows."""
    sys.path.insert(0, str(TREE))
    from core.__main__ import main as run

    return run()
