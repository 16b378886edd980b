"""Who changed what, printed for people."""

from typing import Any


def show_audit(result: dict[str, Any]) -> None:
    for each in result["changes"]:
        print(f"{each['when']}  {each['who']} ({each['role']})  {each['action']}  {each['item']}")
        print(f"      {each['result']}")
    if not result["changes"]:
        print("Nothing has been changed (of what is asked for).")
    if result["unreadable"]:
        print(f"{result['unreadable']} lines of the log cannot be read.")
