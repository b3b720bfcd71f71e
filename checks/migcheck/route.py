"""How the target is reached: what a person may choose."""

from dataclasses import dataclass, field
from enum import StrEnum

WEBSOCKET_PROXY = "MIGCHECK_WEBSOCKET_PROXY"
HTTPS_PROXY = "MIGCHECK_HTTPS_PROXY"


class Transport(StrEnum):
    """What carries Postgres's protocol.

    AUTO is TCP; where the port is closed, it is a WebSocket for a host of Neon's, and for any where a wsproxy is named.
    """

    AUTO = "auto"
    TCP = "tcp"
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True)
class Route:
    """The way to a target. The URLs of a wsproxy and of an HTTPS proxy come from the environment, and may be empty.

    `wait` is how many seconds to wait for a database that is still starting.

    Never from the repository: whoever may open a pull request would have the password sent to a server of their own.
    """

    transport: Transport = Transport.AUTO
    websocket_proxy: str = ""
    https_proxy: str = field(default="", repr=False)
    wait: int = 0
