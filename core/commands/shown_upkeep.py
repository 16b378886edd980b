"""What checks and tidying of a workspace print for people."""

from collections import Counter

from core.installed import COMMAND
from core.upkeep.verifying import BAD, Checked


def show_verify(result: dict) -> None:
    files = [Checked(**each) for each in result["files"]]
    for each in files:
        if each.state in BAD:
            print(each.words)
    unknown = Counter((each.kind, each.item) for each in files if each.state == "unrecorded")
    for (kind, item), count in unknown.items():
        print(f"{kind} '{item}': no hash recorded of {count} files")
    print(
        f"{result['whole']} files are as they were written, {result['changed']} changed, "
        f"{result['missing']} missing, {result['unrecorded']} without a recorded hash."
    )


def show_clean(result: dict) -> None:
    for each in result["leftovers"]:
        print(f"{_mb(each['bytes']):>10} MB  {each['what']:14} {each['path']}: {each['why']}")
    for note in result["notes"]:
        print(note)
    count, total = len(result["leftovers"]), _mb(result["bytes"])
    if not count:
        print("Nothing to clean.")
    elif result["deleted"]:
        print(f"Deleted: {count} items, {total} MB.")
    else:
        print(f"{count} items, {total} MB; nothing was deleted: `{COMMAND} clean --yes` does it.")


def show_backup(result: dict) -> None:
    for note in result["notes"]:
        print(note)
    print(f"{result['file']}: {result['files']} files, {_mb(result['bytes'])} MB")


def show_restore(result: dict) -> None:
    for note in result["notes"]:
        print(note)
    done = "replaced" if result["replaced"] else "restored"
    words = f"{result['files']} files, {_mb(result['bytes'])} MB, each as its hash says"
    print(f"{result['kind'].capitalize()} '{result['name']}' {done}: {words}.")


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"
