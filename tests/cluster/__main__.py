"""`make test-cluster`."""

import sys

from tests.cluster import namespaces, slurm

PARTS = {"namespaces": namespaces.run, "slurm": slurm.run}


def main(wanted: list[str]) -> int:
    failed, parts = 0, [name for name in PARTS if name in wanted] or list(PARTS)
    acts = tuple(word for word in wanted if word not in PARTS)
    for name in parts:
        for line in PARTS[name](acts):
            print(f"{name}: {line}", flush=True)
            failed += line.startswith("FAILED")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
