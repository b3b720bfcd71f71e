"""MC605."""

from collections.abc import Hashable, Iterator

from migcheck.drizzle.config_file import DrizzleConfig
from migcheck.facts.project.judged import ProjectFacts, ProjectState, numbered
from migcheck.facts.project.other_tools import Another, newcomers, other_tools
from migcheck.facts.project.runners import AT_START, Tool, Way, every_way, programs
from migcheck.facts.project.second_programs import before
from migcheck.facts.project.shared_databases import Shared, shared_databases
from migcheck.finding import Location, Severity, Violation
from migcheck.rule import rule
from migcheck.scripts.reach import told_of


@rule("MC605")
def second_way(facts: ProjectFacts) -> Iterator[Violation]:
    """A second migrations folder, a second program that runs this one, or another tool that migrates its database.

    ## Why it matters

    Drizzle decides by the ledger's greatest `when` what is pending, and the ledger does not say which folder a row came
    from. Two folders on one database hide each other's migrations: what is older than the other's newest is skipped in
    silence. Two programs that run one folder run it at the same time one day, and Drizzle's migrator takes no lock.
    Another tool (Prisma, Knex, Flyway, dbmate, Alembic, `supabase db push` and the like) knows nothing of this folder,
    and changes what its migrations were made for. It counts as a command; what source code has it do is not read.

    It is an error where this change brings it and CI, an image, a build, a start or a deploy gets to it without a
    person; of another tool, where something runs this folder so as well. Else it is a warning. A tool whose address is
    in a variable of another name, as LEGACY_DATABASE_URL is beside DATABASE_URL, is taken to be of another database,
    and so is one whose configuration (a knexfile, schema.prisma) names other kinds of database and no Postgres; where
    nothing tells which variable is the folder's, it warns. So does Alembic where it is not given the folder's
    address, and `supabase db push` without `--db-url`. Where the folder is `supabase/migrations`, Supabase's own tool
    runs that one: alone it is no finding, and beside another program each runs what the other ran, for their ledgers
    are two.

    Programs that GitHub runs in jobs of different environments alone (`environment: preview`) are of two databases, and
    not two ways to one; where a job names none, one that is named after the other's or one of no database
    (`github-pages`, `npm`, `pypi`), they may be. Where both are given the same address in so many words, or a secret by
    the name of one environment (`secrets.PRODUCTION_DATABASE_URL`), they are of one.

    Where nothing that can be read runs the folder, a platform may run it, or the folder may be idle. There, a command
    of a tool warns that this change brings to a project which had none of it, and that runs without a person. Of one
    that the project had is no finding: it may be all that it migrates with.

    ## How to fix

    Keep one folder and one program. What is still needed of the other folder becomes a migration of this one, made by
    `drizzle-kit generate`. Where `migcheck apply` deploys, take the other program out of what runs by itself; for a
    database of one's own it may stay, run by hand.

    A folder of another database is named by a drizzle.config of its own, with that database's address, or under
    `[[folder]]` in migcheck.toml with that database's `database_url`, and then is no finding; one of the same database
    that has to stay needs a ledger of its own, named in `migrations` there. Where nothing that can be read runs either
    folder, the same address in two configurations beside each other warns, too.
    """
    yield from _programs(facts)
    yield from _folders(facts)
    yield from _shared(facts)
    yield from _tools(facts)


def _programs(facts: ProjectFacts) -> Iterator[Violation]:
    for (program, other), meant in zip(_second_programs(facts.head), _meant(facts.head), strict=True):
        sure = not (isinstance(program, Way) and program.unless)
        yield Violation(
            at=program.at,
            message=f"{program.named} is a second program that runs the migrations, beside {other}",
            evidence=program.told,
            severity=facts.weight(program.reached, brought=sure and facts.brought(meant, _meant)),
        )


def _second_programs(state: ProjectState) -> Iterator[tuple[Tool | Way, Tool | Way]]:
    """What is run without a person beside what stands first. What the app itself does is MC604."""
    others = state.sources.runners or state.scripts.mentions("psql", ".sql")
    if not (others or state.scripts.mentions("migcheck", "apply")):
        # drizzle-kit alone is one program: nothing has to be parsed.
        return
    for program in programs(state):
        other = before(state, program)
        by_app = isinstance(program, Way) and program.reached is not None and program.reached.started_by in AT_START
        if other is not None and not by_app:
            yield program, other


def _meant(state: ProjectState) -> Iterator[Hashable]:
    return numbered(each.meaning for each, _ in _second_programs(state))


def _folders(facts: ProjectFacts) -> Iterator[Violation]:
    called = {way.folder: way for way in every_way(facts.head) if way.folder is not None}
    for folder in _second_folders(facts.head):
        if folder in facts.elsewhere():
            continue
        way = called.get(folder)
        yield Violation(
            at=way.at if way else Location(f"{folder}/meta/_journal.json"),
            message=f"{folder} is a second migrations folder beside {facts.folder}, and no drizzle.config names it",
            evidence=way.told if way else "",
            severity=facts.weight(way.reached, brought=facts.brought(folder, _second_folders))
            if way
            else Severity.WARNING,
        )


def _shared(facts: ProjectFacts) -> Iterator[Violation]:
    for shared in shared_databases(facts.head):
        yield Violation(
            at=Location(shared.path),
            message=f"{shared.folder} {_deployed(shared)} the database of {facts.folder}: {shared.path} names the "
            f"address and the ledger that {shared.other} names",
            evidence=told_of(shared.reached),
            severity=facts.weight(shared.reached, brought=facts.brought(shared.folder, _all_shared)),
        )


def _deployed(shared: Shared) -> str:
    return "goes, when somebody runs it, to" if shared.reached is None else "is deployed to"


def _tools(facts: ProjectFacts) -> Iterator[Violation]:
    for each in other_tools(facts.head):
        beside = "" if each.beside is None else f", beside {each.beside}"
        who = "when somebody runs it" if each.reached is None else f"and {each.reached.started_by} runs it{beside}"
        new = each.certain and each.beside is not None and facts.brought(each.meaning, _all_tools)
        yield Violation(
            at=each.at,
            message=_by_another(each, who),
            evidence=told_of(each.reached),
            severity=facts.weight(each.reached, brought=new),
            disputable=True,
        )
    for each in newcomers(facts):
        yield Violation(
            at=each.at,
            message=_by_another(each, f"and {_who(each)} runs it; what runs {facts.folder} was not seen"),
            evidence=told_of(each.reached),
            severity=Severity.WARNING,
        )


def _by_another(each: Another, who: str) -> str:
    return f"`{each.command}` migrates the database by another tool, {each.tool.name}, {who}"


def _who(each: Another) -> str:
    return "somebody" if each.reached is None else str(each.reached.started_by)


def _all_tools(state: ProjectState) -> Iterator[Hashable]:
    return (each.meaning for each in other_tools(state))


def _all_shared(state: ProjectState) -> Iterator[Hashable]:
    return (each.folder for each in shared_databases(state))


def _second_folders(state: ProjectState) -> Iterator[str]:
    """The folders of the same package that nothing configures; none where a configuration cannot be read."""
    ours, configs = state.scripts.folder, state.scripts.configs
    named = frozenset(configs.named.values())
    if any(isinstance(each, DrizzleConfig) and not isinstance(each.out, str) for each in configs.read.values()):
        return
    if ours not in named:
        # Something else than a drizzle.config names it, and may name others.
        return
    package = state.scripts.package_of(ours)
    for each in state.sources.folders:
        if each not in named and state.scripts.package_of(each) == package:
            yield each
