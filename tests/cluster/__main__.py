"""`make test-cluster`."""

import sys

from tests.cluster import namespaces, slurm

PARTS = {"namespaces": namespaces.run, "slurm": slurm.run}


def main(wanted: list[str]) -> int:
    failed = 0
    for name in wanted or list(PARTS):
        for line in PARTS[name]():
            print(f"{name}: {line}", flush=True)
            failed += line.startswith("FAILED")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
