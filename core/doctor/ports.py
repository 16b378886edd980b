"""Ports of this machine: whether one is free, and who has it."""

import os
import socket

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":  # elsewhere two would share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            return True
        except (OSError, OverflowError):
            return False


def holder(port: int) -> str:
    """Who listens on a port, such as 'streamlit (process 4711)'; empty where that is not known, as
    another user's process often is."""
    try:
        import psutil

        listening = (each for each in psutil.net_connections("tcp") if each.status == "LISTEN")
        pid = next(each.pid for each in listening if each.laddr.port == port and each.pid)
        return f"{psutil.Process(pid).name()} (process {pid})"
    except Exception:  # psutil may be broken here, too
        return ""
