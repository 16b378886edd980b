"""The command line with tasks so small that a tiny scene has several of each kind."""

import core.arithmetic  # noqa: F401, I001 - before anything loads numpy
import sys

from core.__main__ import main
from core.analysis.one_pass import tasks as factors
from core.display import tasks as layers
from core.learning.prediction import outlined
from core.scene import tasks as scenes
from core.scene.sbas import tasks as rates

factors.TASK_PIXELS = layers.VALUES = outlined.TOGETHER = 1
scenes.TERRAIN_PIXELS = scenes.STACK_VALUES = rates.TASK_BYTES = 1

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
