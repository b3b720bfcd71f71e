"""Errors for people: what is wrong, and what to do next. Only `exits` turns them into exit codes."""

from migcheck import __version__


class MigcheckError(Exception):
    """Something that stops the run, told as a problem and its remedy; neither holds a secret."""

    exit_code = 3

    def __init__(self, problem: str, remedy: str) -> None:
        """Keep `problem` (one sentence, with `file:line` where there is one) and `remedy` (what to do next)."""
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class UsageError(MigcheckError):
    """The command line or the configuration cannot be used as it is: exit code 2."""

    exit_code = 2


class NoFolderError(UsageError):
    """There is no migrations folder of Postgres, and no configuration that may name one."""


class InDoubtError(UsageError):
    """A drizzle.config does not tell which migrations folder it names."""

    def __init__(self, problem: str, remedy: str, path: str, *, of_postgres: bool) -> None:
        """Keep `path`, of the configuration from the root, and whether that says to be `of_postgres`."""
        super().__init__(problem, remedy)
        self.path = path
        self.of_postgres = of_postgres


class UndecidableError(MigcheckError):
    """A fact could not be learnt. A gate turns it into `Undecided`; where it escapes, the exit code is 3."""

    exit_code = 3


class ReportedError(UndecidableError):
    """What went wrong with the report, or behind it: whoever reads the report is told nothing more."""


def as_told(error: Exception) -> MigcheckError:
    """`error` for people; what nobody foresaw is a fault of migcheck itself, and has proven nothing."""
    if isinstance(error, MigcheckError):
        return error
    return UndecidableError(
        f"a fault of migcheck {__version__} itself: {type(error).__name__}: {error}",
        "run it again with MIGCHECK_DEBUG=1 and send what it prints to the maintainers",
    )
