"""A rollback as SQL, under what is to be known before somebody runs it."""

from collections.abc import Iterator

from migcheck.facts.rollback import AgainOtherwise, LeftOtherwise, Proposal, Proven, RollbackProof
from migcheck.report.rehearsals import server_version
from migcheck.report.rollback_proofs import remarks, why_not
from migcheck.report.visible import visible


def render_proposal(proposal: Proposal) -> str:
    """The whole file: the one that the folder has, or the one that is proposed."""
    script = proposal.rollback.script.sql.decode(errors="replace")
    if not proposal.derived:
        return script if script.endswith("\n") else f"{script}\n"
    told = [f"Undoes {proposal.rollback.migration.tag}. {said(proposal)}"]
    told += [_sentence(each) for each in _details(proposal.proof)]
    return "".join(f"-- {_one_line(each)}\n" for each in told) + script


def said(proposal: Proposal) -> str:
    """Whether it is proven, and where."""
    server = server_version(proposal.server)
    if isinstance(proposal.proof, Proven):
        return f"Proven on {server}: the migration, this, and the migration again."
    return f"NOT PROVEN on {server}: {why_not(proposal.proof)}"


def costs(proposal: Proposal) -> str:
    """What it costs where it is proven, as sentences, each behind a blank."""
    proof = proposal.proof
    return "".join(f" {_sentence(each)}" for each in remarks(proof)) if isinstance(proof, Proven) else ""


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _details(proof: RollbackProof) -> Iterator[str]:
    match proof:
        case Proven(order=order):
            yield from remarks(proof)
            yield from order
        case LeftOtherwise(lines=lines) | AgainOtherwise(lines=lines):
            yield from (f"left: {line}" for line in lines)
        case _:
            return


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
