"""Copy finished runs into models/pretrained/, to be committed and shown at the first start.

python bench/ship_models.py RUN [RUN ...]
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.learning import shipped
from core.runs import store


def main(run_ids: list[str]) -> None:
    folders = [shipped.pack(store.load(run_id)) for run_id in run_ids]
    size = sum(f.stat().st_size for folder in folders for f in folder.rglob("*") if f.is_file())
    print(json.dumps({"shipped": [folder.name for folder in folders], "bytes": size}))


if __name__ == "__main__":
    main(sys.argv[1:])
