"""A column that got another type."""

from msgspec import Struct


class Retype(Struct, frozen=True):
    """A column, as it is called now, and its types, as the server writes them: two of one name may be two types."""

    column: str
    was: str
    now: str

    def __str__(self) -> str:
        """What was done, for people."""
        if self.was == self.now:
            return f"{self.column} has another type, called {self.now} as well"
        return f"{self.column} was {self.was}, and is {self.now}"
