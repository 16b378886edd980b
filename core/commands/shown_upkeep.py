"""What checks and tidying of a workspace print for people."""

from collections import Counter

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
