"""`python -m slidescope`: the same as the command."""

import sys

from slidescope import main

sys.exit(main())
