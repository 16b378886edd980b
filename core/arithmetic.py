"""One arithmetic on every x86-64 processor; imported before numpy.

numpy and OpenBLAS choose their kernels by processor, and the last digit of an exponential differs
between them. Through roundings and counts of cells that makes another synthetic scene of the same
seed, and a shipped map must find its scene (docs/networks-as-files.md).

And its threads: OpenMP's (scikit-learn's boosting) would spin while they wait for each other, which
costs many times the work itself wherever something else runs beside.
"""

import os
import platform
from pathlib import Path

# By numpy's names of today and of before 2.4; those it does not know are passed over.
WIDER_THAN_AVX2 = "X86_V4 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"


def fix() -> None:
    """Set what numpy, OpenBLAS and OpenMP read when they are loaded; what a user has set stays."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return
    os.environ.setdefault("NPY_DISABLE_CPU_FEATURES", WIDER_THAN_AVX2)
    if _has_avx2():
        os.environ.setdefault("OPENBLAS_CORETYPE", "Haswell")


def kernels() -> str:
    """Which kernels numpy and OpenBLAS were told to take."""
    names = ("NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE")
    return "; ".join(os.environ.get(name, "") for name in names)


def _has_avx2() -> bool:
    """OpenBLAS believes what it is told: a kernel that the processor lacks would crash."""
    try:
        return " avx2 " in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


fix()
