"""How the target is reached: what a person may choose."""

from enum import StrEnum

from msgspec import Struct

WEBSOCKET_PROXY = "MIGCHECK_WEBSOCKET_PROXY"
HTTPS_PROXY = "MIGCHECK_HTTPS_PROXY"


class Transport(StrEnum):
    """What carries Postgres's protocol; AUTO is TCP, and for a Neon host whose port is closed a WebSocket."""

    AUTO = "auto"
    TCP = "tcp"
    WEBSOCKET = "websocket"


class Route(Struct, frozen=True):
    """The way to a target. The URLs of a wsproxy and of an HTTPS proxy come from the environment, and may be empty.

    Never from the repository: whoever may open a pull request would have the password sent to a server of their own.
    """

    transport: Transport = Transport.AUTO
    websocket_proxy: str = ""
    https_proxy: str = ""
