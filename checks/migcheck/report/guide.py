"""The guide: one page for people and assistants who write migrations, from what their own project says."""

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote

from migcheck.catalogue import rule_pages
from migcheck.drizzle.folder import Layout, attributes_line
from migcheck.facts.guide import Deployer, GuidedFolder, GuideFacts, LineEnds
from migcheck.report.guide_text import (
    ALL_IN_ONE,
    ATTRIBUTES,
    FIXES_OF_FOLDERS,
    OF_A_JOURNAL,
    OF_FOLDERS,
    ONE_EACH,
    PAGE,
    SETTLED,
    WITH_CR,
)
from migcheck.report.visible import visible
from migcheck.rule import RulePage
from migcheck.wording import listed

COMMON = ("MC110", "MC201", "MC202", "MC302", "MC305", "MC401", "MC404")
"""What people meet most: each has its fix on the page."""
OF_JOURNALS = ("MC101", "MC102", "MC113", "MC204", "MC207", "MC208", "MC508")
"""The same, where there is a journal; where there is none, Drizzle goes by names, and these never are."""

_WRITTEN = {
    Layout.JOURNAL: "the SQL file, its snapshot and\n   the journal (`meta/_journal.json`)",
    Layout.FOLDERS: "the new folder, with\n   `migration.sql` and `snapshot.json`",
}
_NEVER = {Layout.JOURNAL: OF_A_JOURNAL, Layout.FOLDERS: OF_FOLDERS}


def render_guide(facts: GuideFacts, verify: str, apply: str) -> str:
    """The page, as Markdown. `verify` and `apply` are the commands on these folders, for a shell at the root."""
    folders = facts.folders
    configs = _joined(each.config for each in folders if each.config)
    pushes = _joined(each for one in folders for each in one.pushes)
    page = PAGE.substitute(
        folders=_joined(each.path for each in folders),
        base=f"`{facts.base}`" if facts.base else "the default branch",
        schema=f" ({configs} {_name(folders)} it)" if configs else "",
        generate=_commands(each.generate for each in folders),
        custom=_commands(each.custom for each in folders),
        written="; or ".join(dict.fromkeys(_WRITTEN[each.layout] for each in folders)),
        verify=_commands([verify]),
        deploy=_deploy(facts, apply) + _other_variables(folders),
        apply=apply,
        layout="\n".join(dict.fromkeys(_NEVER[each.layout] for each in folders)),
        push=f" (here: {pushes})" if pushes else "",
        transaction=ONE_EACH if all(each.apart for each in folders) else ALL_IN_ONE,
        failures=_failures(folders),
        line_ends=_line_ends(folders),
    )
    # A formatter that moved its lines would look like somebody who wrote in it.
    return f"<!-- prettier-ignore-start -->\n\n{visible(page)}\n<!-- prettier-ignore-end -->\n"


def gate_command(verb: str, directory: str, folder: str = "", *, config: str = "") -> str:
    """A command on the folders, from a shell at the root: where it has to be, a folder and a file that were named."""
    named = [f" {quote(folder)}" if folder else "", f" --config {quote(config)}" if config else ""]
    command = f"migcheck {verb}{''.join(named)}"
    return command if directory in ("", ".") else f"(cd {quote(directory)} && {command})"


def _commands(commands: Iterable[str]) -> str:
    return "\n".join(("   ```sh", *(f"   {each}" for each in dict.fromkeys(commands)), "   ```"))


def _deploy(facts: GuideFacts, apply: str) -> str:
    variables = _joined(each.database_url for each in facts.folders)
    own = dict.fromkeys(command for each in facts.folders for command in each.migrates)
    if facts.applied_by:
        return f"`migcheck apply` deploys it: see {_joined(facts.applied_by)}."
    if by := [each for folder in facts.folders for each in folder.deployers]:
        return (
            f"The project deploys with {listed([_deployer(each) for each in dict.fromkeys(by)])}. `{apply}`,\n"
            f"   with {variables} set, runs the same migrations under a lock, and deploys only what was proven."
        )
    if own:
        # A job may run it on a Postgres of its own.
        return (
            f"The project has the script{'s' * (len(own) > 1)} {_joined(own)}, which nothing here\n"
            f"   is seen to run on a database that lasts. `{apply}`, with {variables} set,\n"
            "   does the same under a lock, and deploys only what was proven."
        )
    return f"`{apply}`, with {variables} set, deploys what was proven and nothing else."


def _other_variables(folders: Sequence[GuidedFolder]) -> str:
    told = (
        f"\n   `{each.config}` reads `{each.reads}`: where that is the target's, "
        f'`database_url = "{each.reads}"`\n   under `[[folder]]` in `migcheck.toml` has it taken.'
        for each in folders
        if each.reads
    )
    return "".join(dict.fromkeys(told))


def _deployer(by: Deployer) -> str:
    """`scripts/migrate.ts` (CI runs it: `.github/workflows/deploy.yml`)."""
    where = "" if by.path == by.program else f": `{by.path}`"
    return f"`{by.program}` ({by.started_by} runs it{where})"


def _failures(folders: Sequence[GuidedFolder]) -> str:
    journals = any(each.layout is Layout.JOURNAL for each in folders)
    codes, fixes = ((*COMMON, *OF_JOURNALS), {}) if journals else (COMMON, FIXES_OF_FOLDERS)
    return "\n".join(_failure(each, fixes) for each in rule_pages() if each.code in codes)


def _failure(page: RulePage, fixes: Mapping[str, str]) -> str:
    summary, how = (text.split("\n\n", 1)[0].replace("\n", " ") for text in (page.summary, page.how))
    fix = fixes.get(page.code, how)
    return f"- **{page.code}** {summary}\n  *{fix}*"


def _line_ends(folders: Sequence[GuidedFolder]) -> str:
    lines = [
        attributes_line(each.path, landed_with_cr=each.line_ends is LineEnds.AS_THEY_ARE)
        for each in folders
        if each.line_ends is not LineEnds.SETTLED
    ]
    if not lines:
        return SETTLED
    landed_with_cr = any(each.line_ends is LineEnds.AS_THEY_ARE for each in folders)
    return ATTRIBUTES.substitute(lines="\n".join(lines)) + (WITH_CR if landed_with_cr else "")


def _name(folders: Sequence[GuidedFolder]) -> str:
    return "name" if len({each.config for each in folders if each.config}) > 1 else "names"


def _joined(words: Iterable[str]) -> str:
    """`a`, `b` and `c`."""
    *first, last = [f"`{each}`" for each in dict.fromkeys(words)] or [""]
    return f"{', '.join(first)} and {last}" if first else last
