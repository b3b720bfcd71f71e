"""Asking a server that stopped before a migration whether it refuses the syntax, too, that an older one refused."""

from migcheck.drizzle.pieces import Piece
from migcheck.errors import UndecidableError
from migcheck.facts.rehearsal import Request
from migcheck.facts.replay.stage import stage_on
from migcheck.postgres.candidates import Candidate
from migcheck.postgres.failure import SqlFailure
from migcheck.postgres.parsing import refused_syntax_at

_DATABASE = "parsing"


def refuses_syntax(candidate: Candidate, request: Request, failure: SqlFailure, seconds: float) -> bool:
    """Whether the server of `candidate` stops where `failure` does, at a syntax error; False where it cannot be asked.

    It does not where the syntax is that of what a file has in quotes: the body of a function, a text to be executed.
    """
    try:
        with candidate.start() as server, stage_on(server, request.name, seconds) as stage:
            stage.create(_DATABASE)
            with stage.session(_DATABASE) as connection:
                stops = [(each, refused_syntax_at(connection, each.text)) for each in _pieces(request, failure)]
            server.drop_database(_DATABASE)
    except UndecidableError:
        return False
    return any(at and each.line + each.text.count("\n", 0, at - 1) == failure.line for each, at in stops)


def _pieces(request: Request, failure: SqlFailure) -> list[Piece]:
    """Those that `failure` may be in: several may stand on one line."""
    found = (each for each in (*request.built, *request.head.migrations) if each.tag == failure.migration)
    return [
        piece
        for piece in dict.fromkeys(piece for each in found for piece in each.pieces)
        if piece.line <= failure.line <= piece.line + piece.text.count("\n")
    ]
