"""An image that somebody named and that cannot be run here: the report says so, for another server takes its place."""

from contextlib import AbstractContextManager

from msgspec import Struct

from migcheck.postgres.scratch.contract import NoEngineError, ScratchServer
from migcheck.postgres.scratch.engine import major_of


class AbsentCandidate(Struct, frozen=True):
    """The server of `image`, which never starts: `why` in words, and the remedy."""

    image: str
    why: str
    remedy: str
    kind: str = "docker"
    present: bool = True
    bare: bool = False

    @property
    def major(self) -> int:
        """That of its tag, 0 where that does not say."""
        return major_of(self.image)

    @property
    def describe(self) -> str:
        """For the report."""
        return f"docker {self.image}"

    def start(self) -> AbstractContextManager[ScratchServer]:
        """Raise NoEngineError."""
        raise NoEngineError(
            f"`image` under [scratch] names {self.image}, which is not used: {self.why}",
            self.remedy,
        )
