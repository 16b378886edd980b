"""A session of the app without a browser: what a tab says to the server, and how long the server
takes to answer. For benches of the server alone, and of its memory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

WAIT_S = 120


class Session:
    """One tab. `pages` are the hashes of the pages by the end of their address, once one was
    drawn."""

    def __init__(self, connection: ClientConnection):
        self.connection = connection
        self.pages: dict[str, str] = {}

    def draw(self, page: str = "", query: str = "") -> float:
        """Ask for a page by the end of its address, or anew; seconds until the last of it came."""
        asked = BackMsg()
        asked.rerun_script.query_string = query
        asked.rerun_script.page_script_hash = self.pages.get(page, "")
        asked.rerun_script.page_name = "" if page in self.pages else page
        begun = time.perf_counter()
        self.connection.send(asked.SerializeToString())
        self._follow()
        return time.perf_counter() - begun

    def _follow(self) -> None:
        """Read until the page is drawn; one that asks for another is not."""
        while True:
            message = ForwardMsg()
            message.ParseFromString(self.connection.recv(timeout=WAIT_S))
            kind = message.WhichOneof("type")
            if kind == "navigation":
                found = message.navigation.app_pages
                self.pages = {each.url_pathname: each.page_script_hash for each in found}
            if kind == "script_finished":
                ended = (
                    ForwardMsg.FINISHED_SUCCESSFULLY,
                    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                )
                if message.script_finished in ended:
                    return


@contextmanager
def session(address: str) -> Iterator[Session]:
    """A tab of the app at `address`, closed at the end."""
    where = address.replace("http://", "ws://") + "/_stcore/stream"
    with connect(where, subprotocols=["streamlit"], max_size=None, origin=address) as connection:
        yield Session(connection)
