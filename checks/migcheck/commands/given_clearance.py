"""A clearance that `apply` was given in the place of git and a rehearsal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from migcheck.clearance import Clearance
from migcheck.commands import deploy_end
from migcheck.commands.options import Options
from migcheck.commands.work import Work
from migcheck.config.config import FolderConfig
from migcheck.deploy.clearance_file import ClearanceFile, read_clearances
from migcheck.deploy.outcome import Refused
from migcheck.deploy.recheck import expired, stale, told
from migcheck.drizzle.ledger import Batching
from migcheck.errors import UndecidableError, UsageError
from migcheck.facts.git.open_repository import NoRepository
from migcheck.facts.git.repository import Repository
from migcheck.gather.gates import ledger_name
from migcheck.project import Project
from migcheck.report.deploy import Deploy
from migcheck.verdict import Verdict

_CLEAR_AGAIN = "write it with `migcheck verify --clearance`, from the configuration that the deploy has"


def read_given(options: Options) -> ClearanceFile | None:
    """The file that was named, None where none was. Raises UsageError where it is none."""
    return None if options.clearance is None else read_clearances(options.clearance)


def clearance_for(which: FolderConfig, given: ClearanceFile, outside: frozenset[str]) -> Clearance:
    """What of `given` is for the folder. Raises UsageError where nothing is, or for another ledger or transactions.

    `outside` are the tags of what is configured to run outside of a transaction.
    """
    found = next((each for each in given.clearances if each.path == which.path), None)
    if found is None:
        raise UsageError(f"there is no clearance for {which.path}", _CLEAR_AGAIN)
    if (found.ledger, found.batching) != (ledger_name(which), Batching(which.transaction)):
        raise UsageError(
            f"{which.path} was cleared for the ledger {found.ledger} and transaction = {found.batching}, and is "
            f"configured for {ledger_name(which)} and {which.transaction}",
            _CLEAR_AGAIN,
        )
    for step in found.plan:
        if (step.tag in found.outside) != (step.tag in outside):
            was, now = ("outside of", "in") if step.tag in found.outside else ("in", "outside of")
            raise UsageError(
                f"{step.tag} was cleared to run {was} a transaction, and is configured to run {now} one", _CLEAR_AGAIN
            )
    return found


def refuse_given(
    project: Project, given: ClearanceFile | None, work: Sequence[Work], verdicts: Sequence[Verdict]
) -> list[Deploy]:
    """The deploys that cannot begin with what was `given`, whatever the gates say: none where all can."""
    if given is None:
        return []
    late = expired(given, project.config.apply.clearance_age, datetime.now(tz=UTC))
    head = head_of(project)
    refused = []
    for each, verdict in zip(work, verdicts, strict=True):
        why = late or (stale(given, each.asked.clearance, verdict, head) if each.asked.clearance else None)
        if isinstance(why, Refused):
            target = verdict.target.name if verdict.target else each.folder.database_url
            refused.append(deploy_end.tell_deploy(verdict.folder.path, target, why))
    return refused


def head_of(project: Project) -> str:
    """The commit that is judged; empty where there is no repository, no commit yet, or none that can be read."""
    match project.repository:
        case NoRepository():
            return ""
        case Repository() as repository:
            try:
                return repository.head() or ""
            except UndecidableError:
                return ""


def notes_on(given: ClearanceFile | None) -> tuple[str, ...]:
    """For the top of the report: of when and of what the clearance is."""
    if given is None:
        return ()
    at = f", of commit {given.commit[:12]}" if given.commit else ""
    servers = dict.fromkeys(str(each.evidence.scratch) for each in given.clearances if each.evidence.scratch)
    rehearsed = f", rehearsed on {' and '.join(servers)}" if servers else ""
    return (f"cleared {told(given.at)}{at}{rehearsed}",)
